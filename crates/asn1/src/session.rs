//! KRB-SAFE and KRB-PRIV, which carry data between two ends that share a key; RFC 4120 sections 5.6 and 5.7.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    Checksum, EncryptedData, Exactly, HostAddress, KerberosTime, MessageType, Microseconds, Octets,
    Raw, SecretOctets, UInt32,
};

/// Data of an application with a checksum, RFC 4120 section 5.6.1.
///
/// ```text
/// KRB-SAFE ::= [APPLICATION 20] SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (20),
///         safe-body       [2] KRB-SAFE-BODY,
///         cksum           [3] Checksum
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 20)))]
pub struct KrbSafe {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::KRB_SAFE.0 }>,
    /// What is said. Its octets are what the checksum covers, on their own with some peers, with
    /// others within a KRB-SAFE whose checksum has type 0 and no octets.
    #[rasn(tag(explicit(2)))]
    pub safe_body: Raw<KrbSafeBody>,
    /// The checksum, keyed.
    #[rasn(tag(explicit(3)))]
    pub cksum: Checksum,
}

/// What a KRB-SAFE says, RFC 4120 section 5.6.1.
///
/// ```text
/// KRB-SAFE-BODY ::= SEQUENCE {
///         user-data       [0] OCTET STRING,
///         timestamp       [1] KerberosTime OPTIONAL,
///         usec            [2] Microseconds OPTIONAL,
///         seq-number      [3] UInt32 OPTIONAL,
///         s-address       [4] HostAddress,
///         r-address       [5] HostAddress OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct KrbSafeBody {
    /// The application's data.
    #[rasn(tag(explicit(0)))]
    pub user_data: Octets,
    /// The sender's time.
    #[rasn(tag(explicit(1)))]
    pub timestamp: Option<KerberosTime>,
    /// Its microseconds.
    #[rasn(tag(explicit(2)))]
    pub usec: Option<Microseconds>,
    /// The sender's sequence number.
    #[rasn(tag(explicit(3)))]
    pub seq_number: Option<UInt32>,
    /// The sender's address.
    #[rasn(tag(explicit(4)))]
    pub s_address: HostAddress,
    /// The receiver's address.
    #[rasn(tag(explicit(5)))]
    pub r_address: Option<HostAddress>,
}

/// Data of an application, encrypted; RFC 4120 section 5.7.1.
///
/// ```text
/// KRB-PRIV ::= [APPLICATION 21] SEQUENCE {
///         pvno            [0] INTEGER (5),
///         msg-type        [1] INTEGER (21),
///                         -- NOTE: there is no [2] tag
///         enc-part        [3] EncryptedData -- EncKrbPrivPart
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 21)))]
pub struct KrbPriv {
    /// The version of the protocol.
    #[rasn(tag(explicit(0)))]
    pub pvno: Exactly<5>,
    /// The type of the message.
    #[rasn(tag(explicit(1)))]
    pub msg_type: Exactly<{ MessageType::KRB_PRIV.0 }>,
    /// An [`EncKrbPrivPart`] in the session key or a subkey.
    #[rasn(tag(explicit(3)))]
    pub enc_part: EncryptedData,
}

/// What a KRB-PRIV says, RFC 4120 section 5.7.1.
///
/// ```text
/// EncKrbPrivPart ::= [APPLICATION 28] SEQUENCE {
///         user-data       [0] OCTET STRING,
///         timestamp       [1] KerberosTime OPTIONAL,
///         usec            [2] Microseconds OPTIONAL,
///         seq-number      [3] UInt32 OPTIONAL,
///         s-address       [4] HostAddress -- sender's addr --,
///         r-address       [5] HostAddress OPTIONAL -- recip's addr
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
#[rasn(tag(explicit(application, 28)))]
pub struct EncKrbPrivPart {
    /// The application's data: in the protocol of RFC 3244 a password. Zeroized on drop.
    #[rasn(tag(explicit(0)))]
    pub user_data: SecretOctets,
    /// The sender's time.
    #[rasn(tag(explicit(1)))]
    pub timestamp: Option<KerberosTime>,
    /// Its microseconds.
    #[rasn(tag(explicit(2)))]
    pub usec: Option<Microseconds>,
    /// The sender's sequence number.
    #[rasn(tag(explicit(3)))]
    pub seq_number: Option<UInt32>,
    /// The sender's address.
    #[rasn(tag(explicit(4)))]
    pub s_address: HostAddress,
    /// The receiver's address.
    #[rasn(tag(explicit(5)))]
    pub r_address: Option<HostAddress>,
}
