//! HMAC (RFC 2104) with SHA-384, from states that are keyed once.
//!
//! This is not the `hmac` crate's: it does not give out the chaining value, which [`sha512`](crate::sha512) needs for
//! the cipher to run between the rounds, and long messages would take 1.38 times as long without.

use aes::cipher::array::Array;
#[cfg(not(target_arch = "x86_64"))]
use aes::cipher::consts::U128 as GroupSize;
#[cfg(target_arch = "x86_64")]
use aes::cipher::consts::U512 as GroupSize;
use sha2::Sha384;
use zeroize::Zeroize as _;

use crate::hash::{Digest, Hash as _, KeyedStates, copy};
use crate::interleave::Interleaved;
use crate::running_mac::{HmacHash, MacKey, RunningMac};
#[cfg(target_arch = "x86_64")]
use crate::sha512::compress_interleaved;

type State = [u64; 8];

/// Bytes of a block.
const BLOCK: usize = Sha384::BLOCK;

/// Bytes of the message length at the end of the padding, of which more than the last eight are never used.
const LENGTH: usize = 16;

impl HmacHash for Sha384 {
    type HmacKey = HmacSha384Key;
}

/// A keyed HMAC that has seen no message.
pub(crate) struct HmacSha384Key(KeyedStates<Sha384>);

impl MacKey for HmacSha384Key {
    type Running<'key> = HmacSha384<'key>;

    fn new(key: &[u8]) -> Self {
        Self(KeyedStates::new(key))
    }

    #[inline(always)]
    fn start(&self) -> HmacSha384<'_> {
        HmacSha384 {
            inner: Running::after_key(self.0.inner),
            outer: &self.0.outer,
        }
    }
}

/// An HMAC over a message that is still coming in.
pub(crate) struct HmacSha384<'key> {
    inner: Running,
    outer: &'key State,
}

impl RunningMac for HmacSha384<'_> {
    type GroupSize = GroupSize;

    #[inline(always)]
    fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    #[inline(always)]
    fn bytes_to_group(&self) -> usize {
        (BLOCK - self.inner.filled) % BLOCK
    }

    #[inline(always)]
    fn update_group(&mut self, group: &Array<u8, GroupSize>, interleaved: &mut impl Interleaved) {
        self.inner.length = self.inner.length.wrapping_add(group.len() as u64);
        compress_interleaved(&mut self.inner.state, &group.0, interleaved);
    }

    #[inline(always)]
    fn finish(mut self) -> Digest {
        let inner = self.inner.finish();
        let mut outer = Running::after_key(*self.outer);
        outer.update(Sha384::own_bytes(&inner));
        outer.finish()
    }
}

/// A hash over bytes that are still coming in.
struct Running {
    state: State,
    /// What does not fill a block yet: the first `filled` bytes, fewer than a block, and then zeros.
    block: [u8; BLOCK],
    filled: usize,
    /// All bytes so far, including those in `block`.
    length: u64,
}

impl Running {
    /// From the state after the block of the key.
    #[inline(always)]
    fn after_key(state: State) -> Self {
        Self {
            state,
            block: [0; BLOCK],
            filled: 0,
            length: BLOCK as u64,
        }
    }

    #[inline(always)]
    fn update(&mut self, mut bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if self.filled != 0 {
            bytes = self.fill_block(bytes);
        }
        if bytes.len() >= BLOCK {
            let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % BLOCK);
            Sha384::compress(&mut self.state, whole);
            bytes = rest;
        }
        if !bytes.is_empty() {
            self.fill_block(bytes);
        }
    }

    /// Moves bytes into the unfinished block, compresses it once full, and gives back what is left.
    #[inline(always)]
    fn fill_block<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (_, free) = self.block.split_at_mut(self.filled);
        let (head, rest) = bytes.split_at(bytes.len().min(free.len()));
        copy(free, head);
        self.filled += head.len();
        if self.filled == BLOCK {
            self.compress_block();
        }
        rest
    }

    /// Pads (FIPS 180-4 section 5.1) and gives the digest.
    #[inline(always)]
    fn finish(&mut self) -> Digest {
        copy(self.block.split_at_mut(self.filled).1, &[0x80]);
        if self.filled + 1 + LENGTH > BLOCK {
            self.compress_block();
        }
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        copy(self.block.split_at_mut(BLOCK - bits.len()).1, &bits);
        self.compress_block();
        Sha384::output(&self.state)
    }

    #[inline(always)]
    fn compress_block(&mut self) {
        Sha384::compress(&mut self.state, &self.block);
        self.block = [0; BLOCK];
        self.filled = 0;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.state.zeroize();
    }
}

/// Elsewhere there may be instructions for it, which only the hash crate has.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn compress_interleaved(
    state: &mut State,
    group: &[u8; BLOCK],
    interleaved: &mut impl Interleaved,
) {
    for _ in 0..group.len() / crate::block::BLOCK {
        interleaved.encrypt_block();
    }
    Sha384::compress(state, group);
}
