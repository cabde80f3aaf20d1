//! Credential caches: in files that MIT's programs share, or in memory.

mod contents;
mod error;
mod file;
mod memory;
mod name;
#[cfg(test)]
mod tests;

use orthros_krb5::ccache::KdcOffset;
use orthros_krb5::{Credential, CredentialQuery, Principal};

pub use contents::CacheContents;
pub use error::CacheError;
pub(crate) use memory::MemoryCaches;
pub use name::{CacheName, CacheNameError};

use crate::random::EnvironmentRandom;
use crate::secret_file::SecretFile;

/// A credential cache by name. It need not exist.
///
/// Each call stands for itself: it sees the cache as it is at that moment, whoever wrote it, and excludes other writers
/// while it writes. Nothing is kept open between two calls.
#[derive(Clone, Debug)]
pub struct Cache {
    name: CacheName,
    memory: MemoryCaches,
    random: EnvironmentRandom,
}

impl Cache {
    pub(crate) fn new(name: CacheName, memory: MemoryCaches, random: EnvironmentRandom) -> Self {
        Self {
            name,
            memory,
            random,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &CacheName {
        &self.name
    }

    /// All that is in it, as of one moment.
    ///
    /// # Errors
    ///
    /// [`CacheError::Absent`] where there is no such cache; others where it can't be read.
    pub fn contents(&self) -> Result<CacheContents, CacheError> {
        match &self.name {
            CacheName::File(path) => file::contents(&self.name, &SecretFile::new(path)),
            CacheName::Memory(name) => self.memory.contents(name).ok_or_else(|| self.absent()),
        }
    }

    /// Whose cache it is.
    ///
    /// # Errors
    ///
    /// As [`contents`](Self::contents).
    pub fn principal(&self) -> Result<Principal, CacheError> {
        self.contents().map(|contents| contents.principal)
    }

    /// Begins it anew for `principal`, with `credentials` in it from the first moment on. Whoever reads it meanwhile sees all of
    /// the old cache or all of the new one. A file is readable to its owner alone.
    ///
    /// # Errors
    ///
    /// Where the file can't be made, or a credential is too large for its format. The old cache is intact then.
    pub fn initialize(
        &self,
        principal: &Principal,
        kdc_offset: Option<KdcOffset>,
        credentials: &[Credential],
    ) -> Result<(), CacheError> {
        match &self.name {
            CacheName::File(path) => {
                let mut random = self.random.clone();
                file::initialize(
                    &self.name,
                    &SecretFile::new(path),
                    principal,
                    kdc_offset,
                    credentials,
                    &mut random,
                )
            }
            CacheName::Memory(name) => {
                self.memory.initialize(
                    name,
                    CacheContents::new(principal.clone(), kdc_offset, credentials.to_vec()),
                );
                Ok(())
            }
        }
    }

    /// Adds `credentials` behind what is there: all of them, or none where that fails.
    ///
    /// # Errors
    ///
    /// [`CacheError::Absent`] where the cache was not initialised; others where it can't be written.
    pub fn store(&self, credentials: &[Credential]) -> Result<(), CacheError> {
        match &self.name {
            CacheName::File(path) => file::store(&self.name, &SecretFile::new(path), credentials),
            CacheName::Memory(name) => self
                .memory
                .change(name, |contents| {
                    contents.credentials.extend_from_slice(credentials);
                })
                .ok_or_else(|| self.absent()),
        }
    }

    /// Takes out all that `query` matches, and says how many.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store).
    pub fn remove(&self, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        match &self.name {
            CacheName::File(path) => file::remove(&self.name, &SecretFile::new(path), query),
            CacheName::Memory(name) => {
                let remove = |contents: &mut CacheContents| {
                    let before = contents.credentials.len();
                    contents
                        .credentials
                        .retain(|credential| !query.matches(credential));
                    before - contents.credentials.len()
                };
                self.memory
                    .change(name, remove)
                    .ok_or_else(|| self.absent())
            }
        }
    }

    /// Ends it. A file is removed, and what was in it overwritten if that was a cache.
    ///
    /// # Errors
    ///
    /// [`CacheError::Absent`] where there is none; others where it can't be removed.
    pub fn destroy(&self) -> Result<(), CacheError> {
        match &self.name {
            CacheName::File(path) => SecretFile::new(path)
                .destroy()
                .map_err(|error| CacheError::of_file(&self.name, error)),
            CacheName::Memory(name) => self
                .memory
                .destroy(name)
                .then_some(())
                .ok_or_else(|| self.absent()),
        }
    }

    fn absent(&self) -> CacheError {
        CacheError::Absent {
            name: self.name.clone(),
        }
    }
}
