//! DIR collections: a directory with caches in files whose names begin with `tkt`, and a file `primary` that names one
//! of them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use orthros_krb5::crypto::RandomSource;
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, CredentialQuery};

use super::{CacheBackend, CacheError, CacheName, CacheType, NewContents, file};
use crate::random::EnvironmentRandom;
use crate::secret_file::{FileAction, FileError, SecretFile};
use crate::typed_name::require_path;

pub(super) const TYPE: CacheType = CacheType {
    name: "DIR",
    is_switchable: true,
    is_in_process: false,
    check,
    open: |scope| {
        Arc::new(DirCaches {
            random: scope.random.clone(),
        })
    },
};

/// Caches in directories.
struct DirCaches {
    random: EnvironmentRandom,
}

/// What a residual names.
enum Residual<'a> {
    /// `path`: a directory.
    Collection(&'a Path),
    /// `:path`: a file in one.
    Member(&'a Path),
}

impl CacheBackend for DirCaches {
    /// In a directory that is not there yet, or has not chosen, it is `tkt`.
    fn primary(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        match Residual::of(name) {
            Residual::Collection(directory) => primary(name, directory),
            Residual::Member(_) => Ok(name.clone()),
        }
    }

    fn members(&self, default: Option<&CacheName>) -> Result<Vec<CacheName>, CacheError> {
        let Some(default) = default else {
            return Ok(Vec::new());
        };
        match Residual::of(default) {
            Residual::Collection(directory) => members(default, directory),
            Residual::Member(path) if path.exists() => Ok(vec![default.clone()]),
            Residual::Member(_) => Ok(Vec::new()),
        }
    }

    fn new_member(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        match Residual::of(name) {
            Residual::Collection(directory) => {
                new_member(name, directory, &mut self.random.clone())
            }
            Residual::Member(_) => Err(CacheError::NoCollection { name: name.clone() }),
        }
    }

    fn make_primary(&self, name: &CacheName) -> Result<(), CacheError> {
        match Residual::of(name) {
            Residual::Collection(_) => Ok(()),
            Residual::Member(path) => make_primary(path, &mut self.random.clone()),
        }
    }

    fn contents(&self, name: &CacheName) -> Result<Arc<CacheContents>, CacheError> {
        file::contents(name, &file_of(name)).map(Arc::new)
    }

    fn initialize(&self, name: &CacheName, contents: NewContents<'_>) -> Result<(), CacheError> {
        let mut random = self.random.clone();
        let file = file_of(name);
        prepare(file.path(), &mut random)?;
        file::initialize(name, &file, contents, &mut random)
    }

    fn store(&self, name: &CacheName, credentials: &[Credential]) -> Result<(), CacheError> {
        file::store(name, &file_of(name), credentials)
    }

    fn remove(&self, name: &CacheName, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        file::remove(name, &file_of(name), query)
    }

    fn destroy(&self, name: &CacheName) -> Result<(), CacheError> {
        file::destroy(name, &file_of(name))
    }
}

impl<'a> Residual<'a> {
    fn of(name: &'a CacheName) -> Self {
        Self::read(name.residual())
    }

    fn read(residual: &'a OsStr) -> Self {
        match residual.as_bytes() {
            [b':', path @ ..] => Self::Member(Path::new(OsStr::from_bytes(path))),
            path => Self::Collection(Path::new(OsStr::from_bytes(path))),
        }
    }
}

/// The file of a cache. Where a directory is named that is no file, as the error says that it gives when it is opened.
fn file_of(name: &CacheName) -> SecretFile {
    let (Residual::Collection(path) | Residual::Member(path)) = Residual::of(name);
    SecretFile::new(path)
}

fn check(residual: &OsStr) -> Result<(), &'static str> {
    match Residual::read(residual) {
        Residual::Collection(_) => require_path(residual),
        Residual::Member(path) if is_in_directory(path) => Ok(()),
        Residual::Member(_) => Err("names no file in a directory that begins with tkt"),
    }
}

/// The name of a cache in a directory of caches.
fn member(collection: &CacheName, path: &Path) -> CacheName {
    let residual = [b":", path.as_os_str().as_bytes()].concat();
    collection.with_residual(OsString::from_vec(residual))
}

/// The cache that the directory's name alone stands for.
fn primary(collection: &CacheName, directory: &Path) -> Result<CacheName, CacheError> {
    if fs::metadata(directory).is_ok_and(|metadata| !metadata.is_dir()) {
        return Err(CacheError::NotDirectory {
            path: directory.to_owned(),
        });
    }
    let path = directory.join(PRIMARY);
    let file = match SecretFile::new(&path).read() {
        Ok(file) => file,
        Err(error) if error.is_absent() => {
            return Ok(member(collection, &directory.join(FIRST)));
        }
        Err(error) => return Err(CacheError::Primary(error)),
    };
    let line = file.split_inclusive(|byte| *byte == b'\n').next();
    let name = line.and_then(|line| line.strip_suffix(b"\n"));
    let name = name.filter(|name| is_member(name) && name.len() <= LONGEST_NAME);
    match name {
        Some(name) => Ok(member(collection, &directory.join(OsStr::from_bytes(name)))),
        None => Err(CacheError::BadPrimary { path }),
    }
}

/// The caches in a directory, the primary one first, the others by name.
fn members(collection: &CacheName, directory: &Path) -> Result<Vec<CacheName>, CacheError> {
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
    let primary = primary(collection, directory).ok();
    names.sort();
    let members = names.iter();
    let mut members: Vec<CacheName> = members
        .map(|name| member(collection, &directory.join(name)))
        .collect();
    members.sort_by_key(|name| Some(name) != primary.as_ref());
    Ok(members)
}

/// Makes this cache its directory's primary one.
fn make_primary(path: &Path, random: &mut dyn RandomSource) -> Result<(), CacheError> {
    let name = path.file_name().unwrap_or(OsStr::new(FIRST));
    let line = [name.as_bytes(), b"\n"].concat();
    SecretFile::new(path.with_file_name(PRIMARY))
        .replace(&line, random)
        .map_err(CacheError::Primary)
}

/// Makes what a cache needs around it: its directory, and for the cache that is the first one of a directory which
/// names no primary one, the file that does. MIT takes none for the primary one without it.
fn prepare(path: &Path, random: &mut dyn RandomSource) -> Result<(), CacheError> {
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
fn new_member(
    collection: &CacheName,
    directory: &Path,
    random: &mut dyn RandomSource,
) -> Result<CacheName, CacheError> {
    make_directory(&directory.join(FIRST))?;
    for _ in 0..TRIES {
        let path = directory.join(random_name(random, directory)?);
        match SecretFile::new(&path).create_new() {
            Ok(()) => return Ok(member(collection, &path)),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(CacheError::of_file(&member(collection, &path), error)),
        }
    }
    let error = ErrorKind::AlreadyExists.into();
    Err(failed(directory, FileAction::Create, error))
}

/// A `tkt` and six letters or digits, as by MIT.
fn random_name(random: &mut dyn RandomSource, directory: &Path) -> Result<OsString, CacheError> {
    let mut bytes = [0; 6];
    random
        .fill(&mut bytes)
        .map_err(|error| failed(directory, FileAction::Create, io::Error::other(error)))?;
    let suffix = bytes.map(|byte| {
        let index = usize::from(byte) % LETTERS.len();
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

fn is_member(name: &[u8]) -> bool {
    name.starts_with(FIRST.as_bytes()) && !name.iter().any(|byte| b"/\\".contains(byte))
}

/// Whether it is a cache's file with the directory before it.
fn is_in_directory(path: &Path) -> bool {
    let parent = path.parent();
    let has_directory = parent.is_some_and(|parent| !parent.as_os_str().is_empty());
    let name = path.file_name();
    has_directory && name.is_some_and(|name| is_member(name.as_bytes()))
}

const PRIMARY: &str = "primary";
const FIRST: &str = "tkt";
/// What MIT reads of a line.
const LONGEST_NAME: usize = 62;
const TRIES: usize = 100;
const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
