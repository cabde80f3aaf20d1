//! Several caches of one user, and which of them is for which server.

use core::cell::OnceCell;
use core::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use orthros_krb5::observe::Observer;
use orthros_types::config::Config;
use orthros_types::{NameType, Principal, choose_identity};

use super::snapshot::CacheSnapshot;
use super::{CACHE_TYPES, Cache, CacheBackend, CacheError, CacheName, CacheScope, CacheType};

/// The caches that a default cache's name stands for, and those in memory.
///
/// `DIR:path` stands for all in that directory, `FILE:path` for that cache alone. Each call looks anew.
#[derive(Clone)]
pub struct CacheCollection {
    shared: Arc<Shared>,
}

/// What copies of a collection share. Each context looks at one.
struct Shared {
    default: CacheName,
    /// Of the default cache's type.
    backend: Arc<dyn CacheBackend>,
    /// Of the other types, in the order of their table.
    others: Vec<Arc<dyn CacheBackend>>,
    default_realm: Option<String>,
    identity_file: Option<PathBuf>,
    observer: Observer,
}

/// Which cache of a collection is for a server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CacheSelection {
    /// This one, as it was when it was selected.
    Cache(CacheSnapshot),
    /// The user's `.k5identity` names a principal for this server that has no cache in the collection.
    NoCacheOf(Principal),
    /// Nothing speaks for any: the default cache.
    Undecided,
}

/// The caches of a collection as they were when they were looked at, each read once at the most: choice and use see
/// the same.
#[derive(Debug)]
pub struct CollectionSnapshot {
    collection: CacheCollection,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    cache: Cache,
    snapshot: OnceCell<Option<CacheSnapshot>>,
}

impl CacheCollection {
    /// The collection of a default cache's name. The file is the user's `.k5identity`.
    pub(crate) fn new(
        default: CacheName,
        scope: &CacheScope<'_>,
        identity_file: Option<PathBuf>,
    ) -> Self {
        let open = |cache_type: &CacheType| (cache_type.open)(scope);
        let others = CACHE_TYPES.types.iter();
        let others = others.filter(|cache_type| cache_type.name != default.type_name());
        Self {
            shared: Arc::new(Shared {
                backend: open(default.cache_type()),
                others: others.map(open).collect(),
                default,
                default_realm: scope.config.default_realm().map(str::to_owned),
                identity_file,
                observer: scope.observer.clone(),
            }),
        }
    }

    /// The cache that the default cache's name stands for: of several the primary one, as it is now. It need not
    /// exist.
    ///
    /// # Errors
    ///
    /// Where the primary cache of a directory can't be found out.
    pub fn default_cache(&self) -> Result<Cache, CacheError> {
        Ok(Cache {
            name: self.shared.backend.primary(&self.shared.default)?,
            backend: self.shared.backend.clone(),
            observer: self.shared.observer.clone(),
        })
    }

    /// The caches that are there: the primary or default one first, then the others of a directory by name, then those
    /// in memory. Some may not be initialised, or be no caches at all.
    ///
    /// # Errors
    ///
    /// Where the directory can't be read. One that is not there has no caches.
    pub fn caches(&self) -> Result<Vec<Cache>, CacheError> {
        let members = self.look()?.members.into_iter();
        Ok(members.map(|member| member.cache).collect())
    }

    /// The first cache of `client`; `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`caches`](Self::caches). Caches that can't be read are passed over.
    pub fn find(&self, client: &Principal) -> Result<Option<Cache>, CacheError> {
        Ok(self.look()?.find(client).map(|found| found.cache().clone()))
    }

    /// One look at the collection. What its caches are is read when it is asked for, and not again.
    ///
    /// # Errors
    ///
    /// As [`caches`](Self::caches).
    pub fn look(&self) -> Result<CollectionSnapshot, CacheError> {
        let Shared {
            default,
            backend: own,
            others,
            ..
        } = &*self.shared;
        let others = others.iter().map(|other| (other, None));
        let mut members = Vec::new();
        for (backend, default) in std::iter::once((own, Some(default))).chain(others) {
            let names = backend.members(default)?.into_iter();
            members.extend(names.map(|name| Member {
                cache: Cache {
                    name,
                    backend: backend.clone(),
                    observer: self.shared.observer.clone(),
                },
                snapshot: OnceCell::new(),
            }));
        }
        Ok(CollectionSnapshot {
            collection: self.clone(),
            members,
        })
    }

    /// A cache in the collection that was not there before, to be initialised.
    ///
    /// # Errors
    ///
    /// [`CacheError::NoCollection`] where the default cache is a file that stands alone; others where it can't be
    /// made.
    pub fn new_cache(&self) -> Result<Cache, CacheError> {
        Ok(Cache {
            name: self.shared.backend.new_member(&self.shared.default)?,
            backend: self.shared.backend.clone(),
            observer: self.shared.observer.clone(),
        })
    }

    /// Which cache is for `server`: see [`CollectionSnapshot::select`].
    ///
    /// # Errors
    ///
    /// As [`caches`](Self::caches).
    pub fn select(&self, server: &Principal) -> Result<CacheSelection, CacheError> {
        Ok(self.look()?.select(server))
    }

    /// A host-based service without a realm gets that of its host's domain, else the default realm.
    fn with_realm(&self, server: &Principal) -> Principal {
        let Some(host) = host_of(server).filter(|_| server.realm().is_empty()) else {
            return server.clone();
        };
        let host = str::from_utf8(host).ok();
        let domain = host.and_then(Config::fallback_host_realm);
        // Without any it stays without.
        let realm = domain
            .or_else(|| self.shared.default_realm.clone())
            .unwrap_or_default();
        Principal::new(realm, server.components().to_vec()).with_name_type(server.name_type())
    }

    /// The principal that the user's `.k5identity` names for a server.
    fn identity(&self, server: &Principal) -> Option<Principal> {
        let path = self.shared.identity_file.as_ref()?;
        // A file that can't be read says nothing, as in MIT.
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        if metadata.len() > LARGEST_IDENTITY_FILE {
            return None;
        }
        let file = fs::read(path).ok()?;
        choose_identity(
            &file,
            server,
            self.shared.default_realm.as_deref().map(str::as_bytes),
        )
    }
}

impl CollectionSnapshot {
    /// The collection itself.
    #[must_use]
    pub fn collection(&self) -> &CacheCollection {
        &self.collection
    }

    /// The first cache of `client`; `None` where there is none. Caches that can't be read are passed over.
    #[must_use]
    pub fn find(&self, client: &Principal) -> Option<CacheSnapshot> {
        self.first(|owner| owner == client)
    }

    /// This cache as it is in this look, or else as it is now.
    ///
    /// # Errors
    ///
    /// As [`Cache::contents`].
    pub fn snapshot_of(&self, cache: &Cache) -> Result<CacheSnapshot, CacheError> {
        let mut members = self.members.iter();
        let member = members.find(|member| member.cache.name() == cache.name());
        match member.and_then(Member::read) {
            Some(snapshot) => Ok(snapshot.clone()),
            None => cache.snapshot(),
        }
    }

    /// Which cache is for `server`, by MIT's order: the principal that the user's `.k5identity` names for it; else a
    /// client of its realm; else one of the realm that its host's name is in. A server without a realm is taken to be
    /// in its host's domain.
    #[must_use]
    pub fn select(&self, server: &Principal) -> CacheSelection {
        let server = self.collection.with_realm(server);
        if let Some(identity) = self.collection.identity(&server) {
            return match self.find(&identity) {
                Some(found) => CacheSelection::Cache(found),
                None => CacheSelection::NoCacheOf(identity),
            };
        }
        if !server.realm().is_empty()
            && let Some(found) = self.first(|owner| owner.realm() == server.realm())
        {
            return CacheSelection::Cache(found);
        }
        let by_host = host_of(&server).and_then(|host| self.of_host(host));
        by_host.map_or(CacheSelection::Undecided, CacheSelection::Cache)
    }

    /// The cache of the client whose realm is the longest end of the host's name.
    fn of_host(&self, host: &[u8]) -> Option<CacheSnapshot> {
        let host = host.to_ascii_uppercase();
        let labels = host.iter().enumerate().filter(|(_, byte)| **byte == b'.');
        let mut ends = std::iter::once(0).chain(labels.map(|(dot, _)| dot + 1));
        ends.find_map(|end| {
            let domain = host.get(end..)?;
            self.first(|owner| owner.realm() == domain)
        })
    }

    fn first(&self, is_wanted: impl Fn(&Principal) -> bool) -> Option<CacheSnapshot> {
        let mut read = self.members.iter().filter_map(Member::read);
        read.find(|found| is_wanted(&found.contents().principal))
            .cloned()
    }
}

impl Member {
    /// What is in it; nothing where that can't be read.
    fn read(&self) -> Option<&CacheSnapshot> {
        let snapshot = self.snapshot.get_or_init(|| self.cache.snapshot().ok());
        snapshot.as_ref()
    }
}

impl fmt::Debug for CacheCollection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut collection = f.debug_struct("CacheCollection");
        collection
            .field("default", &self.shared.default)
            .finish_non_exhaustive()
    }
}

fn host_of(server: &Principal) -> Option<&[u8]> {
    match server.components() {
        [_, host, ..] if server.name_type() == NameType::SRV_HST => Some(host),
        _ => None,
    }
}

/// Far more than a user has identities.
const LARGEST_IDENTITY_FILE: u64 = 1024 * 1024;

#[cfg(test)]
mod tests;
