//! CMAC (RFC 4493, NIST SP 800-38B) from a key that is prepared once.
//!
//! This is not the `cmac` crate's, which computes the subkey again for each message: keys derived with CMAC would
//! take 1.1 to 1.25 times as long. Tests compare with the crate.

use core::borrow::Borrow;
use core::marker::PhantomData;

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, Key as CipherKey};
use zeroize::Zeroize as _;

use crate::block::{BLOCK, Block, BlockCipher, block_cipher, cipher_key, xor};
use crate::hash::{Digest, padded};
use crate::interleave::Interleaved;
use crate::running_mac::{MacKey, RunningMac};

/// A key, of which cipher and subkey are made for each message.
///
/// Camellia's key schedule is larger than all that a context keeps of another enctype, and takes about as long as two
/// blocks.
pub(crate) struct CmacKey<C: BlockCipher>(CipherKey<C>);

impl<C: BlockCipher + BlockCipherEncrypt> MacKey for CmacKey<C> {
    type Running<'key>
        = Cmac<C, ExpandedCmacKey<C>>
    where
        C: 'key;

    fn new(key: &[u8]) -> Self {
        Self(cipher_key::<C>(key))
    }

    fn start(&self) -> Cmac<C, ExpandedCmacKey<C>> {
        Cmac::new(ExpandedCmacKey::new(self.0.as_slice()))
    }
}

impl<C: BlockCipher> Drop for CmacKey<C> {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// A cipher and what is added to a last block that is whole; see [`Cmac::finish`] for one that is not.
pub(crate) struct ExpandedCmacKey<C: BlockCipher> {
    cipher: C,
    whole: Block,
}

impl<C: BlockCipher + BlockCipherEncrypt> MacKey for ExpandedCmacKey<C> {
    type Running<'key>
        = Cmac<C, &'key Self>
    where
        C: 'key;

    fn new(key: &[u8]) -> Self {
        let cipher: C = block_cipher(key);
        let mut zero = Block::default();
        cipher.encrypt_block(&mut zero);
        let whole = double(&zero);
        zero.as_mut_slice().zeroize();
        Self { cipher, whole }
    }

    fn start(&self) -> Cmac<C, &Self> {
        Cmac::new(self)
    }
}

impl<C: BlockCipher> Drop for ExpandedCmacKey<C> {
    fn drop(&mut self) {
        self.whole.as_mut_slice().zeroize();
    }
}

/// A CMAC over a message that is still coming in.
pub(crate) struct Cmac<C: BlockCipher, K: Borrow<ExpandedCmacKey<C>>> {
    key: K,
    /// The chain, with the first `filled` bytes of the next block added.
    state: Block,
    filled: usize,
    cipher: PhantomData<C>,
}

impl<C: BlockCipher, K: Borrow<ExpandedCmacKey<C>>> Cmac<C, K> {
    fn new(key: K) -> Self {
        Self {
            key,
            state: Block::default(),
            filled: 0,
            cipher: PhantomData,
        }
    }
}

impl<C: BlockCipher + BlockCipherEncrypt, K: Borrow<ExpandedCmacKey<C>>> RunningMac for Cmac<C, K> {
    type GroupSize = U16;

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            // A full block waits for bytes behind it: the last one is treated differently.
            if self.filled == BLOCK {
                self.key.borrow().cipher.encrypt_block(&mut self.state);
                self.filled = 0;
            }
            let (here, rest) = bytes.split_at(bytes.len().min(BLOCK - self.filled));
            for (state, byte) in self.state.iter_mut().skip(self.filled).zip(here) {
                *state ^= byte;
            }
            self.filled += here.len();
            bytes = rest;
        }
    }

    fn bytes_to_group(&self) -> usize {
        (BLOCK - self.filled) % BLOCK
    }

    #[inline(always)]
    fn update_group(&mut self, group: &Block, interleaved: &mut impl Interleaved) {
        interleaved.encrypt_block();
        if self.filled == BLOCK {
            self.key.borrow().cipher.encrypt_block(&mut self.state);
        }
        for (state, byte) in self.state.iter_mut().zip(group) {
            *state ^= byte;
        }
        self.filled = BLOCK;
    }

    fn finish(mut self) -> Digest {
        match self.state.get_mut(self.filled) {
            None => xor(&mut self.state, &self.key.borrow().whole),
            Some(end) => {
                *end ^= 0x80;
                // Another block than for a whole one, so that a padded message is not another's MAC.
                xor(&mut self.state, &double(&self.key.borrow().whole));
            }
        }
        self.key.borrow().cipher.encrypt_block(&mut self.state);
        padded(&self.state)
    }
}

impl<C: BlockCipher, K: Borrow<ExpandedCmacKey<C>>> Drop for Cmac<C, K> {
    fn drop(&mut self) {
        self.state.as_mut_slice().zeroize();
    }
}

/// The block times x in the field that CMAC works in.
fn double(block: &Block) -> Block {
    let bits = u128::from_be_bytes(block.0);
    // Without a branch: the bits are secret.
    let reduction = (bits >> 127) * 0x87;
    Block::from((bits << 1 ^ reduction).to_be_bytes())
}
