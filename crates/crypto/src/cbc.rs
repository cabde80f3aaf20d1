//! CBC with ciphertext stealing over one run of blocks, with the hash interleaved.
//!
//! CBC encryption is bound by the latency of one block after the other, which leaves the processor idle most of the
//! time. So the hash is not a pass of its own: within the cipher's loop, one hash block is compressed together with
//! the few cipher blocks that are as long, and both run in parallel. This only works in strides of a hash block or
//! two: the processor does not look further ahead. A message shorter than such a stride has none of it.

use core::slice;

use aes::cipher::array::Array;
use aes::cipher::common::ParBlocks;
use aes::cipher::consts::U16;
use aes::cipher::{
    BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockCipherEncBackend,
    BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser,
};
use aes::{Aes128Dec, Aes128Enc, Aes256Dec, Aes256Enc};

use crate::block::{BLOCK, Block, BlockCipher, xor};
use crate::interleave::{Interleaved, NoWork};
use crate::mac_observer::MacObserver;

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
    fn run(&self, chain: &mut Block, run: &mut [u8], observer: &mut impl MacObserver);

    /// Works on the end of a message: the one block of one that has no other, with an empty `tail`, else the last
    /// two, which change places (CBC-CS3; RFC 3962 section 5). `tail` is the last block, of 1 to 16 bytes.
    fn last(&self, chain: &Block, first: &mut [u8; BLOCK], tail: &mut [u8]);
}

impl<C: BlockCipher + BlockCipherEncrypt> Cbc<Encrypting> for C {
    #[inline(always)]
    fn run(&self, chain: &mut Block, run: &mut [u8], observer: &mut impl MacObserver) {
        self.encrypt_with_backend(Encrypt {
            chain,
            run,
            observer,
        });
    }

    fn last(&self, chain: &Block, first: &mut [u8; BLOCK], tail: &mut [u8]) {
        let mut stolen = Block::from(*first);
        xor(&mut stolen, chain);
        self.encrypt_block(&mut stolen);
        if tail.is_empty() {
            *first = stolen.0;
            return;
        }
        let mut block = stolen;
        add(&mut block, tail);
        self.encrypt_block(&mut block);
        *first = block.0;
        copy(tail, &stolen);
    }
}

impl<C: BlockCipher + BlockCipherDecrypt> Cbc<Decrypting> for C {
    #[inline(always)]
    fn run(&self, chain: &mut Block, run: &mut [u8], observer: &mut impl MacObserver) {
        self.decrypt_with_backend(Decrypt {
            chain,
            run,
            observer,
        });
    }

    fn last(&self, chain: &Block, first: &mut [u8; BLOCK], tail: &mut [u8]) {
        let mut block = Block::from(*first);
        self.decrypt_block(&mut block);
        if tail.is_empty() {
            xor(&mut block, chain);
            *first = block.0;
            return;
        }
        // The last plaintext block was padded with zeros: what it left alone is the stolen bytes.
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
    observer: &'a mut W,
}

impl<W> BlockSizeUser for Encrypt<'_, W> {
    type BlockSize = U16;
}

impl<W: MacObserver> BlockCipherEncClosure for Encrypt<'_, W> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self {
            chain: last,
            run,
            observer,
        } = self;
        let mut chain = *last;
        let (head, groups, rest) = split_groups::<W>(run, observer.bytes_to_group());
        observer.plaintext(head);
        encrypt_blocks(backend, &mut chain, head);
        observer.ciphertext(head);
        // Ciphertext is hashed one group late: like this, neither has to wait for the other.
        let mut before: Option<&Array<u8, W::GroupSize>> = None;
        for group in groups {
            observer.plaintext_group(group);
            let mut rest = Next {
                backend,
                chain: &mut chain,
                blocks: Block::slice_as_chunks_mut(group).0.iter_mut(),
            };
            if let Some(before) = before {
                observer.ciphertext_group(before, &mut rest);
            }
            // What the hash has not asked for.
            for block in rest.blocks {
                encrypt_block(rest.backend, rest.chain, block);
            }
            before = Some(group);
        }
        if let Some(before) = before {
            observer.ciphertext_group(before, &mut NoWork);
        }
        observer.plaintext(rest);
        encrypt_blocks(backend, &mut chain, rest);
        observer.ciphertext(rest);
        *last = chain;
    }
}

/// The blocks of a group that are to be encrypted next.
struct Next<'a, B> {
    backend: &'a B,
    chain: &'a mut Block,
    blocks: slice::IterMut<'a, Block>,
}

impl<B: BlockCipherEncBackend<BlockSize = U16>> Interleaved for Next<'_, B> {
    #[inline(always)]
    fn encrypt_block(&mut self) {
        if let Some(block) = self.blocks.next() {
            encrypt_block(self.backend, self.chain, block);
        }
    }
}

/// Whole groups, and what comes before and after them; all three end where blocks do.
type Groups<'a, W> = (
    &'a mut [u8],
    &'a mut [Array<u8, <W as MacObserver>::GroupSize>],
    &'a mut [u8],
);

/// Splits a run into groups, of which the first begins after `head_len` bytes. There are none where the observer
/// is off the blocks' ends.
fn split_groups<W: MacObserver>(run: &mut [u8], head_len: usize) -> Groups<'_, W> {
    if !head_len.is_multiple_of(BLOCK) || head_len > run.len() {
        return (run, &mut [], &mut []);
    }
    let (head, body) = run.split_at_mut(head_len);
    let (groups, rest) = Array::slice_as_chunks_mut(body);
    (head, groups, rest)
}

#[inline(always)]
fn encrypt_blocks<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    chain: &mut Block,
    bytes: &mut [u8],
) {
    let (blocks, _) = Block::slice_as_chunks_mut(bytes);
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
    observer: &'a mut W,
}

impl<W> BlockSizeUser for Decrypt<'_, W> {
    type BlockSize = U16;
}

impl<W: MacObserver> BlockCipherDecClosure for Decrypt<'_, W> {
    #[inline(always)]
    fn call<B: BlockCipherDecBackend<BlockSize = U16>>(self, backend: &B) {
        let Self {
            chain,
            run,
            observer,
        } = self;
        let (blocks, _) = Block::slice_as_chunks_mut(run);
        let (groups, rest) = ParBlocks::<B>::slice_as_chunks_mut(blocks);
        // Plaintext is hashed one stretch late: the next one is with the cipher by then.
        let mut done: &[u8] = &[];
        for group in groups {
            observer.ciphertext(Block::slice_as_flattened(group));
            decrypt_group(backend, chain, group);
            observer.plaintext(done);
            done = Block::slice_as_flattened(group);
        }
        observer.ciphertext(Block::slice_as_flattened(rest));
        for block in &mut *rest {
            let ciphertext = *block;
            backend.decrypt_block_inplace(block);
            xor(block, chain);
            *chain = ciphertext;
        }
        observer.plaintext(done);
        observer.plaintext(Block::slice_as_flattened(rest));
    }
}

/// Decrypts as many blocks as the backend takes at once.
#[inline(always)]
fn decrypt_group<B: BlockCipherDecBackend<BlockSize = U16>>(
    backend: &B,
    chain: &mut Block,
    blocks: &mut ParBlocks<B>,
) {
    let ciphertext = blocks.clone();
    backend.decrypt_par_blocks_inplace(blocks);
    // Each plaintext block has the ciphertext block before it added, the first one that of the group before.
    let plaintext = Block::slice_as_flattened_mut(blocks);
    let ciphertext = Block::slice_as_flattened(&ciphertext);
    let (first, rest) = plaintext.split_at_mut(BLOCK);
    add(first, chain);
    add(rest, ciphertext);
    copy(chain, ciphertext.split_at(ciphertext.len() - BLOCK).1);
}

/// Adds as many bytes as both have.
#[inline(always)]
fn add(to: &mut [u8], from: &[u8]) {
    for (byte, from) in to.iter_mut().zip(from) {
        *byte ^= from;
    }
}

/// Copies as many bytes as both have.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    for (byte, from) in to.iter_mut().zip(from) {
        *byte = *from;
    }
}
