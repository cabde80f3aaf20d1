//! A principal as a record of a file.
//!
//! ```text
//! record    ::= version (u8: 1), principal, principals (aliases), keys, flags (u32)
//!               time (valid from), time (expiry), time (password's expiry)
//!               life (longest), life (longest renewable), principals (delegation targets)
//! principal ::= octets (realm), name type (i32), count (u32), octets (component)*
//! keys      ::= count (u32), (kvno (u32), enctype (i32), octets, optional octets (salt), optional octets (s2kparams))*
//! time      ::= 0 (u8) | 1 (u8), seconds (i64), microseconds (u32)      life ::= 0 (u8) | 1 (u8), seconds (i64)
//! octets    ::= length (u32), octets                                    optional octets ::= 0 (u8) | 1 (u8), octets
//! ```
//!
//! Integers are big-endian; `principals` is a count (u32) and so many of them.

use std::prelude::rust_2024::*;

use orthros_asn1::NameType;
use orthros_crypto::{Enctype, Key, SecretVec};
use orthros_types::{Duration, Principal, Timestamp};

use crate::{PrincipalEntry, PrincipalFlags, PrincipalKey};

/// What is wrong with a record of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It was written by a later version.
    #[error("the record has version {version}, only version 1 is supported")]
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

/// The record of a principal. It has keys in it.
pub(super) fn encode(entry: &PrincipalEntry) -> Result<SecretVec, RecordError> {
    let mut counter = Counter(0);
    write(entry, &mut counter)?;
    // Allocated once: growing would leave copies of keys behind.
    let mut filler = Filler {
        octets: SecretVec::zeroed(counter.0),
        at: 0,
    };
    write(entry, &mut filler)?;
    Ok(filler.octets)
}

/// Reads a record.
pub(super) fn decode(record: &[u8]) -> Result<PrincipalEntry, RecordError> {
    let mut reader = Reader { record, at: 0 };
    let [version] = reader.array("version")?;
    if version != VERSION {
        return Err(RecordError::Version { version });
    }
    let principal = reader.principal()?;
    let aliases = reader.principals("aliases")?;
    let keys = reader.many("keys", Reader::key)?;
    let flags = reader.u32("flags")?;
    let flags = PrincipalFlags::from_bits(flags).ok_or(reader.malformed("flags"))?;
    let entry = PrincipalEntry {
        principal,
        aliases,
        keys,
        flags,
        valid_from: reader.time("begin")?,
        expiry: reader.time("expiry")?,
        password_expiry: reader.time("password's expiry")?,
        max_life: reader.life("longest life")?,
        max_renewable_life: reader.life("longest renewable life")?,
        delegation_targets: reader.principals("delegation targets")?,
    };
    if reader.at < record.len() {
        return Err(RecordError::Trailing { offset: reader.at });
    }
    Ok(entry)
}

/// What a record is written to.
trait Sink {
    fn put(&mut self, octets: &[u8]);
}

/// How long it will be.
struct Counter(usize);

impl Sink for Counter {
    fn put(&mut self, octets: &[u8]) {
        self.0 = self.0.saturating_add(octets.len());
    }
}

/// A buffer of the length that was counted.
struct Filler {
    octets: SecretVec,
    at: usize,
}

impl Sink for Filler {
    fn put(&mut self, octets: &[u8]) {
        let places = self.octets.get_mut(self.at..).unwrap_or_default();
        for (place, octet) in places.iter_mut().zip(octets) {
            *place = *octet;
        }
        self.at = self.at.saturating_add(octets.len());
    }
}

fn write(entry: &PrincipalEntry, out: &mut impl Sink) -> Result<(), RecordError> {
    out.put(&[VERSION]);
    put_principal(&entry.principal, out)?;
    put_principals(&entry.aliases, out)?;
    put_count(entry.keys.len(), "list of keys", out)?;
    for key in &entry.keys {
        out.put(&key.kvno.to_be_bytes());
        out.put(&key.key.enctype().number().to_be_bytes());
        put_octets(key.key.octets(), out)?;
        for optional in [&key.salt, &key.s2kparams] {
            out.put(&[optional.is_some().into()]);
            if let Some(octets) = optional {
                put_octets(octets, out)?;
            }
        }
    }
    out.put(&entry.flags.bits().to_be_bytes());
    for time in [entry.valid_from, entry.expiry, entry.password_expiry] {
        out.put(&[time.is_some().into()]);
        if let Some(time) = time {
            out.put(&time.seconds().to_be_bytes());
            out.put(&time.microseconds().to_be_bytes());
        }
    }
    for life in [entry.max_life, entry.max_renewable_life] {
        out.put(&[life.is_some().into()]);
        if let Some(life) = life {
            out.put(&life.seconds().to_be_bytes());
        }
    }
    put_principals(&entry.delegation_targets, out)
}

fn put_principals(principals: &[Principal], out: &mut impl Sink) -> Result<(), RecordError> {
    put_count(principals.len(), "list of principals", out)?;
    principals
        .iter()
        .try_for_each(|principal| put_principal(principal, out))
}

fn put_principal(principal: &Principal, out: &mut impl Sink) -> Result<(), RecordError> {
    put_octets(principal.realm(), out)?;
    out.put(&principal.name_type().0.to_be_bytes());
    put_count(principal.components().len(), "list of components", out)?;
    let mut components = principal.components().iter();
    components.try_for_each(|component| put_octets(component, out))
}

fn put_octets(octets: &[u8], out: &mut impl Sink) -> Result<(), RecordError> {
    put_count(octets.len(), "string of octets", out)?;
    out.put(octets);
    Ok(())
}

fn put_count(count: usize, what: &'static str, out: &mut impl Sink) -> Result<(), RecordError> {
    let count = u32::try_from(count).map_err(|_| RecordError::TooLong(what))?;
    out.put(&count.to_be_bytes());
    Ok(())
}

struct Reader<'a> {
    record: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn malformed(&self, field: &'static str) -> RecordError {
        RecordError::Malformed {
            field,
            offset: self.at,
        }
    }

    fn take(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], RecordError> {
        let end = self.at.saturating_add(length);
        let taken = self.record.get(self.at..end);
        let taken = taken.ok_or(self.malformed(field))?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], RecordError> {
        let error = self.malformed(field);
        self.take(N, field)?.try_into().map_err(|_| error)
    }

    fn u32(&mut self, field: &'static str) -> Result<u32, RecordError> {
        Ok(u32::from_be_bytes(self.array(field)?))
    }

    fn i32(&mut self, field: &'static str) -> Result<i32, RecordError> {
        Ok(i32::from_be_bytes(self.array(field)?))
    }

    fn i64(&mut self, field: &'static str) -> Result<i64, RecordError> {
        Ok(i64::from_be_bytes(self.array(field)?))
    }

    fn octets(&mut self, field: &'static str) -> Result<&'a [u8], RecordError> {
        let error = self.malformed(field);
        let length = usize::try_from(self.u32(field)?).map_err(|_| error)?;
        self.take(length, field)
    }

    /// So many of something. Each takes octets of the record, so that the count sizes nothing.
    fn many<T>(
        &mut self,
        field: &'static str,
        mut one: impl FnMut(&mut Self) -> Result<T, RecordError>,
    ) -> Result<Vec<T>, RecordError> {
        let count = self.u32(field)?;
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(one(self)?);
        }
        Ok(all)
    }

    /// What may be absent.
    fn optional<T>(
        &mut self,
        field: &'static str,
        present: impl FnOnce(&mut Self) -> Result<T, RecordError>,
    ) -> Result<Option<T>, RecordError> {
        let error = self.malformed(field);
        match self.array(field)? {
            [0] => Ok(None),
            [1] => present(self).map(Some),
            [_] => Err(error),
        }
    }

    fn principals(&mut self, field: &'static str) -> Result<Vec<Principal>, RecordError> {
        self.many(field, Self::principal)
    }

    fn principal(&mut self) -> Result<Principal, RecordError> {
        let realm = self.octets("realm")?;
        let name_type = NameType(self.i32("name type")?);
        let components = self.many("components", |reader| reader.octets("component"))?;
        Ok(Principal::new(realm, components).with_name_type(name_type))
    }

    fn key(&mut self) -> Result<PrincipalKey, RecordError> {
        let kvno = self.u32("kvno")?;
        let number = self.i32("enctype")?;
        let octets = self.octets("key")?;
        let key = Enctype::from_number(number).and_then(|enctype| Key::new(enctype, octets).ok());
        let owned = |reader: &mut Self, field| reader.octets(field).map(<[u8]>::to_vec);
        Ok(PrincipalKey {
            kvno,
            key: key.ok_or(RecordError::Key { number })?,
            salt: self.optional("salt", |reader| owned(reader, "salt"))?,
            s2kparams: self.optional("s2kparams", |reader| owned(reader, "s2kparams"))?,
        })
    }

    fn time(&mut self, field: &'static str) -> Result<Option<Timestamp>, RecordError> {
        self.optional(field, |reader| {
            let error = reader.malformed(field);
            let seconds = reader.i64(field)?;
            let microseconds = reader.u32(field)?;
            Timestamp::new(seconds, microseconds).ok_or(error)
        })
    }

    fn life(&mut self, field: &'static str) -> Result<Option<Duration>, RecordError> {
        self.optional(field, |reader| {
            Ok(Duration::from_seconds(reader.i64(field)?))
        })
    }
}

/// Of the format above.
const VERSION: u8 = 1;

#[cfg(test)]
mod tests;
