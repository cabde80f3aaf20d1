//! MD5 and MD4, where a protocol has them.

use md4::Md4;
use md5::{Digest as _, Md5};

/// MD5 over the concatenation of `parts`.
///
/// For the channel bindings of RFC 4121 section 4.1.1.2 and the checksums of RFC 4757, whose wire formats have it:
/// MD5 protects nothing.
#[must_use]
pub fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// MD4 of `data`: the checksum `rsa-md4` (RFC 3961 section 6.1.2), which has no key.
///
/// For PA-S4U-X509-USER under keys of RC4 (MS-SFU section 2.2.2), which something else has to protect.
#[must_use]
pub fn md4(data: &[u8]) -> [u8; 16] {
    Md4::digest(data).into()
}
