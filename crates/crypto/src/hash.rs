//! The hashes at the level of their compression function, for what no crate has: PBKDF2 of two output blocks side by
//! side, and SHA-512's rounds with the cipher between them.
//!
//! The chaining value is a plain array here, so that a keyed state can be prepared once, copied for free and zeroized.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384};
use zeroize::Zeroize;

/// A Merkle-Damgård hash of the SHA family (FIPS 180-4).
pub(crate) trait Hash {
    /// The chaining value.
    type State: Copy + Zeroize;

    /// Where it starts.
    const INITIAL: Self::State;

    /// A block.
    type Block: Copy + AsRef<[u8]> + AsMut<[u8]> + Zeroize;

    /// A block of zeros.
    const ZERO: Self::Block;

    /// Bytes of a block.
    const BLOCK: usize;

    /// Bytes of the digest.
    const OUTPUT: usize;

    /// Compresses all whole blocks of `bytes`.
    fn compress(state: &mut Self::State, bytes: &[u8]);

    /// The chaining value in bytes, of which the first [`OUTPUT`](Self::OUTPUT) are the digest.
    fn output(state: &Self::State) -> Digest;

    /// The digest of `bytes`.
    fn hash(bytes: &[u8]) -> Digest;

    /// The digest's own bytes.
    #[inline(always)]
    fn own_bytes(digest: &Digest) -> &[u8] {
        const { assert!(Self::OUTPUT <= MAX_OUTPUT) };
        digest.split_at(Self::OUTPUT).0
    }
}

/// Room for the digest of any of the hashes.
pub(crate) type Digest = [u8; MAX_OUTPUT];

/// `bytes` and zeros.
#[inline(always)]
pub(crate) fn padded(bytes: &[u8]) -> Digest {
    let mut digest = [0; MAX_OUTPUT];
    for (place, byte) in digest.iter_mut().zip(bytes) {
        *place = *byte;
    }
    digest
}

/// The two chaining values after the padded key of an HMAC (RFC 2104), zeroized on drop.
pub(crate) struct KeyedStates<H: Hash> {
    pub(crate) inner: H::State,
    pub(crate) outer: H::State,
}

impl<H: Hash> KeyedStates<H> {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = H::ZERO;
        if key.len() > H::BLOCK {
            let mut digest = H::hash(key);
            copy(block.as_mut(), H::own_bytes(&digest));
            digest.zeroize();
        } else {
            copy(block.as_mut(), key);
        }
        let inner = after_block::<H>(&mut block, INNER_PAD);
        let outer = after_block::<H>(&mut block, INNER_PAD ^ OUTER_PAD);
        block.zeroize();
        Self { inner, outer }
    }
}

impl<H: Hash> Drop for KeyedStates<H> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// The chaining value after the one block of `block` with `pad` added.
fn after_block<H: Hash>(block: &mut H::Block, pad: u8) -> H::State {
    for byte in block.as_mut() {
        *byte ^= pad;
    }
    let mut state = H::INITIAL;
    H::compress(&mut state, block.as_ref());
    state
}

/// Copies `from` to the beginning of `to`, which is not shorter.
#[inline(always)]
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    to.split_at_mut(from.len()).0.copy_from_slice(from);
}

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

impl Hash for Sha1 {
    type State = [u32; 5];
    type Block = [u8; 64];

    const INITIAL: Self::State = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    const ZERO: Self::Block = [0; Self::BLOCK];
    const BLOCK: usize = 64;
    const OUTPUT: usize = 20;

    #[inline(always)]
    fn compress(state: &mut Self::State, bytes: &[u8]) {
        sha1::block_api::compress(state, bytes.as_chunks().0);
    }

    #[inline(always)]
    fn output(state: &Self::State) -> Digest {
        big_endian(state.iter().map(|word| word.to_be_bytes()))
    }

    fn hash(bytes: &[u8]) -> Digest {
        padded(&Self::digest(bytes))
    }
}

impl Hash for Sha256 {
    type State = [u32; 8];
    type Block = [u8; 64];

    const INITIAL: Self::State = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    const ZERO: Self::Block = [0; Self::BLOCK];
    const BLOCK: usize = 64;
    const OUTPUT: usize = 32;

    #[inline(always)]
    fn compress(state: &mut Self::State, bytes: &[u8]) {
        sha2::block_api::compress256(state, bytes.as_chunks().0);
    }

    #[inline(always)]
    fn output(state: &Self::State) -> Digest {
        big_endian(state.iter().map(|word| word.to_be_bytes()))
    }

    fn hash(bytes: &[u8]) -> Digest {
        padded(&Self::digest(bytes))
    }
}

impl Hash for Sha384 {
    type State = [u64; 8];
    type Block = [u8; 128];

    const INITIAL: Self::State = [
        0xcbbb_9d5d_c105_9ed8,
        0x629a_292a_367c_d507,
        0x9159_015a_3070_dd17,
        0x152f_ecd8_f70e_5939,
        0x6733_2667_ffc0_0b31,
        0x8eb4_4a87_6858_1511,
        0xdb0c_2e0d_64f9_8fa7,
        0x47b5_481d_befa_4fa4,
    ];
    const ZERO: Self::Block = [0; Self::BLOCK];
    const BLOCK: usize = 128;
    const OUTPUT: usize = 48;

    #[inline(always)]
    fn compress(state: &mut Self::State, bytes: &[u8]) {
        sha2::block_api::compress512(state, bytes.as_chunks().0);
    }

    #[inline(always)]
    fn output(state: &Self::State) -> Digest {
        big_endian(state.iter().map(|word| word.to_be_bytes()))
    }

    fn hash(bytes: &[u8]) -> Digest {
        padded(&Self::digest(bytes))
    }
}

#[inline(always)]
fn big_endian<const WORD: usize>(words: impl Iterator<Item = [u8; WORD]>) -> Digest {
    let mut digest = [0; MAX_OUTPUT];
    for (bytes, word) in digest.chunks_exact_mut(WORD).zip(words) {
        bytes.copy_from_slice(&word);
    }
    digest
}

/// Bytes of the longest digest.
pub(crate) const MAX_OUTPUT: usize = 48;
