//! PBKDF2, which makes keys of passwords.

use zeroize::Zeroize;

use crate::hash::Hash;
use crate::hmac::HmacKey;
use crate::running_mac::{MacKey as _, RunningMac as _};

/// PBKDF2 (RFC 8018 section 5.2) with HMAC; the salt is the concatenation of its parts. `out` takes two
/// blocks at most: no key is longer.
pub(crate) fn pbkdf2<H: Hash>(password: &[u8], salt: &[&[u8]], iterations: u32, out: &mut [u8]) {
    let key = HmacKey::<H>::new(password);
    if out.len() > H::OUTPUT {
        pbkdf2_blocks(&key, [1, 2], salt, iterations, out);
    } else {
        pbkdf2_blocks(&key, [1], salt, iterations, out);
    }
}

/// The output blocks of these numbers, computed side by side.
fn pbkdf2_blocks<H: Hash, const N: usize>(
    key: &HmacKey<H>,
    numbers: [u32; N],
    salt: &[&[u8]],
    iterations: u32,
    out: &mut [u8],
) {
    let mut sums = numbers.map(|number| {
        let mut hmac = key.start();
        for part in salt {
            hmac.update(part);
        }
        hmac.update(&number.to_be_bytes());
        hmac.finish()
    });
    let mut blocks = sums.each_ref().map(HmacKey::<H>::digest_block);
    for _ in 1..iterations {
        key.sign_digest_blocks(&mut blocks);
        for (sum, block) in sums.iter_mut().zip(&blocks) {
            for (octet, block) in sum.iter_mut().zip(block.as_ref()) {
                *octet ^= block;
            }
        }
    }
    for (out, sum) in out.chunks_mut(H::OUTPUT).zip(&sums) {
        for (octet, sum) in out.iter_mut().zip(sum) {
            *octet = *sum;
        }
    }
    sums.iter_mut().for_each(Zeroize::zeroize);
    blocks.iter_mut().for_each(Zeroize::zeroize);
}
