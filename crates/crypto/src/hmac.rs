//! HMAC (RFC 2104) from states that are prepared once.

use zeroize::Zeroize as _;

use crate::hash::{Digest, Hash, MAX_BLOCK};

/// The two chaining values after the padded key: a keyed HMAC that has seen no message.
pub(crate) struct HmacKey<H: Hash> {
    inner: H::State,
    outer: H::State,
}

impl<H: Hash> HmacKey<H> {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = [0; MAX_BLOCK];
        if key.len() > H::BLOCK {
            let mut digest = hash::<H>(key);
            fill(&mut block, digest.iter().take(H::OUTPUT));
            digest.zeroize();
        } else {
            fill(&mut block, key.iter());
        }
        let inner = after_block::<H>(&mut block, INNER_PAD);
        let outer = after_block::<H>(&mut block, INNER_PAD ^ OUTER_PAD);
        block.zeroize();
        Self { inner, outer }
    }

    /// Begins a message.
    #[inline(always)]
    pub(crate) fn start(&self) -> Hmac<'_, H> {
        Hmac {
            inner: Running::after_one_block(self.inner),
            outer: &self.outer,
        }
    }

    /// The HMAC of the concatenation of `parts`.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Digest {
        let mut hmac = self.start();
        for part in parts {
            hmac.update(part);
        }
        hmac.finish()
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

impl<H: Hash> Hmac<'_, H> {
    #[inline(always)]
    pub(crate) fn update(&mut self, octets: &[u8]) {
        self.inner.update(octets);
    }

    /// Takes note of `octets` that will come through [`update_expected`](Self::update_expected).
    pub(crate) fn expect_blocks(&mut self, octets: usize) {
        self.inner.length = self.inner.length.wrapping_add(octets as u64);
    }

    /// Takes whole blocks, with no unfinished one before them: nothing here but the compression.
    #[inline(always)]
    pub(crate) fn update_expected(&mut self, blocks: &[u8]) {
        H::compress(&mut self.inner.state, blocks);
    }

    /// How many octets the unfinished block still takes; 0 when there is none.
    #[inline(always)]
    pub(crate) fn lead(&self) -> usize {
        (H::BLOCK - self.inner.filled) % H::BLOCK
    }

    /// The HMAC, of which the first [`Hash::OUTPUT`] octets count.
    pub(crate) fn finish(self) -> Digest {
        let inner = self.inner.finish();
        let mut outer = Running::<H>::after_one_block(*self.outer);
        outer.update(inner.get(..H::OUTPUT).unwrap_or_default());
        outer.finish()
    }
}

/// A hash over octets that are still coming in.
struct Running<H: Hash> {
    state: H::State,
    /// What does not fill a block yet; of its octets, the first `filled` count.
    block: [u8; MAX_BLOCK],
    filled: usize,
    /// All octets so far, including those in `block`.
    length: u64,
}

impl<H: Hash> Running<H> {
    #[inline(always)]
    fn after_one_block(state: H::State) -> Self {
        Self {
            state,
            block: [0; MAX_BLOCK],
            filled: 0,
            length: H::BLOCK as u64,
        }
    }

    #[inline(always)]
    fn update(&mut self, mut octets: &[u8]) {
        self.length = self.length.wrapping_add(octets.len() as u64);
        if self.filled != 0 {
            octets = self.fill_block(octets);
        }
        if octets.len() >= H::BLOCK {
            H::compress(&mut self.state, octets);
            let rest = octets.len() - octets.len() % H::BLOCK;
            octets = octets.get(rest..).unwrap_or_default();
        }
        if !octets.is_empty() {
            self.fill_block(octets);
        }
    }

    /// Moves octets into the unfinished block, compresses it once full, and gives back what is left.
    #[inline(always)]
    fn fill_block<'a>(&mut self, octets: &'a [u8]) -> &'a [u8] {
        let room = H::BLOCK - self.filled;
        let (head, rest) = octets.split_at(octets.len().min(room));
        if let Some(free) = self.block.get_mut(self.filled..self.filled + head.len()) {
            free.copy_from_slice(head);
        }
        self.filled += head.len();
        if self.filled == H::BLOCK {
            H::compress(
                &mut self.state,
                self.block.get(..H::BLOCK).unwrap_or_default(),
            );
            self.filled = 0;
        }
        rest
    }

    /// Pads (FIPS 180-4 section 5.1) and gives the digest.
    fn finish(mut self) -> Digest {
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        self.fill_block(&[0x80]);
        if self.filled + H::LENGTH > H::BLOCK {
            self.zero_rest();
            H::compress(
                &mut self.state,
                self.block.get(..H::BLOCK).unwrap_or_default(),
            );
            self.filled = 0;
        }
        self.zero_rest();
        self.filled = H::BLOCK - bits.len();
        self.fill_block(&bits);
        let digest = H::digest(&self.state);
        self.state.zeroize();
        digest
    }

    fn zero_rest(&mut self) {
        if let Some(rest) = self.block.get_mut(self.filled..) {
            rest.fill(0);
        }
    }
}

/// The digest of `octets` in one go, not keyed.
fn hash<H: Hash>(octets: &[u8]) -> Digest {
    let mut running = Running::<H> {
        state: H::INITIAL,
        block: [0; MAX_BLOCK],
        filled: 0,
        length: 0,
    };
    running.update(octets);
    running.finish()
}

fn fill<'a>(block: &mut [u8], octets: impl Iterator<Item = &'a u8>) {
    for (place, octet) in block.iter_mut().zip(octets) {
        *place = *octet;
    }
}

/// The chaining value after the one block of `block` with `pad` added.
fn after_block<H: Hash>(block: &mut [u8; MAX_BLOCK], pad: u8) -> H::State {
    for octet in block.iter_mut() {
        *octet ^= pad;
    }
    let mut state = H::INITIAL;
    H::compress(&mut state, block.get(..H::BLOCK).unwrap_or_default());
    state
}

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;
