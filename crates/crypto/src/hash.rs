//! The hashes at the level of their compression function.
//!
//! The chaining value is a plain array here, and not a hasher of the hash crates, so that a keyed state
//! can be prepared once, copied for free and zeroized, and one block can be compressed in the middle
//! of the cipher's loop.

use aes::cipher::array::{Array, ArraySize};
#[cfg(not(target_arch = "x86_64"))]
use aes::cipher::consts::U128 as Sha384Group;
#[cfg(target_arch = "x86_64")]
use aes::cipher::consts::U512 as Sha384Group;
use aes::cipher::consts::{U64, U128};
use aes::cipher::typenum::Unsigned as _;
use zeroize::Zeroize;

use crate::block::BLOCK;
use crate::interleave::Interleaved;
#[cfg(target_arch = "x86_64")]
use crate::sha512;

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

    /// Octets of a block.
    const BLOCK: usize;

    /// Octets of the message length at the end of the padding.
    const LENGTH: usize;

    /// Octets of the digest.
    const OUTPUT: usize;

    /// Bytes that [`compress_interleaved`](Self::compress_interleaved) takes: one block, or a few where that is faster.
    type GroupSize: ArraySize;

    /// Compresses all whole blocks of `octets`.
    fn compress(state: &mut Self::State, octets: &[u8]);

    /// Compresses one group, and has as many octets encrypted meanwhile.
    #[inline(always)]
    fn compress_interleaved(
        state: &mut Self::State,
        group: &Array<u8, Self::GroupSize>,
        interleaved: &mut impl Interleaved,
    ) {
        for _ in 0..Self::GroupSize::USIZE / BLOCK {
            interleaved.encrypt_block();
        }
        Self::compress(state, group);
    }

    /// The chaining value in octets, of which the first [`OUTPUT`](Self::OUTPUT) are the digest.
    fn digest(state: &Self::State) -> Digest;

    /// The digest's own octets.
    #[inline(always)]
    fn octets(digest: &Digest) -> &[u8] {
        const { assert!(Self::OUTPUT <= MAX_OUTPUT) };
        digest.split_at(Self::OUTPUT).0
    }
}

/// Room for the digest of any of the hashes.
pub(crate) type Digest = [u8; MAX_OUTPUT];

/// SHA-1.
pub(crate) struct Sha1;

impl Hash for Sha1 {
    type State = [u32; 5];
    type Block = [u8; 64];
    type GroupSize = U128;

    const INITIAL: Self::State = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    const ZERO: Self::Block = [0; Self::BLOCK];
    const BLOCK: usize = 64;
    const LENGTH: usize = 8;
    const OUTPUT: usize = 20;

    #[inline(always)]
    fn compress(state: &mut Self::State, octets: &[u8]) {
        sha1::block_api::compress(state, octets.as_chunks().0);
    }

    #[inline(always)]
    fn digest(state: &Self::State) -> Digest {
        big_endian(state.iter().map(|word| word.to_be_bytes()))
    }
}

/// SHA-256.
pub(crate) struct Sha256;

impl Hash for Sha256 {
    type State = [u32; 8];
    type Block = [u8; 64];
    type GroupSize = U64;

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
    const LENGTH: usize = 8;
    const OUTPUT: usize = 32;

    #[inline(always)]
    fn compress(state: &mut Self::State, octets: &[u8]) {
        sha2::block_api::compress256(state, octets.as_chunks().0);
    }

    #[inline(always)]
    fn digest(state: &Self::State) -> Digest {
        big_endian(state.iter().map(|word| word.to_be_bytes()))
    }
}

/// SHA-384.
pub(crate) struct Sha384;

impl Hash for Sha384 {
    type State = [u64; 8];
    type Block = [u8; 128];
    type GroupSize = Sha384Group;

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
    const LENGTH: usize = 16;
    const OUTPUT: usize = 48;

    #[inline(always)]
    fn compress(state: &mut Self::State, octets: &[u8]) {
        sha2::block_api::compress512(state, octets.as_chunks().0);
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn compress_interleaved(
        state: &mut Self::State,
        group: &Array<u8, Self::GroupSize>,
        interleaved: &mut impl Interleaved,
    ) {
        sha512::compress_interleaved(state, &group.0, interleaved);
    }

    #[inline(always)]
    fn digest(state: &Self::State) -> Digest {
        big_endian(state.iter().map(|word| word.to_be_bytes()))
    }
}

#[inline(always)]
fn big_endian<const WORD: usize>(words: impl Iterator<Item = [u8; WORD]>) -> Digest {
    let mut digest = [0; MAX_OUTPUT];
    for (octets, word) in digest.chunks_exact_mut(WORD).zip(words) {
        octets.copy_from_slice(&word);
    }
    digest
}

/// Octets of the longest digest.
pub(crate) const MAX_OUTPUT: usize = 48;
