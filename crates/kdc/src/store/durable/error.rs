//! What goes wrong with a store in a file.

use std::io;
use std::path::PathBuf;
use std::prelude::rust_2024::*;

use orthros_types::Shown;

use super::RecordError;
use crate::StoreError;

/// A store in a file can't be used. Says which file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DurableStoreError {
    /// The file can't be used.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: StoreFileError,
    },
    /// A principal can't be read or written.
    #[error("{}: record of {principal}: {error}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// The principal, for display.
        principal: String,
        /// What is wrong.
        error: RecordError,
    },
    /// Two principals of the file contradict each other.
    #[error("{}: {error}", path.display())]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// How.
        error: StoreError,
    },
    /// The principals are another realm's.
    #[error("{}: the principals are those of the realm {}, not of {}", path.display(), Shown::new(realm), Shown::new(asked))]
    OtherRealm {
        /// The file.
        path: PathBuf,
        /// The realm of the principals.
        realm: Vec<u8>,
        /// The realm that it was to be opened for.
        asked: Vec<u8>,
    },
}

/// What is wrong with a file that should be a principal store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreFileError {
    /// The system does not let us.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is nothing in it, so it was cut off.
    #[error("the file is empty; restore it from a copy, or remove it to begin anew")]
    Empty,
    /// It is a directory, a device or a pipe.
    #[error("not a regular file")]
    NotRegular,
    /// It has keys in clear, and another user of the machine owns it, and can read and change them.
    #[error(
        "the file belongs to the user with the number {owner}, and not to the one who runs this"
    )]
    Owner {
        /// The number of its owner.
        owner: u32,
    },
    /// It has keys in clear, and others than its owner may read or write it.
    #[error("the file is open to others than its owner (mode {mode:03o}); chmod 600 it")]
    Open {
        /// Its mode.
        mode: u32,
    },
    /// Another process, or another store of this one, has it.
    #[error("the file is in use by another process")]
    InUse,
    /// It is cut off, damaged, or no database at all.
    #[error("the file is damaged: {0}; restore it from a copy")]
    Damaged(String),
    /// The database does not do what it is asked, though the file is whole.
    #[error("the database failed: {0}")]
    Database(String),
    /// It is a redb database of another program.
    #[error("the file is a database, but no principal store")]
    OtherDatabase,
    /// It was written by a later version.
    #[error("the file has format {version}, only format 1 is supported")]
    Format {
        /// Its format.
        version: u32,
    },
}

/// What an error of the database says of the file. Each step of redb has an error of its own, and all of them are
/// cases of one.
pub(super) fn problem(error: redb::Error) -> StoreFileError {
    match error {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
            StoreFileError::InUse
        }
        redb::Error::Io(error) if !is_about_contents(&error) => StoreFileError::Io(error),
        redb::Error::Io(_)
        | redb::Error::Corrupted(_)
        | redb::Error::UpgradeRequired(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TableDoesNotExist(_) => StoreFileError::Damaged(error.to_string()),
        other => StoreFileError::Database(other.to_string()),
    }
}

/// Whether what was read is at fault, and not the reading.
fn is_about_contents(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    )
}
