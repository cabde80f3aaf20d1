//! Which key of a keytab serves, by MIT's rules.

use alloc::vec::Vec;
use core::fmt;

use orthros_asn1::EncryptionType;

use super::{Keytab, KeytabEntry, KeytabFormatError};
use crate::{EnctypeName, MinorStatus, Principal};

impl Keytab {
    /// A principal's key of this version and enctype, where those are given.
    ///
    /// With `kvno` the entry of exactly that version wins; else the first whose version is its low eight bits, as old
    /// writers kept no more of it. Without `kvno` the newest wins: the one of the highest version, unless versions
    /// have wrapped around (one below 128 that is not older than one above 240 is newer). A version of 0, on either
    /// side, stands for any.
    ///
    /// # Errors
    ///
    /// Which key was looked for and what is there instead.
    pub fn find(
        &self,
        principal: &Principal,
        kvno: Option<u32>,
        enctype: Option<EncryptionType>,
    ) -> Result<&KeytabEntry, KeyNotFound> {
        let wanted = kvno.filter(|kvno| *kvno != ANY_KVNO);
        let mut best: Option<&KeytabEntry> = None;
        for entry in self.entries_of(principal) {
            if enctype.is_some_and(|enctype| enctype != entry.key.enctype()) {
                continue;
            }
            match wanted {
                Some(wanted) if entry.kvno == wanted => return Ok(entry),
                Some(wanted) if entry.kvno != ANY_KVNO => {
                    if entry.kvno == wanted & 0xFF && best.is_none() {
                        best = Some(entry);
                    }
                }
                _ => {
                    if best.is_none_or(|best| is_newer(entry, best)) {
                        best = Some(entry);
                    }
                }
            }
        }
        best.ok_or_else(|| self.not_found(principal, kvno, enctype))
    }

    /// All keys of a principal, in the order of the file.
    pub fn entries_of(&self, principal: &Principal) -> impl Iterator<Item = &KeytabEntry> {
        self.entries()
            .iter()
            .filter(move |entry| entry.principal == *principal)
    }

    fn not_found(
        &self,
        principal: &Principal,
        kvno: Option<u32>,
        enctype: Option<EncryptionType>,
    ) -> KeyNotFound {
        let of_enctype =
            |entry: &&KeytabEntry| enctype.is_none_or(|enctype| enctype == entry.key.enctype());
        let reason = if self.entries_of(principal).next().is_none() {
            KeyNotFoundReason::Principal
        } else if self.entries_of(principal).any(|entry| of_enctype(&entry)) {
            let mut present: Vec<u32> = self
                .entries_of(principal)
                .filter(of_enctype)
                .map(|entry| entry.kvno)
                .collect();
            present.sort_unstable();
            present.dedup();
            KeyNotFoundReason::Kvno { present }
        } else {
            KeyNotFoundReason::Enctype
        };
        KeyNotFound {
            principal: principal.clone(),
            kvno,
            enctype,
            reason,
            damage: self.damage(),
        }
    }
}

/// A key that is not in the keytab. The caller that read the file adds its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyNotFound {
    /// Whose key was looked for.
    pub principal: Principal,
    /// Of which version, if that mattered.
    pub kvno: Option<u32>,
    /// Of which enctype, if that mattered.
    pub enctype: Option<EncryptionType>,
    /// What is missing.
    pub reason: KeyNotFoundReason,
    /// What is wrong with the file, where something is: the key may have been there.
    pub damage: Option<KeytabFormatError>,
}

/// What is missing from a keytab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyNotFoundReason {
    /// There is no key of the principal (MIT: `KRB5_KT_NOTFOUND`).
    Principal,
    /// There are keys of the principal, but none of the enctype (MIT: `KRB5_KT_NOTFOUND`).
    Enctype,
    /// There are such keys, but none of the version (MIT: `KRB5_KT_KVNONOTFOUND`).
    Kvno {
        /// The versions that are there, rising.
        present: Vec<u32>,
    },
}

impl KeyNotFound {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self.reason {
            KeyNotFoundReason::Principal | KeyNotFoundReason::Enctype => {
                MinorStatus::KRB5_KT_NOTFOUND
            }
            KeyNotFoundReason::Kvno { .. } => MinorStatus::KRB5_KT_KVNONOTFOUND,
        }
    }
}

impl fmt::Display for KeyNotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no key for {}", self.principal)?;
        if let Some(kvno) = self.kvno {
            write!(f, " of kvno {kvno}")?;
        }
        if let Some(enctype) = self.enctype {
            write!(f, " of enctype {}", EnctypeName(enctype))?;
        }
        match &self.reason {
            KeyNotFoundReason::Principal => f.write_str(": none for that principal")?,
            KeyNotFoundReason::Enctype => f.write_str(": only ones of other enctypes")?,
            KeyNotFoundReason::Kvno { present } => {
                f.write_str(": only of kvno ")?;
                for (index, kvno) in present.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(f, "{separator}{kvno}")?;
                }
            }
        }
        match self.damage {
            Some(damage) => write!(f, "; a part of the keytab can't be read: {damage}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for KeyNotFound {}

/// Whether `one` is newer than `other`.
///
/// Versions wrap at 256 in old files and old protocols and at 65536 in the KDC's database, so a small one that was not
/// written earlier follows a large one.
fn is_newer(one: &KeytabEntry, other: &KeytabEntry) -> bool {
    if one.timestamp >= other.timestamp && one.kvno < 128 && other.kvno > 240 {
        true
    } else if other.timestamp >= one.timestamp && one.kvno > 240 && other.kvno < 128 {
        false
    } else {
        one.kvno > other.kvno
    }
}

const ANY_KVNO: u32 = 0;
