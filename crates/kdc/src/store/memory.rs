//! Principals in memory.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use orthros_types::Principal;

use crate::{EntryVersion, PrincipalEntry, Store, StoreError, StoredEntry};

/// Principals in memory, which live as long as this does.
#[derive(Debug, Default)]
pub struct MemoryStore(RwLock<Records>);

#[derive(Debug, Default)]
struct Records {
    /// Each principal under each of its names.
    names: BTreeMap<Principal, StoredEntry>,
    /// The version of the last change.
    last: u64,
}

impl MemoryStore {
    /// A store without principals.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces all principals by those of another store, at once. No version that was read before is good then.
    #[cfg(feature = "durable")]
    pub(crate) fn replace(&self, other: Self) {
        let other = other.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut records = self.write();
        let versions = records.last;
        records.last = records.last.saturating_add(other.last);
        records.names = other.names;
        for stored in records.names.values_mut() {
            stored.version.0 = stored.version.0.saturating_add(versions);
        }
    }

    /// Whether [`put_if`](Store::put_if) would store it.
    #[cfg(feature = "durable")]
    pub(crate) fn check_put(
        &self,
        entry: &PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<(), StoreError> {
        let records = self.0.read().unwrap_or_else(PoisonError::into_inner);
        records.check_put(entry, found)
    }

    /// Whether [`remove_if`](Store::remove_if) would remove it.
    #[cfg(feature = "durable")]
    pub(crate) fn check_remove(
        &self,
        principal: &Principal,
        found: EntryVersion,
    ) -> Result<(), StoreError> {
        let records = self.0.read().unwrap_or_else(PoisonError::into_inner);
        records.check(principal, Some(found))
    }

    fn write(&self) -> RwLockWriteGuard<'_, Records> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn read(&self, name: &Principal) -> Result<Option<StoredEntry>, StoreError> {
        let records = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(records.names.get(name).cloned())
    }

    fn put_if(
        &self,
        entry: PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<EntryVersion, StoreError> {
        let mut records = self.write();
        records.check_put(&entry, found)?;
        records.forget(&entry.principal);
        records.last = records.last.saturating_add(1);
        let stored = StoredEntry {
            entry: Arc::new(entry),
            version: EntryVersion(records.last),
        };
        for name in all_names(&stored.entry) {
            records.names.insert(name.clone(), stored.clone());
        }
        Ok(stored.version)
    }

    fn remove_if(&self, principal: &Principal, found: EntryVersion) -> Result<(), StoreError> {
        let mut records = self.write();
        records.check(principal, Some(found))?;
        records.forget(principal);
        Ok(())
    }

    fn page(&self, after: Option<&Principal>, limit: usize) -> Result<Vec<Principal>, StoreError> {
        let records = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let canonical = records
            .names
            .range::<Principal, _>((from, Bound::Unbounded))
            .filter(|(name, stored)| **name == stored.entry.principal);
        Ok(canonical
            .map(|(name, _)| name.clone())
            .take(limit)
            .collect())
    }
}

fn all_names(entry: &PrincipalEntry) -> impl Iterator<Item = &Principal> {
    core::iter::once(&entry.principal).chain(&entry.aliases)
}

impl Records {
    /// The principal of this canonical name.
    fn known(&self, principal: &Principal) -> Option<&StoredEntry> {
        let known = self.names.get(principal);
        known.filter(|stored| stored.entry.principal == *principal)
    }

    /// Whether the record of a principal is still the one that was found.
    fn check(&self, principal: &Principal, found: Option<EntryVersion>) -> Result<(), StoreError> {
        if self.known(principal).map(|stored| stored.version) == found {
            return Ok(());
        }
        Err(StoreError::Changed {
            principal: principal.clone(),
        })
    }

    fn check_put(
        &self,
        entry: &PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<(), StoreError> {
        if let Some(name) = self.taken(entry) {
            return Err(StoreError::NameTaken { name: name.clone() });
        }
        self.check(&entry.principal, found)
    }

    /// A name of `entry` that another principal has.
    fn taken<'e>(&self, entry: &'e PrincipalEntry) -> Option<&'e Principal> {
        let is_taken = |name: &&Principal| {
            let owner = self.names.get(*name);
            owner.is_some_and(|owner| owner.entry.principal != entry.principal)
        };
        all_names(entry).find(is_taken)
    }

    /// Removes a principal with all its names.
    fn forget(&mut self, principal: &Principal) {
        let Some(known) = self.known(principal).cloned() else {
            return;
        };
        for name in all_names(&known.entry) {
            self.names.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn principal(name: &str) -> Principal {
        Principal::new("R", [name])
    }

    fn entry(name: &str, aliases: &[&str]) -> PrincipalEntry {
        let mut entry = PrincipalEntry::new(principal(name), Vec::new());
        entry.aliases = aliases.iter().copied().map(principal).collect();
        entry
    }

    #[test]
    fn a_principal_is_found_by_each_of_its_names_and_listed_once() {
        let store = MemoryStore::new();
        store.put(entry("a", &["b", "c"])).unwrap();
        for name in ["a", "b", "c"] {
            let found = store.find(&principal(name)).unwrap().unwrap();
            assert_eq!(found.principal, principal("a"));
        }
        assert_eq!(store.list().unwrap(), vec![principal("a")]);
    }

    #[test]
    fn an_alias_that_a_new_version_lacks_is_gone() {
        let store = MemoryStore::new();
        store.put(entry("a", &["b"])).unwrap();
        store.put(entry("a", &["c"])).unwrap();
        assert!(store.find(&principal("b")).unwrap().is_none());
        assert!(store.find(&principal("c")).unwrap().is_some());
    }

    #[test]
    fn a_name_of_another_principal_is_refused_and_nothing_changes() {
        let store = MemoryStore::new();
        store.put(entry("a", &["b"])).unwrap();
        for taken in [entry("b", &[]), entry("d", &["a"]), entry("d", &["b"])] {
            let error = store.put(taken).unwrap_err();
            assert!(matches!(error, StoreError::NameTaken { .. }));
        }
        assert_eq!(store.list().unwrap(), vec![principal("a")]);
    }

    #[test]
    fn a_principal_is_removed_by_its_canonical_name_only() {
        let store = MemoryStore::new();
        store.put(entry("a", &["b"])).unwrap();
        assert!(!store.remove(&principal("b")).unwrap());
        assert!(store.remove(&principal("a")).unwrap());
        assert!(store.find(&principal("b")).unwrap().is_none());
        assert!(!store.remove(&principal("a")).unwrap());
    }

    #[test]
    fn a_change_of_what_was_changed_in_between_is_refused_and_changes_nothing() {
        let store = MemoryStore::new();
        let first = store.put_if(entry("a", &[]), None).unwrap();
        let second = store.put_if(entry("a", &["b"]), Some(first)).unwrap();
        assert!(second > first);
        let is_refused = |result| matches!(result, Err(StoreError::Changed { .. }));
        assert!(is_refused(store.put_if(entry("a", &[]), Some(first))));
        assert!(is_refused(store.put_if(entry("a", &[]), None)));
        assert!(matches!(
            store.remove_if(&principal("a"), first),
            Err(StoreError::Changed { .. })
        ));
        assert!(store.find(&principal("b")).unwrap().is_some());
        // One that was removed and made anew is another.
        store.remove_if(&principal("a"), second).unwrap();
        assert!(is_refused(store.put_if(entry("a", &[]), Some(second))));
        store.put_if(entry("a", &[]), None).unwrap();
        assert!(is_refused(store.put_if(entry("a", &[]), Some(second))));
    }

    #[test]
    fn no_update_of_many_threads_is_lost() {
        let store = MemoryStore::new();
        store.put(entry("a", &[])).unwrap();
        let add = |count: usize| {
            for index in 0..100 {
                let alias = alloc::format!("{count}-{index}");
                let mut done = Err(StoreError::Changed {
                    principal: principal("a"),
                });
                while matches!(done, Err(StoreError::Changed { .. })) {
                    done = store.update(&principal("a"), &mut |entry| {
                        entry.aliases.push(principal(&alias));
                    });
                }
                done.unwrap();
            }
        };
        std::thread::scope(|scope| {
            for count in 0..4 {
                scope.spawn(move || add(count));
            }
        });
        let found = store.find(&principal("a")).unwrap().unwrap();
        assert_eq!(found.aliases.len(), 400);
    }

    #[test]
    fn pages_follow_each_other_in_order() {
        let store = MemoryStore::new();
        for name in ["c", "a", "b"] {
            store
                .put(entry(name, &[&alloc::format!("{name}-alias")]))
                .unwrap();
        }
        let first = store.page(None, 2).unwrap();
        assert_eq!(first, vec![principal("a"), principal("b")]);
        let second = store.page(first.last(), 2).unwrap();
        assert_eq!(second, vec![principal("c")]);
        assert!(store.page(second.last(), 2).unwrap().is_empty());
    }
}
