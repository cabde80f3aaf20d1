//! Principals in a file that outlives the process.
//!
//! The file is a [redb](https://www.redb.org) database: one file, in which a change is there as a whole or not at
//! all, whenever the power goes. It holds each principal as a record of a format of this crate that says its
//! version, so that later versions read what earlier ones wrote.

mod error;
mod file;
mod record;

use core::fmt;
use std::boxed::Box;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;
use std::sync::{Mutex, PoisonError};

use orthros_types::Principal;
use redb::Database;

use error::problem;
pub use error::{DurableStoreError, StoreFileError};
pub use record::RecordError;

use crate::{EntryVersion, MemoryStore, PrincipalEntry, Store, StoreError, StoredEntry};

/// Principals of one realm in a file, which one process has open at a time.
///
/// All of them are in memory too, and read from there; a change is in the file, synchronised, before it is seen.
/// The file is its owner's alone (mode 0600) and has the keys in clear: a process that can read it is the realm.
/// Keys in memory are zeroized when they go, but for the pages of the file that redb keeps cached.
///
/// After a change that failed, as on a full disk, the principals are what the file has: the state of the last
/// change that was finished. The next change opens the file again, so that changes succeed as soon as the disk lets
/// them.
pub struct DurableStore {
    path: PathBuf,
    realm: Vec<u8>,
    principals: MemoryStore,
    /// Held while a change is on its way into the file and then into memory. `None` after a change that failed:
    /// what redb has of the file is of no use then.
    database: Mutex<Option<Database>>,
}

impl DurableStore {
    /// Makes a new store of a realm's principals in a file that is not there yet.
    ///
    /// # Errors
    ///
    /// [`DurableStoreError`]: there is such a file, or it can't be written.
    pub fn create(
        path: impl Into<PathBuf>,
        realm: impl Into<Vec<u8>>,
    ) -> Result<Self, DurableStoreError> {
        let (path, realm) = (path.into(), realm.into());
        // Under another name until it is whole, so that no other process finds half a store.
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".new");
        let unfinished = PathBuf::from(unfinished);
        let made = file::create(&unfinished)
            .map_err(StoreFileError::Io)
            .and_then(|file| file::new_database(file, &realm).map_err(problem))
            .and_then(|database| {
                fs::hard_link(&unfinished, &path)?;
                Ok(database)
            });
        let _ = fs::remove_file(&unfinished);
        match made {
            Ok(database) => Ok(Self {
                path,
                realm,
                principals: MemoryStore::new(),
                database: Mutex::new(Some(database)),
            }),
            Err(problem) => Err(DurableStoreError::File { path, problem }),
        }
    }

    /// Opens the store in a file: in the state of the last change that was finished.
    ///
    /// The realm that the file has on record must be this one. A file of a version that did not record it is of the
    /// realm whose ticket-granting service it has.
    ///
    /// # Errors
    ///
    /// [`DurableStoreError`]: there is no such file, another process has it open, others may read it; it is cut off
    /// or damaged; a record in it is of a later format; it is another realm's.
    pub fn open(
        path: impl Into<PathBuf>,
        realm: impl Into<Vec<u8>>,
    ) -> Result<Self, DurableStoreError> {
        let (path, realm) = (path.into(), realm.into());
        let (database, principals) = file::load(&path, &realm)?;
        Ok(Self {
            path,
            realm,
            principals,
            database: Mutex::new(Some(database)),
        })
    }

    /// Opens the store, or makes it where there is none.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(
        path: impl Into<PathBuf>,
        realm: impl Into<Vec<u8>>,
    ) -> Result<Self, DurableStoreError> {
        let (path, realm) = (path.into(), realm.into());
        match Self::open(&path, &*realm) {
            Err(DurableStoreError::File {
                problem: StoreFileError::Io(error),
                ..
            }) if error.kind() == ErrorKind::NotFound => Self::create(path, realm),
            opened => opened,
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Carries out one change of the table of principals and has it on the disk, then in memory. `check` says
    /// whether it may be.
    fn change<T>(
        &self,
        check: impl FnOnce() -> Result<(), StoreError>,
        change: impl FnOnce(&mut redb::Table<'_, &[u8], &[u8]>) -> Result<(), redb::StorageError>,
        then: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut guard = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            *guard = Some(self.reopen()?);
        }
        check()?;
        let Some(database) = guard.take() else {
            return Err(self.unusable(StoreFileError::Database("it is not open".into())));
        };
        let changed = || -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            change(&mut transaction.open_table(file::PRINCIPALS)?)?;
            Ok(transaction.commit()?)
        };
        match changed() {
            Ok(()) => {
                *guard = Some(database);
                then()
            }
            Err(error) => {
                // redb takes no more changes after a write that failed. What is in the file is what holds.
                drop(database);
                // Where that fails, too, the next change tries it again, and says so.
                *guard = self.reopen().ok();
                Err(self.unusable(problem(error)))
            }
        }
    }

    /// Opens the file again, and has in memory what is in it.
    fn reopen(&self) -> Result<Database, StoreError> {
        let opened = file::load(&self.path, &self.realm);
        let (database, principals) =
            opened.map_err(|error| StoreError::Unusable(Box::new(error)))?;
        self.principals.replace(principals);
        Ok(database)
    }

    fn unusable(&self, problem: StoreFileError) -> StoreError {
        let path = self.path.clone();
        StoreError::Unusable(Box::new(DurableStoreError::File { path, problem }))
    }
}

impl Store for DurableStore {
    fn read(&self, name: &Principal) -> Result<Option<StoredEntry>, StoreError> {
        self.principals.read(name)
    }

    fn put_if(
        &self,
        entry: PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<EntryVersion, StoreError> {
        let record = record::encode(&entry).map_err(|error| {
            StoreError::Unusable(Box::new(DurableStoreError::Record {
                path: self.path.clone(),
                principal: entry.principal.to_string(),
                error,
            }))
        })?;
        let name = entry.principal.unparse();
        self.change(
            || self.principals.check_put(&entry, found),
            |table| table.insert(&*name, &*record).map(drop),
            || self.principals.put_if(entry.clone(), found),
        )
    }

    fn remove_if(&self, principal: &Principal, found: EntryVersion) -> Result<(), StoreError> {
        let name = principal.unparse();
        self.change(
            || self.principals.check_remove(principal, found),
            |table| table.remove(&*name).map(drop),
            || self.principals.remove_if(principal, found),
        )
    }

    fn page(&self, after: Option<&Principal>, limit: usize) -> Result<Vec<Principal>, StoreError> {
        self.principals.page(after, limit)
    }

    fn realm(&self) -> Option<&[u8]> {
        Some(&self.realm)
    }
}

impl fmt::Debug for DurableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
