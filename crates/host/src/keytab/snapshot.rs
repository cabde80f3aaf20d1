//! A keytab that is read again only when its file has changed.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use orthros_types::keytab::Keytab;

use crate::file_version::FileVersion;

/// What was read last, shared by the clones of a handle.
#[derive(Clone, Default)]
pub(super) struct Snapshot {
    last: Arc<Mutex<Option<Read>>>,
}

/// A keytab and the version of the file that it was read from.
struct Read {
    version: FileVersion,
    keytab: Arc<Keytab>,
}

impl Snapshot {
    /// The keytab as it was read last, if the file is still the same.
    pub(super) fn current(&self, version: FileVersion) -> Option<Arc<Keytab>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref().filter(|last| last.version == version)?;
        Some(last.keytab.clone())
    }

    /// Keeps what was read of a file that had this version before and after it was read.
    pub(super) fn keep(&self, version: FileVersion, keytab: Arc<Keytab>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read { version, keytab });
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
