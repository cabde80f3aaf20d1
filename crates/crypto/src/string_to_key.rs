//! Passwords to keys.

use zeroize::Zeroize;

use crate::derive::{Derived, derive};
use crate::enctype::{Family, HashKind};
use crate::hash::{Hash, Sha1, Sha256, Sha384};
use crate::hmac::HmacKey;
use crate::running_mac::{MacKey as _, RunningMac as _};
use crate::{Enctype, Key, StringToKeyError};

/// The iteration count that `params` ask for, if it is acceptable.
pub(crate) fn iteration_count(
    enctype: Enctype,
    params: Option<&[u8]>,
) -> Result<u32, StringToKeyError> {
    let least = enctype.profile().default_iterations;
    let Some(params) = params else {
        return Ok(least);
    };
    let Ok(octets) = <[u8; 4]>::try_from(params) else {
        return Err(StringToKeyError::ParameterLength {
            actual: params.len(),
        });
    };
    match u32::from_be_bytes(octets) {
        count if (least..=MOST_ITERATIONS).contains(&count) => Ok(count),
        count => Err(StringToKeyError::IterationCount {
            enctype,
            count: if count == 0 {
                1 << 32
            } else {
                u64::from(count)
            },
            least,
            most: MOST_ITERATIONS,
        }),
    }
}

/// RFC 3962 section 4, RFC 6803 section 4 and RFC 8009 section 4, with any iteration count.
pub(crate) fn string_to_key(
    enctype: Enctype,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
) -> Key {
    let mut temporary = Derived::zeroed(enctype.key_len());
    let out = temporary.as_mut();
    let prefixed = [enctype.name().as_bytes(), &[0], salt];
    let salt = match enctype.profile().family {
        Family::Simplified => &[salt],
        Family::EncryptThenMac | Family::FeedbackCmac => &prefixed[..],
    };
    match enctype.profile().hash {
        HashKind::Sha1 => pbkdf2::<Sha1>(password, salt, iterations, out),
        HashKind::Sha256 => pbkdf2::<Sha256>(password, salt, iterations, out),
        HashKind::Sha384 => pbkdf2::<Sha384>(password, salt, iterations, out),
    }
    let octets = derive(enctype, temporary.as_ref(), b"kerberos", enctype.key_len());
    Key::from_derived(enctype, octets.as_ref())
}

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

/// MIT refuses 2^24 iterations and more.
const MOST_ITERATIONS: u32 = 0x00ff_ffff;
