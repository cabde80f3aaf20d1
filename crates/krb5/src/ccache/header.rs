//! What a cache file begins with: version, tags, default principal.

use alloc::vec::Vec;

use super::credential::{decode_principal, put_principal};
use super::{CacheError, EncodeCacheError};
use crate::octets::{OctetReader, put, put_counted16};
use crate::{Duration, Principal, Timestamp};

/// The beginning of a cache file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Tagged fields, in order.
    pub tags: Vec<HeaderTag>,
    /// Whose cache it is.
    pub default_principal: Principal,
}

/// A tagged field of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderTag {
    /// How far the KDC's clock is from ours.
    KdcOffset(KdcOffset),
    /// A field that nobody has told us about; it is kept.
    Other {
        /// Its number.
        number: u16,
        /// Its octets.
        octets: Vec<u8>,
    },
}

/// The KDC's clock less ours, as it was when the cache was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KdcOffset {
    /// Whole seconds.
    pub seconds: i32,
    /// Microseconds beside them.
    pub microseconds: i32,
}

impl KdcOffset {
    /// What the KDC's clock shows when ours shows `now`; whole seconds are corrected, which is what a skew is measured in.
    #[must_use]
    pub fn apply(self, now: Timestamp) -> Timestamp {
        now.saturating_add(Duration::from_seconds(self.seconds.into()))
    }
}

impl Header {
    /// A header as MIT writes it: with the KDC's offset where that is known.
    #[must_use]
    pub fn new(default_principal: Principal, kdc_offset: Option<KdcOffset>) -> Self {
        Self {
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

    /// The octets that begin a file; a cache of no credentials is these alone.
    ///
    /// # Errors
    ///
    /// If something in it is too large for the format.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeCacheError> {
        let mut tags = Vec::new();
        for tag in &self.tags {
            match tag {
                HeaderTag::KdcOffset(offset) => {
                    tags.extend(KDC_OFFSET.to_be_bytes());
                    tags.extend(KDC_OFFSET_LENGTH.to_be_bytes());
                    tags.extend(offset.seconds.to_be_bytes());
                    tags.extend(offset.microseconds.to_be_bytes());
                }
                HeaderTag::Other { number, octets } => {
                    put(&mut tags, *number, u16::to_be_bytes, "tag")?;
                    put_counted16(&mut tags, octets, "tag")?;
                }
            }
        }
        let mut out = VERSION_4.to_vec();
        put_counted16(&mut out, &tags, "header")?;
        put_principal(&mut out, &self.default_principal)?;
        Ok(out)
    }

    pub(super) fn decode(reader: &mut OctetReader<'_>) -> Result<Self, CacheError> {
        let length = reader.remaining();
        let version = reader
            .u16("version")
            .map_err(|_| CacheError::NoVersion { length })?;
        if version.to_be_bytes() != VERSION_4 {
            return Err(CacheError::Version { version });
        }
        let length = reader.u16("header length")?;
        let mut fields = reader.part(length.into(), "header")?;
        let mut tags = Vec::new();
        while fields.remaining() > 0 {
            tags.push(decode_tag(&mut fields)?);
        }
        Ok(Self {
            tags,
            default_principal: decode_principal(reader, "default principal")?,
        })
    }
}

fn decode_tag(fields: &mut OctetReader<'_>) -> Result<HeaderTag, CacheError> {
    let misfit = |offset, field| CacheError::Header { offset, field };
    let start = fields.position();
    let number = fields
        .u16("tag")
        .map_err(|error| misfit(error.offset, error.field))?;
    let octets = fields
        .counted16("tag")
        .map_err(|error| misfit(error.offset, error.field))?;
    if number != KDC_OFFSET {
        return Ok(HeaderTag::Other {
            number,
            octets: octets.to_vec(),
        });
    }
    let Some((seconds, microseconds)) = octets
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

const VERSION_4: [u8; 2] = [5, 4];
const KDC_OFFSET: u16 = 1;
const KDC_OFFSET_LENGTH: u16 = 8;
