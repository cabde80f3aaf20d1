//! Keytabs: long-term keys in a file.
//!
//! Format 2, which is written today:
//!
//! ```text
//! file    ::= 05 02, record*                        integers are big-endian
//! record  ::= length (i32), bytes                  length < 0: a hole of that many bytes; 0: the end
//! entry   ::= count of components (u16)
//!             realm, component*                     each: length (u16), bytes
//!             name type (u32), timestamp (u32), kvno (u8)
//!             enctype (u16), key                    key: length (u16), bytes
//!             [kvno (u32)]                          if four bytes are left, and unless 0
//! ```
//!
//! What format 1 has otherwise is said at [`KeytabFormat`]. It is read too, and added to.

mod edit;
mod entry;
mod error;
mod format;
mod look_up;
mod records;

use alloc::vec::Vec;

use orthros_crypto::SecretVec;
use zeroize::Zeroizing;

pub use edit::{AddToKeytabError, add, remove};
pub use entry::KeytabEntry;
pub use error::{EncodeKeytabError, KeytabFormatError};
pub use format::KeytabFormat;
pub use look_up::{KeyNotFound, KeyNotFoundReason};
pub use records::{KeytabRecord, KeytabRecords};

/// The keys of a keytab, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keytab {
    entries: Vec<KeytabEntry>,
    damage: Option<KeytabFormatError>,
}

impl Keytab {
    /// A keytab of these keys.
    #[must_use]
    pub fn new(entries: Vec<KeytabEntry>) -> Self {
        Self {
            entries,
            damage: None,
        }
    }

    /// Reads a whole file.
    ///
    /// Holes are passed over. What follows a record of length 0 or is too short for a record does not count, as in
    /// MIT. Of a damaged file the good records are taken: all but those that contradict themselves, up to one whose
    /// length reaches beyond the file's end. What is wrong with it is [`damage`](Self::damage).
    ///
    /// # Errors
    ///
    /// What is wrong with the file, and where in it, if no record is good.
    pub fn decode(file: &[u8]) -> Result<Self, KeytabFormatError> {
        let mut keytab = Self::default();
        for record in KeytabRecords::new(file)? {
            match record {
                Ok(KeytabRecord::Entry { entry, .. }) => keytab.entries.push(entry),
                Ok(KeytabRecord::Hole { .. }) => {}
                Err(error) => {
                    keytab.damage.get_or_insert(error);
                }
            }
        }
        match keytab.damage {
            Some(error) if keytab.entries.is_empty() => Err(error),
            _ => Ok(keytab),
        }
    }

    /// A whole file of format 2, with neither holes nor room left.
    ///
    /// # Errors
    ///
    /// If an entry has a field that is too long for the format.
    pub fn encode(&self) -> Result<SecretVec, EncodeKeytabError> {
        let records = self
            .entries
            .iter()
            .map(|entry| entry.encode(KeytabFormat::Version2))
            .collect::<Result<Vec<_>, _>>()?;
        let length = records.iter().map(|record| record.len() + 4).sum::<usize>();
        let mut file = Zeroizing::new(Vec::with_capacity(length + 2));
        file.extend(KeytabFormat::Version2.first_octets());
        for record in &records {
            file.extend(edit::record_length(record)?.to_be_bytes());
            file.extend_from_slice(record);
        }
        Ok(core::mem::take(&mut *file).into())
    }

    /// The keys, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[KeytabEntry] {
        &self.entries
    }

    /// What is wrong with the file that it was read from: the first record that could not be read, so that keys may be
    /// missing.
    #[must_use]
    pub fn damage(&self) -> Option<KeytabFormatError> {
        self.damage
    }

    /// Adds a key at the end.
    pub fn push(&mut self, entry: KeytabEntry) {
        self.entries.push(entry);
    }
}

impl IntoIterator for Keytab {
    type Item = KeytabEntry;
    type IntoIter = alloc::vec::IntoIter<KeytabEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
