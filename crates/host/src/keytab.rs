//! Keytabs in files, on the terms of MIT's programs that use the same file, and in memory.

mod error;
mod file;
mod memory;
mod name;
mod snapshot;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use orthros_krb5::crypto::{Enctype, Key};
use orthros_types::keytab::{self, KeytabEntry};
use orthros_types::{EncryptionType, Principal};

pub use error::KeytabFileError;
pub use name::{KeytabName, KeytabNameError};

use file::FileKeytab;
pub(crate) use memory::MemoryKeytabs;

/// A keytab by name. It need not exist.
///
/// Each call reads it as it is at that moment, so that a service that runs for months finds the keys that were put there
/// yesterday. What [`read`](Self::read) gives is a snapshot for one look-up, or for as many as the caller likes.
#[derive(Clone, Debug)]
pub struct KeytabFile {
    name: KeytabName,
    place: Place,
}

/// Where the keys are.
#[derive(Clone, Debug)]
enum Place {
    File(FileKeytab),
    Memory(MemoryKeytabs),
}

impl KeytabFile {
    pub(crate) fn new(name: KeytabName, memory: &MemoryKeytabs) -> Self {
        let place = match &name {
            KeytabName::File(path) => Place::File(FileKeytab::new(path)),
            KeytabName::Memory(_) => Place::Memory(memory.clone()),
        };
        Self { name, place }
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
    /// [`KeytabFileError::Absent`] where there is no such keytab; others where it can't be read, or is no keytab.
    pub fn read(&self) -> Result<keytab::Keytab, KeytabFileError> {
        match &self.place {
            Place::File(file) => file.read(&self.name),
            Place::Memory(memory) => memory.read(&self.name).map(Arc::unwrap_or_clone),
        }
    }

    /// All keys in it, read again only where the file has changed: what a server asks for each context. It costs one look at the
    /// file's stamps. While the last change is only seconds old it costs a reading.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn snapshot(&self) -> Result<Arc<keytab::Keytab>, KeytabFileError> {
        match &self.place {
            Place::File(file) => file.snapshot(&self.name),
            Place::Memory(memory) => memory.read(&self.name),
        }
    }

    /// The key of a principal, a version and an enctype, each of the latter two where it is given
    /// ([`Keytab::find`](keytab::Keytab::find)).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`KeytabFileError::NoKey`], which says what was looked for and what is there.
    pub fn find(
        &self,
        principal: &Principal,
        kvno: Option<u32>,
        enctype: Option<EncryptionType>,
    ) -> Result<KeytabEntry, KeytabFileError> {
        let keytab = self.read()?;
        let found = keytab.find(principal, kvno, enctype).cloned();
        found.map_err(|error| KeytabFileError::NoKey {
            name: self.name.clone(),
            error: error.into(),
        })
    }

    /// The keys that a client can prove itself with: those of its newest version, of enctypes known here.
    ///
    /// # Errors
    ///
    /// As [`find`](Self::find).
    pub fn client_keys(&self, client: &Principal) -> Result<Vec<Key>, KeytabFileError> {
        let keytab = self.read()?;
        let newest = keytab.find(client, None, None);
        let newest = newest.map_err(|error| KeytabFileError::NoKey {
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
            return Err(KeytabFileError::NoUsableKey {
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
    pub fn add(&self, entry: &KeytabEntry) -> Result<(), KeytabFileError> {
        match &self.place {
            Place::File(file) => file.add(&self.name, entry),
            Place::Memory(memory) => {
                memory.add(&self.name, entry);
                Ok(())
            }
        }
    }

    /// Takes out the keys for which `unwanted` is true, and says how many.
    ///
    /// # Errors
    ///
    /// Where the file can't be written, or is no keytab.
    pub fn remove(
        &self,
        unwanted: impl Fn(&KeytabEntry) -> bool,
    ) -> Result<usize, KeytabFileError> {
        match &self.place {
            Place::File(file) => file.remove(&self.name, unwanted),
            Place::Memory(memory) => memory.remove(&self.name, unwanted),
        }
    }
}

/// The key, where its enctype is known here and its length is right.
fn usable_key(entry: &KeytabEntry) -> Option<Key> {
    let enctype = Enctype::from_number(entry.key.enctype().0)?;
    Key::new(enctype, entry.key.octets()).ok()
}
