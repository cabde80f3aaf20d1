//! DIR collections: a directory with caches in files whose names begin with `tkt`, and a file `primary` that names one of them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use orthros_krb5::crypto::RandomSource;

use super::{CacheError, CacheName};
use crate::secret_file::{FileAction, FileError, SecretFile};

/// The cache that the directory's name alone stands for. In a directory that is not there yet, or has not chosen, it is `tkt`.
pub(super) fn primary(directory: &Path) -> Result<CacheName, CacheError> {
    if fs::metadata(directory).is_ok_and(|metadata| !metadata.is_dir()) {
        return Err(CacheError::NotDirectory {
            path: directory.to_owned(),
        });
    }
    let path = directory.join(PRIMARY);
    let file = match SecretFile::new(&path).read() {
        Ok(file) => file,
        Err(error) if error.is_absent() => {
            return Ok(CacheName::DirectoryFile(directory.join(FIRST)));
        }
        Err(error) => return Err(CacheError::Primary(error)),
    };
    let line = file.split_inclusive(|octet| *octet == b'\n').next();
    let name = line.and_then(|line| line.strip_suffix(b"\n"));
    let name = name.filter(|name| is_member(name) && name.len() <= LONGEST_NAME);
    match name {
        Some(name) => Ok(CacheName::DirectoryFile(
            directory.join(OsStr::from_bytes(name)),
        )),
        None => Err(CacheError::BadPrimary { path }),
    }
}

/// The caches in a directory, the primary one first, the others by name.
pub(super) fn members(directory: &Path) -> Result<Vec<CacheName>, CacheError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(directory, FileAction::Read, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| failed(directory, FileAction::Read, error))?;
        names.push(name.file_name());
    }
    names.retain(|name| is_member(name.as_bytes()));
    // Without one that can be read, all are alike, as in MIT.
    let primary = primary(directory).ok();
    let mut members: Vec<CacheName> = names
        .iter()
        .map(|name| CacheName::DirectoryFile(directory.join(name)))
        .collect();
    members.sort_by_key(|name| {
        let is_other = Some(name) != primary.as_ref();
        (is_other, name.path().map(Path::to_owned))
    });
    Ok(members)
}

/// Makes this cache its directory's primary one.
pub(super) fn make_primary(path: &Path, random: &mut dyn RandomSource) -> Result<(), CacheError> {
    let name = path.file_name().unwrap_or(OsStr::new(FIRST));
    let line = [name.as_bytes(), b"\n"].concat();
    SecretFile::new(path.with_file_name(PRIMARY))
        .replace(&line, random)
        .map_err(CacheError::Primary)
}

/// Makes what a cache needs around it: its directory, and for the cache that is the first one of a directory which names no
/// primary one, the file that does. MIT takes none for the primary one without it.
pub(super) fn prepare(path: &Path, random: &mut dyn RandomSource) -> Result<(), CacheError> {
    make_directory(path)?;
    let is_first = path.file_name() == Some(OsStr::new(FIRST));
    if is_first && !path.with_file_name(PRIMARY).exists() {
        make_primary(path, random)?;
    }
    Ok(())
}

/// Makes the directory of a cache where there is none; its own parent has to be there.
fn make_directory(path: &Path) -> Result<(), CacheError> {
    let Some(directory) = path.parent() else {
        return Ok(());
    };
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(failed(directory, FileAction::Create, error))
        }
        _ => Ok(()),
    }
}

/// A name in the directory that no other cache has, with an empty file of it, so that none gets it.
pub(super) fn new_member(
    directory: &Path,
    random: &mut dyn RandomSource,
) -> Result<CacheName, CacheError> {
    make_directory(&directory.join(FIRST))?;
    for _ in 0..TRIES {
        let path = directory.join(random_name(random, directory)?);
        match SecretFile::new(&path).create_new() {
            Ok(()) => return Ok(CacheName::DirectoryFile(path)),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(CacheError::of_file(&CacheName::DirectoryFile(path), error)),
        }
    }
    let error = ErrorKind::AlreadyExists.into();
    Err(failed(directory, FileAction::Create, error))
}

/// A `tkt` and six letters or digits, as by MIT.
fn random_name(random: &mut dyn RandomSource, directory: &Path) -> Result<OsString, CacheError> {
    let mut octets = [0; 6];
    random
        .fill(&mut octets)
        .map_err(|error| failed(directory, FileAction::Create, io::Error::other(error)))?;
    let suffix = octets.map(|octet| {
        let index = usize::from(octet) % LETTERS.len();
        char::from(LETTERS.get(index).copied().unwrap_or(b'a'))
    });
    Ok(format!("{FIRST}{}", suffix.iter().collect::<String>()).into())
}

fn failed(directory: &Path, action: FileAction, error: io::Error) -> CacheError {
    CacheError::Directory(FileError {
        path: directory.to_owned(),
        action,
        error,
    })
}

pub(super) fn is_member(name: &[u8]) -> bool {
    name.starts_with(FIRST.as_bytes()) && !name.iter().any(|octet| b"/\\".contains(octet))
}

/// The directory and the name of a cache in it.
pub(super) fn split(path: &Path) -> Option<(&Path, &OsStr)> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())?;
    let name = path.file_name()?;
    is_member(name.as_bytes()).then_some((directory, name))
}

const PRIMARY: &str = "primary";
const FIRST: &str = "tkt";
/// What MIT reads of a line.
const LONGEST_NAME: usize = 62;
const TRIES: usize = 100;
const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
