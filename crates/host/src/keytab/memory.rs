//! MEMORY keytabs: known to the handles of one environment, gone with the last of them.

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orthros_types::keytab::{Keytab, KeytabEntry};

use super::{KeytabBackend, KeytabError, KeytabName, KeytabType};

pub(super) const TYPE: KeytabType = KeytabType {
    name: "MEMORY",
    alias: None,
    check: |_| Ok(()),
    open: |_, memory| Arc::new(memory.clone()),
};

/// The MEMORY keytabs of an environment by name. Their keys are zeroized when they go.
#[derive(Clone, Default)]
pub(crate) struct MemoryKeytabs {
    keytabs: Arc<Mutex<HashMap<KeytabName, Arc<Keytab>>>>,
}

impl KeytabBackend for MemoryKeytabs {
    fn read(&self, name: &KeytabName) -> Result<Keytab, KeytabError> {
        self.snapshot(name).map(Arc::unwrap_or_clone)
    }

    fn snapshot(&self, name: &KeytabName) -> Result<Arc<Keytab>, KeytabError> {
        self.lock().get(name).cloned().ok_or_else(|| absent(name))
    }

    fn add(&self, name: &KeytabName, entry: &KeytabEntry) -> Result<(), KeytabError> {
        let mut keytabs = self.lock();
        let keytab = keytabs.entry(name.clone()).or_default();
        Arc::make_mut(keytab).push(entry.clone());
        Ok(())
    }

    fn remove(
        &self,
        name: &KeytabName,
        unwanted: &dyn Fn(&KeytabEntry) -> bool,
    ) -> Result<usize, KeytabError> {
        let mut keytabs = self.lock();
        let keytab = keytabs.get_mut(name).ok_or_else(|| absent(name))?;
        let (unwanted, left): (Vec<_>, Vec<_>) =
            keytab.entries().iter().partition(|entry| unwanted(entry));
        let count = unwanted.len();
        *keytab = Arc::new(Keytab::new(left.into_iter().cloned().collect()));
        Ok(count)
    }
}

impl MemoryKeytabs {
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

fn absent(name: &KeytabName) -> KeytabError {
    KeytabError::Absent { name: name.clone() }
}
