//! Principals in a file that outlives the process.
//!
//! The file is a [redb](https://www.redb.org) database: one file, in which a change is there as a whole or not at all, whenever the power
//! goes. It holds each principal as a record of a format of this crate that says its version, so that later
//! versions read what earlier ones wrote.

mod error;
mod record;

use core::fmt;
use std::boxed::Box;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;
use std::sync::{Arc, Mutex, PoisonError};

use orthros_krb5::Principal;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use error::problem;
pub use error::{DurableStoreError, FileProblem};
pub use record::RecordError;

use crate::{MemoryStore, PrincipalEntry, Store, StoreError};

/// Principals in a file, which one process has open at a time.
///
/// All of them are in memory too, and read from there; a change is in the file, synchronised, before it is seen. The file is its
/// owner's alone (mode 0600) and has the keys in clear: who can read it is the realm. Keys in memory are zeroized
/// when they go, but for the pages of the file that redb keeps cached.
pub struct DurableStore {
    path: PathBuf,
    database: Database,
    principals: MemoryStore,
    /// Held while a change is on its way into the file and then into memory.
    changing: Mutex<()>,
}

impl DurableStore {
    /// Makes a new store in a file that is not there yet.
    ///
    /// # Errors
    ///
    /// [`DurableStoreError`]: there is such a file, or it can't be written.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, DurableStoreError> {
        let path = path.into();
        // Under another name until it is whole, so that nobody finds half a store.
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".new");
        let unfinished = PathBuf::from(unfinished);
        let made = create_file(&unfinished)
            .map_err(FileProblem::Io)
            .and_then(|file| new_database(file).map_err(problem))
            .and_then(|database| {
                fs::hard_link(&unfinished, &path)?;
                Ok(database)
            });
        let _ = fs::remove_file(&unfinished);
        match made {
            Ok(database) => Ok(Self {
                path,
                database,
                principals: MemoryStore::new(),
                changing: Mutex::default(),
            }),
            Err(problem) => Err(DurableStoreError::File { path, problem }),
        }
    }

    /// Opens the store in a file: in the state of the last change that was finished.
    ///
    /// # Errors
    ///
    /// [`DurableStoreError`]: there is no such file, another process has it open, others may read it; it is cut off or damaged; a record
    /// in it is of a later format.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DurableStoreError> {
        let path = path.into();
        let database = open_file(&path)
            .and_then(|file| database(file).map_err(problem))
            .and_then(|database| check_format(&database).map(|()| database));
        let database = database.map_err(|problem| DurableStoreError::File {
            path: path.clone(),
            problem,
        })?;
        let principals = load(&path, &database)?;
        Ok(Self {
            path,
            database,
            principals,
            changing: Mutex::default(),
        })
    }

    /// Opens the store, or makes it where there is none.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(path: impl Into<PathBuf>) -> Result<Self, DurableStoreError> {
        let path = path.into();
        match Self::open(&path) {
            Err(DurableStoreError::File {
                problem: FileProblem::Io(error),
                ..
            }) if error.kind() == ErrorKind::NotFound => Self::create(path),
            opened => opened,
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Carries out one change of the table of principals, and has it on the disk.
    fn change(
        &self,
        change: impl FnOnce(&mut redb::Table<'_, &[u8], &[u8]>) -> Result<(), redb::StorageError>,
    ) -> Result<(), StoreError> {
        let changed = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_write()?;
            change(&mut transaction.open_table(PRINCIPALS)?)?;
            Ok(transaction.commit()?)
        };
        changed().map_err(|error| {
            StoreError::Unusable(Box::new(DurableStoreError::File {
                path: self.path.clone(),
                problem: problem(error),
            }))
        })
    }
}

impl Store for DurableStore {
    fn find(&self, name: &Principal) -> Result<Option<Arc<PrincipalEntry>>, StoreError> {
        self.principals.find(name)
    }

    fn put(&self, entry: PrincipalEntry) -> Result<(), StoreError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        for name in entry.aliases.iter().chain([&entry.principal]) {
            let owner = self.principals.find(name)?;
            if owner.is_some_and(|owner| owner.principal != entry.principal) {
                return Err(StoreError::NameTaken { name: name.clone() });
            }
        }
        let record = record::encode(&entry).map_err(|error| {
            StoreError::Unusable(Box::new(DurableStoreError::Record {
                path: self.path.clone(),
                principal: entry.principal.to_string(),
                error,
            }))
        })?;
        let name = entry.principal.unparse();
        self.change(|table| table.insert(&*name, &*record).map(drop))?;
        self.principals.put(entry)
    }

    fn remove(&self, principal: &Principal) -> Result<bool, StoreError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.principals.find(principal)?;
        if known.is_none_or(|known| known.principal != *principal) {
            return Ok(false);
        }
        let name = principal.unparse();
        self.change(|table| table.remove(&*name).map(drop))?;
        self.principals.remove(principal)
    }

    fn list(&self) -> Result<Vec<Principal>, StoreError> {
        self.principals.list()
    }
}

impl fmt::Debug for DurableStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn create_file(path: &Path) -> io::Result<File> {
    // What a process left that ended in the middle.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(path)
}

fn open_file(path: &Path) -> Result<File, FileProblem> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let metadata = file.metadata()?;
    // redb makes a new database of an empty file: a realm without its principals.
    if metadata.len() == 0 {
        return Err(FileProblem::Empty);
    }
    let mode = metadata.mode() & 0o7777;
    if mode & !OWNER_ONLY & 0o777 != 0 {
        return Err(FileProblem::Open { mode });
    }
    Ok(file)
}

/// A new file's database, with what tells it from others.
fn new_database(file: File) -> Result<Database, redb::Error> {
    let database = Builder::new().create_with_backend(FileBackend::new(file)?)?;
    let transaction = database.begin_write()?;
    transaction.open_table(PRINCIPALS)?;
    transaction
        .open_table(FORMAT)?
        .insert(FORMAT_KEY, FORMAT_VERSION)?;
    transaction.commit()?;
    Ok(database)
}

/// The database that is in the file, all of it checked.
fn database(file: File) -> Result<Database, redb::Error> {
    let mut builder = Builder::new();
    builder.set_check_integrity_on_open(true);
    Ok(builder.create_with_backend(FileBackend::new(file)?)?)
}

fn check_format(database: &Database) -> Result<(), FileProblem> {
    match format(database).map_err(problem)? {
        Some(FORMAT_VERSION) => Ok(()),
        Some(version) => Err(FileProblem::Format { version }),
        None => Err(FileProblem::OtherDatabase),
    }
}

/// The version of the file's format, if it is one of ours.
fn format(database: &Database) -> Result<Option<u32>, redb::Error> {
    let transaction = database.begin_read()?;
    let table = match transaction.open_table(FORMAT) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        table => table?,
    };
    Ok(table.get(FORMAT_KEY)?.map(|version| version.value()))
}

/// All principals of the file.
fn load(path: &Path, database: &Database) -> Result<MemoryStore, DurableStoreError> {
    let principals = MemoryStore::new();
    let in_file = |error: redb::Error| DurableStoreError::File {
        path: path.into(),
        problem: problem(error),
    };
    let transaction = database.begin_read().map_err(|e| in_file(e.into()))?;
    let table = transaction
        .open_table(PRINCIPALS)
        .map_err(|e| in_file(e.into()))?;
    for record in table.iter().map_err(|e| in_file(e.into()))? {
        let (name, record) = record.map_err(|e| in_file(e.into()))?;
        let entry = record::decode(record.value());
        let entry = entry.map_err(|error| DurableStoreError::Record {
            path: path.into(),
            principal: String::from_utf8_lossy(name.value())
                .escape_debug()
                .to_string(),
            error,
        })?;
        let put = principals.put(entry);
        put.map_err(|error| DurableStoreError::Contradiction {
            path: path.into(),
            error,
        })?;
    }
    Ok(principals)
}

/// Records by the canonical name in its text form, which loses nothing.
const PRINCIPALS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("principals");
/// One number: the version of the file's format.
const FORMAT: TableDefinition<'_, &str, u32> = TableDefinition::new("orthros-kdc");
const FORMAT_KEY: &str = "format";
const FORMAT_VERSION: u32 = 1;
const OWNER_ONLY: u32 = 0o600;
