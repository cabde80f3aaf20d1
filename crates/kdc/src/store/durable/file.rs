//! The file of a store: how it is made, opened and read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::prelude::rust_2024::*;

use nix::unistd::geteuid;
use orthros_types::Principal;
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use super::error::problem;
use super::{DurableStoreError, StoreFileError, record};
use crate::{MemoryStore, Store as _};

/// A new file under a name that nothing else has.
pub(super) fn create(path: &Path) -> io::Result<File> {
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

/// A new file's database, with what tells it from others.
pub(super) fn new_database(file: File, realm: &[u8]) -> Result<Database, redb::Error> {
    let database = Builder::new().create_with_backend(FileBackend::new(file)?)?;
    let transaction = database.begin_write()?;
    transaction.open_table(PRINCIPALS)?;
    transaction
        .open_table(FORMAT)?
        .insert(FORMAT_KEY, FORMAT_VERSION)?;
    transaction.open_table(REALM)?.insert(REALM_KEY, realm)?;
    transaction.commit()?;
    Ok(database)
}

/// The database in a file, all of it checked, and its principals. It must be this realm's.
pub(super) fn load(
    path: &Path,
    realm: &[u8],
) -> Result<(Database, MemoryStore), DurableStoreError> {
    let in_file = |problem| DurableStoreError::File {
        path: path.into(),
        problem,
    };
    let database = open(path).and_then(|file| database(file).map_err(problem));
    let database = database.map_err(in_file)?;
    let recorded =
        check_format(&database).and_then(|()| recorded_realm(&database).map_err(problem));
    let recorded = recorded.map_err(in_file)?;
    let principals = principals(path, &database)?;
    let other = match recorded {
        Some(recorded) => (recorded != realm).then_some(recorded),
        None => other_realm(&principals, realm).map_err(|error| {
            let path = path.into();
            DurableStoreError::Contradiction { path, error }
        })?,
    };
    match other {
        Some(other) => Err(DurableStoreError::OtherRealm {
            path: path.into(),
            realm: other,
            asked: realm.into(),
        }),
        None => Ok((database, principals)),
    }
}

fn open(path: &Path) -> Result<File, StoreFileError> {
    // Before it is opened, as a pipe would be waited for; and then again, should it have been another.
    if !fs::metadata(path)?.is_file() {
        return Err(StoreFileError::NotRegular);
    }
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(StoreFileError::NotRegular);
    }
    // redb makes a new database of an empty file: a realm without its principals.
    if metadata.len() == 0 {
        return Err(StoreFileError::Empty);
    }
    let mode = metadata.mode() & 0o7777;
    if mode & !OWNER_ONLY & 0o777 != 0 {
        return Err(StoreFileError::Open { mode });
    }
    let owner = metadata.uid();
    if owner != ROOT && owner != geteuid().as_raw() {
        return Err(StoreFileError::Owner { owner });
    }
    Ok(file)
}

fn database(file: File) -> Result<Database, redb::Error> {
    let mut builder = Builder::new();
    builder.set_check_integrity_on_open(true);
    Ok(builder.create_with_backend(FileBackend::new(file)?)?)
}

fn check_format(database: &Database) -> Result<(), StoreFileError> {
    match format(database).map_err(problem)? {
        Some(FORMAT_VERSION) => Ok(()),
        Some(version) => Err(StoreFileError::Format { version }),
        None => Err(StoreFileError::OtherDatabase),
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

/// The realm that the file has on record; `None` in one of an earlier version.
fn recorded_realm(database: &Database) -> Result<Option<Vec<u8>>, redb::Error> {
    let transaction = database.begin_read()?;
    let table = match transaction.open_table(REALM) {
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        table => table?,
    };
    Ok(table.get(REALM_KEY)?.map(|realm| realm.value().to_vec()))
}

/// A realm that has its ticket-granting service among the principals, where this realm has none.
fn other_realm(
    principals: &MemoryStore,
    realm: &[u8],
) -> Result<Option<Vec<u8>>, crate::StoreError> {
    let own = Principal::local_ticket_granting(realm);
    if principals.find(&own)?.is_some() {
        return Ok(None);
    }
    let is_granting =
        |name: &Principal| *name == Principal::local_ticket_granting(name.realm().to_vec());
    let granting = principals.list()?.into_iter().find(is_granting);
    Ok(granting.map(|granting| granting.realm().to_vec()))
}

/// All principals of the file.
fn principals(path: &Path, database: &Database) -> Result<MemoryStore, DurableStoreError> {
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
        // Two records of one principal contradict each other, as do two of one name.
        let put = principals.put_if(entry, None);
        put.map_err(|error| DurableStoreError::Contradiction {
            path: path.into(),
            error,
        })?;
    }
    Ok(principals)
}

/// Records by the canonical name in its text form, which loses nothing.
pub(super) const PRINCIPALS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("principals");
/// One number: the version of the file's format.
const FORMAT: TableDefinition<'_, &str, u32> = TableDefinition::new("orthros-kdc");
const FORMAT_KEY: &str = "format";
const FORMAT_VERSION: u32 = 1;
/// One name: the realm whose principals these are. Files of the first versions lack it.
///
/// Of the types that principals have: the database's code is there once for each pair of types.
const REALM: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("orthros-kdc-realm");
const REALM_KEY: &[u8] = b"realm";
const OWNER_ONLY: u32 = 0o600;
const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    use std::vec;

    use super::super::DurableStore;
    use super::*;
    use crate::PrincipalEntry;

    /// A store of the first version, which did not record the realm, with the ticket-granting services of these
    /// realms.
    fn of_the_first_version(path: &Path, realms: &[&str]) {
        let store = DurableStore::create(path, "R").unwrap();
        for realm in realms {
            let granting = Principal::local_ticket_granting(*realm);
            store.put(PrincipalEntry::new(granting, vec![])).unwrap();
        }
        // Another realm's trust is no sign of it.
        let trust = Principal::ticket_granting("R", "TRUSTED");
        store.put(PrincipalEntry::new(trust, vec![])).unwrap();
        drop(store);
        let database = open(path).and_then(|file| database(file).map_err(problem));
        let database = database.unwrap();
        let transaction = database.begin_write().unwrap();
        assert!(transaction.delete_table(REALM).unwrap());
        transaction.commit().unwrap();
    }

    #[test]
    fn a_file_without_its_realm_is_of_the_realm_whose_ticket_granting_service_it_has() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("principals");
        let other = |realm| match load(&path, realm) {
            Ok(_) => None,
            Err(DurableStoreError::OtherRealm { realm, .. }) => Some(realm),
            Err(error) => unreachable!("{error}"),
        };
        of_the_first_version(&path, &["R"]);
        assert_eq!(other(b"R"), None);
        assert_eq!(other(b"S"), Some(b"R".to_vec()));
        fs::remove_file(&path).unwrap();
        // What the first version made of a wrong name: both are there, and can be used.
        of_the_first_version(&path, &["R", "S"]);
        assert_eq!((other(b"R"), other(b"S")), (None, None));
        fs::remove_file(&path).unwrap();
        // Nothing says of which realm it is.
        of_the_first_version(&path, &[]);
        assert_eq!(other(b"R"), None);
    }
}
