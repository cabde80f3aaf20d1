//! Derived keys.

use camellia::{Camellia128, Camellia256};
use zeroize::Zeroize as _;

use crate::cbc::{BLOCK, Block};
use crate::cmac::ExpandedCmacKey;
use crate::enctype::{CipherKind, Family};
use crate::engine::{AnyCipher, AnyMac};
use crate::running_mac::MacKey;
use crate::{Enctype, KeyUsage};

/// Which of the three keys of a usage (RFC 3961 section 5.3): the octet after the usage number.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Kc
    Checksum = 0x99,
    /// Ke
    Encryption = 0xaa,
    /// Ki
    Integrity = 0x55,
}

/// Up to 48 derived octets, zeroized on drop.
pub(crate) struct Derived {
    octets: [u8; MAX_LEN],
    length: usize,
}

impl Derived {
    pub(crate) fn zeroed(length: usize) -> Self {
        Self {
            octets: [0; MAX_LEN],
            length: length.min(MAX_LEN),
        }
    }

    /// How many bits there are, as SP 800-108 puts it into what is hashed.
    fn bits(&self) -> [u8; 4] {
        u32::try_from(self.length * 8)
            .unwrap_or_default()
            .to_be_bytes()
    }
}

impl AsRef<[u8]> for Derived {
    fn as_ref(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

impl AsMut<[u8]> for Derived {
    fn as_mut(&mut self) -> &mut [u8] {
        self.octets.get_mut(..self.length).unwrap_or_default()
    }
}

impl Drop for Derived {
    fn drop(&mut self) {
        self.octets.zeroize();
    }
}

/// A protocol key, prepared for deriving others from it.
pub(crate) struct Deriver {
    enctype: Enctype,
    function: Function,
}

enum Function {
    Dk(AnyCipher),
    Counter(AnyMac),
    FeedbackCamellia128(ExpandedCmacKey<Camellia128>),
    FeedbackCamellia256(ExpandedCmacKey<Camellia256>),
}

impl Deriver {
    pub(crate) fn new(enctype: Enctype, key: &[u8]) -> Self {
        let profile = enctype.profile();
        let function = match (profile.family, profile.cipher) {
            (Family::Simplified, _) => Function::Dk(AnyCipher::new(profile.cipher, key)),
            (Family::EncryptThenMac, _) => Function::Counter(AnyMac::new(profile, key)),
            (Family::FeedbackCmac, CipherKind::Camellia128) => {
                Function::FeedbackCamellia128(ExpandedCmacKey::new(key))
            }
            (Family::FeedbackCmac, _) => Function::FeedbackCamellia256(ExpandedCmacKey::new(key)),
        };
        Self { enctype, function }
    }

    /// The key for `purpose` of `usage`.
    pub(crate) fn usage_key(&self, usage: KeyUsage, purpose: Purpose) -> Derived {
        let [a, b, c, d] = usage.0.to_be_bytes();
        let length = match (self.enctype.profile().family, purpose) {
            // RFC 8009 section 5: HMAC keys are as long as the tag.
            (Family::EncryptThenMac, Purpose::Checksum | Purpose::Integrity) => {
                self.enctype.tag_len()
            }
            _ => self.enctype.key_len(),
        };
        self.derive(&[a, b, c, d, purpose as u8], length)
    }

    /// DK of RFC 3961 section 5.1, KDF-FEEDBACK-CMAC of RFC 6803 section 3, or KDF-HMAC-SHA2 of RFC 8009
    /// section 3 without a context.
    fn derive(&self, constant: &[u8], length: usize) -> Derived {
        match &self.function {
            Function::Dk(cipher) => dk(cipher, constant, length),
            Function::Counter(mac) => kdf_counter(mac, constant, &[], length),
            Function::FeedbackCamellia128(cmac) => kdf_feedback(cmac, constant, length),
            Function::FeedbackCamellia256(cmac) => kdf_feedback(cmac, constant, length),
        }
    }
}

/// The function that the enctype derives keys with, for a single key.
pub(crate) fn derive(enctype: Enctype, key: &[u8], constant: &[u8], length: usize) -> Derived {
    Deriver::new(enctype, key).derive(constant, length)
}

/// KDF-HMAC-SHA2(key, label, context, length), RFC 8009 section 3.
pub(crate) fn kdf_hmac(
    enctype: Enctype,
    key: &[u8],
    label: &[u8],
    context: &[u8],
    length: usize,
) -> Derived {
    let hmac = AnyMac::new(enctype.profile(), key);
    kdf_counter(&hmac, label, context, length)
}

/// One HMAC is always enough.
fn kdf_counter(hmac: &AnyMac, label: &[u8], context: &[u8], length: usize) -> Derived {
    let mut derived = Derived::zeroed(length);
    let bits = derived.bits();
    let mut mac = hmac.sign(&[&1_u32.to_be_bytes(), label, &[0], context, &bits]);
    for (octet, mac) in derived.as_mut().iter_mut().zip(mac) {
        *octet = mac;
    }
    mac.zeroize();
    derived
}

/// KDF-FEEDBACK-CMAC, RFC 6803 section 3: each block is the CMAC of the one before and the constant.
fn kdf_feedback(cmac: &impl MacKey, constant: &[u8], length: usize) -> Derived {
    let mut derived = Derived::zeroed(length);
    let bits = derived.bits();
    let mut block = [0; BLOCK];
    for (number, chunk) in (1_u32..).zip(derived.as_mut().chunks_mut(BLOCK)) {
        let mut mac = cmac.sign(&[&block, &number.to_be_bytes(), constant, &[0], &bits]);
        for (place, octet) in block.iter_mut().zip(mac) {
            *place = octet;
        }
        for (place, octet) in chunk.iter_mut().zip(mac) {
            *place = octet;
        }
        mac.zeroize();
    }
    block.zeroize();
    derived
}

/// DR(key, constant), RFC 3961 section 5.1, which for AES is DK.
fn dk(cipher: &AnyCipher, constant: &[u8], length: usize) -> Derived {
    let folded = match constant.try_into() {
        Ok(constant) => fold_usage(constant),
        Err(_) => n_fold(constant),
    };
    let mut block = Block::from(folded);
    let mut derived = Derived::zeroed(length);
    for chunk in derived.as_mut().chunks_mut(BLOCK) {
        cipher.encrypt_block(&mut block);
        for (octet, random) in chunk.iter_mut().zip(&block) {
            *octet = *random;
        }
    }
    block.as_mut_slice().zeroize();
    derived
}

/// [`n_fold`] of the five octets of a usage to a block, which every message of an exchange needs twice.
pub(crate) fn fold_usage(constant: [u8; 5]) -> [u8; BLOCK] {
    let [a, b, c, d, e] = constant;
    let bits = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    let mut repeated = [0; 5 * BLOCK];
    for (index, octets) in repeated.chunks_exact_mut(5).enumerate() {
        let right = 13 * index % 40;
        let [_, _, _, rotated @ ..] = (bits >> right | bits << (40 - right)).to_be_bytes();
        octets.copy_from_slice(&rotated);
    }
    let (blocks, _) = repeated.as_chunks();
    let sum = blocks.iter().fold(0_u128, |sum, block| {
        let (sum, carry) = sum.overflowing_add(u128::from_be_bytes(*block));
        sum + u128::from(carry)
    });
    sum.to_be_bytes()
}

/// n-fold of RFC 3961 section 5.1, to `N` octets.
///
/// The input is repeated up to the least common multiple of both lengths, each time rotated right by
/// 13 bits more; the stretches as long as the output are then added in ones' complement.
pub(crate) fn n_fold<const N: usize>(input: &[u8]) -> [u8; N] {
    let bits = input.len() * 8;
    if bits == 0 || N == 0 {
        return [0; N];
    }
    let mut columns = [0_u32; N];
    let (mut start, mut place) = (0, 0);
    for _ in 0..N / gcd(input.len(), N) {
        let (mut index, shift) = (start / 8, start % 8);
        for _ in 0..input.len() {
            let next = after(index, input.len());
            let octets = [index, next].map(|at| input.get(at).copied().unwrap_or_default());
            let [octet, _] = (u16::from_be_bytes(octets) << shift).to_be_bytes();
            if let Some(column) = columns.get_mut(place) {
                *column += u32::from(octet);
            }
            (index, place) = (next, after(place, N));
        }
        start = if start < 13 % bits {
            start + bits
        } else {
            start
        } - 13 % bits;
    }
    add_carries(&mut columns);
    columns.map(|column| column.to_be_bytes()[3])
}

/// Makes each column an octet; what the most significant carries comes in again at the least.
fn add_carries(columns: &mut [u32]) {
    while columns.iter().any(|column| *column > 0xff) {
        let mut carry = 0;
        for column in columns.iter_mut().rev() {
            carry += *column;
            *column = carry & 0xff;
            carry >>= 8;
        }
        if let Some(least) = columns.last_mut() {
            *least += carry;
        }
    }
}

/// The index after `index`, around the end.
fn after(index: usize, length: usize) -> usize {
    if index + 1 == length { 0 } else { index + 1 }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Octets of the longest output of one HMAC.
const MAX_LEN: usize = 48;
