//! Passwords to keys.

use zeroize::Zeroize as _;

use crate::derive::{Derived, derive};
use crate::enctype::{Family, HashKind};
use crate::hash::{Digest, Hash, Sha1, Sha256, Sha384};
use crate::hmac::HmacKey;
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

/// RFC 3962 section 4 and RFC 8009 section 4, with any iteration count.
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
        Family::EncryptThenMac => &prefixed[..],
    };
    match enctype.profile().hash {
        HashKind::Sha1 => pbkdf2::<Sha1>(password, salt, iterations, out),
        HashKind::Sha256 => pbkdf2::<Sha256>(password, salt, iterations, out),
        HashKind::Sha384 => pbkdf2::<Sha384>(password, salt, iterations, out),
    }
    let octets = derive(enctype, temporary.as_ref(), b"kerberos", enctype.key_len());
    Key::from_derived(enctype, octets.as_ref())
}

/// PBKDF2 (RFC 8018 section 5.2) with HMAC; the salt is the concatenation of its parts. `out` takes two blocks
/// at most, which are computed side by side: each is a chain, and the processor works on both.
pub(crate) fn pbkdf2<H: Hash>(password: &[u8], salt: &[&[u8]], iterations: u32, out: &mut [u8]) {
    let key = HmacKey::<H>::new(password);
    let mut blocks = [Chain::new(&key, salt, 1), Chain::new(&key, salt, 2)];
    let needed = out.len().div_ceil(H::OUTPUT);
    for _ in 1..iterations {
        for chain in blocks.iter_mut().take(needed) {
            chain.step(&key);
        }
    }
    for (out, chain) in out.chunks_mut(H::OUTPUT).zip(&blocks) {
        for (octet, sum) in out.iter_mut().zip(&chain.sum) {
            *octet = *sum;
        }
    }
}

/// One block of PBKDF2's output while it is computed.
struct Chain {
    last: Digest,
    sum: Digest,
}

impl Chain {
    fn new<H: Hash>(key: &HmacKey<H>, salt: &[&[u8]], index: u32) -> Self {
        let mut hmac = key.start();
        for part in salt {
            hmac.update(part);
        }
        hmac.update(&index.to_be_bytes());
        let first = hmac.finish();
        Self {
            last: first,
            sum: first,
        }
    }

    fn step<H: Hash>(&mut self, key: &HmacKey<H>) {
        self.last = key.sign(&[self.last.get(..H::OUTPUT).unwrap_or_default()]);
        for (sum, octet) in self.sum.iter_mut().zip(&self.last) {
            *sum ^= octet;
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        self.last.zeroize();
        self.sum.zeroize();
    }
}

/// MIT refuses 2^24 iterations and more.
const MOST_ITERATIONS: u32 = 0x00ff_ffff;
