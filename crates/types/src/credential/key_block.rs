//! Keys as files have them: of any enctype, known here or not.

use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::EncryptionType;
use orthros_crypto::{Enctype, Key, SecretVec};

/// A key of any enctype: what a keytab or a credential cache holds, usable or not.
///
/// The bytes are zeroized on drop, compared in constant time and never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyBlock {
    enctype: EncryptionType,
    bytes: SecretVec,
}

impl KeyBlock {
    /// Takes the bytes over; they are zeroized with this.
    #[must_use]
    pub fn new(enctype: EncryptionType, bytes: Vec<u8>) -> Self {
        Self {
            enctype,
            bytes: bytes.into(),
        }
    }

    /// No key: enctype 0 and no bytes, as configuration entries have it.
    #[must_use]
    pub fn null() -> Self {
        Self::new(EncryptionType::NULL, Vec::new())
    }

    /// Which cipher it is for.
    #[must_use]
    pub fn enctype(&self) -> EncryptionType {
        self.enctype
    }

    /// The key to work with, if the enctype is one of ours and the bytes are as many as it needs.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Key::new(Enctype::from_number(self.enctype.0)?, &self.bytes).ok()
    }

    /// The secret.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<&Key> for KeyBlock {
    fn from(key: &Key) -> Self {
        Self::new(
            EncryptionType(key.enctype().number()),
            key.as_bytes().to_vec(),
        )
    }
}

impl fmt::Debug for KeyBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBlock")
            .field("enctype", &self.enctype)
            .finish_non_exhaustive()
    }
}
