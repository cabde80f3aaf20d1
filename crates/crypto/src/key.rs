//! Keys.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::profile::SignatureKey;
use crate::{
    DecryptError, Decryptor, Encryptor, Enctype, IntegrityError, KeyLengthError, KeyUsage, Mac,
    RandomError, RandomSource, SecretVec, Tag,
};

/// A protocol key: an enctype and as many bytes as it takes. Zeroized on drop, compared in constant time.
///
/// The bytes stand in memory of their own, which clones share and the last of them zeroizes. So a value that holds a
/// key can be moved, out of a `Box` or a growing `Vec` as well: what it leaves behind is not the key.
///
/// It is not used itself but through the keys derived from it for a [`KeyUsage`]. For more than one message of a
/// usage, make an [`Encryptor`], a [`Decryptor`] or a [`Mac`] once; the other calls derive anew each time.
#[derive(Clone)]
pub struct Key {
    enctype: Enctype,
    bytes: Arc<Zeroizing<[u8; MAX_LEN]>>,
}

impl Key {
    /// The key of these bytes.
    ///
    /// # Errors
    ///
    /// [`KeyLengthError`] unless there are exactly [`Enctype::key_len`] of them.
    pub fn new(enctype: Enctype, bytes: &[u8]) -> Result<Self, KeyLengthError> {
        if bytes.len() != enctype.key_len() {
            return Err(KeyLengthError {
                enctype,
                actual: bytes.len(),
            });
        }
        Ok(Self::from_derived(enctype, bytes))
    }

    /// As [`new`](Self::new), for bytes that have the right length by construction.
    pub(crate) fn from_derived(enctype: Enctype, bytes: &[u8]) -> Self {
        let mut room = Zeroizing::new([0; MAX_LEN]);
        for (place, byte) in room.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Self {
            enctype,
            bytes: Arc::new(room.clone()),
        }
    }

    /// The enctype it belongs to.
    #[must_use]
    pub const fn enctype(&self) -> Enctype {
        self.enctype
    }

    /// The secret itself, as it stands in an `EncryptionKey`, a keytab or a cache.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        // No enctype's key is longer than the room: see `MAX_LEN`.
        self.bytes.split_at(self.enctype.key_len()).0
    }

    /// Prepares encryption for `usage`: derives Ke and Ki and expands both.
    #[must_use]
    pub fn encryptor(&self, usage: KeyUsage) -> Encryptor {
        Encryptor::new(self.enctype.row().keys(self.as_bytes(), usage))
    }

    /// Prepares decryption for `usage`: derives Ke and Ki and expands both.
    #[must_use]
    pub fn decryptor(&self, usage: KeyUsage) -> Decryptor {
        Decryptor::new(self.enctype.row().keys(self.as_bytes(), usage))
    }

    /// Prepares the required checksum for `usage`: derives Kc and expands it.
    #[must_use]
    pub fn mac(&self, usage: KeyUsage) -> Mac {
        Mac::new(self.enctype.row().checksum(self.as_bytes(), usage))
    }

    /// Encrypts one message after a confounder drawn from `random`.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when there is no confounder to be had.
    pub fn encrypt(
        &self,
        usage: KeyUsage,
        plaintext: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>, RandomError> {
        self.encryptor(usage).encrypt(plaintext, random)
    }

    /// Decrypts one message.
    ///
    /// # Errors
    ///
    /// [`DecryptError`] when the ciphertext is too short or is not one of this key and usage.
    pub fn decrypt(&self, usage: KeyUsage, ciphertext: &[u8]) -> Result<SecretVec, DecryptError> {
        self.decryptor(usage).decrypt(ciphertext)
    }

    /// The required checksum of `data`.
    #[must_use]
    pub fn checksum(&self, usage: KeyUsage, data: &[u8]) -> Tag {
        self.mac(usage).sign(&[data])
    }

    /// Checks that `tag` is the required checksum of `data`.
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] when it is not.
    pub fn verify_checksum(
        &self,
        usage: KeyUsage,
        data: &[u8],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        self.mac(usage).verify(&[data], tag)
    }

    /// The HMAC-MD5 checksum of RFC 4757 section 4, which MS-SFU has made with keys of any enctype.
    ///
    /// It is no checksum of this key's enctype: its strength is that of MD5.
    #[must_use]
    pub fn hmac_md5(&self, usage: KeyUsage, data: &[u8]) -> [u8; 16] {
        SignatureKey::new(self.as_bytes(), usage).sign(&[data])
    }

    /// Checks that `tag` is the [`hmac_md5`](Self::hmac_md5) checksum of `data`.
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] when it is not.
    pub fn verify_hmac_md5(
        &self,
        usage: KeyUsage,
        data: &[u8],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        let matches = self.hmac_md5(usage, data).as_slice().ct_eq(tag);
        bool::from(matches).then_some(()).ok_or(IntegrityError)
    }

    /// The enctype's pseudo-random function (RFC 3961 section 5.3, RFC 6803 section 6, RFC 8009 section
    /// 5): 16 bytes for the enctypes of RFC 3962 and RFC 6803, 32 and 48 for those of RFC 8009, and for RFC 4757,
    /// which has none, the 20 of MIT krb5's and Heimdal's.
    #[must_use]
    pub fn prf(&self, input: &[u8]) -> SecretVec {
        self.enctype.row().prf(self.as_bytes(), input)
    }
}

impl Enctype {
    /// Draws a key.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when `random` fails.
    pub fn random_key(self, random: &mut dyn RandomSource) -> Result<Key, RandomError> {
        let mut room = Zeroizing::new([0; MAX_LEN]);
        let (bytes, _) = room.split_at_mut(self.key_len());
        random.fill(bytes)?;
        Ok(Key::from_derived(self, bytes))
    }
}

impl PartialEq for Key {
    /// In constant time, but for the enctype.
    fn eq(&self, other: &Self) -> bool {
        self.enctype == other.enctype && bool::from(self.as_bytes().ct_eq(other.as_bytes()))
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.enctype)
    }
}

/// Bytes of the longest key.
const MAX_LEN: usize = 32;
