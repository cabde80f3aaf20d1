//! Keytabs in files, on the terms of MIT's programs that use the same file, and in memory.
//!
//! A type of keytabs is a row of [`KEYTAB_TYPES`] and a [`KeytabBackend`] in a file of its own. Nothing else asks of
//! which type a keytab is.

mod error;
mod file;
mod memory;
mod name;
mod snapshot;

use core::fmt;
use std::ffi::OsStr;
use std::sync::Arc;

use orthros_krb5::crypto::{Enctype, Key};
use orthros_krb5::observe::{Event, KeytabResult, Observer};
use orthros_types::keytab::{self, KeytabEntry};
use orthros_types::{EncryptionType, Principal};

pub use error::KeytabError;
pub(crate) use memory::MemoryKeytabs;
pub use name::KeytabName;

use crate::typed_name::{NameTable, NamedType, Untyped};

/// The types of keytabs.
static KEYTAB_TYPES: NameTable<KeytabType> = NameTable {
    of: "keytab",
    untyped: Untyped::FileOrSlash,
    types: &[file::TYPE, memory::TYPE],
};

/// A type of keytabs.
struct KeytabType {
    /// What stands before the colon.
    name: &'static str,
    /// What may stand there, too.
    alias: Option<&'static str>,
    /// Whether a residual is of use; what is wrong with it, in words that can follow the name.
    check: fn(&OsStr) -> Result<(), &'static str>,
    /// The keytab of this residual, of an environment with these keytabs in memory.
    open: fn(&OsStr, &MemoryKeytabs) -> Arc<dyn KeytabBackend>,
}

/// Where the keys of a keytab are. Each call is given its name, which is in every error.
trait KeytabBackend: Send + Sync {
    /// All keys, as of one moment.
    fn read(&self, name: &KeytabName) -> Result<keytab::Keytab, KeytabError>;

    /// All keys, without reading them where they have not changed since they were read.
    fn snapshot(&self, name: &KeytabName) -> Result<Arc<keytab::Keytab>, KeytabError>;

    /// Puts a key in, and makes the keytab where there is none.
    fn add(&self, name: &KeytabName, entry: &KeytabEntry) -> Result<(), KeytabError>;

    /// Takes out the keys for which `unwanted` is true, and says how many.
    fn remove(
        &self,
        name: &KeytabName,
        unwanted: &dyn Fn(&KeytabEntry) -> bool,
    ) -> Result<usize, KeytabError>;
}

/// A keytab by name. It need not exist.
///
/// Each call reads it as it is at that moment, so that a service that runs for months finds the keys that were put
/// there yesterday. What [`read`](Self::read) gives is a snapshot for one look-up, or for as many as the caller likes.
#[derive(Clone)]
pub struct KeytabHandle {
    name: KeytabName,
    backend: Arc<dyn KeytabBackend>,
    observer: Observer,
}

impl KeytabHandle {
    pub(crate) fn open(name: KeytabName, memory: &MemoryKeytabs, observer: &Observer) -> Self {
        let backend = (name.keytab_type().open)(name.residual(), memory);
        Self {
            name,
            backend,
            observer: observer.clone(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &KeytabName {
        &self.name
    }

    /// All keys in it, as of one moment.
    ///
    /// # Errors
    ///
    /// [`KeytabError::Absent`] where there is no such keytab; others where it can't be read, or is no keytab.
    pub fn read(&self) -> Result<keytab::Keytab, KeytabError> {
        self.backend.read(&self.name)
    }

    /// All keys in it, read again only where the file has changed: what a server asks for each context. It costs one
    /// look at the file's stamps. While the last change is only seconds old it costs a reading.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn snapshot(&self) -> Result<Arc<keytab::Keytab>, KeytabError> {
        self.backend.snapshot(&self.name)
    }

    /// The key of a principal, a version and an enctype, each of the latter two where it is given
    /// ([`Keytab::find`](keytab::Keytab::find)).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`KeytabError::NoKey`], which says what was looked for and what is there.
    pub fn find(
        &self,
        principal: &Principal,
        kvno: Option<u32>,
        enctype: Option<EncryptionType>,
    ) -> Result<KeytabEntry, KeytabError> {
        let found = self.read().and_then(|keytab| {
            let found = keytab.find(principal, kvno, enctype).cloned();
            found.map_err(|error| KeytabError::NoKey {
                name: self.name.clone(),
                error: error.into(),
            })
        });
        self.tell_lookup(principal, kvno, enctype, found.as_ref().err());
        found
    }

    fn tell_lookup(
        &self,
        principal: &Principal,
        kvno: Option<u32>,
        enctype: Option<EncryptionType>,
        error: Option<&KeytabError>,
    ) {
        self.observer.tell(|| Event::KeytabLookup {
            keytab: &self.name,
            principal,
            kvno,
            enctype,
            result: match error {
                None => KeytabResult::Found,
                Some(error) => KeytabResult::Failed(error),
            },
        });
    }

    /// The keys that a client can preauthenticate with: those of its newest version, of enctypes known here.
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    pub fn client_keys(&self, client: &Principal) -> Result<Vec<Key>, KeytabError> {
        let keys = self.newest_keys(client);
        self.tell_lookup(client, None, None, keys.as_ref().err());
        keys
    }

    fn newest_keys(&self, client: &Principal) -> Result<Vec<Key>, KeytabError> {
        let keytab = self.read()?;
        let newest = keytab.find(client, None, None);
        let newest = newest.map_err(|error| KeytabError::NoKey {
            name: self.name.clone(),
            error: error.into(),
        })?;
        let current = keytab
            .entries_of(client)
            .filter(|entry| entry.kvno == newest.kvno);
        let keys: Vec<Key> = current.filter_map(usable_key).collect();
        if keys.is_empty() {
            let enctypes = keytab
                .entries_of(client)
                .map(|entry| entry.key.enctype())
                .collect();
            return Err(KeytabError::NoUsableKey {
                name: self.name.clone(),
                principal: client.clone(),
                enctypes,
            });
        }
        Ok(keys)
    }

    /// Puts a key in, and makes the keytab where there is none.
    ///
    /// # Errors
    ///
    /// Where the file can't be written, is no keytab, or the entry is too large for it.
    pub fn add(&self, entry: &KeytabEntry) -> Result<(), KeytabError> {
        self.backend.add(&self.name, entry)
    }

    /// Takes out the keys for which `unwanted` is true, and says how many.
    ///
    /// # Errors
    ///
    /// Where the file can't be written, or is no keytab.
    pub fn remove(&self, unwanted: impl Fn(&KeytabEntry) -> bool) -> Result<usize, KeytabError> {
        self.backend.remove(&self.name, &unwanted)
    }
}

impl fmt::Debug for KeytabHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeytabHandle").field(&self.name).finish()
    }
}

impl NamedType for KeytabType {
    fn name(&self) -> &'static str {
        self.name
    }

    fn alias(&self) -> Option<&'static str> {
        self.alias
    }

    fn check(&self, residual: &OsStr) -> Result<(), &'static str> {
        (self.check)(residual)
    }
}

/// The key, where its enctype is known here and its length is right.
fn usable_key(entry: &KeytabEntry) -> Option<Key> {
    let enctype = Enctype::from_number(entry.key.enctype().0)?;
    Key::new(enctype, entry.key.as_bytes()).ok()
}

#[cfg(test)]
mod tests;
