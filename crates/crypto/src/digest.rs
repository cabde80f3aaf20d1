//! MD5, where a protocol has it.

use hmac::digest::array::Array;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use zeroize::Zeroize as _;

use crate::KeyUsage;

/// MD5 over the concatenation of `parts`.
///
/// For the channel bindings of RFC 4121 section 4.1.1.2 alone, whose wire format has it: MD5 protects nothing.
#[must_use]
pub fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// RFC 4757 section 4: HMAC-MD5 under a key derived for signing, over the MD5 of usage and data.
pub(crate) fn hmac_md5_checksum(key: &[u8], usage: KeyUsage, data: &[u8]) -> [u8; 16] {
    let mut signing = hmac_md5(key, b"signaturekey\0");
    let digest = md5(&[&usage.0.to_le_bytes(), data]);
    let checksum = hmac_md5(&signing, &digest);
    signing.zeroize();
    checksum
}

/// RFC 2104, for keys that are no longer than a block, as all keys here are.
fn hmac_md5(key: &[u8], message: &[u8]) -> [u8; 16] {
    let mut padded = Array::default();
    for (byte, key) in padded.iter_mut().zip(key) {
        *byte = *key;
    }
    let mut hmac = Hmac::<Md5>::new(&padded);
    padded.as_mut_slice().zeroize();
    hmac.update(message);
    hmac.finalize().into_bytes().into()
}
