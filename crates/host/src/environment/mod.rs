//! Everything that Kerberos looks up by default, on one value.
use core::fmt;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

mod builder;

pub use builder::EnvironmentBuilder;

use crate::cache::{Cache, CacheError, CacheName, MemoryCaches};
use crate::clock::Clock;
use crate::keytab::{KeytabFile, KeytabFileError, KeytabName};
use crate::random::{EnvironmentRandom, RandomPool, Randomness};
use orthros_krb5::{ReplayStore, Timestamp};

/// Clock, randomness, configuration, caches, keys and the way to the KDCs: what one party's Kerberos goes by.
///
/// A clone is another handle of the same environment. Two environments that were built share nothing, but for files that
/// both name.
#[derive(Clone, Debug)]
pub struct Environment {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    replay_store: Arc<dyn ReplayStore>,
    memory_caches: MemoryCaches,
    default_cache: Option<OsString>,
    default_keytab: Option<OsString>,
    client_keytab: Option<OsString>,
}

impl Environment {
    /// An environment of one's own. What the builder is not told is the operating system's clock and randomness, and
    /// nothing else of the process.
    #[must_use]
    pub fn builder() -> EnvironmentBuilder {
        EnvironmentBuilder::default()
    }

    /// The time by this environment's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Randomness for keys and nonces: each draw asks the source.
    #[must_use]
    pub fn random(&self) -> EnvironmentRandom {
        EnvironmentRandom::new(self.shared.randomness.clone())
    }

    /// Randomness for the confounders of one sending half.
    #[must_use]
    pub fn random_pool(&self) -> RandomPool {
        RandomPool::new(self.shared.randomness.clone())
    }

    /// What acceptors of this environment remember of authenticators.
    #[must_use]
    pub fn replay_store(&self) -> &dyn ReplayStore {
        &*self.shared.replay_store
    }

    /// The credential cache of that name, `FILE:path`, `MEMORY:name` or a path. It need not exist.
    ///
    /// # Errors
    ///
    /// [`CacheError::Name`] for other types.
    pub fn cache(&self, name: impl AsRef<OsStr>) -> Result<Cache, CacheError> {
        let name = CacheName::parse(name)?;
        Ok(Cache::new(
            name,
            self.shared.memory_caches.clone(),
            self.random(),
        ))
    }

    /// The default credential cache. It need not exist.
    ///
    /// # Errors
    ///
    /// [`CacheError::NoDefault`] where nothing names one; [`CacheError::Name`] where it is of a type that is not supported.
    pub fn default_cache(&self) -> Result<Cache, CacheError> {
        self.cache(
            self.shared
                .default_cache
                .as_ref()
                .ok_or(CacheError::NoDefault)?,
        )
    }

    /// The keytab of that name, `FILE:path` or a path. It need not exist.
    ///
    /// # Errors
    ///
    /// [`KeytabFileError::Name`] for other types.
    pub fn keytab(&self, name: impl AsRef<OsStr>) -> Result<KeytabFile, KeytabFileError> {
        Ok(KeytabFile::new(KeytabName::parse(name)?))
    }

    /// The default keytab, with the keys of this host's services. It need not exist.
    ///
    /// # Errors
    ///
    /// [`KeytabFileError::NoDefault`] where nothing names one; [`KeytabFileError::Name`] where it is of a type that is not supported.
    pub fn default_keytab(&self) -> Result<KeytabFile, KeytabFileError> {
        self.keytab(
            self.shared
                .default_keytab
                .as_ref()
                .ok_or(KeytabFileError::NoDefault)?,
        )
    }

    /// The default client keytab, with which initiators get tickets unasked. It need not exist.
    ///
    /// # Errors
    ///
    /// As [`default_keytab`](Self::default_keytab).
    pub fn client_keytab(&self) -> Result<KeytabFile, KeytabFileError> {
        self.keytab(
            self.shared
                .client_keytab
                .as_ref()
                .ok_or(KeytabFileError::NoDefault)?,
        )
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("clock", &self.clock)
            .field("randomness", &self.randomness)
            .field("memory_caches", &self.memory_caches)
            .field("default_cache", &self.default_cache)
            .field("default_keytab", &self.default_keytab)
            .field("client_keytab", &self.client_keytab)
            .finish_non_exhaustive()
    }
}
