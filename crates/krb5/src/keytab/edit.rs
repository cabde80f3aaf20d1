//! Adding and removing keys in a file that others read at the same time.
//!
//! Nothing is written here. What comes out is what to write, in an order in which the file is a keytab after every step:
//! a new record gets its length last, a removed one loses it first.

use alloc::vec;
use alloc::vec::Vec;

use super::records::VERSION_2;
use super::{EncodeKeytabError, KeytabEntry, KeytabError, KeytabRecord, KeytabRecords};
use crate::FileWrite;

/// What to write, in this order, to put a key into a keytab.
///
/// It goes into the first hole that is large enough, else to the end. An empty file gets its version first.
///
/// # Errors
///
/// If the file is no keytab, or the format has no room for the entry.
pub fn add(file: &[u8], entry: &KeytabEntry) -> Result<Vec<FileWrite>, AddToKeytabError> {
    let record = entry.encode()?;
    let mut writes = Vec::new();
    let slot = if file.is_empty() {
        writes.push(FileWrite::new(0, VERSION_2.to_vec()));
        Slot {
            offset: VERSION_2.len(),
            length: record.len(),
            ends_at_zero: false,
        }
    } else {
        Slot::find(file, record.len())?
    };
    // The whole slot is overwritten: a hole may still hold a key that nobody zeroized.
    let mut octets = Vec::with_capacity(slot.length + 4);
    octets.extend_from_slice(&record);
    octets.resize(slot.length, 0);
    if slot.ends_at_zero {
        octets.extend([0; 4]);
    }
    let length = i32::try_from(slot.length).map_err(|_| EncodeKeytabError { field: "record" })?;
    writes.push(FileWrite::new(slot.offset + 4, octets));
    writes.push(FileWrite::new(slot.offset, length.to_be_bytes().to_vec()));
    Ok(writes)
}

/// What to write, in this order, to take an entry out: its record becomes a hole of zero octets.
///
/// `offset` and `length` are those of the [`KeytabRecord::Entry`].
#[must_use]
pub fn remove(offset: usize, length: usize) -> Vec<FileWrite> {
    let Ok(size) = i32::try_from(length) else {
        // No record is that long.
        return Vec::new();
    };
    vec![
        FileWrite::new(offset, (-size).to_be_bytes().to_vec()),
        FileWrite::new(offset + 4, vec![0; length]),
    ]
}

/// Why a key can't be put into a keytab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddToKeytabError {
    /// The file is no keytab.
    #[error(transparent)]
    File(#[from] KeytabError),
    /// The entry does not fit the format.
    #[error(transparent)]
    Entry(#[from] EncodeKeytabError),
}

/// Where a record goes.
struct Slot {
    offset: usize,
    length: usize,
    /// Whether the file's records end with one of length 0 here, which has to be kept.
    ends_at_zero: bool,
}

impl Slot {
    fn find(file: &[u8], needed: usize) -> Result<Self, KeytabError> {
        let mut records = KeytabRecords::new(file)?;
        for record in &mut records {
            let KeytabRecord::Hole { offset, length } = record? else {
                continue;
            };
            let room = file.len().saturating_sub(offset + 4);
            // What was written behind a hole that reaches beyond the file's end would be in the hole.
            let overhangs = length > room;
            if overhangs || length >= needed {
                return Ok(Self {
                    offset,
                    length: if overhangs { room.max(needed) } else { length },
                    ends_at_zero: false,
                });
            }
        }
        Ok(Self {
            offset: records.end(),
            length: needed,
            ends_at_zero: file.len() >= records.end() + 4,
        })
    }
}

pub(super) fn record_length(record: &[u8]) -> Result<i32, EncodeKeytabError> {
    i32::try_from(record.len()).map_err(|_| EncodeKeytabError { field: "record" })
}
