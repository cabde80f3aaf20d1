//! KRB-FX-CF2 and its PRF+, over the pseudo-random function of any enctype.

use crate::{Key, SecretVec};

impl Key {
    /// KRB-FX-CF2 of RFC 6113 section 5.1: this key under `pepper` and `other` under `other_pepper`,
    /// combined to a key of this key's enctype.
    #[must_use]
    pub fn fx_cf2(&self, pepper: &[u8], other: &Self, other_pepper: &[u8]) -> Self {
        let mut combined = prf_plus(self, pepper, self.enctype().key_len());
        let addend = prf_plus(other, other_pepper, self.enctype().key_len());
        for (byte, addend) in combined.iter_mut().zip(addend.iter()) {
            *byte ^= addend;
        }
        Self::from_derived(self.enctype(), &combined)
    }
}

/// PRF+ of RFC 6113 section 5.1: `length` bytes of PRF(1 | pepper), PRF(2 | pepper), and so on. There are no more than
/// 255 of these blocks.
pub(crate) fn prf_plus(key: &Key, pepper: &[u8], length: usize) -> SecretVec {
    let mut out = SecretVec::zeroed(length);
    let mut rest: &mut [u8] = &mut out;
    for counter in 1..=u8::MAX {
        let block = key.prf(&[&[counter], pepper].concat());
        let (here, after) = rest.split_at_mut(rest.len().min(block.len()));
        for (byte, block) in here.iter_mut().zip(block.iter()) {
            *byte = *block;
        }
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    out
}
