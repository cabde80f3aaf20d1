//! HMAC (RFC 2104) with SHA-1, SHA-256 and MD5, by the `hmac` crate, from a state that is keyed once.
//!
//! Its block-level interface is what whole blocks go into in the middle of the cipher's loop.

use aes::cipher::array::{Array, ArraySize};
use aes::cipher::consts::{U64, U128};
use aes::cipher::typenum::Unsigned as _;
use hmac::KeyInit as _;
use hmac::block_api::HmacCore;
use hmac::digest::Output;
use hmac::digest::block_api::{
    BlockSizeUser, Buffer, EagerHash, FixedOutputCore as _, UpdateCore as _,
};
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

use crate::block::BLOCK;
use crate::hash::{Digest, copy, padded};
use crate::interleave::Interleaved;
use crate::running_mac::{HmacHash, MacKey, RunningMac};

/// A hash that has instructions, and whose state is zeroized on drop.
pub(crate) trait InterleavedHash:
    EagerHash<Core: BlockSizeUser<BlockSize = U64> + ZeroizeOnDrop>
{
    /// Bytes that are hashed at once within the cipher's loop: one block, or a few where that is faster.
    type GroupSize: ArraySize;
}

impl InterleavedHash for Sha1 {
    type GroupSize = U128;
}

impl InterleavedHash for Sha256 {
    type GroupSize = U64;
}

impl InterleavedHash for Md5 {
    type GroupSize = U64;
}

impl HmacHash for Sha1 {
    type HmacKey = HmacKey<Self>;
}

impl HmacHash for Sha256 {
    type HmacKey = HmacKey<Self>;
}

/// A keyed HMAC that has seen no message.
pub(crate) struct HmacKey<H: InterleavedHash>(HmacCore<H>);

impl<H: InterleavedHash> MacKey for HmacKey<H> {
    type Running<'key>
        = Hmac<H>
    where
        H: 'key;

    fn new(key: &[u8]) -> Self {
        let mut block = Array::<u8, U64>::default();
        if key.len() > block.len() {
            copy(&mut block, &H::digest(key));
        } else {
            copy(&mut block, key);
        }
        let keyed = HmacCore::new(&block);
        block.as_mut_slice().zeroize();
        Self(keyed)
    }

    #[inline(always)]
    fn start(&self) -> Hmac<H> {
        Hmac {
            core: self.0.clone(),
            buffer: Buffer::<HmacCore<H>>::default(),
        }
    }
}

/// An HMAC over a message that is still coming in.
pub(crate) struct Hmac<H: InterleavedHash> {
    core: HmacCore<H>,
    /// What does not fill a block yet.
    buffer: Buffer<HmacCore<H>>,
}

impl<H: InterleavedHash> RunningMac for Hmac<H> {
    type GroupSize = H::GroupSize;

    #[inline(always)]
    fn update(&mut self, bytes: &[u8]) {
        let core = &mut self.core;
        self.buffer
            .digest_blocks(bytes, |blocks| core.update_blocks(blocks));
    }

    #[inline(always)]
    fn bytes_to_group(&self) -> usize {
        self.buffer.remaining() % self.buffer.size()
    }

    /// The processor sees the cipher's instructions behind those of the hash.
    #[inline(always)]
    fn update_group(
        &mut self,
        group: &Array<u8, H::GroupSize>,
        interleaved: &mut impl Interleaved,
    ) {
        for _ in 0..H::GroupSize::USIZE / BLOCK {
            interleaved.encrypt_block();
        }
        self.core.update_blocks(Array::slice_as_chunks(group).0);
    }

    #[inline(always)]
    fn finish(mut self) -> Digest {
        let mut mac = Output::<HmacCore<H>>::default();
        self.core.finalize_fixed_core(&mut self.buffer, &mut mac);
        padded(&mac)
    }
}
