//! The AP exchange, RFC 4120 section 5.5.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    ApOptions, AuthorizationData, Checksum, EncryptedData, EncryptionKey, Exactly, KerberosTime,
    MessageType, Microseconds, PrincipalName, Raw, Realm, Ticket, UInt32,
};

/// A ticket and the proof that its session key is known, RFC 4120 section 5.5.1.
///
/// ```text
/// AP-REQ ::= [APPLICATION 14] SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (14),
///         ap-options      [2] APOptions,
///         ticket          [3] Ticket,
///         authenticator   [4] EncryptedData -- Authenticator
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 14)))]
pub struct ApReq {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::AP_REQ.0 }>,
    /// How the ticket is meant.
    #[rasn(tag(explicit(2)))]
    pub ap_options: ApOptions,
    /// The ticket, as the KDC made it.
    #[rasn(tag(explicit(3)))]
    pub ticket: Raw<Ticket>,
    /// An [`Authenticator`] in the session key.
    #[rasn(tag(explicit(4)))]
    pub authenticator: EncryptedData,
}

/// The proof that a client knows a session key now, RFC 4120 section 5.5.1.
///
/// ```text
/// Authenticator ::= [APPLICATION 2] SEQUENCE {
///         authenticator-vno       [0] INTEGER (5),
///         crealm                  [1] Realm,
///         cname                   [2] PrincipalName,
///         cksum                   [3] Checksum OPTIONAL,
///         cusec                   [4] Microseconds,
///         ctime                   [5] KerberosTime,
///         subkey                  [6] EncryptionKey OPTIONAL,
///         seq-number              [7] UInt32 OPTIONAL,
///         authorization-data      [8] AuthorizationData OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 2)))]
pub struct Authenticator {
    /// The version of the authenticator format.
    #[rasn(tag(explicit(0)))]
    pub authenticator_vno: Exactly<5>,
    /// The realm of the client.
    #[rasn(tag(explicit(1)))]
    pub crealm: Realm,
    /// The client.
    #[rasn(tag(explicit(2)))]
    pub cname: PrincipalName,
    /// A checksum of application data; in GSS-API the structure of RFC 4121 section 4.1.1.
    #[rasn(tag(explicit(3)))]
    pub cksum: Option<Checksum>,
    /// Microseconds of the client's time.
    #[rasn(tag(explicit(4)))]
    pub cusec: Microseconds,
    /// The client's time.
    #[rasn(tag(explicit(5)))]
    pub ctime: KerberosTime,
    /// The key that the client proposes for this session.
    #[rasn(tag(explicit(6)))]
    pub subkey: Option<EncryptionKey>,
    /// The client's first sequence number.
    #[rasn(tag(explicit(7)))]
    pub seq_number: Option<UInt32>,
    /// Restrictions that the client adds.
    #[rasn(tag(explicit(8)))]
    pub authorization_data: Option<AuthorizationData>,
}

/// The service's answer, for mutual authentication; RFC 4120 section 5.5.2.
///
/// ```text
/// AP-REP ::= [APPLICATION 15] SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (15),
///         enc-part        [2] EncryptedData -- EncAPRepPart
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 15)))]
pub struct ApRep {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::AP_REP.0 }>,
    /// An [`EncApRepPart`] in the session key.
    #[rasn(tag(explicit(2)))]
    pub enc_part: EncryptedData,
}

/// The proof that the service could read the ticket, RFC 4120 section 5.5.2.
///
/// ```text
/// EncAPRepPart ::= [APPLICATION 27] SEQUENCE {
///         ctime           [0] KerberosTime,
///         cusec           [1] Microseconds,
///         subkey          [2] EncryptionKey OPTIONAL,
///         seq-number      [3] UInt32 OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 27)))]
pub struct EncApRepPart {
    /// The client's time, from the authenticator.
    #[rasn(tag(explicit(0)))]
    pub ctime: KerberosTime,
    /// Its microseconds.
    #[rasn(tag(explicit(1)))]
    pub cusec: Microseconds,
    /// The key that the service proposes for this session.
    #[rasn(tag(explicit(2)))]
    pub subkey: Option<EncryptionKey>,
    /// The service's first sequence number.
    #[rasn(tag(explicit(3)))]
    pub seq_number: Option<UInt32>,
}
