//! HMAC (RFC 2104) from states that are prepared once.

use aes::cipher::array::Array;
use zeroize::Zeroize as _;

use crate::hash::{Digest, Hash};
use crate::interleave::Interleaved;
use crate::running_mac::{MacKey, RunningMac};

/// The two chaining values after the padded key: a keyed HMAC that has seen no message.
pub(crate) struct HmacKey<H: Hash> {
    inner: H::State,
    outer: H::State,
}

impl<H: Hash> MacKey for HmacKey<H> {
    type Running<'key>
        = Hmac<'key, H>
    where
        H: 'key;

    fn new(key: &[u8]) -> Self {
        let mut block = H::ZERO;
        if key.len() > H::BLOCK {
            let mut digest = hash::<H>(key);
            copy(block.as_mut(), H::octets(&digest));
            digest.zeroize();
        } else {
            copy(block.as_mut(), key);
        }
        let inner = after_block::<H>(&mut block, INNER_PAD);
        let outer = after_block::<H>(&mut block, INNER_PAD ^ OUTER_PAD);
        block.zeroize();
        Self { inner, outer }
    }

    #[inline(always)]
    fn start(&self) -> Hmac<'_, H> {
        Hmac {
            inner: Running::new(self.inner, H::BLOCK as u64),
            outer: &self.outer,
        }
    }
}

/// Messages that are digests, and are replaced by their HMACs over and over (PBKDF2): the rest of the
/// one block that such a message takes stays as it is.
impl<H: Hash> HmacKey<H> {
    /// The block of the message `digest`, padded.
    pub(crate) fn digest_block(digest: &Digest) -> H::Block {
        let mut block = H::ZERO;
        let octets = block.as_mut();
        copy(octets, H::octets(digest));
        if let Some(octet) = octets.get_mut(H::OUTPUT) {
            *octet = 0x80;
        }
        let length = (H::BLOCK + H::OUTPUT) as u64;
        if let Some(end) = octets.last_chunk_mut() {
            *end = (length * 8).to_be_bytes();
        }
        block
    }

    /// Replaces the digest in each block by its HMAC. The blocks don't depend on each other, and take
    /// turns so that the processor can work on all of them.
    #[inline(always)]
    pub(crate) fn sign_digest_blocks(&self, blocks: &mut [H::Block]) {
        for start in [&self.inner, &self.outer] {
            for block in blocks.iter_mut() {
                let mut state = *start;
                H::compress(&mut state, block.as_ref());
                copy(block.as_mut(), H::octets(&H::digest(&state)));
            }
        }
    }
}

impl<H: Hash> Drop for HmacKey<H> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// An HMAC over a message that is still coming in.
pub(crate) struct Hmac<'key, H: Hash> {
    inner: Running<H>,
    outer: &'key H::State,
}

impl<H: Hash> RunningMac for Hmac<'_, H> {
    type GroupSize = H::GroupSize;

    #[inline(always)]
    fn update(&mut self, octets: &[u8]) {
        self.inner.update(octets);
    }

    #[inline(always)]
    fn lead(&self) -> usize {
        (H::BLOCK - self.inner.filled) % H::BLOCK
    }

    #[inline(always)]
    fn expect_groups(&mut self, octets: usize) {
        self.inner.length = self.inner.length.wrapping_add(octets as u64);
    }

    /// Nothing here but the compression.
    #[inline(always)]
    fn update_group(
        &mut self,
        group: &Array<u8, H::GroupSize>,
        interleaved: &mut impl Interleaved,
    ) {
        H::compress_interleaved(&mut self.inner.state, group, interleaved);
    }

    #[inline(always)]
    fn finish(&mut self) -> Digest {
        let inner = self.inner.finish();
        self.inner = Running::new(*self.outer, H::BLOCK as u64);
        self.inner.update(H::octets(&inner));
        self.inner.finish()
    }
}

impl<H: Hash> Drop for Hmac<'_, H> {
    fn drop(&mut self) {
        self.inner.state.zeroize();
    }
}

/// A hash over octets that are still coming in.
struct Running<H: Hash> {
    state: H::State,
    /// What does not fill a block yet: the first `filled` octets, and then zeros.
    block: H::Block,
    filled: usize,
    /// All octets so far, including those in `block`.
    length: u64,
}

impl<H: Hash> Running<H> {
    #[inline(always)]
    fn new(state: H::State, length: u64) -> Self {
        Self {
            state,
            block: H::ZERO,
            filled: 0,
            length,
        }
    }

    #[inline(always)]
    fn update(&mut self, mut octets: &[u8]) {
        self.length = self.length.wrapping_add(octets.len() as u64);
        if self.filled != 0 {
            octets = self.fill_block(octets);
        }
        if octets.len() >= H::BLOCK {
            let (whole, rest) = octets.split_at(octets.len() - octets.len() % H::BLOCK);
            H::compress(&mut self.state, whole);
            octets = rest;
        }
        if !octets.is_empty() {
            self.fill_block(octets);
        }
    }

    /// Moves octets into the unfinished block, compresses it once full, and gives back what is left.
    #[inline(always)]
    fn fill_block<'a>(&mut self, octets: &'a [u8]) -> &'a [u8] {
        let (_, free) = self.block.as_mut().split_at_mut(self.filled);
        let (head, rest) = octets.split_at(octets.len().min(free.len()));
        copy(free, head);
        self.filled += head.len();
        if self.filled == H::BLOCK {
            self.compress_block();
        }
        rest
    }

    /// Pads (FIPS 180-4 section 5.1) and gives the digest.
    #[inline(always)]
    fn finish(&mut self) -> Digest {
        if let Some(octet) = self.block.as_mut().get_mut(self.filled) {
            *octet = 0x80;
        }
        if self.filled + 1 + H::LENGTH > H::BLOCK {
            self.compress_block();
        }
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        if let Some(end) = self.block.as_mut().last_chunk_mut() {
            *end = bits;
        }
        self.compress_block();
        H::digest(&self.state)
    }

    #[inline(always)]
    fn compress_block(&mut self) {
        H::compress(&mut self.state, self.block.as_ref());
        self.block = H::ZERO;
        self.filled = 0;
    }
}

/// The digest of `octets` in one go, not keyed.
pub(crate) fn hash<H: Hash>(octets: &[u8]) -> Digest {
    let mut running = Running::<H>::new(H::INITIAL, 0);
    running.update(octets);
    running.finish()
}

/// Copies `from` to the beginning of `to`, which is not shorter.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    if let Some(to) = to.get_mut(..from.len()) {
        to.copy_from_slice(from);
    }
}

/// The chaining value after the one block of `block` with `pad` added.
fn after_block<H: Hash>(block: &mut H::Block, pad: u8) -> H::State {
    for octet in block.as_mut() {
        *octet ^= pad;
    }
    let mut state = H::INITIAL;
    H::compress(&mut state, block.as_ref());
    state
}

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;
