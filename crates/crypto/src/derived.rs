//! Derived keys.

use zeroize::Zeroize as _;

use crate::KeyUsage;

/// Which of the three keys of a usage (RFC 3961 section 5.3): the byte after the usage number.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Kc
    Checksum = 0x99,
    /// Ke
    Encryption = 0xaa,
    /// Ki
    Integrity = 0x55,
}

/// Up to 48 derived bytes, zeroized on drop.
pub(crate) struct Derived {
    bytes: [u8; MAX_LEN],
    length: usize,
}

impl Derived {
    pub(crate) fn zeroed(length: usize) -> Self {
        Self {
            bytes: [0; MAX_LEN],
            length: length.min(MAX_LEN),
        }
    }

    /// How many bits there are, as SP 800-108 puts it into what is hashed.
    pub(crate) fn bits(&self) -> [u8; 4] {
        // There are no more than 48 bytes: the others of the number are zeros.
        let [.., a, b, c, d] = (self.length * 8).to_be_bytes();
        [a, b, c, d]
    }
}

impl AsRef<[u8]> for Derived {
    fn as_ref(&self) -> &[u8] {
        // No more than there are, by construction.
        self.bytes.split_at(self.length).0
    }
}

impl AsMut<[u8]> for Derived {
    fn as_mut(&mut self) -> &mut [u8] {
        self.bytes.split_at_mut(self.length).0
    }
}

impl Drop for Derived {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// The constant that the key for `purpose` of `usage` is derived with (RFC 3961 section 5.3).
pub(crate) fn usage_constant(usage: KeyUsage, purpose: Purpose) -> [u8; 5] {
    let [a, b, c, d] = usage.0.to_be_bytes();
    [a, b, c, d, purpose as u8]
}

/// Bytes of the longest output of one HMAC.
const MAX_LEN: usize = 48;
