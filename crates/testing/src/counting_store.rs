//! A store of principals that counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use orthros_kdc::{EntryVersion, MemoryStore, PrincipalEntry, Store, StoreError, StoredEntry};
use orthros_types::Principal;

/// Another store, and how often a principal was looked up in it.
#[derive(Debug, Default)]
pub struct CountingStore {
    store: Arc<MemoryStore>,
    look_ups: AtomicUsize,
}

impl CountingStore {
    /// Counts the look-ups in `store` from here on.
    #[must_use]
    pub const fn new(store: Arc<MemoryStore>) -> Self {
        Self {
            store,
            look_ups: AtomicUsize::new(0),
        }
    }

    /// The store itself: what it is asked is not counted.
    #[must_use]
    pub fn uncounted(&self) -> &MemoryStore {
        &self.store
    }

    /// How many look-ups there have been.
    #[must_use]
    pub fn look_ups(&self) -> usize {
        self.look_ups.load(Ordering::Relaxed)
    }
}

impl Store for CountingStore {
    fn read(&self, name: &Principal) -> Result<Option<StoredEntry>, StoreError> {
        self.look_ups.fetch_add(1, Ordering::Relaxed);
        self.store.read(name)
    }

    fn put_if(
        &self,
        entry: PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<EntryVersion, StoreError> {
        self.store.put_if(entry, found)
    }

    fn remove_if(&self, principal: &Principal, found: EntryVersion) -> Result<(), StoreError> {
        self.store.remove_if(principal, found)
    }

    fn page(&self, after: Option<&Principal>, limit: usize) -> Result<Vec<Principal>, StoreError> {
        self.store.page(after, limit)
    }
}
