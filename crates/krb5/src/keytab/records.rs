//! A keytab, record by record.

use super::{KeytabEntry, KeytabError};
use crate::octets::OctetReader;

/// One record of a keytab file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeytabRecord {
    /// A key.
    Entry {
        /// Where the record's length stands.
        offset: usize,
        /// The record's length, without the four octets that say it; it may exceed the entry's.
        length: usize,
        /// The key.
        entry: KeytabEntry,
    },
    /// Room that an entry has left.
    Hole {
        /// Where the hole's length stands.
        offset: usize,
        /// The room after that; it may reach beyond the file's end.
        length: usize,
    },
}

/// The records of a keytab file, in order. After an error there are no more.
#[derive(Clone, Debug)]
pub struct KeytabRecords<'a> {
    reader: OctetReader<'a>,
    ended: bool,
}

impl<'a> KeytabRecords<'a> {
    /// Reads the file's first two octets.
    ///
    /// # Errors
    ///
    /// If it is no keytab of format 2.
    pub fn new(file: &'a [u8]) -> Result<Self, KeytabError> {
        let mut reader = OctetReader::new(file);
        let version = reader
            .u16("version")
            .map_err(|_| KeytabError::NoVersion { length: file.len() })?;
        if version.to_be_bytes() != VERSION_2 {
            return Err(KeytabError::Version { version });
        }
        Ok(Self {
            reader,
            ended: false,
        })
    }

    /// Where the file's records end: at its end, at a record of length 0, or at what is too short for a record.
    pub(super) fn end(&self) -> usize {
        self.reader.position()
    }

    fn read(&mut self) -> Result<Option<KeytabRecord>, KeytabError> {
        let offset = self.reader.position();
        let mut ahead = self.reader.clone();
        let Ok(length) = ahead.i32("record's length") else {
            return Ok(None);
        };
        if length == 0 {
            return Ok(None);
        }
        if length == i32::MIN {
            return Err(KeytabError::HoleLength { offset });
        }
        let size = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
        let record = if length < 0 {
            // MIT seeks past the file's end without noticing it.
            ahead.take(size.min(ahead.remaining()), "hole")?;
            KeytabRecord::Hole {
                offset,
                length: size,
            }
        } else {
            let mut record = ahead.part(size, "record")?;
            KeytabRecord::Entry {
                offset,
                length: size,
                entry: KeytabEntry::decode(&mut record)?,
            }
        };
        self.reader = ahead;
        Ok(Some(record))
    }
}

impl Iterator for KeytabRecords<'_> {
    type Item = Result<KeytabRecord, KeytabError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.read().transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}

pub(super) const VERSION_2: [u8; 2] = [5, 2];
