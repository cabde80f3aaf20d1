//! Messages decrypted under one key and usage.

use core::fmt;

use crate::cbc::Decrypting;
use crate::keyed::DecryptionKeys as _;
use crate::profile::Keys;
use crate::scatter::data_len;
use crate::{DecryptError, Enctype, IntegrityError, IovBuffer, SecretVec};

/// Decryption of what an [`Encryptor`](crate::Encryptor) of the same [`Key`](crate::Key) and
/// [`KeyUsage`](crate::KeyUsage) encrypted: key schedule and MAC state are prepared, messages cost no more than
/// themselves.
///
/// The in-place and scattered calls don't allocate.
pub struct Decryptor {
    keys: Keys<Decrypting>,
}

impl Decryptor {
    pub(crate) const fn new(keys: Keys<Decrypting>) -> Self {
        Self { keys }
    }

    /// The enctype of the key it was made from.
    #[must_use]
    pub const fn enctype(&self) -> Enctype {
        Enctype::of_row(self.keys.row())
    }

    /// Decrypts in place: `buffer` is a whole ciphertext. Gives the plaintext, which lies inside of it.
    ///
    /// # Errors
    ///
    /// [`DecryptError`] when the ciphertext is too short or the tag does not match. Then no plaintext
    /// is left in the buffer: RFC 8009 verifies before it decrypts, else it is wiped.
    pub fn decrypt_in_place<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b mut [u8], DecryptError> {
        let actual = buffer.len();
        let Some((data, tag)) = self.enctype().split_tag(buffer) else {
            return Err(DecryptError::TooShort {
                needed: self.enctype().ciphertext_len(0),
                actual,
            });
        };
        self.keys.decrypt(&mut [IovBuffer::Data(&mut *data)], tag)?;
        Ok(data.split_at_mut(self.enctype().confounder_len()).1)
    }

    /// Decrypts a scattered message in place; the data buffers then are confounder | plaintext.
    ///
    /// # Errors
    ///
    /// As [`decrypt_in_place`](Self::decrypt_in_place); a tag of another length does not match.
    pub fn decrypt_iov(
        &self,
        buffers: &mut [IovBuffer<'_>],
        tag: &[u8],
    ) -> Result<(), DecryptError> {
        let (needed, actual) = (self.enctype().confounder_len(), data_len(buffers));
        if actual < needed {
            return Err(DecryptError::TooShort { needed, actual });
        }
        if tag.len() != self.enctype().tag_len() {
            return Err(IntegrityError.into());
        }
        Ok(self.keys.decrypt(buffers, tag)?)
    }

    /// Decrypts a copy of `ciphertext` and gives the plaintext.
    ///
    /// # Errors
    ///
    /// As [`decrypt_in_place`](Self::decrypt_in_place).
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<SecretVec, DecryptError> {
        let mut buffer = SecretVec::from(ciphertext);
        let length = self.decrypt_in_place(&mut buffer)?.len();
        let enctype = self.enctype();
        buffer.remove_prefix(enctype.confounder_start() + enctype.confounder_len());
        buffer.truncate(length);
        Ok(buffer)
    }
}

impl fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decryptor({})", self.enctype())
    }
}
