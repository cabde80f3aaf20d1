//! KRB-CRED, which carries tickets with their keys to another host; RFC 4120 section 5.8.

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    EncryptedData, EncryptionKey, Exactly, HostAddress, HostAddresses, KerberosTime, MessageType,
    Microseconds, PrincipalName, Raw, Realm, Ticket, TicketFlags, UInt32,
};

/// Tickets, and encrypted what is needed to use them; RFC 4120 section 5.8.1.
///
/// ```text
/// KRB-CRED ::= [APPLICATION 22] SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (22),
///         tickets         [2] SEQUENCE OF Ticket,
///         enc-part        [3] EncryptedData -- EncKrbCredPart
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 22)))]
pub struct KrbCred {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::KRB_CRED.0 }>,
    /// The tickets, as the KDC made them.
    #[rasn(tag(explicit(2)))]
    pub tickets: Vec<Raw<Ticket>>,
    /// An [`EncKrbCredPart`]. With encryption type 0 the cipher is the plain encoding.
    #[rasn(tag(explicit(3)))]
    pub enc_part: EncryptedData,
}

/// What belongs to the tickets of a KRB-CRED, RFC 4120 section 5.8.1.
///
/// ```text
/// EncKrbCredPart ::= [APPLICATION 29] SEQUENCE {
///         ticket-info     [0] SEQUENCE OF KrbCredInfo,
///         nonce           [1] UInt32 OPTIONAL,
///         timestamp       [2] KerberosTime OPTIONAL,
///         usec            [3] Microseconds OPTIONAL,
///         s-address       [4] HostAddress OPTIONAL,
///         r-address       [5] HostAddress OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 29)))]
pub struct EncKrbCredPart {
    /// One for each ticket, in their order.
    #[rasn(tag(explicit(0)))]
    pub ticket_info: Vec<KrbCredInfo>,
    /// A number that the receiver chose.
    #[rasn(tag(explicit(1)))]
    pub nonce: Option<UInt32>,
    /// The sender's time.
    #[rasn(tag(explicit(2)))]
    pub timestamp: Option<KerberosTime>,
    /// Its microseconds.
    #[rasn(tag(explicit(3)))]
    pub usec: Option<Microseconds>,
    /// The sender's address.
    #[rasn(tag(explicit(4)))]
    pub s_address: Option<HostAddress>,
    /// The receiver's address.
    #[rasn(tag(explicit(5)))]
    pub r_address: Option<HostAddress>,
}

/// What belongs to one ticket of a KRB-CRED, RFC 4120 section 5.8.1.
///
/// ```text
/// KrbCredInfo ::= SEQUENCE {
///         key             [0] EncryptionKey,
///         prealm          [1] Realm OPTIONAL,
///         pname           [2] PrincipalName OPTIONAL,
///         flags           [3] TicketFlags OPTIONAL,
///         authtime        [4] KerberosTime OPTIONAL,
///         starttime       [5] KerberosTime OPTIONAL,
///         endtime         [6] KerberosTime OPTIONAL,
///         renew-till      [7] KerberosTime OPTIONAL,
///         srealm          [8] Realm OPTIONAL,
///         sname           [9] PrincipalName OPTIONAL,
///         caddr           [10] HostAddresses OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct KrbCredInfo {
    /// The session key of the ticket.
    #[rasn(tag(explicit(0)))]
    pub key: EncryptionKey,
    /// The realm of the client.
    #[rasn(tag(explicit(1)))]
    pub prealm: Option<Realm>,
    /// The client.
    #[rasn(tag(explicit(2)))]
    pub pname: Option<PrincipalName>,
    /// The flags of the ticket.
    #[rasn(tag(explicit(3)))]
    pub flags: Option<TicketFlags>,
    /// When the client was first authenticated.
    #[rasn(tag(explicit(4)))]
    pub authtime: Option<KerberosTime>,
    /// When the ticket becomes valid.
    #[rasn(tag(explicit(5)))]
    pub starttime: Option<KerberosTime>,
    /// When the ticket ends.
    #[rasn(tag(explicit(6)))]
    pub endtime: Option<KerberosTime>,
    /// Until when the ticket can be renewed.
    #[rasn(tag(explicit(7)))]
    pub renew_till: Option<KerberosTime>,
    /// The realm of the service.
    #[rasn(tag(explicit(8)))]
    pub srealm: Option<Realm>,
    /// The service.
    #[rasn(tag(explicit(9)))]
    pub sname: Option<PrincipalName>,
    /// The addresses in the ticket.
    #[rasn(tag(explicit(10)))]
    pub caddr: Option<HostAddresses>,
}
