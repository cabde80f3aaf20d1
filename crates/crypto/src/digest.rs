//! MD5, where a protocol has it.

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
