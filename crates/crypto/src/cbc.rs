//! CBC over one run of blocks, with the hash working beside the cipher.
//!
//! CBC encryption is bound by the latency of one block after the other, which leaves the processor
//! idle most of the time. So the hash is not a pass of its own: within the cipher's loop, one hash block
//! is compressed beside the few cipher blocks that are as long, and both run in parallel. This only works
//! in strides of a hash block or two: the processor does not look further ahead.

use core::slice;

use aes::cipher::array::Array;
use aes::cipher::common::ParBlocks;
use aes::cipher::consts::U16;
use aes::cipher::typenum::Unsigned as _;
use aes::cipher::{
    BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockCipherEncBackend,
    BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit,
};
use aes::{Aes128Dec, Aes128Enc, Aes256Dec, Aes256Enc};
use zeroize::ZeroizeOnDrop;

use crate::running_mac::{Beside, Idle};
use crate::watch::Watch;

/// A cipher block.
pub(crate) type Block = Array<u8, U16>;

/// A block cipher with 16-octet blocks whose key schedule is zeroized on drop.
pub(crate) trait BlockCipher:
    BlockSizeUser<BlockSize = U16> + KeyInit + ZeroizeOnDrop
{
}

impl<C: BlockSizeUser<BlockSize = U16> + KeyInit + ZeroizeOnDrop> BlockCipher for C {}

/// One of the two directions of CBC with ciphertext stealing. AES has a key schedule for each.
pub(crate) trait Mode: Sized {
    /// AES-128, with the schedule of this direction.
    type Aes128: Cbc<Self>;

    /// AES-256, with the schedule of this direction.
    type Aes256: Cbc<Self>;
}

/// Plaintext to ciphertext.
pub(crate) struct Encrypting;

impl Mode for Encrypting {
    type Aes128 = Aes128Enc;
    type Aes256 = Aes256Enc;
}

/// Ciphertext to plaintext.
pub(crate) struct Decrypting;

impl Mode for Decrypting {
    type Aes128 = Aes128Dec;
    type Aes256 = Aes256Dec;
}

/// A cipher that can be run in this direction.
pub(crate) trait Cbc<M: Mode>: BlockCipher {
    /// Works on the whole blocks of `run` in place and leaves its last ciphertext block in `chain`.
    fn run(&self, chain: &mut Block, run: &mut [u8], watch: &mut impl Watch);

    /// Works on the end of a message: one whole block if that is all there ever was, else the 17 to 32
    /// octets in which the last two blocks change places (CBC-CS3; RFC 3962 section 5).
    fn last(&self, chain: &Block, last: &mut [u8]);
}

impl<C: BlockCipher + BlockCipherEncrypt> Cbc<Encrypting> for C {
    #[inline(always)]
    fn run(&self, chain: &mut Block, run: &mut [u8], watch: &mut impl Watch) {
        self.encrypt_with_backend(Encrypt { chain, run, watch });
    }

    fn last(&self, chain: &Block, last: &mut [u8]) {
        let Some((first, tail)) = last.split_first_chunk_mut() else {
            return;
        };
        let mut stolen = Block::from(*first);
        xor(&mut stolen, chain);
        self.encrypt_block(&mut stolen);
        if tail.is_empty() {
            *first = stolen.0;
            return;
        }
        let mut block = stolen;
        for (octet, plain) in block.iter_mut().zip(tail.iter()) {
            *octet ^= plain;
        }
        self.encrypt_block(&mut block);
        *first = block.0;
        copy(tail, &stolen);
    }
}

impl<C: BlockCipher + BlockCipherDecrypt> Cbc<Decrypting> for C {
    #[inline(always)]
    fn run(&self, chain: &mut Block, run: &mut [u8], watch: &mut impl Watch) {
        self.decrypt_with_backend(Decrypt { chain, run, watch });
    }

    fn last(&self, chain: &Block, last: &mut [u8]) {
        let Some((first, tail)) = last.split_first_chunk_mut() else {
            return;
        };
        let mut block = Block::from(*first);
        self.decrypt_block(&mut block);
        if tail.is_empty() {
            xor(&mut block, chain);
            *first = block.0;
            return;
        }
        // The last plaintext block was padded with zeros: what it left alone is the stolen octets.
        let mut stolen = block;
        copy(&mut stolen, tail);
        xor(&mut block, &stolen);
        copy(tail, &block);
        self.decrypt_block(&mut stolen);
        xor(&mut stolen, chain);
        *first = stolen.0;
    }
}

struct Encrypt<'a, W> {
    chain: &'a mut Block,
    run: &'a mut [u8],
    watch: &'a mut W,
}

impl<W> BlockSizeUser for Encrypt<'_, W> {
    type BlockSize = U16;
}

impl<W: Watch> BlockCipherEncClosure for Encrypt<'_, W> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self {
            chain: last,
            run,
            watch,
        } = self;
        let mut chain = *last;
        let (head, groups, rest) = split_groups::<W>(run, watch.lead());
        watch.plaintext(head);
        encrypt_blocks(backend, &mut chain, head);
        watch.ciphertext(head);
        watch.expect_groups(groups.len());
        // Ciphertext is hashed one group late: like this, neither has to wait for the other.
        let mut before: Option<&[u8]> = None;
        for group in groups.chunks_exact_mut(W::GROUP) {
            watch.plaintext_group(group);
            let mut rest = Next {
                backend,
                chain: &mut chain,
                blocks: Block::slice_as_chunks_mut(group).0.iter_mut(),
            };
            match before {
                Some(before) => watch.ciphertext_group(before, &mut rest),
                None => {
                    for _ in 0..W::GROUP / BLOCK {
                        rest.encrypt_block();
                    }
                }
            }
            before = Some(group);
        }
        if let Some(before) = before {
            watch.ciphertext_group(before, &mut Idle);
        }
        watch.plaintext(rest);
        encrypt_blocks(backend, &mut chain, rest);
        watch.ciphertext(rest);
        *last = chain;
    }
}

/// The blocks that are to be encrypted next.
struct Next<'a, B> {
    backend: &'a B,
    chain: &'a mut Block,
    blocks: slice::IterMut<'a, Block>,
}

impl<B: BlockCipherEncBackend<BlockSize = U16>> Beside for Next<'_, B> {
    #[inline(always)]
    fn encrypt_block(&mut self) {
        if let Some(block) = self.blocks.next() {
            encrypt_block(self.backend, self.chain, block);
        }
    }
}

/// Splits whole groups from what comes before and after them, at ends of blocks. There are none if the
/// watch is off the blocks' ends.
fn split_groups<W: Watch>(run: &mut [u8], lead: usize) -> (&mut [u8], &mut [u8], &mut [u8]) {
    let is_aligned = lead.is_multiple_of(BLOCK) && lead <= run.len();
    let (head, body) = run.split_at_mut(if is_aligned { lead } else { 0 });
    let whole = if is_aligned {
        body.len() - body.len() % W::GROUP
    } else {
        0
    };
    let (groups, rest) = body.split_at_mut(whole);
    (head, groups, rest)
}

#[inline(always)]
fn encrypt_blocks<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    chain: &mut Block,
    octets: &mut [u8],
) {
    let (blocks, _) = Block::slice_as_chunks_mut(octets);
    for block in blocks {
        encrypt_block(backend, chain, block);
    }
}

#[inline(always)]
fn encrypt_block<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    chain: &mut Block,
    block: &mut Block,
) {
    xor(chain, block);
    backend.encrypt_block_inplace(chain);
    *block = *chain;
}

struct Decrypt<'a, W> {
    chain: &'a mut Block,
    run: &'a mut [u8],
    watch: &'a mut W,
}

impl<W> BlockSizeUser for Decrypt<'_, W> {
    type BlockSize = U16;
}

impl<W: Watch> BlockCipherDecClosure for Decrypt<'_, W> {
    #[inline(always)]
    fn call<B: BlockCipherDecBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { chain, run, watch } = self;
        let mut groups = run.chunks_exact_mut(BLOCK * B::ParBlocksSize::USIZE);
        // Plaintext is hashed one stretch late: the next one is with the cipher by then.
        let mut done: &[u8] = &[];
        for group in groups.by_ref() {
            watch.ciphertext(group);
            decrypt_group(backend, chain, group);
            watch.plaintext(done);
            done = group;
        }
        let rest = groups.into_remainder();
        watch.ciphertext(rest);
        let (blocks, _) = Block::slice_as_chunks_mut(rest);
        for block in blocks {
            let ciphertext = *block;
            backend.decrypt_block_inplace(block);
            xor(block, chain);
            *chain = ciphertext;
        }
        watch.plaintext(done);
        watch.plaintext(rest);
    }
}

/// Decrypts as many blocks as the backend takes at once.
#[inline(always)]
fn decrypt_group<B: BlockCipherDecBackend<BlockSize = U16>>(
    backend: &B,
    chain: &mut Block,
    group: &mut [u8],
) {
    let (blocks, _) = Block::slice_as_chunks_mut(group);
    let Ok(blocks) = <&mut ParBlocks<B>>::try_from(blocks) else {
        return;
    };
    let ciphertext = blocks.clone();
    backend.decrypt_par_blocks_inplace(blocks);
    let Some((first, rest)) = blocks.split_first_mut() else {
        return;
    };
    xor(first, chain);
    let before = Block::slice_as_flattened(&ciphertext);
    for (octet, before) in Block::slice_as_flattened_mut(rest).iter_mut().zip(before) {
        *octet ^= before;
    }
    if let Some(last) = ciphertext.last() {
        *chain = *last;
    }
}

/// Copies as many octets as both have.
fn copy(to: &mut [u8], from: &[u8]) {
    for (octet, from) in to.iter_mut().zip(from) {
        *octet = *from;
    }
}

/// Adds `other` to `block`.
#[inline(always)]
pub(crate) fn xor(block: &mut Block, other: &Block) {
    for (octet, other) in block.iter_mut().zip(other) {
        *octet ^= other;
    }
}

/// Octets of a cipher block.
pub(crate) const BLOCK: usize = 16;
