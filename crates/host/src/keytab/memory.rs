//! MEMORY keytabs: known to the handles of one environment, gone with the last of them.

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orthros_types::keytab::{Keytab, KeytabEntry};

use super::{KeytabFileError, KeytabName};

/// The MEMORY keytabs of an environment by name. Their keys are zeroized when they go.
#[derive(Clone, Default)]
pub(crate) struct MemoryKeytabs {
    keytabs: Arc<Mutex<HashMap<KeytabName, Arc<Keytab>>>>,
}

impl MemoryKeytabs {
    pub(super) fn read(&self, name: &KeytabName) -> Result<Arc<Keytab>, KeytabFileError> {
        let absent = || KeytabFileError::Absent { name: name.clone() };
        self.lock().get(name).cloned().ok_or_else(absent)
    }

    pub(super) fn add(&self, name: &KeytabName, entry: &KeytabEntry) {
        let mut keytabs = self.lock();
        let keytab = keytabs.entry(name.clone()).or_default();
        Arc::make_mut(keytab).push(entry.clone());
    }

    /// How many there were.
    pub(super) fn remove(
        &self,
        name: &KeytabName,
        unwanted: impl Fn(&KeytabEntry) -> bool,
    ) -> Result<usize, KeytabFileError> {
        let mut keytabs = self.lock();
        let absent = || KeytabFileError::Absent { name: name.clone() };
        let keytab = keytabs.get_mut(name).ok_or_else(absent)?;
        let (unwanted, left): (Vec<_>, Vec<_>) =
            keytab.entries().iter().partition(|entry| unwanted(entry));
        let count = unwanted.len();
        *keytab = Arc::new(Keytab::new(left.into_iter().cloned().collect()));
        Ok(count)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeytabName, Arc<Keytab>>> {
        // Every change under the lock is whole or not begun, even where it panics.
        self.keytabs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryKeytabs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.lock().keys()).finish()
    }
}
