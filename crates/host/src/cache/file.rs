//! FILE caches, on the terms of MIT's programs that use the same file.

use std::path::Path;
use std::sync::Arc;

use orthros_krb5::crypto::RandomSource;
use orthros_types::ccache::{self, CacheContents, CacheFile, Header};
use orthros_types::{Credential, CredentialQuery};

use super::{CacheBackend, CacheError, CacheName, CacheType, NewContents};
use crate::random::EnvironmentRandom;
use crate::secret_file::{FileError, SecretFile};
use crate::typed_name::require_path;

pub(super) const TYPE: CacheType = CacheType {
    name: "FILE",
    is_switchable: false,
    is_in_process: false,
    check: require_path,
    open: |scope| {
        Arc::new(FileCaches {
            random: scope.random.clone(),
        })
    },
};

/// Caches in files that stand alone. The residual is the file's path.
struct FileCaches {
    random: EnvironmentRandom,
}

impl CacheBackend for FileCaches {
    fn members(&self, default: Option<&CacheName>) -> Result<Vec<CacheName>, CacheError> {
        let default = default.filter(|name| Path::new(name.residual()).exists());
        Ok(default.cloned().into_iter().collect())
    }

    fn new_member(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        Err(CacheError::NoCollection { name: name.clone() })
    }

    fn contents(&self, name: &CacheName) -> Result<Arc<CacheContents>, CacheError> {
        contents(name, &SecretFile::new(name.residual())).map(Arc::new)
    }

    fn initialize(&self, name: &CacheName, contents: NewContents<'_>) -> Result<(), CacheError> {
        let file = SecretFile::new(name.residual());
        initialize(name, &file, contents, &mut self.random.clone())
    }

    fn store(&self, name: &CacheName, credentials: &[Credential]) -> Result<(), CacheError> {
        store(name, &SecretFile::new(name.residual()), credentials)
    }

    fn remove(&self, name: &CacheName, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        remove(name, &SecretFile::new(name.residual()), query)
    }

    fn destroy(&self, name: &CacheName) -> Result<(), CacheError> {
        destroy(name, &SecretFile::new(name.residual()))
    }
}

pub(super) fn contents(name: &CacheName, file: &SecretFile) -> Result<CacheContents, CacheError> {
    let bytes = file
        .read()
        .map_err(|error| CacheError::of_file(name, error))?;
    let cache = CacheFile::open(&bytes).map_err(|error| CacheError::of_format(name, error))?;
    let mut credentials = Vec::new();
    let mut damage = None;
    for credential in cache.credentials() {
        match credential {
            Ok(credential) => credentials.push(credential),
            Err(error) => damage = Some(error),
        }
    }
    let mut contents = CacheContents::new(
        cache.header().default_principal.clone(),
        cache.header().kdc_offset(),
        credentials,
    );
    contents.damage = damage;
    Ok(contents)
}

/// Writes a new file next to the old one and renames it over that, as `kinit` does: readers need no lock for that.
pub(super) fn initialize(
    name: &CacheName,
    file: &SecretFile,
    contents: NewContents<'_>,
    random: &mut dyn RandomSource,
) -> Result<(), CacheError> {
    let header = Header::new(contents.principal.clone(), contents.kdc_offset);
    let bytes = ccache::encode(&header, contents.credentials)
        .map_err(|error| CacheError::of_encoding(name, error))?;
    // Here nothing is missing but the directory, and that is no cache.
    file.replace(&bytes, random)
        .map_err(|error| CacheError::File {
            name: name.clone(),
            error,
        })
}

pub(super) fn store(
    name: &CacheName,
    file: &SecretFile,
    credentials: &[Credential],
) -> Result<(), CacheError> {
    let append = |bytes: &[u8]| {
        // Nothing is appended to what is no cache.
        let cache = CacheFile::open(bytes)?;
        let format = cache.header().format;
        let encoded = credentials
            .iter()
            .map(|credential| ccache::encode_credential(credential, format));
        Ok::<_, Problem>((cache.end()?, encoded.collect::<Result<_, _>>()?))
    };
    file.append(append).map_err(|problem| problem.of(name))
}

/// Overwrites what matches by entries that nothing matches, as MIT does; the file keeps its length.
pub(super) fn remove(
    name: &CacheName,
    file: &SecretFile,
    query: &CredentialQuery<'_>,
) -> Result<usize, CacheError> {
    let remove = |bytes: &[u8]| {
        let mut writes = Vec::new();
        for stored in CacheFile::open(bytes)?.stored() {
            match stored {
                Ok(stored) if query.matches(&stored.credential) => writes.push(stored.removal()?),
                Ok(_) => {}
                // What is behind it can't be read.
                Err(_) => break,
            }
        }
        let count = writes.len();
        Ok::<_, Problem>((writes, count))
    };
    file.edit(remove).map_err(|problem| problem.of(name))
}

pub(super) fn destroy(name: &CacheName, file: &SecretFile) -> Result<(), CacheError> {
    file.destroy()
        .map_err(|error| CacheError::of_file(name, error))
}

/// What goes wrong under the lock, before it is known by the cache's name.
enum Problem {
    File(FileError),
    Format(ccache::CacheFormatError),
    Encoding(ccache::EncodeCacheError),
}

impl Problem {
    fn of(self, name: &CacheName) -> CacheError {
        match self {
            Self::File(error) => CacheError::of_file(name, error),
            Self::Format(error) => CacheError::of_format(name, error),
            Self::Encoding(error) => CacheError::of_encoding(name, error),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<ccache::CacheFormatError> for Problem {
    fn from(error: ccache::CacheFormatError) -> Self {
        Self::Format(error)
    }
}

impl From<ccache::EncodeCacheError> for Problem {
    fn from(error: ccache::EncodeCacheError) -> Self {
        Self::Encoding(error)
    }
}
