//! Credential caches: in files, with a KCM daemon or in the kernel's keyrings, where MIT's programs share them; or in
//! memory.
//!
//! A type of caches is a row of [`CACHE_TYPES`] and a [`CacheBackend`] in a file of its own. Nothing else asks of
//! which type a cache is.

mod collection;
mod dir;
mod error;
mod file;
mod kcm;
#[cfg(target_os = "linux")]
mod keyring;
mod memory;
mod name;
mod snapshot;

use core::fmt;
use std::ffi::OsStr;
use std::sync::Arc;

use orthros_krb5::observe::{Event, Observer};
use orthros_types::ccache::{CacheContents, KdcOffset};
use orthros_types::config::Config;
use orthros_types::{Credential, CredentialQuery, Principal};

pub use collection::{CacheCollection, CacheSelection, CollectionSnapshot};
pub use error::CacheError;
pub use kcm::KcmError;
#[cfg(target_os = "linux")]
pub use keyring::{KeyAction, KeyringError};
pub(crate) use memory::MemoryCaches;
pub use name::CacheName;
pub use snapshot::CacheSnapshot;

use crate::clock::Clock;
use crate::random::EnvironmentRandom;
use crate::typed_name::{NameTable, NamedType, Untyped};

/// The types of credential caches. A collection lists their caches in this order, behind those of the default cache's
/// type.
static CACHE_TYPES: NameTable<CacheType> = NameTable {
    of: "credential cache",
    untyped: Untyped::File,
    types: &[
        file::TYPE,
        dir::TYPE,
        memory::TYPE,
        kcm::TYPE,
        #[cfg(target_os = "linux")]
        keyring::TYPE,
    ],
};

/// A type of credential caches: what is known of a cache by its name alone.
struct CacheType {
    /// What stands before the colon.
    name: &'static str,
    /// Whether it has a primary cache, which others can take the place of.
    is_switchable: bool,
    /// Whether its caches live in the process, so that their names mean nothing to another one.
    is_in_process: bool,
    /// Whether a residual is of use; what is wrong with it, in words that can follow the name.
    check: fn(&OsStr) -> Result<(), &'static str>,
    open: fn(&CacheScope<'_>) -> Arc<dyn CacheBackend>,
}

/// What of an environment its caches are opened with.
pub(crate) struct CacheScope<'a> {
    pub(crate) config: &'a Config,
    pub(crate) memory: &'a MemoryCaches,
    pub(crate) random: EnvironmentRandom,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) observer: &'a Observer,
}

/// Where caches of one type are, and how they are used there. Every cache is given by its name, which is in every
/// error.
trait CacheBackend: Send + Sync {
    /// The cache that a name stands for: a collection's primary one; else the one that is named.
    fn primary(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        Ok(name.clone())
    }

    /// The caches that the default cache's name stands for, where that is of this type, the primary or default one
    /// first; and those that are in every collection. Some may not be initialised, or be no caches at all.
    fn members(&self, default: Option<&CacheName>) -> Result<Vec<CacheName>, CacheError>;

    /// A name that no cache has yet, in the collection that `name` is of.
    fn new_member(&self, name: &CacheName) -> Result<CacheName, CacheError>;

    /// Makes this cache the primary one of its collection, where it is in one.
    fn make_primary(&self, _name: &CacheName) -> Result<(), CacheError> {
        Ok(())
    }

    /// All that is in a cache, as of one moment.
    fn contents(&self, name: &CacheName) -> Result<Arc<CacheContents>, CacheError>;

    /// Begins a cache anew, as one step for those who read it meanwhile.
    fn initialize(&self, name: &CacheName, contents: NewContents<'_>) -> Result<(), CacheError>;

    /// Adds credentials behind those that are there: all, or none where that fails.
    fn store(&self, name: &CacheName, credentials: &[Credential]) -> Result<(), CacheError>;

    /// Takes out all that matches, and says how many.
    fn remove(&self, name: &CacheName, query: &CredentialQuery<'_>) -> Result<usize, CacheError>;

    /// Puts a credential in the place of all that matches.
    fn replace(
        &self,
        name: &CacheName,
        query: &CredentialQuery<'_>,
        credential: &Credential,
    ) -> Result<(), CacheError> {
        self.remove(name, query)?;
        self.store(name, core::slice::from_ref(credential))
    }

    /// Ends a cache.
    fn destroy(&self, name: &CacheName) -> Result<(), CacheError>;
}

/// What a cache begins with.
#[derive(Clone, Copy)]
struct NewContents<'a> {
    principal: &'a Principal,
    kdc_offset: Option<KdcOffset>,
    credentials: &'a [Credential],
}

/// A credential cache by name. It need not exist.
///
/// Each call stands for itself: it sees the cache as it is at that moment, and excludes other writers
/// while it writes. Nothing is kept open between two calls.
#[derive(Clone)]
pub struct Cache {
    name: CacheName,
    backend: Arc<dyn CacheBackend>,
    observer: Observer,
}

impl Cache {
    /// The cache of this name. The name of a collection is that of its primary cache, as it is now.
    pub(crate) fn open(name: &CacheName, scope: &CacheScope<'_>) -> Result<Self, CacheError> {
        let backend = (name.cache_type().open)(scope);
        let name = backend.primary(name)?;
        Ok(Self {
            name,
            backend,
            observer: scope.observer.clone(),
        })
    }

    /// A cache in a memory of its own.
    pub(crate) fn private(random: EnvironmentRandom) -> Result<Self, CacheError> {
        let (name, backend) = memory::private(random)?;
        let backend = Arc::new(backend);
        Ok(Self {
            name,
            backend,
            observer: Observer::NONE,
        })
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
        self.backend.contents(&self.name)
    }

    /// The principal whose cache it is.
    ///
    /// # Errors
    ///
    /// As [`contents`](Self::contents).
    pub fn principal(&self) -> Result<Principal, CacheError> {
        self.contents().map(|contents| contents.principal.clone())
    }

    /// Begins it anew for `principal`, with `credentials` in it from the first moment on. Readers see all of
    /// the old cache or all of the new one meanwhile. A file is readable to its owner alone.
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
        let contents = NewContents {
            principal,
            kdc_offset,
            credentials,
        };
        self.backend.initialize(&self.name, contents)?;
        self.observer.tell(|| Event::CacheInitialized {
            cache: &self.name,
            client: principal,
        });
        self.tell_stored(credentials);
        Ok(())
    }

    /// Adds `credentials` behind what is there: all of them, or none where that fails.
    ///
    /// # Errors
    ///
    /// [`CacheError::Absent`] where the cache was not initialised; others where it can't be written.
    pub fn store(&self, credentials: &[Credential]) -> Result<(), CacheError> {
        self.backend.store(&self.name, credentials)?;
        self.tell_stored(credentials);
        Ok(())
    }

    fn tell_stored(&self, credentials: &[Credential]) {
        if !self.observer.is_present() {
            return;
        }
        for credential in credentials {
            self.observer.tell(|| Event::CacheStored {
                cache: &self.name,
                client: &credential.client,
                service: &credential.server,
            });
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
        let query = CredentialQuery {
            client: Some(&note.client),
            server: Some(&note.server),
            ..CredentialQuery::default()
        };
        self.backend.replace(&self.name, &query, &note)
    }

    /// Takes out all that `query` matches, and says how many.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store).
    pub fn remove(&self, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        self.backend.remove(&self.name, query)
    }

    /// Ends it. A file is removed, and what was in it overwritten if that was a cache.
    ///
    /// # Errors
    ///
    /// [`CacheError::Absent`] where there is none; others where it can't be removed.
    pub fn destroy(&self) -> Result<(), CacheError> {
        self.backend.destroy(&self.name)?;
        self.observer
            .tell(|| Event::CacheDestroyed { cache: &self.name });
        Ok(())
    }

    /// Makes it the primary cache of its collection, which the collection's name stands for, where it is in one.
    ///
    /// # Errors
    ///
    /// Where the directory can't be written.
    pub fn switch_to(&self) -> Result<(), CacheError> {
        self.backend.make_primary(&self.name)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cache").field(&self.name).finish()
    }
}

impl NamedType for CacheType {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, residual: &OsStr) -> Result<(), &'static str> {
        (self.check)(residual)
    }
}

#[cfg(test)]
mod tests;
