//! Credential caches: in files that MIT's programs share, or in memory.

mod collection;
mod dir;
mod error;
mod file;
mod memory;
mod name;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::sync::Arc;

use orthros_types::ccache::{CacheContents, KdcOffset};
use orthros_types::{Credential, CredentialQuery, Principal};

pub use collection::{CacheCollection, CacheSelection};
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

/// Where a cache's contents are.
enum Place<'a> {
    File(SecretFile),
    Memory(&'a OsStr),
}

impl Cache {
    /// The name of a directory is that of its primary cache, as it is now.
    pub(crate) fn resolve(
        name: CacheName,
        memory: MemoryCaches,
        random: EnvironmentRandom,
    ) -> Result<Self, CacheError> {
        let name = match &name {
            CacheName::Directory(path) => dir::primary(path)?,
            _ => name,
        };
        Ok(Self::new(name, memory, random))
    }

    /// In a memory of its own.
    pub(crate) fn private(mut random: EnvironmentRandom) -> Result<Self, CacheError> {
        let name = memory::unique_name(&mut random)?;
        Ok(Self::new(name, MemoryCaches::default(), random))
    }

    fn new(name: CacheName, memory: MemoryCaches, random: EnvironmentRandom) -> Self {
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

    /// All that is in it, as of one moment. That of a MEMORY cache is shared with it, not copied.
    ///
    /// # Errors
    ///
    /// [`CacheError::Absent`] where there is no such cache; others where it can't be read.
    pub fn contents(&self) -> Result<Arc<CacheContents>, CacheError> {
        match self.place() {
            Place::File(file) => file::contents(&self.name, &file).map(Arc::new),
            Place::Memory(name) => self.memory.contents(name).ok_or_else(|| self.absent()),
        }
    }

    /// Whose cache it is.
    ///
    /// # Errors
    ///
    /// As [`contents`](Self::contents).
    pub fn principal(&self) -> Result<Principal, CacheError> {
        self.contents().map(|contents| contents.principal.clone())
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
        match self.place() {
            Place::File(file) => {
                let mut random = self.random.clone();
                if let CacheName::DirectoryFile(path) = &self.name {
                    dir::prepare(path, &mut random)?;
                }
                file::initialize(
                    &self.name,
                    &file,
                    principal,
                    kdc_offset,
                    credentials,
                    &mut random,
                )
            }
            Place::Memory(name) => {
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
        match self.place() {
            Place::File(file) => file::store(&self.name, &file, credentials),
            Place::Memory(name) => self
                .memory
                .change(name, |contents| {
                    contents.credentials.extend_from_slice(credentials);
                })
                .ok_or_else(|| self.absent()),
        }
    }

    /// Notes `value` under `key`, for the whole cache or for one principal, in place of what was noted there: see
    /// [`Credential::config`] for what MIT notes.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store).
    pub fn note(
        &self,
        key: &str,
        principal: Option<&Principal>,
        value: Vec<u8>,
    ) -> Result<(), CacheError> {
        let note = Credential::config(self.principal()?, key, principal, value);
        self.remove(&CredentialQuery {
            client: Some(&note.client),
            server: Some(&note.server),
            ..CredentialQuery::default()
        })?;
        self.store(&[note])
    }

    /// Takes out all that `query` matches, and says how many.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store).
    pub fn remove(&self, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        match self.place() {
            Place::File(file) => file::remove(&self.name, &file, query),
            Place::Memory(name) => {
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
        match self.place() {
            Place::File(file) => file
                .destroy()
                .map_err(|error| CacheError::of_file(&self.name, error)),
            Place::Memory(name) => self
                .memory
                .destroy(name)
                .then_some(())
                .ok_or_else(|| self.absent()),
        }
    }

    /// Makes it the primary cache of its collection, which the collection's name stands for, where it is in one.
    ///
    /// # Errors
    ///
    /// Where the directory can't be written.
    pub fn switch_to(&self) -> Result<(), CacheError> {
        match &self.name {
            CacheName::DirectoryFile(path) => dir::make_primary(path, &mut self.random.clone()),
            _ => Ok(()),
        }
    }

    fn place(&self) -> Place<'_> {
        match &self.name {
            CacheName::File(path) | CacheName::DirectoryFile(path) | CacheName::Directory(path) => {
                Place::File(SecretFile::new(path))
            }
            CacheName::Memory(name) => Place::Memory(name),
        }
    }

    fn absent(&self) -> CacheError {
        CacheError::Absent {
            name: self.name.clone(),
        }
    }
}
