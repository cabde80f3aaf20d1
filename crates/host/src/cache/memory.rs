//! MEMORY caches: known to the handles of one environment, gone with the last of them.

use core::fmt;
use std::collections::HashMap;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orthros_krb5::crypto::RandomSource as _;
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, CredentialQuery};

use super::{CacheBackend, CacheError, CacheName, CacheType, NewContents};
use crate::random::EnvironmentRandom;

pub(super) const TYPE: CacheType = CacheType {
    name: "MEMORY",
    is_switchable: false,
    is_in_process: true,
    check: |_| Ok(()),
    open: |scope| {
        Arc::new(MemoryBackend {
            caches: scope.memory.clone(),
            random: scope.random.clone(),
        })
    },
};

/// The MEMORY caches of an environment by residual.
#[derive(Clone, Default)]
pub(crate) struct MemoryCaches {
    caches: Arc<Mutex<HashMap<OsString, MemoryCache>>>,
}

struct MemoryCache {
    name: CacheName,
    contents: Arc<CacheContents>,
}

/// The caches of one memory. All of them are in every collection.
pub(super) struct MemoryBackend {
    caches: MemoryCaches,
    random: EnvironmentRandom,
}

/// A cache in a memory that no other cache is in.
pub(super) fn private(random: EnvironmentRandom) -> Result<(CacheName, MemoryBackend), CacheError> {
    let caches = MemoryCaches::default();
    let backend = MemoryBackend { caches, random };
    let name = backend.new_member(&CacheName::new(&TYPE, ""))?;
    Ok((name, backend))
}

impl CacheBackend for MemoryBackend {
    fn members(&self, default: Option<&CacheName>) -> Result<Vec<CacheName>, CacheError> {
        let caches = self.caches.lock();
        let mut names: Vec<CacheName> = caches.values().map(|cache| cache.name.clone()).collect();
        drop(caches);
        names.sort_by(|one, other| {
            let order = |name| (Some(name) != default, CacheName::residual(name));
            order(one).cmp(&order(other))
        });
        Ok(names)
    }

    /// A name that can't be foreseen.
    fn new_member(&self, name: &CacheName) -> Result<CacheName, CacheError> {
        let mut bytes = [0; 16];
        let drawn = self.random.clone().fill(&mut bytes);
        drawn.map_err(CacheError::Random)?;
        Ok(name.with_residual(format!("{:032x}", u128::from_ne_bytes(bytes))))
    }

    fn contents(&self, name: &CacheName) -> Result<Arc<CacheContents>, CacheError> {
        let caches = self.caches.lock();
        let cache = caches.get(name.residual());
        cache
            .map(|cache| cache.contents.clone())
            .ok_or_else(|| absent(name))
    }

    fn initialize(&self, name: &CacheName, contents: NewContents<'_>) -> Result<(), CacheError> {
        let contents = CacheContents::new(
            contents.principal.clone(),
            contents.kdc_offset,
            contents.credentials.to_vec(),
        );
        let residual = name.residual().to_owned();
        let cache = MemoryCache {
            name: name.clone(),
            contents: Arc::new(contents),
        };
        self.caches.lock().insert(residual, cache);
        Ok(())
    }

    fn store(&self, name: &CacheName, credentials: &[Credential]) -> Result<(), CacheError> {
        self.change(name, |contents| {
            contents.credentials.extend_from_slice(credentials);
        })
    }

    fn remove(&self, name: &CacheName, query: &CredentialQuery<'_>) -> Result<usize, CacheError> {
        self.change(name, |contents| {
            let before = contents.credentials.len();
            let is_kept = |credential: &Credential| !query.matches(credential);
            contents.credentials.retain(is_kept);
            before - contents.credentials.len()
        })
    }

    fn destroy(&self, name: &CacheName) -> Result<(), CacheError> {
        let destroyed = self.caches.lock().remove(name.residual());
        destroyed.map(drop).ok_or_else(|| absent(name))
    }
}

impl MemoryBackend {
    fn change<T>(
        &self,
        name: &CacheName,
        change: impl FnOnce(&mut CacheContents) -> T,
    ) -> Result<T, CacheError> {
        let mut caches = self.caches.lock();
        let cache = caches.get_mut(name.residual());
        // Readers of the old contents keep them.
        cache
            .map(|cache| change(Arc::make_mut(&mut cache.contents)))
            .ok_or_else(|| absent(name))
    }
}

impl MemoryCaches {
    fn lock(&self) -> MutexGuard<'_, HashMap<OsString, MemoryCache>> {
        // Every change under the lock is whole or not begun, even where it panics.
        self.caches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryCaches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}

fn absent(name: &CacheName) -> CacheError {
    CacheError::Absent { name: name.clone() }
}
