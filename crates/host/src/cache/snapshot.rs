//! A cache as it was when it was looked at.

use std::sync::Arc;

use orthros_krb5::client::CacheUpdate;
use orthros_types::ccache::CacheContents;

use super::{Cache, CacheError, CacheName};

/// A cache, and all that was in it at one moment. Copies share the contents.
#[derive(Clone, Debug)]
pub struct CacheSnapshot {
    cache: Cache,
    contents: Arc<CacheContents>,
}

impl CacheSnapshot {
    /// The cache itself, which may have changed since.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &CacheName {
        self.cache.name()
    }

    /// What was in it.
    #[must_use]
    pub fn contents(&self) -> &Arc<CacheContents> {
        &self.contents
    }
}

impl Cache {
    /// This look at the cache: what all decisions about one request go by.
    ///
    /// # Errors
    ///
    /// As [`contents`](Self::contents).
    pub fn snapshot(&self) -> Result<CacheSnapshot, CacheError> {
        Ok(CacheSnapshot {
            contents: self.contents()?,
            cache: self.clone(),
        })
    }

    /// Stores what a client's machine has come to. That entries can't be added makes no result worse, as by MIT: it is
    /// passed over.
    ///
    /// # Errors
    ///
    /// As [`initialize`](Self::initialize), where the cache is to begin anew.
    pub fn update(&self, update: CacheUpdate) -> Result<(), CacheError> {
        match update {
            CacheUpdate::Nothing => Ok(()),
            CacheUpdate::Add(entries) => {
                // See above.
                let _ = self.store(&entries);
                Ok(())
            }
            CacheUpdate::Replace(contents) => self.initialize(
                &contents.principal,
                contents.kdc_offset,
                &contents.credentials,
            ),
        }
    }
}
