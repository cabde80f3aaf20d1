//! The credential caches of an environment.

use std::ffi::{OsStr, OsString};

use super::Environment;
use crate::cache::{Cache, CacheCollection, CacheError, CacheName, CacheScope};

impl Environment {
    /// The credential cache of that name, `FILE:path`, `DIR:path`, `DIR::path`, `MEMORY:name` or a path. It need not
    /// exist.
    ///
    /// # Errors
    ///
    /// [`CacheError::Name`] for other types; for `DIR:path` where its primary cache can't be found out.
    pub fn cache(&self, name: impl AsRef<OsStr>) -> Result<Cache, CacheError> {
        Cache::open(&CacheName::parse(name)?, &self.cache_scope())
    }

    /// A cache in memory that goes with its last handle. No name leads to it, and it is in no collection.
    ///
    /// # Errors
    ///
    /// [`CacheError::Random`], where there is no randomness to make a name of, to be shown.
    pub fn private_cache(&self) -> Result<Cache, CacheError> {
        Cache::private(self.random())
    }

    /// The default credential cache. It need not exist.
    ///
    /// # Errors
    ///
    /// [`CacheError::NoDefault`] where nothing names one; [`CacheError::Name`] where it is of a type that is not
    /// supported; [`CacheError::Token`] where the configured name can't be expanded.
    pub fn default_cache(&self) -> Result<Cache, CacheError> {
        self.cache(self.default_cache_name()?)
    }

    /// The caches that the default cache's name stands for.
    ///
    /// # Errors
    ///
    /// As [`default_cache`](Self::default_cache).
    pub fn cache_collection(&self) -> Result<CacheCollection, CacheError> {
        self.cache_collection_of(self.default_cache_name()?)
    }

    /// The caches that this name stands for.
    ///
    /// # Errors
    ///
    /// [`CacheError::Name`] where it leads nowhere.
    pub fn cache_collection_of(
        &self,
        name: impl AsRef<OsStr>,
    ) -> Result<CacheCollection, CacheError> {
        let identity_file = self.shared.identity_file.clone();
        let default = CacheName::parse(name)?;
        let scope = self.cache_scope();
        Ok(CacheCollection::new(default, &scope, identity_file))
    }

    fn cache_scope(&self) -> CacheScope<'_> {
        CacheScope {
            config: self.config(),
            memory: &self.shared.memory_caches,
            random: self.random(),
        }
    }

    fn default_cache_name(&self) -> Result<OsString, CacheError> {
        let configured = self.config().default_ccache_name();
        let name = self
            .shared
            .default_cache
            .resolve(configured, &self.shared.tokens)?;
        name.ok_or(CacheError::NoDefault)
    }
}
