//! A cipher's block, and the block ciphers.

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, Key as CipherKey, KeyInit};
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// A cipher block.
pub(crate) type Block = Array<u8, U16>;

/// Bytes of a cipher block.
pub(crate) const BLOCK: usize = 16;

/// A block cipher with blocks of 16 bytes whose key schedule is zeroized on drop.
pub(crate) trait BlockCipher:
    BlockSizeUser<BlockSize = U16> + KeyInit + ZeroizeOnDrop
{
}

impl<C: BlockSizeUser<BlockSize = U16> + KeyInit + ZeroizeOnDrop> BlockCipher for C {}

/// One that can encrypt.
pub(crate) trait EncryptingCipher: BlockCipher + BlockCipherEncrypt {}

impl<C: BlockCipher + BlockCipherEncrypt> EncryptingCipher for C {}

/// The cipher with this key, of which there are as many bytes as it takes.
pub(crate) fn block_cipher<C: BlockCipher>(bytes: &[u8]) -> C {
    let mut key = cipher_key::<C>(bytes);
    let cipher = C::new(&key);
    key.as_mut_slice().zeroize();
    cipher
}

/// The key of a cipher, of which there are as many bytes as it takes.
pub(crate) fn cipher_key<C: BlockCipher>(bytes: &[u8]) -> CipherKey<C> {
    let mut key = CipherKey::<C>::default();
    for (place, byte) in key.iter_mut().zip(bytes) {
        *place = *byte;
    }
    key
}

/// Adds `other` to `block`.
#[inline(always)]
pub(crate) fn xor(block: &mut Block, other: &Block) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}
