//! Checksums under one key and usage.

use core::fmt;
use core::ops::Deref;

use subtle::ConstantTimeEq as _;

use crate::integrity::verify;
use crate::profile::ChecksumKey;
use crate::{ChecksumType, Enctype, IntegrityError};

/// The required checksum of an enctype under the key that one [`Key`](crate::Key) has for one
/// [`KeyUsage`](crate::KeyUsage), its state prepared (RFC 3961 section 5.4, RFC 6803 section 5,
/// RFC 8009 section 6).
pub struct Mac {
    key: ChecksumKey,
}

impl Mac {
    pub(crate) const fn new(key: ChecksumKey) -> Self {
        Self { key }
    }

    /// The checksum type it makes.
    #[must_use]
    pub const fn checksum_type(&self) -> ChecksumType {
        ChecksumType::of(Enctype::of_row(self.key.row()))
    }

    /// The checksum of the concatenation of `parts`.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> Tag {
        let mac = self.key.sign(parts);
        let mut tag = Tag {
            bytes: [0; MAX_LEN],
            length: self.checksum_type().len(),
        };
        for (byte, mac) in tag.bytes.iter_mut().zip(mac).take(tag.length) {
            *byte = mac;
        }
        tag
    }

    /// Checks that `tag` is the checksum of the concatenation of `parts`, in time that does not depend on it.
    ///
    /// # Errors
    ///
    /// [`IntegrityError`] when it is not, which includes a tag of another length.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), IntegrityError> {
        if tag.len() != self.checksum_type().len() {
            return Err(IntegrityError);
        }
        verify(&self.key.sign(parts), tag)
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac({})", self.checksum_type())
    }
}

/// A checksum: as many bytes as its type has, without an allocation. It dereferences to `[u8]`.
///
/// To check one that was received, use [`Mac::verify`].
#[derive(Clone, Copy)]
pub struct Tag {
    bytes: [u8; MAX_LEN],
    length: usize,
}

impl Deref for Tag {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // No checksum type's length is greater than the room: see `MAX_LEN`.
        self.bytes.split_at(self.length).0
    }
}

impl AsRef<[u8]> for Tag {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Tag {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Tag {}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(")?;
        for byte in self.iter() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// Bytes of the longest checksum, hmac-sha384-192-aes256.
const MAX_LEN: usize = 24;
