//! Protocol transition and its relatives: MS-SFU and MS-KILE.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{
    Checksum, KerberosString, Octets, PacOptions, PrincipalName, Raw, Realm, S4uUserOptions, UInt32,
};

/// For which user a service asks for a ticket to itself, the data of
/// [`PaDataType::FOR_USER`](crate::PaDataType::FOR_USER); MS-SFU section 2.2.1.
///
/// ```text
/// PA-FOR-USER ::= SEQUENCE {
///         userName        [0] PrincipalName,
///         userRealm       [1] Realm,
///         cksum           [2] Checksum,
///         auth-package    [3] KerberosString
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct PaForUser {
    /// The user.
    #[rasn(tag(explicit(0)))]
    pub user_name: PrincipalName,
    /// The realm of the user.
    #[rasn(tag(explicit(1)))]
    pub user_realm: Realm,
    /// An HMAC-MD5 checksum in the session key, over the name's type in four octets, the least
    /// significant first, its components, the realm and `auth_package`, all put together.
    #[rasn(tag(explicit(2)))]
    pub cksum: Checksum,
    /// How the user was authenticated: always "Kerberos".
    #[rasn(tag(explicit(3)))]
    pub auth_package: KerberosString,
}

/// For which user, by name or certificate, a service asks for a ticket to itself; the data of
/// [`PaDataType::FOR_X509_USER`](crate::PaDataType::FOR_X509_USER); MS-SFU section 2.2.2.
///
/// ```text
/// PA-S4U-X509-USER ::= SEQUENCE {
///         user-id         [0] S4UUserID,
///         checksum        [1] Checksum
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct PaS4uX509User {
    /// The user. Its octets are what the checksum covers.
    #[rasn(tag(explicit(0)))]
    pub user_id: Raw<S4uUserId>,
    /// A checksum over `user_id`.
    #[rasn(tag(explicit(1)))]
    pub checksum: Checksum,
}

/// A user by name, certificate or both; MS-SFU section 2.2.2.
///
/// ```text
/// S4UUserID ::= SEQUENCE {
///         nonce                   [0] UInt32, -- the nonce in KDC-REQ-BODY
///         cname                   [1] PrincipalName OPTIONAL,
///                                     -- Certificate mapping hints
///         crealm                  [2] Realm,
///         subject-certificate     [3] OCTET STRING OPTIONAL,
///         options                 [4] BIT STRING OPTIONAL,
///         ...
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq, Hash)]
pub struct S4uUserId {
    /// The nonce of the request.
    #[rasn(tag(explicit(0)))]
    pub nonce: UInt32,
    /// The user.
    #[rasn(tag(explicit(1)))]
    pub cname: Option<PrincipalName>,
    /// The realm of the user.
    #[rasn(tag(explicit(2)))]
    pub crealm: Realm,
    /// The user's X.509 certificate.
    #[rasn(tag(explicit(3)))]
    pub subject_certificate: Option<Octets>,
    /// How the KDC should deal with the request.
    #[rasn(tag(explicit(4)))]
    pub options: Option<S4uUserOptions>,
}

/// What a client knows about PACs and delegation, the data of
/// [`PaDataType::PAC_OPTIONS`](crate::PaDataType::PAC_OPTIONS); MS-KILE section 2.2.10.
///
/// ```text
/// PA-PAC-OPTIONS ::= SEQUENCE {
///         flags   [0] KerberosFlags
///                     -- Claims (0)
///                     -- Branch Aware (1)
///                     -- Forward to Full DC (2)
///                     -- Resource-based Constrained Delegation (3)
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PaPacOptions {
    /// The options.
    #[rasn(tag(explicit(0)))]
    pub flags: PacOptions,
}
