//! Where principals are kept: [`Store`], and a file below for each kind of store.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use orthros_types::Principal;

use crate::PrincipalEntry;

#[cfg(feature = "durable")]
mod durable;
#[cfg(feature = "std")]
mod memory;

#[cfg(feature = "durable")]
pub use durable::{DurableStore, DurableStoreError, RecordError, StoreFileError};
#[cfg(feature = "std")]
pub use memory::MemoryStore;

/// Where principals are kept.
///
/// One store may be used by many threads at once. A change says which version of the record it was made of
/// ([`put_if`](Self::put_if), [`remove_if`](Self::remove_if)), so that it never undoes one that was made in between.
///
/// A store implements [`read`](Self::read), [`put_if`](Self::put_if), [`remove_if`](Self::remove_if) and
/// [`page`](Self::page); the other methods are made of these.
pub trait Store: fmt::Debug + Send + Sync {
    /// The principal that has this name or alias in this realm, and the version of its record.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store can't tell; the KDC answers that a service it needs is not available.
    fn read(&self, name: &Principal) -> Result<Option<StoredEntry>, StoreError>;

    /// Compare and set: stores a principal if its record is still the one that was read, and gives the new version.
    ///
    /// `found` is the version that was read of the principal of the same canonical name, or `None` for a principal
    /// that must not be there yet. Once this returns, the principal outlives what the store can outlive.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where the record is another one by now, or there is none: read it again.
    /// [`StoreError`] where the principal was not stored; what was there before is there still.
    fn put_if(
        &self,
        entry: PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<EntryVersion, StoreError>;

    /// Removes the principal of this canonical name if its record is still the one that was read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where the record is another one by now, or there is none; [`StoreError`] where it
    /// may be there still.
    fn remove_if(&self, principal: &Principal, found: EntryVersion) -> Result<(), StoreError>;

    /// The canonical names of at most `limit` principals, in order: of those that come after `after`, or of the first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store can't tell.
    fn page(&self, after: Option<&Principal>, limit: usize) -> Result<Vec<Principal>, StoreError>;

    /// The realm whose principals these are, where the store has it on record. A KDC of another realm must not use it.
    fn realm(&self) -> Option<&[u8]> {
        None
    }

    /// The principal that has this name or alias, in this realm.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    fn find(&self, name: &Principal) -> Result<Option<Arc<PrincipalEntry>>, StoreError> {
        Ok(self.read(name)?.map(|stored| stored.entry))
    }

    /// Adds a principal, or replaces the one of the same canonical name, whatever its record is: for principals
    /// that are made anew. To change one that is there, use [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// As [`put_if`](Self::put_if).
    fn put(&self, entry: PrincipalEntry) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let found = self.read(&entry.principal)?;
            let found = found.filter(|found| found.entry.principal == entry.principal);
            match self.put_if(entry.clone(), found.map(|found| found.version)) {
                Err(StoreError::Changed { .. }) => {}
                stored => return stored.map(drop),
            }
        }
        let principal = entry.principal;
        Err(StoreError::Changed { principal })
    }

    /// Changes the principal that has this name or alias, and gives what it is then; `None` where there is none.
    /// `change` is called again where the record was changed in between.
    ///
    /// # Errors
    ///
    /// As [`put_if`](Self::put_if); [`StoreError::Changed`] only where that came up many times in a row.
    fn update(
        &self,
        name: &Principal,
        change: &mut dyn FnMut(&mut PrincipalEntry),
    ) -> Result<Option<PrincipalEntry>, StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(found) = self.read(name)? else {
                return Ok(None);
            };
            let mut entry = PrincipalEntry::clone(&found.entry);
            change(&mut entry);
            match self.put_if(entry.clone(), Some(found.version)) {
                Err(StoreError::Changed { .. }) => {}
                stored => return stored.map(|_| Some(entry)),
            }
        }
        let principal = name.clone();
        Err(StoreError::Changed { principal })
    }

    /// Removes the principal of this canonical name, whatever its record is; says whether there was one.
    ///
    /// # Errors
    ///
    /// As [`remove_if`](Self::remove_if).
    fn remove(&self, principal: &Principal) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let found = self.read(principal)?;
            let Some(found) = found.filter(|found| found.entry.principal == *principal) else {
                return Ok(false);
            };
            match self.remove_if(principal, found.version) {
                Err(StoreError::Changed { .. }) => {}
                removed => return removed.map(|()| true),
            }
        }
        let principal = principal.clone();
        Err(StoreError::Changed { principal })
    }

    /// The canonical names of all principals, in order.
    ///
    /// # Errors
    ///
    /// As [`page`](Self::page).
    fn list(&self) -> Result<Vec<Principal>, StoreError> {
        let mut all: Vec<Principal> = Vec::new();
        loop {
            let page = self.page(all.last(), PAGE)?;
            let is_last = page.len() < PAGE;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }
}

/// A principal as a store has it.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// The principal.
    pub entry: Arc<PrincipalEntry>,
    /// Which version of its record this is.
    pub version: EntryVersion,
}

/// Which version of a principal's record was read.
///
/// A store never gives the same version to two records that differ, not even after one was removed and the
/// principal made anew, and gives later changes, of whichever principal, higher ones. It is good for as long as the
/// store is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryVersion(pub u64);

/// How often a change is tried while others change the same principal. Each attempt that fails is one of theirs
/// that succeeded.
const ATTEMPTS: usize = 16;
/// Names that are asked for at once.
const PAGE: usize = 1024;

/// A store that could not do its work, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The record is not the one that was read: it was changed, removed or made in between.
    #[error("{principal} was changed by others at the same time")]
    Changed {
        /// The principal.
        principal: Principal,
    },
    /// Two principals can't share a name or alias.
    #[error("{name} is a name of another principal")]
    NameTaken {
        /// The name that both would have.
        name: Principal,
    },
    /// What keeps the principals failed.
    #[error("principal store is not usable: {0}")]
    Unusable(Box<dyn core::error::Error + Send + Sync>),
}
