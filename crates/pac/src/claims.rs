//! `CLAIMS_SET_METADATA`: what a directory says of a user or a machine.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ndr::{NdrReader, Pointer};
use crate::{PacBufferError, PacBufferProblem};

/// Claims (`PAC_CLIENT_CLAIMS_INFO` and `PAC_DEVICE_CLAIMS_INFO`, \[MS-PAC\] sections 2.11 and 2.13; \[MS-ADTS\]
/// section 2.2.18).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claims {
    /// In the clear, as they are where they are short.
    Read(Vec<ClaimsArray>),
    /// Compressed, and not read here.
    Compressed {
        /// How.
        format: CompressionFormat,
        /// Bytes of the claims set when it is not compressed, as the sender says.
        uncompressed_size: u32,
        /// The compressed claims set.
        claims_set: Vec<u8>,
    },
}

/// How claims are compressed (`CLAIMS_COMPRESSION_FORMAT`, \[MS-ADTS\] section 2.2.18.4). Unknown ones survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompressionFormat(pub u16);

impl CompressionFormat {
    /// Not at all.
    pub const NONE: Self = Self(0);
    /// By LZNT1.
    pub const LZNT1: Self = Self(2);
    /// By plain LZ77 (\[MS-XCA\]).
    pub const XPRESS: Self = Self(3);
    /// By LZ77 and Huffman (\[MS-XCA\]), which is what Windows uses.
    pub const XPRESS_HUFF: Self = Self(4);
}

/// The claims of one source (`CLAIMS_ARRAY`, \[MS-ADTS\] section 2.2.18.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimsArray {
    /// Where they are from.
    pub source: ClaimSource,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// Where claims are from (`CLAIMS_SOURCE_TYPE`, \[MS-ADTS\] section 2.2.18.2). Unknown ones survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClaimSource(pub u16);

impl ClaimSource {
    /// The directory.
    pub const AD: Self = Self(1);
    /// A certificate.
    pub const CERTIFICATE: Self = Self(2);
}

/// One claim (`CLAIM_ENTRY`, \[MS-ADTS\] section 2.2.18.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What it is about, as `ad://ext/department:88d5d9085ea5c0c0`.
    pub id: String,
    /// What it says.
    pub values: ClaimValues,
}

/// The values of a claim, all of one type (`CLAIM_TYPE`, \[MS-ADTS\] section 2.2.18.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimValues {
    /// Signed numbers.
    Int64(Vec<i64>),
    /// Unsigned numbers.
    UInt64(Vec<u64>),
    /// Texts.
    String(Vec<String>),
    /// Truths; everything but 0 is true.
    Boolean(Vec<bool>),
}

type Result<T> = core::result::Result<T, PacBufferError>;

impl Claims {
    /// Reads the buffer.
    ///
    /// # Errors
    ///
    /// What is malformed in it, or in the claims set within, whose offsets are its own.
    pub fn decode(buffer: &[u8]) -> Result<Self> {
        let reader = &mut NdrReader::open(buffer)?;
        let size = reader.u32("ulClaimsSetSize")?;
        let set = reader.pointer("ClaimsSet")?;
        let format = CompressionFormat(reader.u16("usCompressionFormat")?);
        let uncompressed_size = reader.u32("ulUncompressedClaimsSetSize")?;
        reader.u16("usReservedType")?;
        reader.u32("ulReservedFieldSize")?;
        reader.pointer("ReservedField")?;
        set.required(reader, "ClaimsSet")?;
        let length = reader.count(size, 1, "ClaimsSet")?;
        let claims_set = reader.take(length, "ClaimsSet")?;
        if format == CompressionFormat::NONE {
            return read_set(claims_set).map(Self::Read);
        }
        Ok(Self::Compressed {
            format,
            uncompressed_size,
            claims_set: claims_set.to_owned(),
        })
    }
}

/// `CLAIMS_SET`, a serialized value of its own.
fn read_set(claims_set: &[u8]) -> Result<Vec<ClaimsArray>> {
    let reader = &mut NdrReader::open(claims_set)?;
    let count = reader.u32("ulClaimsArrayCount")?;
    let arrays = reader.pointer("ClaimsArrays")?;
    reader.u16("usReservedType")?;
    reader.u32("ulReservedFieldSize")?;
    reader.pointer("ReservedField")?;
    let arrays = reader.array(arrays, count, 12, "ClaimsArrays", |reader| {
        let source = ClaimSource(reader.u16("usClaimsSourceType")?);
        let count = reader.u32("ulClaimsCount")?;
        Ok((source, count, reader.pointer("ClaimEntries")?))
    })?;
    let mut sets = Vec::with_capacity(arrays.len());
    for (source, count, entries) in arrays {
        let claims = read_claims(reader, entries, count)?;
        sets.push(ClaimsArray { source, claims });
    }
    Ok(sets)
}

/// An array of `CLAIM_ENTRY`: of each the identifier, the type, and of its values the type again, their number and a
/// pointer.
fn read_claims(reader: &mut NdrReader<'_>, entries: Pointer, count: u32) -> Result<Vec<Claim>> {
    let entries = reader.array(entries, count, 16, "ClaimEntries", |reader| {
        reader.pointer("Id")?.required(reader, "Id")?;
        let claim_type = reader.u16("Type")?;
        if reader.u16("Values")? != claim_type {
            return reader.fault("Values", PacBufferProblem::Value);
        }
        let count = reader.u32("ValueCount")?;
        reader.pointer("Values")?.required(reader, "Values")?;
        Ok((claim_type, count))
    })?;
    let mut claims = Vec::with_capacity(entries.len());
    for (claim_type, count) in entries {
        claims.push(Claim {
            id: reader.terminated_string("Id")?,
            values: ClaimValues::read(reader, claim_type, count)?,
        });
    }
    Ok(claims)
}

impl ClaimValues {
    fn read(reader: &mut NdrReader<'_>, claim_type: u16, expected: u32) -> Result<Self> {
        const FIELD: &str = "Values";
        let element = if claim_type == STRING { 4 } else { 8 };
        let count = reader.count(expected, element, FIELD)?;
        let numbers = |reader: &mut NdrReader<'_>| -> Result<Vec<u64>> {
            (0..count).map(|_| reader.hyper(FIELD)).collect()
        };
        Ok(match claim_type {
            INT64 => {
                let numbers = numbers(reader)?.into_iter();
                Self::Int64(numbers.map(u64::cast_signed).collect())
            }
            UINT64 => Self::UInt64(numbers(reader)?),
            BOOLEAN => {
                let numbers = numbers(reader)?.into_iter();
                Self::Boolean(numbers.map(|number| number != 0).collect())
            }
            STRING => {
                for _ in 0..count {
                    reader.pointer(FIELD)?.required(reader, FIELD)?;
                }
                let texts = (0..count).map(|_| reader.terminated_string(FIELD));
                Self::String(texts.collect::<Result<_>>()?)
            }
            _ => return reader.fault("Type", PacBufferProblem::Value),
        })
    }
}

const INT64: u16 = 1;
const UINT64: u16 = 2;
const STRING: u16 = 3;
const BOOLEAN: u16 = 6;
