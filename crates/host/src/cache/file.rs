//! FILE caches, on the terms of MIT's programs that use the same file.

use orthros_krb5::crypto::RandomSource;
use orthros_types::ccache::{self, CacheContents, CacheFile, Header, KdcOffset};
use orthros_types::{Credential, CredentialQuery, Principal};

use super::{CacheError, CacheName};
use crate::secret_file::{FileError, SecretFile};

pub(super) fn contents(name: &CacheName, file: &SecretFile) -> Result<CacheContents, CacheError> {
    let octets = file
        .read()
        .map_err(|error| CacheError::of_file(name, error))?;
    let cache = CacheFile::open(&octets).map_err(|error| CacheError::of_format(name, error))?;
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

/// Makes the whole file beside the old one and puts it in its place, as `kinit` does: who reads needs no lock for that.
pub(super) fn initialize(
    name: &CacheName,
    file: &SecretFile,
    principal: &Principal,
    kdc_offset: Option<KdcOffset>,
    credentials: &[Credential],
    random: &mut dyn RandomSource,
) -> Result<(), CacheError> {
    let header = Header::new(principal.clone(), kdc_offset);
    let octets = ccache::encode(&header, credentials)
        .map_err(|error| CacheError::of_encoding(name, error))?;
    // Here nothing is missing but the directory, and that is no cache.
    file.replace(&octets, random)
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
    let append = |octets: &[u8]| {
        // Nothing is appended to what is no cache.
        let cache = CacheFile::open(octets)?;
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
    let remove = |octets: &[u8]| {
        let mut writes = Vec::new();
        for stored in CacheFile::open(octets)?.stored() {
            match stored {
                Ok(stored) if query.matches(&stored.credential) => writes.push(stored.removal()?),
                Ok(_) => {}
                // What is behind it is not to be read, by whomever.
                Err(_) => break,
            }
        }
        let count = writes.len();
        Ok::<_, Problem>((writes, count))
    };
    file.edit(remove).map_err(|problem| problem.of(name))
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
