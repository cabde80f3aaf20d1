//! A principal as a record of a file.
//!
//! ```text
//! record    ::= version (u8: 1 or 2), principal, principals (aliases), keys, flags (u32)
//!               time (valid from), time (expiry), time (password's expiry)
//!               life (longest), life (longest renewable), principals (delegation targets)
//!               in version 2: principals (delegation sources)
//! principal ::= bytes (realm), name type (i32), count (u32), bytes (component)*
//! keys      ::= count (u32), (kvno (u32), enctype (i32), bytes, optional bytes (salt), optional bytes (s2kparams))*
//! time      ::= 0 (u8) | 1 (u8), seconds (i64), microseconds (u32)      life ::= 0 (u8) | 1 (u8), seconds (i64)
//! bytes     ::= length (u32), bytes                                     optional bytes ::= 0 (u8) | 1 (u8), bytes
//! ```
//!
//! Integers are big-endian; `principals` is a count (u32) and that many of them. A principal without delegation
//! sources is written in version 1, which earlier programs read, too.

use std::prelude::rust_2024::*;

use orthros_asn1::NameType;
use orthros_crypto::{Enctype, Key, SecretVec};
use orthros_types::bytes::{ByteOrder, ByteReader, ByteWriter, TooLarge, Truncated};
use orthros_types::{Duration, Principal, Timestamp};

use crate::{PrincipalEntry, PrincipalFlags, PrincipalKey};

/// What is wrong with a record of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It was written by a later version.
    #[error("the record has version {version}, the last one that is supported is {VERSION}")]
    Version {
        /// Its version.
        version: u8,
    },
    /// It ends too early, or says what can't be.
    #[error("the {field} at offset {offset} is cut off or impossible")]
    Malformed {
        /// Which part.
        field: &'static str,
        /// Where it begins.
        offset: usize,
    },
    /// Something follows it.
    #[error("something follows the record at offset {offset}")]
    Trailing {
        /// Where.
        offset: usize,
    },
    /// A key of an enctype that is not supported.
    #[error("a key has enctype {number}, which is not supported, or the wrong length")]
    Key {
        /// The enctype's number.
        number: i32,
    },
    /// A part that has no room in a record.
    #[error("a {0} is longer than 4 GiB")]
    TooLong(&'static str),
}

impl From<Truncated> for RecordError {
    fn from(Truncated { offset, field }: Truncated) -> Self {
        Self::Malformed { field, offset }
    }
}

impl From<TooLarge> for RecordError {
    fn from(TooLarge(field): TooLarge) -> Self {
        Self::TooLong(field)
    }
}

/// The record of a principal. It has keys in it.
pub(super) fn encode(entry: &PrincipalEntry) -> Result<SecretVec, RecordError> {
    let mut writer = ByteWriter::with_capacity(longest(entry), ByteOrder::BigEndian);
    let has_sources = !entry.delegation_sources.is_empty();
    writer.u8(if has_sources { VERSION } else { 1 });
    put_principal(&entry.principal, &mut writer)?;
    put_principals(&entry.aliases, &mut writer)?;
    writer.u32(entry.keys.len(), "list of keys")?;
    for key in &entry.keys {
        put_key(key, &mut writer)?;
    }
    writer.u32(entry.flags.bits(), "set of flags")?;
    for time in [entry.valid_from, entry.expiry, entry.password_expiry] {
        writer.u8(time.is_some().into());
        if let Some(time) = time {
            writer.bytes(&time.seconds().to_be_bytes());
            writer.bytes(&time.microseconds().to_be_bytes());
        }
    }
    for life in [entry.max_life, entry.max_renewable_life] {
        writer.u8(life.is_some().into());
        if let Some(life) = life {
            writer.bytes(&life.seconds().to_be_bytes());
        }
    }
    put_principals(&entry.delegation_targets, &mut writer)?;
    if has_sources {
        put_principals(&entry.delegation_sources, &mut writer)?;
    }
    Ok(writer.finish())
}

/// Reads a record.
pub(super) fn decode(record: &[u8]) -> Result<PrincipalEntry, RecordError> {
    let mut reader = ByteReader::new(record);
    let version = reader.u8("version")?;
    if !(1..=VERSION).contains(&version) {
        return Err(RecordError::Version { version });
    }
    let principal = principal(&mut reader)?;
    let aliases = principals(&mut reader, "aliases")?;
    let keys = many(&mut reader, "keys", key)?;
    let malformed_flags = malformed(&reader, "flags");
    let flags = reader.u32("flags")?;
    let entry = PrincipalEntry {
        principal,
        aliases,
        keys,
        flags: PrincipalFlags::from_bits(flags).ok_or(malformed_flags)?,
        valid_from: time(&mut reader, "begin")?,
        expiry: time(&mut reader, "expiry")?,
        password_expiry: time(&mut reader, "password's expiry")?,
        max_life: life(&mut reader, "longest life")?,
        max_renewable_life: life(&mut reader, "longest renewable life")?,
        delegation_targets: principals(&mut reader, "delegation targets")?,
        delegation_sources: if version < 2 {
            Vec::new()
        } else {
            principals(&mut reader, "delegation sources")?
        },
    };
    if reader.remaining() > 0 {
        let offset = reader.position();
        return Err(RecordError::Trailing { offset });
    }
    Ok(entry)
}

/// Bytes that the record has at most: as they are allocated at once, growing leaves no copies of keys behind.
fn longest(entry: &PrincipalEntry) -> usize {
    let lists = [
        &entry.aliases,
        &entry.delegation_targets,
        &entry.delegation_sources,
    ];
    let names = lists.into_iter().flatten().chain([&entry.principal]);
    let names = names.flat_map(|name| {
        let components = name.components().iter().map(Vec::len);
        components.chain([name.realm().len(), NUMBERS])
    });
    let keys = entry.keys.iter().flat_map(|key| {
        let optional = [&key.salt, &key.s2kparams].map(|part| part.as_ref().map_or(0, Vec::len));
        optional
            .into_iter()
            .chain([key.key.as_bytes().len(), NUMBERS])
    });
    // Each component has a length besides.
    let components = lists.into_iter().flatten().chain([&entry.principal]);
    let components = components.map(|name| name.components().len().saturating_mul(4));
    let all = names.chain(keys).chain(components);
    all.fold(FIXED, usize::saturating_add)
}

fn put_key(key: &PrincipalKey, writer: &mut ByteWriter) -> Result<(), TooLarge> {
    writer.u32(key.kvno, "kvno")?;
    writer.i32(key.key.enctype().number(), "enctype")?;
    writer.counted32(key.key.as_bytes(), "string of octets")?;
    for optional in [&key.salt, &key.s2kparams] {
        writer.u8(optional.is_some().into());
        if let Some(bytes) = optional {
            writer.counted32(bytes, "string of octets")?;
        }
    }
    Ok(())
}

fn put_principals(principals: &[Principal], writer: &mut ByteWriter) -> Result<(), TooLarge> {
    writer.u32(principals.len(), "list of principals")?;
    let mut principals = principals.iter();
    principals.try_for_each(|principal| put_principal(principal, writer))
}

fn put_principal(principal: &Principal, writer: &mut ByteWriter) -> Result<(), TooLarge> {
    writer.counted32(principal.realm(), "string of octets")?;
    writer.i32(principal.name_type().0, "name type")?;
    writer.u32(principal.components().len(), "list of components")?;
    let mut components = principal.components().iter();
    components.try_for_each(|component| writer.counted32(component, "string of octets"))
}

/// The error for a field at this place with a value that it can't have.
fn malformed(reader: &ByteReader<'_>, field: &'static str) -> RecordError {
    RecordError::Malformed {
        field,
        offset: reader.position(),
    }
}

/// A count and that many items. The count allocates nothing: each item takes bytes of the record, and ends with it.
fn many<'a, T>(
    reader: &mut ByteReader<'a>,
    field: &'static str,
    mut item: impl FnMut(&mut ByteReader<'a>) -> Result<T, RecordError>,
) -> Result<Vec<T>, RecordError> {
    let count = reader.u32(field)?;
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(item(reader)?);
    }
    Ok(all)
}

/// A field that may be absent: a byte says whether it is there.
fn optional<'a, T>(
    reader: &mut ByteReader<'a>,
    field: &'static str,
    present: impl FnOnce(&mut ByteReader<'a>) -> Result<T, RecordError>,
) -> Result<Option<T>, RecordError> {
    let error = malformed(reader, field);
    match reader.u8(field)? {
        0 => Ok(None),
        1 => present(reader).map(Some),
        _ => Err(error),
    }
}

fn principals(
    reader: &mut ByteReader<'_>,
    field: &'static str,
) -> Result<Vec<Principal>, RecordError> {
    many(reader, field, principal)
}

fn principal(reader: &mut ByteReader<'_>) -> Result<Principal, RecordError> {
    let realm = reader.counted32("realm")?;
    let name_type = NameType(reader.i32("name type")?);
    let components = many(reader, "components", |reader| {
        Ok(reader.counted32("component")?)
    })?;
    Ok(Principal::new(realm, components).with_name_type(name_type))
}

fn key(reader: &mut ByteReader<'_>) -> Result<PrincipalKey, RecordError> {
    let kvno = reader.u32("kvno")?;
    let number = reader.i32("enctype")?;
    let bytes = reader.counted32("key")?;
    let key = Enctype::from_number(number).and_then(|enctype| Key::new(enctype, bytes).ok());
    Ok(PrincipalKey {
        kvno,
        key: key.ok_or(RecordError::Key { number })?,
        salt: optional(reader, "salt", |reader| {
            Ok(reader.counted32("salt")?.to_vec())
        })?,
        s2kparams: optional(reader, "s2kparams", |reader| {
            Ok(reader.counted32("s2kparams")?.to_vec())
        })?,
    })
}

fn time(
    reader: &mut ByteReader<'_>,
    field: &'static str,
) -> Result<Option<Timestamp>, RecordError> {
    optional(reader, field, |reader| {
        let error = malformed(reader, field);
        let seconds = reader.u64(field)?.cast_signed();
        let microseconds = reader.u32(field)?;
        Timestamp::new(seconds, microseconds).ok_or(error)
    })
}

fn life(reader: &mut ByteReader<'_>, field: &'static str) -> Result<Option<Duration>, RecordError> {
    optional(reader, field, |reader| {
        let seconds = reader.u64(field)?.cast_signed();
        Ok(Duration::from_seconds(seconds))
    })
}

/// The newest of the format above.
const VERSION: u8 = 2;

/// Bytes of the numbers of one principal, or of one key, at most; without the lengths of components.
const NUMBERS: usize = 24;
/// Bytes of what stands once: version, counts of lists, flags, times and lives.
const FIXED: usize = 96;

#[cfg(test)]
mod tests;
