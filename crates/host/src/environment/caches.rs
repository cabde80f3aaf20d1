//! The credential caches of an environment.

use std::ffi::OsStr;

use super::{Environment, Shared};
use crate::cache::{Cache, CacheCollection, CacheError, CacheName, CacheScope};
use crate::random::EnvironmentRandom;

impl Environment {
    /// The credential cache of that name, a path or `TYPE:residual`: see [`CacheName`]. It need not exist.
    ///
    /// # Errors
    ///
    /// [`CacheError::Name`] for other types; for a collection where its primary cache can't be found out.
    pub fn cache(&self, name: impl AsRef<OsStr>) -> Result<Cache, CacheError> {
        Cache::open(&CacheName::parse(name)?, &self.shared.cache_scope())
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
        self.cache_collection()?.default_cache()
    }

    /// The caches that the default cache's name stands for. None of them is looked at yet.
    ///
    /// # Errors
    ///
    /// As [`default_cache`](Self::default_cache), but for what is found out by looking.
    pub fn cache_collection(&self) -> Result<CacheCollection, CacheError> {
        match &self.shared.default_caches {
            Some(caches) => Ok(caches.clone()),
            None => self.shared.find_default_caches(),
        }
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
        self.shared.cache_collection_of(name.as_ref())
    }
}

impl Shared {
    /// By the default cache's name as it is in the configuration.
    pub(super) fn find_default_caches(&self) -> Result<CacheCollection, CacheError> {
        let configured = self.config.default_ccache_name();
        let name = self.default_cache.resolve(configured, &self.tokens)?;
        self.cache_collection_of(&name.ok_or(CacheError::NoDefault)?)
    }

    fn cache_collection_of(&self, name: &OsStr) -> Result<CacheCollection, CacheError> {
        let identity_file = self.identity_file.clone();
        let default = CacheName::parse(name)?;
        let scope = self.cache_scope();
        Ok(CacheCollection::new(default, &scope, identity_file))
    }

    fn cache_scope(&self) -> CacheScope<'_> {
        CacheScope {
            config: &self.config,
            memory: &self.memory_caches,
            random: EnvironmentRandom::new(self.randomness.clone()),
            clock: &self.clock,
            observer: &self.observer,
        }
    }
}
