//! Principals in memory.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::sync::{PoisonError, RwLock};

use orthros_krb5::Principal;

use crate::{PrincipalEntry, Store, StoreError};

/// Principals in memory, which live as long as this does.
#[derive(Debug, Default)]
pub struct MemoryStore(RwLock<BTreeMap<Principal, Arc<PrincipalEntry>>>);

impl MemoryStore {
    /// A store without principals.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn find(&self, name: &Principal) -> Result<Option<Arc<PrincipalEntry>>, StoreError> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(names.get(name).cloned())
    }

    fn put(&self, entry: PrincipalEntry) -> Result<(), StoreError> {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = taken(&names, &entry) {
            return Err(StoreError::NameTaken { name: name.clone() });
        }
        forget(&mut names, &entry.principal);
        let entry = Arc::new(entry);
        for name in all_names(&entry) {
            names.insert(name.clone(), Arc::clone(&entry));
        }
        Ok(())
    }

    fn remove(&self, principal: &Principal) -> Result<bool, StoreError> {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Ok(forget(&mut names, principal))
    }

    fn list(&self) -> Result<Vec<Principal>, StoreError> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let canonical = names
            .iter()
            .filter(|(name, entry)| **name == entry.principal);
        Ok(canonical.map(|(name, _)| name.clone()).collect())
    }
}

type Names = BTreeMap<Principal, Arc<PrincipalEntry>>;

fn all_names(entry: &PrincipalEntry) -> impl Iterator<Item = &Principal> {
    core::iter::once(&entry.principal).chain(&entry.aliases)
}

/// A name of `entry` that another principal has.
fn taken<'e>(names: &Names, entry: &'e PrincipalEntry) -> Option<&'e Principal> {
    let is_taken = |name: &&Principal| {
        let owner = names.get(*name);
        owner.is_some_and(|owner| owner.principal != entry.principal)
    };
    all_names(entry).find(is_taken)
}

/// Removes a principal with all its names.
fn forget(names: &mut Names, principal: &Principal) -> bool {
    let known = names.get(principal);
    let Some(entry) = known.filter(|entry| entry.principal == *principal) else {
        return false;
    };
    let entry = Arc::clone(entry);
    for name in all_names(&entry) {
        names.remove(name);
    }
    true
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
}
