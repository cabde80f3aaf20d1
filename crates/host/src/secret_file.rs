//! Files that hold keys: read whole under a lock, appended to, replaced, wiped.
//!
//! Every step excludes MIT's programs as their own steps exclude each other. Every error names the file.

mod error;
#[cfg(test)]
mod tests;

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::{Uid, geteuid};
use orthros_krb5::crypto::{RandomSource, SecretVec};
use orthros_types::FileWrite;
use orthros_types::ccache::CacheFile;
use orthros_types::keytab::Keytab;
use zeroize::Zeroizing;

pub use error::{FileAction, FileError};

use crate::file_lock::{LockMode, LockedFile, PATIENCE};

/// One file by name, whatever is behind the name at the time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SecretFile {
    path: PathBuf,
    /// Whose files keys are appended to.
    user: Uid,
}

impl SecretFile {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            user: geteuid(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// All of it, under a shared lock.
    pub(crate) fn read(&self) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let locked = self.lock(OpenOptions::new().read(true), LockMode::Shared)?;
        self.read_all(locked.file())
    }

    /// Appends what `entries` makes of the contents, under one exclusive lock: behind the bytes that it says are good,
    /// as a writer that died may have left half an entry. Where all can't be written, nothing is.
    ///
    /// Nothing is appended to a file of another user: in a directory that all can write to, one may have left it there
    /// to read what we put in.
    pub(crate) fn append<E: From<FileError>>(
        &self,
        entries: impl FnOnce(&[u8]) -> Result<(usize, Vec<SecretVec>), E>,
    ) -> Result<(), E> {
        let locked = self.lock(
            OpenOptions::new().read(true).append(true),
            LockMode::Exclusive,
        )?;
        let contents = self.read_all(locked.file())?;
        self.require_own(locked.file())?;
        let (good, entries) = entries(&contents)?;
        // What is longer could not be read any more: a KDC would only have to give long tickets that end at once,
        // again and again.
        let added = entries.iter().map(|entry| entry.len() as u64).sum::<u64>();
        if (good as u64).saturating_add(added) > LARGEST {
            return Err(self
                .error(FileAction::Write, ErrorKind::FileTooLarge.into())
                .into());
        }
        let mut file = locked.file();
        let cut = if good < contents.len() {
            file.set_len(good as u64)
        } else {
            Ok(())
        };
        let written = cut.and_then(|()| entries.iter().try_for_each(|entry| file.write_all(entry)));
        if written.is_err() {
            // What others append behind half an entry could not be read.
            let _ = file.set_len(good as u64);
        }
        Ok(written.map_err(|error| self.error(FileAction::Write, error))?)
    }

    /// Carries out the changes that `edit` makes of the contents, in their order, under one exclusive lock.
    pub(crate) fn edit<T, E: From<FileError>>(
        &self,
        edit: impl FnOnce(&[u8]) -> Result<(Vec<FileWrite>, T), E>,
    ) -> Result<T, E> {
        self.edit_file(|_| Ok(()), edit)
    }

    /// As [`edit`](Self::edit), for changes that put in keys.
    ///
    /// Root may put keys into the file of a service's user, but none may do so where all can write to the directory:
    /// another user may have left the file there to read what is put in.
    pub(crate) fn edit_with_keys<T, E: From<FileError>>(
        &self,
        edit: impl FnOnce(&[u8]) -> Result<(Vec<FileWrite>, T), E>,
    ) -> Result<T, E> {
        let check = |file: &File| match self.is_among_others() {
            true => self.require_own(file),
            false => Ok(()),
        };
        self.edit_file(check, edit)
    }

    fn edit_file<T, E: From<FileError>>(
        &self,
        check: impl FnOnce(&File) -> Result<(), FileError>,
        edit: impl FnOnce(&[u8]) -> Result<(Vec<FileWrite>, T), E>,
    ) -> Result<T, E> {
        let locked = self.lock(
            OpenOptions::new().read(true).write(true),
            LockMode::Exclusive,
        )?;
        check(locked.file())?;
        let contents = self.read_all(locked.file())?;
        let (writes, result) = edit(&contents)?;
        let mut file = locked.file();
        for write in writes {
            file.seek(SeekFrom::Start(write.offset() as u64))
                .and_then(|_| file.write_all(write.as_bytes()))
                .map_err(|error| self.error(FileAction::Write, error))?;
        }
        Ok(result)
    }

    /// Puts `contents` in the place of the file, or where none was: readable to its owner alone, and never seen half
    /// written. A symbolic link is replaced, not followed. What is neither that nor a file stays: `/dev/null` would be
    /// a file from then on, for everybody.
    pub(crate) fn replace(
        &self,
        contents: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<(), FileError> {
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if !metadata.is_symlink() => {
                require_regular(&metadata)
                    .map_err(|error| self.error(FileAction::Create, error))?;
            }
            // Where there is none, or none can be looked at, making the new file tells more.
            Ok(_) | Err(_) => {}
        }
        let (temporary, mut file) = self.create_beside(random)?;
        let outcome = file
            .set_permissions(Permissions::from_mode(OWNER_ONLY))
            .and_then(|()| file.write_all(contents))
            .and_then(|()| fs::rename(&temporary, &self.path));
        outcome.map_err(|error| {
            let _ = fs::remove_file(&temporary);
            self.error(FileAction::Create, error)
        })
    }

    /// Makes an empty file where there is none, readable to its owner alone.
    pub(crate) fn create_if_absent(&self) -> Result<(), FileError> {
        match self.create_new() {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes an empty file, readable to its owner alone; it must not be there.
    pub(crate) fn create_new(&self) -> Result<(), FileError> {
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(&self.path);
        created
            .map(drop)
            .map_err(|error| self.error(FileAction::Create, error))
    }

    /// Takes the name away, and wipes the cache that was behind it as far as the file system writes in place.
    ///
    /// Others may have put the name there, in a directory that all can write to, as a link to what we alone can write.
    /// So a symbolic link is not followed, and nothing is wiped that belongs to another user or does not parse as a
    /// cache: a keytab begins as an old cache does. MIT overwrites whatever is there.
    pub(crate) fn destroy(&self) -> Result<(), FileError> {
        let remove =
            || fs::remove_file(&self.path).map_err(|error| self.error(FileAction::Remove, error));
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.is_symlink()) {
            return remove();
        }
        let options = OpenOptions::new().read(true).write(true).to_owned();
        let file = self.open_with(options, O_NOFOLLOW)?;
        remove()?;
        if self.is_own_cache(&file)? {
            wipe(&file).map_err(|error| self.error(FileAction::Write, error))?;
        }
        Ok(())
    }

    fn is_own_cache(&self, file: &File) -> Result<bool, FileError> {
        let metadata = file.metadata();
        let metadata = metadata.map_err(|error| self.error(FileAction::Read, error))?;
        if metadata.uid() != self.user.as_raw() || metadata.len() > LARGEST {
            return Ok(false);
        }
        let contents = self.read_all(file)?;
        Ok(CacheFile::open(&contents).is_ok() && Keytab::decode(&contents).is_err())
    }

    /// Opens and locks the file that has the name while it is locked. Replacing a file does not lock
    /// it, so the one that was opened may have lost the name in the meantime.
    fn lock(&self, options: &OpenOptions, mode: LockMode) -> Result<LockedFile, FileError> {
        for _ in 0..REPLACED_LIMIT {
            let file = self.open(options)?;
            let locked = LockedFile::acquire(file, mode, PATIENCE)
                .map_err(|error| self.error(FileAction::Lock, error))?;
            if mode == LockMode::Shared || self.is_still(locked.file()) {
                return Ok(locked);
            }
        }
        Err(self.error(FileAction::Lock, ErrorKind::ResourceBusy.into()))
    }

    /// A regular file only: a pipe would block, a device would never end.
    fn open(&self, options: &OpenOptions) -> Result<File, FileError> {
        self.open_with(options.clone(), 0)
    }

    fn open_with(&self, mut options: OpenOptions, flags: i32) -> Result<File, FileError> {
        let failed = |error| self.error(FileAction::Open, error);
        let opened = options.custom_flags(O_NONBLOCK | flags).open(&self.path);
        let file = opened.map_err(failed)?;
        require_regular(&file.metadata().map_err(failed)?).map_err(failed)?;
        Ok(file)
    }

    fn read_all(&self, file: &File) -> Result<Zeroizing<Vec<u8>>, FileError> {
        let failed = |error| self.error(FileAction::Read, error);
        let length = file.metadata().map_err(failed)?.len();
        if length > LARGEST {
            return Err(failed(ErrorKind::FileTooLarge.into()));
        }
        // Room for all at once, so that no outgrown buffer stays behind with keys in it.
        let mut contents = Zeroizing::new(Vec::with_capacity(
            usize::try_from(length).unwrap_or_default() + 1,
        ));
        file.take(LARGEST)
            .read_to_end(&mut contents)
            .map_err(failed)?;
        Ok(contents)
    }

    fn require_own(&self, file: &File) -> Result<(), FileError> {
        let failed = |error| self.error(FileAction::Write, error);
        if file.metadata().map_err(failed)?.uid() == self.user.as_raw() {
            return Ok(());
        }
        let error = io::Error::new(ErrorKind::PermissionDenied, "it belongs to another user");
        Err(failed(error))
    }

    /// Whether all users can put files into the directory; also where that can't be found out.
    fn is_among_others(&self) -> bool {
        let parent = self.path.parent();
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
        let directory = fs::metadata(parent.unwrap_or(Path::new(".")));
        directory.map_or(true, |directory| directory.mode() & WRITABLE_BY_ALL != 0)
    }

    fn is_still(&self, file: &File) -> bool {
        let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
        match (fs::metadata(&self.path), file.metadata()) {
            (Ok(named), Ok(opened)) => identity(named) == identity(opened),
            _ => false,
        }
    }

    /// A new file in the same directory, of a name that can't be foreseen.
    fn create_beside(&self, random: &mut dyn RandomSource) -> Result<(PathBuf, File), FileError> {
        let failed = |error| self.error(FileAction::Create, error);
        let mut suffix = [0; 8];
        random
            .fill(&mut suffix)
            .map_err(|error| failed(io::Error::other(error)))?;
        let mut name = self.path.as_os_str().as_bytes().to_vec();
        name.extend_from_slice(format!(".{:016x}", u64::from_ne_bytes(suffix)).as_bytes());
        let path = PathBuf::from(<std::ffi::OsStr as OsStrExt>::from_bytes(&name));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(&path)
            .map_err(failed)?;
        Ok((path, file))
    }

    fn error(&self, action: FileAction, error: io::Error) -> FileError {
        FileError {
            path: self.path.clone(),
            action,
            error,
        }
    }
}

fn require_regular(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else {
        let error = "it is a device, a pipe or a socket, and not a file";
        Err(io::Error::new(ErrorKind::InvalidInput, error))
    }
}

/// Overwrites a file by zeros.
fn wipe(mut file: &File) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    let length = file.metadata()?.len();
    io::copy(&mut io::repeat(0).take(length), &mut file).map(drop)
}

const OWNER_ONLY: u32 = 0o600;
const WRITABLE_BY_ALL: u32 = 0o002;
/// Far above any cache or keytab that works.
const LARGEST: u64 = 64 * 1024 * 1024;
/// How often a file may be replaced between our opening and our locking it.
const REPLACED_LIMIT: usize = 100;
