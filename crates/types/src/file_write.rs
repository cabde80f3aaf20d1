//! Changes to files, for the holder of the file to carry out.

use alloc::vec::Vec;
use core::fmt;

use orthros_crypto::SecretVec;

/// Bytes to be written at a place in a file, over what is there or past its end.
///
/// The bytes may hold keys: they are zeroized on drop and not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct FileWrite {
    offset: usize,
    bytes: SecretVec,
}

impl FileWrite {
    pub(crate) fn new(offset: usize, bytes: Vec<u8>) -> Self {
        Self {
            offset,
            bytes: bytes.into(),
        }
    }

    /// Where the first byte goes, counted from the start of the file.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What to write there.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Carries the change out on a file that is in memory; a gap before it becomes zero bytes.
    pub fn apply(&self, file: &mut Vec<u8>) {
        let end = self.offset.saturating_add(self.bytes.len());
        if file.len() < end {
            file.resize(end, 0);
        }
        if let Some(place) = file.get_mut(self.offset..end) {
            place.copy_from_slice(&self.bytes);
        }
    }
}

impl fmt::Debug for FileWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileWrite")
            .field("offset", &self.offset)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
