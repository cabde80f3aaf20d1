//! MEMORY caches: known to the handles of one environment, gone with the last of them.

use core::fmt;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orthros_krb5::crypto::RandomSource;
use orthros_types::ccache::CacheContents;

use super::{CacheError, CacheName};

/// The MEMORY caches of an environment by name.
#[derive(Clone, Default)]
pub(crate) struct MemoryCaches {
    caches: Arc<Mutex<HashMap<OsString, Arc<CacheContents>>>>,
}

impl MemoryCaches {
    pub(super) fn contents(&self, name: &OsStr) -> Option<Arc<CacheContents>> {
        self.lock().get(name).cloned()
    }

    pub(super) fn names(&self) -> Vec<OsString> {
        self.lock().keys().cloned().collect()
    }

    pub(super) fn initialize(&self, name: &OsStr, contents: CacheContents) {
        self.lock().insert(name.to_owned(), Arc::new(contents));
    }

    /// What `change` gives, or nothing where there is no such cache.
    pub(super) fn change<T>(
        &self,
        name: &OsStr,
        change: impl FnOnce(&mut CacheContents) -> T,
    ) -> Option<T> {
        // Whoever reads the old contents keeps them.
        self.lock().get_mut(name).map(Arc::make_mut).map(change)
    }

    /// Whether there was one.
    pub(super) fn destroy(&self, name: &OsStr) -> bool {
        self.lock().remove(name).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OsString, Arc<CacheContents>>> {
        // Every change under the lock is whole or not begun, even where it panics.
        self.caches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name that nobody foresees.
pub(super) fn unique_name(random: &mut dyn RandomSource) -> Result<CacheName, CacheError> {
    let mut octets = [0; 16];
    random.fill(&mut octets).map_err(CacheError::Random)?;
    let name = format!("{:032x}", u128::from_ne_bytes(octets));
    Ok(CacheName::Memory(name.into()))
}

impl fmt::Debug for MemoryCaches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}
