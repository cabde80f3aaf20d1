//! Messages under one key and usage.

use alloc::vec::Vec;
use core::fmt;

use crate::enctype::CONFOUNDER_LEN;
use crate::engine::Engine;
use crate::scatter::data_len;
use crate::{
    DecryptError, Enctype, IntegrityError, LengthError, Piece, RandomError, RandomSource, SecretVec,
};

/// Encryption with integrity under the keys that one [`Key`](crate::Key) has for one
/// [`KeyUsage`](crate::KeyUsage): key schedule and MAC state are prepared, messages cost no more than themselves.
///
/// A ciphertext is confounder and plaintext, encrypted, followed by the tag (RFC 3961 section 5.3,
/// RFC 6803 section 5, RFC 8009 section 5). The in-place and scattered calls don't allocate.
pub struct Cipher {
    enctype: Enctype,
    engine: Engine,
}

impl Cipher {
    pub(crate) const fn new(enctype: Enctype, engine: Engine) -> Self {
        Self { enctype, engine }
    }

    /// The enctype of the key it was made from.
    #[must_use]
    pub const fn enctype(&self) -> Enctype {
        self.enctype
    }

    /// Encrypts in place: `buffer` is confounder | plaintext | room for the tag before, the ciphertext after.
    ///
    /// The confounder must be fresh random octets for each message.
    ///
    /// # Errors
    ///
    /// [`LengthError`] when there is no room for confounder and tag; the buffer is untouched then.
    pub fn encrypt_in_place(&self, buffer: &mut [u8]) -> Result<(), LengthError> {
        let actual = buffer.len();
        let Some((data, tag)) = self.split_tag(buffer) else {
            return Err(self.length_error(self.overhead(), actual));
        };
        self.engine.encrypt(&mut [Piece::Data(data)], tag);
        Ok(())
    }

    /// Decrypts in place: `buffer` is a whole ciphertext. Gives the plaintext, which lies inside of it.
    ///
    /// # Errors
    ///
    /// [`DecryptError`] when the ciphertext is too short or the tag does not match. Then no plaintext
    /// is left in the buffer: RFC 8009 verifies before it decrypts, else it is wiped.
    pub fn decrypt_in_place<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], DecryptError> {
        let actual = buffer.len();
        let Some((data, tag)) = self.split_tag(buffer) else {
            return Err(DecryptError::TooShort {
                needed: self.overhead(),
                actual,
            });
        };
        self.engine.decrypt(&mut [Piece::Data(&mut *data)], tag)?;
        Ok(data
            .get_mut(self.enctype.confounder_len()..)
            .unwrap_or_default())
    }

    /// Encrypts a scattered message in place; see [`Piece`] for its shape. The tag goes into `tag`,
    /// which has [`Enctype::tag_len`] octets.
    ///
    /// # Errors
    ///
    /// [`LengthError`] when the data is shorter than a confounder or `tag` has another length; nothing
    /// is touched then.
    pub fn encrypt_pieces(
        &self,
        pieces: &mut [Piece<'_>],
        tag: &mut [u8],
    ) -> Result<(), LengthError> {
        let data = (self.enctype.confounder_len(), data_len(pieces));
        if data.1 < data.0 {
            return Err(self.length_error(data.0, data.1));
        }
        if tag.len() != self.enctype.tag_len() {
            return Err(self.length_error(self.enctype.tag_len(), tag.len()));
        }
        self.engine.encrypt(pieces, tag);
        Ok(())
    }

    /// Decrypts a scattered message in place; the data pieces then are confounder | plaintext.
    ///
    /// # Errors
    ///
    /// As [`decrypt_in_place`](Self::decrypt_in_place); a tag of another length does not match.
    pub fn decrypt_pieces(&self, pieces: &mut [Piece<'_>], tag: &[u8]) -> Result<(), DecryptError> {
        let (needed, actual) = (self.enctype.confounder_len(), data_len(pieces));
        if actual < needed {
            return Err(DecryptError::TooShort { needed, actual });
        }
        if tag.len() != self.enctype.tag_len() {
            return Err(IntegrityError.into());
        }
        Ok(self.engine.decrypt(pieces, tag)?)
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
        let mut confounder = [0; CONFOUNDER_LEN];
        random.fill(&mut confounder)?;
        let mut ciphertext = Vec::with_capacity(self.enctype.ciphertext_len(plaintext.len()));
        ciphertext.extend_from_slice(&confounder);
        ciphertext.extend_from_slice(plaintext);
        let data = ciphertext.len();
        ciphertext.resize(data + self.enctype.tag_len(), 0);
        let (data, tag) = ciphertext.split_at_mut(data);
        self.engine.encrypt(&mut [Piece::Data(data)], tag);
        Ok(ciphertext)
    }

    /// Decrypts a copy of `ciphertext` and gives the plaintext.
    ///
    /// # Errors
    ///
    /// As [`decrypt_in_place`](Self::decrypt_in_place).
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<SecretVec, DecryptError> {
        let mut buffer = SecretVec::from(ciphertext);
        let length = self.decrypt_in_place(&mut buffer)?.len();
        buffer.remove_prefix(self.enctype.confounder_len());
        buffer.truncate(length);
        Ok(buffer)
    }

    /// Octets that a ciphertext has more than its plaintext.
    const fn overhead(&self) -> usize {
        self.enctype.ciphertext_len(0)
    }

    /// What is encrypted, and the tag behind it; none if it can't be a ciphertext.
    fn split_tag<'b>(&self, buffer: &'b mut [u8]) -> Option<(&'b mut [u8], &'b mut [u8])> {
        if buffer.len() < self.overhead() {
            return None;
        }
        buffer.split_at_mut_checked(buffer.len() - self.enctype.tag_len())
    }

    /// The error of a buffer that has `actual` octets where `needed` are.
    const fn length_error(&self, needed: usize, actual: usize) -> LengthError {
        LengthError {
            enctype: self.enctype,
            needed,
            actual,
        }
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cipher({})", self.enctype)
    }
}
