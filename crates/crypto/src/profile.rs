//! The enctype table: one row an enctype, one file a family of enctypes.
//!
//! To add an enctype, implement [`EncryptionProfile`] in the file of its family and give it a row of [`enctypes!`]
//! below.

mod aes_sha1;
mod aes_sha2;
mod camellia;
mod dispatch;
mod rc4_hmac;

use core::str::Utf8Error;

use crate::cbc::{Decrypting, Encrypting, Mode};
use crate::derived::Derived;
use crate::hash::Digest;
use crate::keyed::{DecryptionKeys, EncryptionKeys};
use crate::running_mac::ChecksumMac;
use crate::{IntegrityError, IovBuffer, KeyUsage, SecretVec};
use dispatch::enctypes;
pub(crate) use rc4_hmac::{SignatureKey, TokenKey};

enctypes! {
    Aes128Sha1 => aes_sha1::Aes128,
    Aes256Sha1 => aes_sha1::Aes256,
    Aes128Sha256 => aes_sha2::Aes128Sha256,
    Aes256Sha384 => aes_sha2::Aes256Sha384,
    Rc4Hmac => rc4_hmac::Rc4Hmac,
    Camellia128 => camellia::Camellia128Cmac,
    Camellia256 => camellia::Camellia256Cmac,
}

/// The columns of the table: everything of an enctype that is a number or a name.
pub(crate) struct Columns {
    /// The assigned number.
    pub(crate) number: i32,
    /// The canonical name.
    pub(crate) name: &'static str,
    /// Other names that MIT takes.
    pub(crate) aliases: &'static [&'static str],
    /// Bytes of a key.
    pub(crate) key_len: usize,
    /// Bytes of the confounder, the random bytes before the plaintext.
    pub(crate) confounder_len: usize,
    /// Bytes that the MAC is cut to.
    pub(crate) tag_len: usize,
    /// Whether the tag stands before what is encrypted (RFC 4757 section 4), or behind it.
    pub(crate) tag_comes_first: bool,
    /// The required checksum.
    pub(crate) checksum: Checksum,
    /// The iteration count of string-to-key where the KDC names none; none where string-to-key has no parameters.
    pub(crate) default_iterations: Option<u32>,
}

/// Number and name of a checksum type.
pub(crate) struct Checksum {
    pub(crate) number: i32,
    pub(crate) name: &'static str,
}

/// What an enctype does, over keys and bytes (the functions of RFC 3961 section 3).
///
/// A `key` has as many bytes as the enctype takes.
pub(crate) trait EncryptionProfile {
    /// Its row.
    const COLUMNS: Columns;

    /// Ke and Ki of a usage for one direction.
    type Keys<M: Mode>;

    /// Kc of a usage.
    type Checksum: ChecksumMac;

    /// Derives Ke and Ki for `usage` and prepares both.
    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M>;

    /// Derives Kc for `usage` and prepares it.
    fn checksum(key: &[u8], usage: KeyUsage) -> Self::Checksum;

    /// The key of this length that `key` gives for `constant`, for vectors of the derivation alone.
    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], length: usize) -> Derived;

    /// string-to-key, with any iteration count. Fails only where passwords are characters (RFC 4757 section 2).
    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error>;

    /// The pseudo-random function.
    fn prf(key: &[u8], input: &[u8]) -> SecretVec;
}
