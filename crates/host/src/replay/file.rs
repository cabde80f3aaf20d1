//! A replay cache in a file that MIT's acceptors share.

use core::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::geteuid;
use orthros_types::{
    Freshness, REPLAY_FILE_LOOK, ReplayCache, ReplayCacheError, ReplayFileFinding, ReplayFileFull,
    ReplayFileSearch, ReplayFileSeed, ReplayRecord, Timestamp,
};

use super::ReplayType;
use crate::file_lock::{LockMode, LockedFile, PATIENCE};
use crate::random::Randomness;
use crate::typed_name::require_path;

pub(super) const DEFAULT_TYPE: ReplayType = ReplayType {
    name: "dfl",
    check: |_| Ok(()),
    open: |_, scope| Arc::new(FileReplayCache::of_user(scope.directory, scope.randomness)),
};

pub(super) const FILE_TYPE: ReplayType = ReplayType {
    name: "file2",
    check: require_path,
    open: |path, scope| Arc::new(FileReplayCache::new(path.into(), scope.randomness)),
};

/// Remembers authenticators in a file of MIT's format (1.18 and later), under MIT's locks: what one acceptor of the
/// host has seen, MIT's or ours, in this process or another, is a replay to all that use the file.
///
/// The file is opened for each question, as by MIT, so that it is made anew once it is taken away.
pub struct FileReplayCache {
    path: PathBuf,
    /// Whether the file is in a directory where others may leave files under its name.
    among_others: bool,
    randomness: Arc<dyn Randomness>,
    /// Threads wait for each other here, which is quicker than for a file's lock.
    turn: Mutex<()>,
}

/// A replay file can't be used. Says which.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayFileError {
    /// It can't be opened, locked, read or written.
    #[error("replay file {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another user has put it there: what it says can't be relied on.
    #[error("replay file {} belongs to user {owner}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// It has no more room.
    #[error("replay file {}: {error}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What that means.
        error: ReplayFileFull,
    },
}

impl FileReplayCache {
    /// The file at `path`, made where there is none (MIT's `file2:`).
    fn new(path: PathBuf, randomness: Arc<dyn Randomness>) -> Self {
        Self {
            path,
            among_others: false,
            randomness,
            turn: Mutex::default(),
        }
    }

    /// The user's own file in a directory that all can write to (MIT's `dfl:`). A link, or another user's file, is
    /// refused.
    fn of_user(directory: &Path, randomness: Arc<dyn Randomness>) -> Self {
        let name = format!("krb5_{}.rcache2", geteuid());
        Self {
            among_others: true,
            ..Self::new(directory.join(name), randomness)
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn check(&self, record: &ReplayRecord, now: Timestamp) -> Result<Freshness, ReplayFileError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let file = self.open()?;
        let locked = LockedFile::acquire(file, LockMode::Exclusive, PATIENCE);
        let locked = locked.map_err(|error| self.io(error))?;
        let file = locked.file();
        let seed = self.seed(file).map_err(|error| self.io(error))?;
        let mut search = ReplayFileSearch::new(seed, *record, now);
        loop {
            let mut bytes = [0; REPLAY_FILE_LOOK];
            let read = read_up_to(file, &mut bytes, search.offset());
            let found = search.look(read.map_err(|error| self.io(error))?);
            match found.map_err(|error| self.full(error))? {
                None => {}
                Some(ReplayFileFinding::Replayed) => return Ok(Freshness::Replayed),
                Some(ReplayFileFinding::Fresh { offset, bytes }) => {
                    let written = file.write_all_at(&bytes, offset);
                    written.map_err(|error| self.io(error))?;
                    return Ok(Freshness::Fresh);
                }
            }
        }
    }

    fn open(&self) -> Result<File, ReplayFileError> {
        let follow = if self.among_others { O_NOFOLLOW } else { 0 };
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            // A pipe would block.
            .custom_flags(O_NONBLOCK | follow)
            .open(&self.path);
        let file = opened.map_err(|error| self.io(error))?;
        let metadata = file.metadata().map_err(|error| self.io(error))?;
        if !metadata.is_file() {
            return Err(self.io(io::ErrorKind::InvalidInput.into()));
        }
        if self.among_others && metadata.uid() != geteuid().as_raw() {
            return Err(ReplayFileError::Foreign {
                path: self.path.clone(),
                owner: metadata.uid(),
            });
        }
        // Another name of it, put here by a user who can't write it: records would go into that file.
        if self.among_others && metadata.nlink() > 1 {
            let error = "it has another name";
            return Err(self.io(io::Error::new(io::ErrorKind::InvalidInput, error)));
        }
        Ok(file)
    }

    /// What the file begins with; a new file gets one of its own.
    fn seed(&self, file: &File) -> io::Result<ReplayFileSeed> {
        let mut seed = ReplayFileSeed::default();
        if read_up_to(file, &mut seed, 0)?.len() < size_of::<ReplayFileSeed>() {
            self.randomness.fill(&mut seed).map_err(io::Error::other)?;
            file.write_all_at(&seed, 0)?;
        }
        Ok(seed)
    }

    fn io(&self, error: io::Error) -> ReplayFileError {
        ReplayFileError::Io {
            path: self.path.clone(),
            error,
        }
    }

    fn full(&self, error: ReplayFileFull) -> ReplayFileError {
        ReplayFileError::Full {
            path: self.path.clone(),
            error,
        }
    }
}

impl ReplayCache for FileReplayCache {
    fn check_and_store(
        &self,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        self.check(record, now).map_err(ReplayCacheError::new)
    }
}

impl fmt::Debug for FileReplayCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileReplayCache")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// What is at a place in a file, as far as the file goes.
fn read_up_to<'a>(file: &File, bytes: &'a mut [u8], offset: u64) -> io::Result<&'a [u8]> {
    let mut length = 0;
    while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + length as u64) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes.get(..length).unwrap_or_default())
}

#[cfg(test)]
mod tests;
