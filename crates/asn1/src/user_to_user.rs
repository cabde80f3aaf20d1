//! User-to-user: how a client asks a server for its ticket-granting ticket, before the AP exchange;
//! draft-swift-win2k-krb-user2user section 4.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{Exactly, MessageType, PrincipalName, Raw, Realm, Ticket};

/// The request for a server's ticket-granting ticket.
///
/// ```text
/// KERB-TGT-REQUEST ::= SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (16),
///         server-name     [2] PrincipalName OPTIONAL,
///         realm           [3] Realm OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct KerbTgtRequest {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::KRB_TGT_REQ.0 }>,
    /// The server's name, where it has several.
    #[rasn(tag(explicit(2)))]
    pub server_name: Option<PrincipalName>,
    /// The server's realm, where it has several.
    #[rasn(tag(explicit(3)))]
    pub realm: Option<Realm>,
}

/// A server's ticket-granting ticket, whose session key a ticket for the server shall be encrypted in.
///
/// ```text
/// KERB-TGT-REPLY ::= SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (17),
///         ticket          [2] Ticket
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KerbTgtReply {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::KRB_TGT_REP.0 }>,
    /// The ticket, as the KDC made it.
    #[rasn(tag(explicit(2)))]
    pub ticket: Raw<Ticket>,
}
