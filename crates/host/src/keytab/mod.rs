//! Keytabs in files, on the terms of MIT's programs that use the same file.

mod error;
mod name;
mod snapshot;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::SystemTime;

use orthros_krb5::crypto::{Enctype, Key};
use orthros_krb5::keytab::{self, KeytabEntry, KeytabRecord, KeytabRecords};
use orthros_krb5::{EncryptionType, Principal};

pub use error::KeytabFileError;
pub use name::{KeytabName, KeytabNameError};

use crate::secret_file::SecretFile;
use error::Problem;
use snapshot::{Snapshot, Version};

/// A keytab file by name. It need not exist.
///
/// Each call reads the file as it is at that moment, so that a service that runs for months finds the keys that were put there
/// yesterday. What [`read`](Self::read) gives is a snapshot for one look-up, or for as many as the caller likes.
#[derive(Clone, Debug)]
pub struct KeytabFile {
    name: KeytabName,
    file: SecretFile,
    snapshot: Snapshot,
}

impl KeytabFile {
    pub(crate) fn new(name: KeytabName) -> Self {
        let file = SecretFile::new(name.path());
        Self {
            name,
            file,
            snapshot: Snapshot::default(),
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
    /// [`KeytabFileError::Absent`] where there is no such file; others where it can't be read, or is no keytab.
    pub fn read(&self) -> Result<keytab::Keytab, KeytabFileError> {
        let octets = self
            .file
            .read()
            .map_err(|error| KeytabFileError::of_file(&self.name, error))?;
        keytab::Keytab::decode(&octets)
            .map_err(|error| KeytabFileError::of_format(&self.name, error))
    }

    /// All keys in it, read again only where the file has changed: what a server asks for each context. It costs one look at the
    /// file's stamps. While the last change is only seconds old it costs a reading.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn snapshot(&self) -> Result<Arc<keytab::Keytab>, KeytabFileError> {
        self.snapshot_at(SystemTime::now())
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
            error,
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
            error,
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

    /// Puts a key in, and makes the file where there is none.
    ///
    /// # Errors
    ///
    /// Where the file can't be written, is no keytab, or the entry is too large for it.
    pub fn add(&self, entry: &KeytabEntry) -> Result<(), KeytabFileError> {
        self.file
            .create_if_absent()
            .map_err(|error| KeytabFileError::of_file(&self.name, error))?;
        let add = |octets: &[u8]| Ok::<_, Problem>((keytab::add(octets, entry)?, ()));
        self.file
            .edit(add)
            .map_err(|problem| problem.of(&self.name))
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
        let remove = |octets: &[u8]| {
            let mut writes = Vec::new();
            let mut count = 0;
            let records = KeytabRecords::new(octets)?;
            let format = records.format();
            for record in records {
                if let KeytabRecord::Entry {
                    offset,
                    length,
                    entry,
                } = record?
                    && unwanted(&entry)
                {
                    writes.extend(keytab::remove(format, offset, length));
                    count += 1;
                }
            }
            Ok::<_, Problem>((writes, count))
        };
        self.file
            .edit(remove)
            .map_err(|problem| problem.of(&self.name))
    }

    fn snapshot_at(&self, now: SystemTime) -> Result<Arc<keytab::Keytab>, KeytabFileError> {
        let version = Version::of(self.name.path()).ok();
        if let Some(keytab) = version.and_then(|version| self.snapshot.current(version)) {
            return Ok(keytab);
        }
        let keytab = Arc::new(self.read()?);
        if let Some(version) = version.filter(|version| version.is_settled(now))
            && Version::of(self.name.path()).is_ok_and(|after| after == version)
        {
            self.snapshot.keep(version, keytab.clone());
        }
        Ok(keytab)
    }
}

/// The key, where its enctype is known here and its length is right.
fn usable_key(entry: &KeytabEntry) -> Option<Key> {
    let enctype = Enctype::from_number(entry.key.enctype().0)?;
    Key::new(enctype, entry.key.octets()).ok()
}
