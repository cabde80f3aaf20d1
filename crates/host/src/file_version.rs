//! Which version of a file one has read: what changes when it is written to, or another is put in its place.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Identity, size and times of a file, whatever its name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileVersion {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileVersion {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of_metadata(&metadata))
    }

    pub(crate) fn of_metadata(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// How long ago the file was changed last; `None` where that is not in the past by this clock.
    pub(crate) fn age(&self, now: SystemTime) -> Option<Duration> {
        let (seconds, nanoseconds) = self.changed;
        let seconds = u64::try_from(seconds).ok()?;
        let since_epoch = Duration::new(seconds, u32::try_from(nanoseconds).ok()?);
        now.duration_since(UNIX_EPOCH.checked_add(since_epoch)?)
            .ok()
    }

    /// Whether a later write is sure to give another version. File systems stamp with a clock that ticks: two writes
    /// within one tick have one stamp, so that one can't be relied on before its tick is long over.
    pub(crate) fn is_settled(&self, now: SystemTime) -> bool {
        self.age(now).is_some_and(|age| age > LONGEST_TICK)
    }
}

/// Two seconds are the tick of the coarsest file systems.
const LONGEST_TICK: Duration = Duration::from_secs(4);
