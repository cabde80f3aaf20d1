//! What a cache file begins with: version, tags, default principal.

use alloc::vec::Vec;

use super::principal::{decode_principal, put_principal};
use super::{CacheFormat, CacheFormatError, EncodeCacheError};
use crate::bytes::{ByteOrder, ByteReader, ByteWriter, TooLarge};
use crate::{Duration, Principal, Timestamp};

/// The beginning of a cache file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// In which version the whole file is.
    pub format: CacheFormat,
    /// Tagged fields, in order. Versions before 4 have none.
    pub tags: Vec<HeaderTag>,
    /// Whose cache it is.
    pub default_principal: Principal,
}

/// A tagged field of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderTag {
    /// How far the KDC's clock is from ours.
    KdcOffset(KdcOffset),
    /// A field that is not known here; it is kept.
    Other {
        /// Its number.
        number: u16,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// The KDC's clock less ours, as it was when the cache was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KdcOffset {
    /// Whole seconds.
    pub seconds: i32,
    /// Microseconds to add to them.
    pub microseconds: i32,
}

impl KdcOffset {
    /// What the KDC's clock shows when ours shows `now`; whole seconds are corrected, which is what a skew is measured
    /// in.
    #[must_use]
    pub fn apply(self, now: Timestamp) -> Timestamp {
        now.saturating_add(Duration::from_seconds(self.seconds.into()))
    }
}

impl Header {
    /// A header as MIT writes it: of version 4, with the KDC's offset where that is known.
    #[must_use]
    pub fn new(default_principal: Principal, kdc_offset: Option<KdcOffset>) -> Self {
        Self {
            format: CacheFormat::default(),
            tags: kdc_offset.map(HeaderTag::KdcOffset).into_iter().collect(),
            default_principal,
        }
    }

    /// The KDC's offset, if it is noted.
    #[must_use]
    pub fn kdc_offset(&self) -> Option<KdcOffset> {
        self.tags.iter().find_map(|tag| match tag {
            HeaderTag::KdcOffset(offset) => Some(*offset),
            HeaderTag::Other { .. } => None,
        })
    }

    /// The bytes that begin a file; a cache of no credentials is these alone. A version before 4 has no room for tags,
    /// and goes without.
    ///
    /// # Errors
    ///
    /// If something in it is too large for the format.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeCacheError> {
        let mut out = ByteWriter::with_capacity(0, self.format.byte_order());
        out.bytes(&[FIRST_OCTET, self.format.version()]);
        if self.format.has_tags() {
            let mut tags = ByteWriter::with_capacity(0, ByteOrder::BigEndian);
            for tag in &self.tags {
                put_tag(&mut tags, tag)?;
            }
            out.counted16(&tags.finish(), "header")?;
        }
        put_principal(&mut out, self.format, &self.default_principal)?;
        Ok(out.finish().to_vec())
    }

    /// Reads a header. After it the reader is in the byte order of the file.
    pub(super) fn decode(reader: &mut ByteReader<'_>) -> Result<Self, CacheFormatError> {
        let length = reader.remaining();
        let version = reader
            .u16("version")
            .map_err(|_| CacheFormatError::NoVersion { length })?;
        let [FIRST_OCTET, number] = version.to_be_bytes() else {
            return Err(CacheFormatError::Version { version });
        };
        match number {
            1 => Self::decode_in_some_order(reader, CacheFormat::Version1),
            2 => Self::decode_in_some_order(reader, CacheFormat::Version2),
            3 => Self::decode_principal(reader, CacheFormat::Version3, Vec::new()),
            4 => {
                let tags = decode_tags(reader)?;
                Self::decode_principal(reader, CacheFormat::Version4, tags)
            }
            _ => Err(CacheFormatError::Version { version }),
        }
    }

    /// The order in which the first principal makes sense is the file's: in the other one its lengths are beyond the
    /// file's. MIT tries none but its own host's.
    fn decode_in_some_order(
        reader: &mut ByteReader<'_>,
        format: fn(ByteOrder) -> CacheFormat,
    ) -> Result<Self, CacheFormatError> {
        let mut other = reader.with_order(ByteOrder::NATIVE.other());
        *reader = reader.with_order(ByteOrder::NATIVE);
        Self::decode_principal(reader, format(ByteOrder::NATIVE), Vec::new()).or_else(|error| {
            let format = format(ByteOrder::NATIVE.other());
            let header =
                Self::decode_principal(&mut other, format, Vec::new()).map_err(|_| error)?;
            *reader = other;
            Ok(header)
        })
    }

    fn decode_principal(
        reader: &mut ByteReader<'_>,
        format: CacheFormat,
        tags: Vec<HeaderTag>,
    ) -> Result<Self, CacheFormatError> {
        Ok(Self {
            format,
            tags,
            default_principal: decode_principal(reader, format, "default principal")?,
        })
    }
}

fn put_tag(out: &mut ByteWriter, tag: &HeaderTag) -> Result<(), TooLarge> {
    match tag {
        HeaderTag::KdcOffset(offset) => {
            out.u16(KDC_OFFSET, "tag")?;
            out.u16(KDC_OFFSET_LENGTH, "tag")?;
            out.i32(offset.seconds, "KDC offset")?;
            out.i32(offset.microseconds, "KDC offset")
        }
        HeaderTag::Other { number, bytes } => {
            out.u16(*number, "tag")?;
            out.counted16(bytes, "tag")
        }
    }
}

fn decode_tags(reader: &mut ByteReader<'_>) -> Result<Vec<HeaderTag>, CacheFormatError> {
    let length = reader.u16("header length")?;
    let mut fields = reader.part(length.into(), "header")?;
    let mut tags = Vec::new();
    while fields.remaining() > 0 {
        tags.push(decode_tag(&mut fields)?);
    }
    Ok(tags)
}

fn decode_tag(fields: &mut ByteReader<'_>) -> Result<HeaderTag, CacheFormatError> {
    let misfit = |offset, field| CacheFormatError::Header { offset, field };
    let start = fields.position();
    let number = fields
        .u16("tag")
        .map_err(|error| misfit(error.offset, error.field))?;
    let bytes = fields
        .counted16("tag")
        .map_err(|error| misfit(error.offset, error.field))?;
    if number != KDC_OFFSET {
        return Ok(HeaderTag::Other {
            number,
            bytes: bytes.to_vec(),
        });
    }
    let Some((seconds, microseconds)) = bytes
        .split_first_chunk()
        .and_then(|(seconds, rest)| Some((seconds, rest.try_into().ok()?)))
    else {
        return Err(misfit(start, "KDC offset"));
    };
    Ok(HeaderTag::KdcOffset(KdcOffset {
        seconds: i32::from_be_bytes(*seconds),
        microseconds: i32::from_be_bytes(microseconds),
    }))
}

/// Of every version.
const FIRST_OCTET: u8 = 5;
const KDC_OFFSET: u16 = 1;
const KDC_OFFSET_LENGTH: u16 = 8;
