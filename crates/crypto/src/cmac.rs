//! CMAC (RFC 4493, NIST SP 800-38B) from a key that is prepared once.

use zeroize::Zeroize as _;

use crate::cbc::{BLOCK, Block, BlockCipher, xor};
use crate::engine::block_cipher;
use crate::hash::{Digest, MAX_OUTPUT};

/// A cipher and what is added to the last block: one of two, so that a padded message is not another's MAC.
pub(crate) struct CmacKey<C: BlockCipher> {
    cipher: C,
    whole: Block,
    padded: Block,
}

impl<C: BlockCipher> CmacKey<C> {
    pub(crate) fn new(key: &[u8]) -> Self {
        let cipher: C = block_cipher(key);
        let mut zero = Block::default();
        cipher.encrypt_block(&mut zero);
        let whole = double(&zero);
        zero.as_mut_slice().zeroize();
        Self {
            cipher,
            padded: double(&whole),
            whole,
        }
    }

    /// Begins a message.
    pub(crate) fn start(&self) -> Cmac<'_, C> {
        Cmac {
            key: self,
            state: Block::default(),
            filled: 0,
        }
    }

    /// The CMAC of the concatenation of `parts`, of which the first block counts.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Digest {
        let mut cmac = self.start();
        for part in parts {
            cmac.update(part);
        }
        cmac.finish()
    }
}

impl<C: BlockCipher> Drop for CmacKey<C> {
    fn drop(&mut self) {
        self.whole.as_mut_slice().zeroize();
        self.padded.as_mut_slice().zeroize();
    }
}

/// A CMAC over a message that is still coming in.
pub(crate) struct Cmac<'key, C: BlockCipher> {
    key: &'key CmacKey<C>,
    /// The chain, with the first `filled` octets of the next block added.
    state: Block,
    filled: usize,
}

impl<C: BlockCipher> Cmac<'_, C> {
    pub(crate) fn update(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            // A full block waits for octets behind it: the last one is treated differently.
            if self.filled == BLOCK {
                self.key.cipher.encrypt_block(&mut self.state);
                self.filled = 0;
            }
            let (here, rest) = octets.split_at(octets.len().min(BLOCK - self.filled));
            for (state, octet) in self.state.iter_mut().skip(self.filled).zip(here) {
                *state ^= octet;
            }
            self.filled += here.len();
            octets = rest;
        }
    }

    /// The CMAC, of which the first block counts.
    pub(crate) fn finish(&mut self) -> Digest {
        match self.state.get_mut(self.filled) {
            None => xor(&mut self.state, &self.key.whole),
            Some(end) => {
                *end ^= 0x80;
                xor(&mut self.state, &self.key.padded);
            }
        }
        self.key.cipher.encrypt_block(&mut self.state);
        let mut digest = [0; MAX_OUTPUT];
        for (octet, state) in digest.iter_mut().zip(&self.state) {
            *octet = *state;
        }
        digest
    }
}

impl<C: BlockCipher> Drop for Cmac<'_, C> {
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
