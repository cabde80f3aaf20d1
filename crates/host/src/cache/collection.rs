//! Several caches of one user, and which of them is for which server.

use std::ffi::OsStr;

use orthros_types::config::Config;
use orthros_types::{NameType, Principal, choose_identity};

use super::{Cache, CacheError, CacheName, dir, memory};
use crate::environment::Environment;

/// The caches that a default cache's name stands for, and those in memory.
///
/// `DIR:path` stands for all in that directory, every other name for that cache alone. Each call looks anew.
#[derive(Clone, Debug)]
pub struct CacheCollection {
    environment: Environment,
    default: CacheName,
}

/// Which cache of a collection is for a server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CacheSelection {
    /// This one.
    Cache(Cache),
    /// The user's `.k5identity` wants somebody to be used who has no cache in the collection.
    NoCacheOf(Principal),
    /// Nothing speaks for any: the default cache.
    Undecided,
}

impl CacheCollection {
    pub(crate) fn new(environment: Environment, default: CacheName) -> Self {
        Self {
            environment,
            default,
        }
    }

    /// The caches that are there: the primary or default one first, then the others of a directory by name, then those in memory.
    /// Some may not be initialised, or be no caches at all.
    ///
    /// # Errors
    ///
    /// Where the directory can't be read. One that is not there has no caches.
    pub fn caches(&self) -> Result<Vec<Cache>, CacheError> {
        let mut names = match &self.default {
            CacheName::Directory(path) => dir::members(path)?,
            CacheName::File(path) | CacheName::DirectoryFile(path) if path.exists() => {
                vec![self.default.clone()]
            }
            _ => Vec::new(),
        };
        let mut in_memory = self.environment.memory_caches().names();
        in_memory.sort();
        let mut in_memory: Vec<CacheName> = in_memory.into_iter().map(CacheName::Memory).collect();
        in_memory.sort_by_key(|name| *name != self.default);
        names.extend(in_memory);
        Ok(names.into_iter().map(|name| self.open(name)).collect())
    }

    /// The first cache of `client`; `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`caches`](Self::caches). Caches that can't be read are nobody's.
    pub fn find(&self, client: &Principal) -> Result<Option<Cache>, CacheError> {
        self.first(|owner| owner == client)
    }

    /// A cache in the collection that was not there before, to be initialised.
    ///
    /// # Errors
    ///
    /// [`CacheError::NoCollection`] where the default cache is a file that stands alone; others where it can't be made.
    pub fn new_cache(&self) -> Result<Cache, CacheError> {
        let mut random = self.environment.random();
        match &self.default {
            CacheName::Directory(path) => Ok(self.open(dir::new_member(path, &mut random)?)),
            CacheName::Memory(_) => Ok(self.open(memory::unique_name(&mut random)?)),
            CacheName::File(_) | CacheName::DirectoryFile(_) => Err(CacheError::NoCollection {
                name: self.default.clone(),
            }),
        }
    }

    /// Which cache is for `server`, by MIT's order: the principal that the user's `.k5identity` names for it; else a client of
    /// its realm; else one of the realm that its host's name is in. A server without a realm is taken to be in its host's domain.
    ///
    /// # Errors
    ///
    /// As [`caches`](Self::caches).
    pub fn select(&self, server: &Principal) -> Result<CacheSelection, CacheError> {
        let server = self.with_realm(server);
        if let Some(identity) = self.identity(&server) {
            return Ok(match self.find(&identity)? {
                Some(cache) => CacheSelection::Cache(cache),
                None => CacheSelection::NoCacheOf(identity),
            });
        }
        if !server.realm().is_empty()
            && let Some(cache) = self.first(|owner| owner.realm() == server.realm())?
        {
            return Ok(CacheSelection::Cache(cache));
        }
        let by_host = host_of(&server)
            .map(|host| self.of_host(host))
            .transpose()?;
        let selected = by_host.flatten().map(CacheSelection::Cache);
        Ok(selected.unwrap_or(CacheSelection::Undecided))
    }

    /// A host-based service without a realm gets that of its host's domain, else the default realm.
    fn with_realm(&self, server: &Principal) -> Principal {
        let Some(host) = host_of(server).filter(|_| server.realm().is_empty()) else {
            return server.clone();
        };
        let host = str::from_utf8(host).ok();
        let domain = host.and_then(Config::fallback_host_realm);
        let default_realm = || self.environment.config().default_realm().map(str::to_owned);
        let realm = domain.or_else(default_realm).unwrap_or_default();
        Principal::new(realm, server.components().to_vec()).with_name_type(server.name_type())
    }

    fn identity(&self, server: &Principal) -> Option<Principal> {
        let file = self.environment.identity_file()?;
        let default_realm = self.environment.config().default_realm();
        choose_identity(&file, server, default_realm.map(str::as_bytes))
    }

    /// The cache of the client whose realm is the longest end of the host's name.
    fn of_host(&self, host: &[u8]) -> Result<Option<Cache>, CacheError> {
        let host = host.to_ascii_uppercase();
        let labels = host.iter().enumerate().filter(|(_, octet)| **octet == b'.');
        let ends = std::iter::once(0).chain(labels.map(|(dot, _)| dot + 1));
        for end in ends {
            let domain = host.get(end..).unwrap_or_default();
            if let Some(cache) = self.first(|owner| owner.realm() == domain)? {
                return Ok(Some(cache));
            }
        }
        Ok(None)
    }

    fn first(&self, is_wanted: impl Fn(&Principal) -> bool) -> Result<Option<Cache>, CacheError> {
        let mut caches = self.caches()?.into_iter();
        Ok(caches.find(|cache| cache.principal().is_ok_and(|owner| is_wanted(&owner))))
    }

    fn open(&self, name: CacheName) -> Cache {
        Cache::new(
            name,
            self.environment.memory_caches().clone(),
            self.environment.random(),
        )
    }
}

impl Environment {
    /// The caches that the default cache's name stands for.
    ///
    /// # Errors
    ///
    /// As [`default_cache`](Self::default_cache).
    pub fn cache_collection(&self) -> Result<CacheCollection, CacheError> {
        let default = CacheName::parse(self.default_cache_name()?)?;
        Ok(CacheCollection::new(self.clone(), default))
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
        Ok(CacheCollection::new(self.clone(), CacheName::parse(name)?))
    }
}

fn host_of(server: &Principal) -> Option<&[u8]> {
    match server.components() {
        [_, host, ..] if server.name_type() == NameType::SRV_HST => Some(host),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
