//! Messages encrypted under one key and usage.

use alloc::vec::Vec;
use core::fmt;

use crate::cbc::Encrypting;
use crate::keyed::EncryptionKeys as _;
use crate::profile::Keys;
use crate::scatter::data_len;
use crate::{Enctype, IovBuffer, LengthError, RandomError, RandomSource};

/// Encryption with integrity under the keys that one [`Key`](crate::Key) has for one
/// [`KeyUsage`](crate::KeyUsage): key schedule and MAC state are prepared, messages cost no more than themselves.
///
/// A ciphertext is confounder and plaintext, encrypted, and the tag: behind them (RFC 3961 section 5.3, RFC 6803
/// section 5, RFC 8009 section 5) or before. The in-place and scattered calls don't allocate.
/// A [`Decryptor`](crate::Decryptor) goes the other way: AES has a key schedule for each.
pub struct Encryptor {
    keys: Keys<Encrypting>,
}

impl Encryptor {
    pub(crate) const fn new(keys: Keys<Encrypting>) -> Self {
        Self { keys }
    }

    /// The enctype of the key it was made from.
    #[must_use]
    pub const fn enctype(&self) -> Enctype {
        Enctype::of_row(self.keys.row())
    }

    /// Encrypts in place: `buffer` is confounder | plaintext | room for the tag before, the ciphertext after. The room
    /// is where the enctype has its tag: behind with all but RFC 4757's.
    ///
    /// The confounder must be fresh random bytes for each message.
    ///
    /// # Errors
    ///
    /// [`LengthError`] when there is no room for confounder and tag; the buffer is untouched then.
    pub fn encrypt_in_place(&self, buffer: &mut [u8]) -> Result<(), LengthError> {
        let actual = buffer.len();
        let Some((data, tag)) = self.enctype().split_tag(buffer) else {
            return Err(self.length_error(self.enctype().ciphertext_len(0), actual));
        };
        self.keys.encrypt(&mut [IovBuffer::Data(data)], tag);
        Ok(())
    }

    /// Encrypts a scattered message in place; see [`IovBuffer`] for its shape. The tag goes into `tag`,
    /// which has [`Enctype::tag_len`] bytes.
    ///
    /// # Errors
    ///
    /// [`LengthError`] when the data is shorter than a confounder or `tag` has another length; nothing
    /// is touched then.
    pub fn encrypt_iov(
        &self,
        buffers: &mut [IovBuffer<'_>],
        tag: &mut [u8],
    ) -> Result<(), LengthError> {
        let enctype = self.enctype();
        let (needed, actual) = (enctype.confounder_len(), data_len(buffers));
        if actual < needed {
            return Err(self.length_error(needed, actual));
        }
        if tag.len() != enctype.tag_len() {
            return Err(self.length_error(enctype.tag_len(), tag.len()));
        }
        self.keys.encrypt(buffers, tag);
        Ok(())
    }

    /// Encrypts a copy of `plaintext` after a confounder drawn from `random`.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when there is no confounder to be had.
    pub fn encrypt(
        &self,
        plaintext: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, RandomError> {
        let enctype = self.enctype();
        let mut ciphertext = Vec::with_capacity(enctype.ciphertext_len(plaintext.len()));
        let start = enctype.confounder_start();
        ciphertext.resize(start + enctype.confounder_len(), 0);
        random.fill(ciphertext.split_at_mut(start).1)?;
        ciphertext.extend_from_slice(plaintext);
        ciphertext.resize(enctype.ciphertext_len(plaintext.len()), 0);
        let (data, tag) = enctype.split_long_enough(&mut ciphertext);
        self.keys.encrypt(&mut [IovBuffer::Data(data)], tag);
        Ok(ciphertext)
    }

    /// The error of a buffer that has `actual` bytes where `needed` are.
    const fn length_error(&self, needed: usize, actual: usize) -> LengthError {
        LengthError {
            enctype: self.enctype(),
            needed,
            actual,
        }
    }
}

impl fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encryptor({})", self.enctype())
    }
}
