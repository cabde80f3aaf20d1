//! One principal <-> bytes.

use alloc::vec::Vec;

use orthros_asn1::NameType;

use super::{CacheFormat, CacheFormatError};
use crate::Principal;
use crate::bytes::{ByteReader, ByteWriter, TooLarge};

pub(super) fn put_principal(
    out: &mut ByteWriter,
    format: CacheFormat,
    principal: &Principal,
) -> Result<(), TooLarge> {
    let mut count = principal.components().len();
    if format.counts_realm() {
        count += 1;
    } else {
        out.i32(principal.name_type().0, "name type")?;
    }
    out.u32(count, "count of components")?;
    out.counted32(principal.realm(), "realm")?;
    for component in principal.components() {
        out.counted32(component, "principal's component")?;
    }
    Ok(())
}

pub(super) fn decode_principal(
    reader: &mut ByteReader<'_>,
    format: CacheFormat,
    field: &'static str,
) -> Result<Principal, CacheFormatError> {
    let (name_type, count) = head(reader, format, field)?;
    let realm = sized(reader, field)?;
    // The count sizes nothing: each component takes four bytes of the file or more.
    let mut components = Vec::new();
    for _ in 0..count {
        components.push(sized(reader, field)?);
    }
    Ok(Principal::new(realm, components).with_name_type(name_type))
}

/// Passes over a principal.
pub(super) fn skip_principal(
    reader: &mut ByteReader<'_>,
    format: CacheFormat,
    field: &'static str,
) -> Result<(), CacheFormatError> {
    let (_, count) = head(reader, format, field)?;
    sized(reader, field)?;
    for _ in 0..count {
        sized(reader, field)?;
    }
    Ok(())
}

/// The type of a principal's name, and how many components follow its realm.
fn head(
    reader: &mut ByteReader<'_>,
    format: CacheFormat,
    field: &'static str,
) -> Result<(NameType, u32), CacheFormatError> {
    if !format.counts_realm() {
        return Ok((NameType(reader.i32(field)?), reader.u32(field)?));
    }
    let offset = reader.position();
    let count = reader.u32(field)?.checked_sub(1);
    let count = count.ok_or(CacheFormatError::NoRealm { offset, field })?;
    Ok((NameType::UNKNOWN, count))
}

/// Bytes after their length. A length beyond the whole file's is no cut-off file but a broken one.
pub(super) fn sized<'a>(
    reader: &mut ByteReader<'a>,
    field: &'static str,
) -> Result<&'a [u8], CacheFormatError> {
    let offset = reader.position();
    let mut ahead = reader.clone();
    let length = ahead.u32(field)?;
    if usize::try_from(length).map_or(true, |length| length > reader.file_length()) {
        return Err(CacheFormatError::Length { offset, field });
    }
    Ok(reader.counted32(field)?)
}
