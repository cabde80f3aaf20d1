//! Where principals are kept.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use orthros_krb5::Principal;

use crate::PrincipalEntry;

#[cfg(feature = "std")]
mod memory;

#[cfg(feature = "std")]
pub use memory::MemoryStore;

/// Where principals are kept.
///
/// One store may be asked from many threads at once.
pub trait Store: fmt::Debug + Send + Sync {
    /// The principal that has this name or alias, in this realm.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store can't tell; the KDC answers that a service it needs is not available.
    fn find(&self, name: &Principal) -> Result<Option<Arc<PrincipalEntry>>, StoreError>;

    /// Adds a principal, or replaces the one of the same canonical name. Once this returns, the principal outlives what
    /// the store can outlive.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the principal was not stored; what was there before is there still.
    fn put(&self, entry: PrincipalEntry) -> Result<(), StoreError>;

    /// Removes the principal of this canonical name; says whether there was one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it may be there still.
    fn remove(&self, principal: &Principal) -> Result<bool, StoreError>;

    /// The canonical names of all principals, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store can't tell.
    fn list(&self) -> Result<Vec<Principal>, StoreError>;
}

/// A store that could not do its work, and why.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Two principals can't share a name or alias.
    #[error("{name} is a name of another principal")]
    NameTaken {
        /// The name that both would have.
        name: Principal,
    },
    /// What keeps the principals failed.
    #[error("principal store is not usable: {0}")]
    Unusable(#[source] Box<dyn core::error::Error + Send + Sync>),
}
