//! A keytab, record by record.

use super::format::{VERSION_1, VERSION_2};
use super::{KeytabEntry, KeytabFormat, KeytabFormatError};
use crate::bytes::{ByteOrder, ByteReader};

/// One record of a keytab file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeytabRecord {
    /// A key.
    Entry {
        /// Where the record's length stands.
        offset: usize,
        /// The record's length, without the four bytes that say it; it may exceed the entry's.
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

/// The records of a keytab file, in order.
///
/// A record that contradicts itself is an error in its place, and the next one is read: its length says where that is.
/// After a length that can't be right there are no more.
#[derive(Clone, Debug)]
pub struct KeytabRecords<'a> {
    reader: ByteReader<'a>,
    format: KeytabFormat,
    end: usize,
    ended: bool,
    is_cut_short: bool,
}

impl<'a> KeytabRecords<'a> {
    /// Reads the file's first two bytes.
    ///
    /// # Errors
    ///
    /// If it is no keytab.
    pub fn new(file: &'a [u8]) -> Result<Self, KeytabFormatError> {
        let mut reader = ByteReader::new(file);
        let version = reader
            .u16("version")
            .map_err(|_| KeytabFormatError::NoVersion { length: file.len() })?;
        let format = match version.to_be_bytes() {
            VERSION_1 => KeytabFormat::Version1(order_of(&reader)),
            VERSION_2 => KeytabFormat::Version2,
            _ => return Err(KeytabFormatError::Version { version }),
        };
        Ok(Self {
            end: reader.position(),
            reader: reader.with_order(format.byte_order()),
            format,
            ended: false,
            is_cut_short: false,
        })
    }

    /// Which version of the format the file is in.
    #[must_use]
    pub fn format(&self) -> KeytabFormat {
        self.format
    }

    /// Where the file's records end: at its end, at a record of length 0, or at what is too short for a record. The
    /// last one of format 1 may reach beyond the file's end.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Whether they ended at a length that can't be right, so that what is behind it is not known.
    pub(super) fn is_cut_short(&self) -> bool {
        self.is_cut_short
    }

    /// The next record, of which it is only known how long it is.
    fn read(&mut self) -> Result<Option<Framed<'a>>, KeytabFormatError> {
        let offset = self.reader.position();
        let mut ahead = self.reader.clone();
        let Ok(length) = ahead.i32("record's length") else {
            return Ok(None);
        };
        if length == 0 {
            return Ok(None);
        }
        if length == i32::MIN {
            return Err(KeytabFormatError::HoleLength { offset });
        }
        let size = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
        let (bytes, end) = if length < 0 {
            // MIT seeks past the file's end without noticing it.
            ahead.take(size.min(ahead.remaining()), "hole")?;
            (None, ahead.position())
        } else {
            let bytes = ahead.part(self.size_in_file(size, &ahead), "record")?;
            (Some(bytes), offset.saturating_add(4).saturating_add(size))
        };
        self.end = end;
        self.reader = ahead;
        Ok(Some(Framed {
            offset,
            length: size,
            bytes,
        }))
    }

    /// In format 1 MIT counts the four bytes of a name type that it does not write: the last record's are missing.
    fn size_in_file(&self, size: usize, reader: &ByteReader<'_>) -> usize {
        let missing = size.saturating_sub(reader.remaining());
        if self.format.counts_realm() && missing <= NAME_TYPE_LENGTH {
            size - missing
        } else {
            size
        }
    }
}

impl Iterator for KeytabRecords<'_> {
    type Item = Result<KeytabRecord, KeytabFormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let framed = self.read().transpose();
        self.ended = !matches!(framed, Some(Ok(_)));
        self.is_cut_short = matches!(framed, Some(Err(_)));
        Some(framed?.and_then(|framed| framed.decode(self.format)))
    }
}

/// A record that lies within its file.
struct Framed<'a> {
    offset: usize,
    length: usize,
    /// None of a hole.
    bytes: Option<ByteReader<'a>>,
}

impl Framed<'_> {
    fn decode(self, format: KeytabFormat) -> Result<KeytabRecord, KeytabFormatError> {
        let Self { offset, length, .. } = self;
        Ok(match self.bytes {
            None => KeytabRecord::Hole { offset, length },
            Some(mut bytes) => KeytabRecord::Entry {
                offset,
                length,
                entry: KeytabEntry::decode(&mut bytes, format)?,
            },
        })
    }
}

/// The order in which the first record fits into its file: this host's, unless only the other one will do. MIT tries
/// no other.
fn order_of(reader: &ByteReader<'_>) -> ByteOrder {
    let native = ByteOrder::NATIVE;
    if !first_record_fits(reader, native) && first_record_fits(reader, native.other()) {
        native.other()
    } else {
        native
    }
}

fn first_record_fits(reader: &ByteReader<'_>, order: ByteOrder) -> bool {
    let mut reader = reader.with_order(order);
    let length = reader.i32("record's length").map(i32::unsigned_abs);
    let room = reader.remaining().saturating_add(NAME_TYPE_LENGTH);
    length.is_ok_and(|length| usize::try_from(length).is_ok_and(|size| size <= room))
}

const NAME_TYPE_LENGTH: usize = 4;
