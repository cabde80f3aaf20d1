//! Adding and removing keys in a file that others read at the same time.
//!
//! Nothing is written here. What comes out is what to write, in an order in which the file is a keytab after every
//! step: a new record gets its length last, a removed one loses it first.

use alloc::vec;
use alloc::vec::Vec;

use super::{
    EncodeKeytabError, KeytabEntry, KeytabFormat, KeytabFormatError, KeytabRecord, KeytabRecords,
};
use crate::FileWrite;
use crate::bytes::ByteWriter;

/// What to write, in this order, to put a key into a keytab.
///
/// It goes into the first hole that is large enough, else to the end. An empty file gets its version first. A record
/// that contradicts itself stays as it is.
///
/// # Errors
///
/// If the file is no keytab, or the format has no room for the entry. If there is no hole, and the last record reaches
/// beyond the file's end: what was written there would be in that record, or in the place of keys behind a length that
/// is wrong.
pub fn add(file: &[u8], entry: &KeytabEntry) -> Result<Vec<FileWrite>, AddToKeytabError> {
    let mut writes = Vec::new();
    let (format, mut records) = if file.is_empty() {
        let version = KeytabFormat::default().first_octets();
        writes.push(FileWrite::new(0, version.to_vec()));
        (KeytabFormat::default(), None)
    } else {
        let records = KeytabRecords::new(file)?;
        (records.format(), Some(records))
    };
    let record = entry.encode(format)?;
    let slot = match &mut records {
        Some(records) => Slot::find(records, file.len(), record.len())?,
        None => Slot {
            offset: format.first_octets().len(),
            length: record.len(),
            ends_at_zero: false,
        },
    };
    // The whole slot is overwritten: a hole may still hold a key that was not zeroized.
    let mut bytes = Vec::with_capacity(slot.length + 4);
    bytes.extend_from_slice(&record);
    bytes.resize(slot.length, 0);
    if slot.ends_at_zero {
        bytes.extend([0; 4]);
    }
    let length = i32::try_from(slot.length).map_err(|_| EncodeKeytabError { field: "record" })?;
    writes.push(FileWrite::new(slot.offset + 4, bytes));
    writes.push(length_at(slot.offset, length, format)?);
    Ok(writes)
}

/// What to write, in this order, to take an entry out of a file of `format`: its record becomes a hole of zero bytes.
///
/// `offset` and `length` are those of the [`KeytabRecord::Entry`].
#[must_use]
pub fn remove(format: KeytabFormat, offset: usize, length: usize) -> Vec<FileWrite> {
    let size = i32::try_from(length).map(|size| length_at(offset, -size, format));
    let Ok(Ok(hole)) = size else {
        // No record is that long.
        return Vec::new();
    };
    vec![hole, FileWrite::new(offset + 4, vec![0; length])]
}

fn length_at(
    offset: usize,
    length: i32,
    format: KeytabFormat,
) -> Result<FileWrite, EncodeKeytabError> {
    let mut bytes = ByteWriter::with_capacity(4, format.byte_order());
    bytes.i32(length, "record")?;
    Ok(FileWrite::new(offset, bytes.finish().to_vec()))
}

/// Why a key can't be put into a keytab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddToKeytabError {
    /// The file is no keytab.
    #[error(transparent)]
    File(#[from] KeytabFormatError),
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
    fn find(
        records: &mut KeytabRecords<'_>,
        file_length: usize,
        needed: usize,
    ) -> Result<Self, KeytabFormatError> {
        let mut damage = None;
        for record in &mut *records {
            let (offset, length) = match record {
                Ok(KeytabRecord::Hole { offset, length }) => (offset, length),
                Ok(KeytabRecord::Entry { .. }) => continue,
                Err(error) => {
                    damage = Some(error);
                    continue;
                }
            };
            let room = file_length.saturating_sub(offset + 4);
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
        if let Some(error) = damage.filter(|_| records.is_cut_short()) {
            return Err(error);
        }
        Ok(Self {
            offset: records.end(),
            length: needed,
            ends_at_zero: file_length >= records.end() + 4,
        })
    }
}

pub(super) fn record_length(record: &[u8]) -> Result<i32, EncodeKeytabError> {
    i32::try_from(record.len()).map_err(|_| EncodeKeytabError { field: "record" })
}
