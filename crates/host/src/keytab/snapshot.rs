//! A keytab that is read again only when its file has changed.

use core::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orthros_krb5::keytab::Keytab;

/// What was read last, shared by the clones of a handle.
#[derive(Clone, Default)]
pub(super) struct Snapshot {
    last: Arc<Mutex<Option<Read>>>,
}

/// A keytab and the version of the file that it was read from.
struct Read {
    version: Version,
    keytab: Arc<Keytab>,
}

/// What changes when anybody writes to a file, or puts another in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Snapshot {
    /// The keytab as it was read last, if the file is still the same.
    pub(super) fn current(&self, version: Version) -> Option<Arc<Keytab>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref().filter(|last| last.version == version)?;
        Some(last.keytab.clone())
    }

    /// Keeps what was read of a file that had this version before and after it was read.
    pub(super) fn keep(&self, version: Version, keytab: Arc<Keytab>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read { version, keytab });
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

impl Version {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Whether a later write is sure to give another version. File systems stamp with a clock that ticks: two writes
    /// within one tick have one stamp, so that one can't be relied on before its tick is long over.
    pub(super) fn is_settled(&self, now: SystemTime) -> bool {
        let (seconds, _) = self.changed;
        let changed = u64::try_from(seconds)
            .ok()
            .map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        let age = changed.and_then(|changed| now.duration_since(changed).ok());
        age.is_some_and(|age| age > LONGEST_TICK)
    }
}

/// Two seconds are the tick of the coarsest file systems; the second is rounded down above.
const LONGEST_TICK: Duration = Duration::from_secs(4);
