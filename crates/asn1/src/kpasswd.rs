//! Changing and setting passwords, RFC 3244.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::{PrincipalName, Realm, SecretOctets};

/// A new password and whose it is, the user-data of a KRB-PRIV; RFC 3244 section 2.
///
/// ```text
/// ChangePasswdData ::= SEQUENCE {
///         newpasswd       [0] OCTET STRING,
///         targname        [1] PrincipalName OPTIONAL,
///         targrealm       [2] Realm OPTIONAL
/// }
/// ```
#[derive(AsnType, Decode, Encode, Clone, Debug, PartialEq, Eq)]
pub struct ChangePasswdData {
    /// The password, in UTF-8. Zeroized on drop.
    #[rasn(tag(explicit(0)))]
    pub newpasswd: SecretOctets,
    /// Whose password it is to be; absent means the sender's.
    #[rasn(tag(explicit(1)))]
    pub targname: Option<PrincipalName>,
    /// The realm of `targname`.
    #[rasn(tag(explicit(2)))]
    pub targrealm: Option<Realm>,
}
