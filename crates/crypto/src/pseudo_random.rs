//! PRF+, over the pseudo-random function of any enctype.

use crate::{Key, SecretVec};

/// PRF+ of RFC 6113 section 5.1: `length` octets of PRF(1 | pepper), PRF(2 | pepper), and so on.
pub(crate) fn prf_plus(key: &Key, pepper: &[u8], length: usize) -> SecretVec {
    let mut out = SecretVec::zeroed(length);
    let mut rest: &mut [u8] = &mut out;
    for counter in 1..=u8::MAX {
        let block = key.prf(&[&[counter], pepper].concat());
        let (here, after) = rest.split_at_mut(rest.len().min(block.len()));
        for (octet, block) in here.iter_mut().zip(block.iter()) {
            *octet = *block;
        }
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    out
}
