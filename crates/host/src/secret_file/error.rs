//! What goes wrong with files.

use core::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// A file that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {error}", path.display())]
pub struct FileError {
    /// Which file.
    pub path: PathBuf,
    /// What was tried.
    pub action: FileAction,
    /// What the system said.
    pub error: io::Error,
}

/// What was tried with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileAction {
    /// To open it.
    Open,
    /// To lock it.
    Lock,
    /// To read it.
    Read,
    /// To write it.
    Write,
    /// To make it, or to put another in its place.
    Create,
    /// To take it away.
    Remove,
}

impl FileError {
    /// Whether there is no such file, nor a directory for it.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(
            self.error.kind(),
            ErrorKind::NotFound | ErrorKind::NotADirectory
        )
    }

    /// Whether the system would not let us.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(
            self.error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::IsADirectory | ErrorKind::ReadOnlyFilesystem
        )
    }
}

impl fmt::Display for FileAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Lock => "lock",
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
            Self::Remove => "remove",
        })
    }
}
