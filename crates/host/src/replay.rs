//! Replay caches: in memory, or in a file that MIT's acceptors share.
//!
//! A type of replay caches with a name is a row of [`REPLAY_TYPES`]. Others are given to an environment as values.

mod file;
mod memory;
mod name;

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

use orthros_types::{Freshness, ReplayCache, ReplayCacheError, ReplayRecord, Timestamp};

pub use file::{FileReplayCache, ReplayFileError};
pub use memory::{MemoryReplayCache, ReplayCacheFull, ReplayForgotten, ReplayQuotaExceeded};
pub use name::ReplayCacheNameError;
pub(crate) use name::{MisnamedReplayCache, ReplayName};

use crate::random::Randomness;
use crate::typed_name::{NameTable, NamedType, Untyped};

/// The types of replay caches that have a name.
static REPLAY_TYPES: NameTable<ReplayType> = NameTable {
    of: "replay cache",
    untyped: Untyped::Refused,
    types: &[file::DEFAULT_TYPE, file::FILE_TYPE, NONE],
};

/// A type of replay caches.
struct ReplayType {
    /// What stands before the colon.
    name: &'static str,
    /// Whether a residual is of use; what is wrong with it, in words that can follow the name.
    check: fn(&OsStr) -> Result<(), &'static str>,
    open: fn(&OsStr, ReplayScope<'_>) -> Arc<dyn ReplayCache>,
}

/// What of an environment its replay caches are opened with.
pub(crate) struct ReplayScope<'a> {
    /// Where the default one's file is.
    pub(crate) directory: &'a Path,
    pub(crate) randomness: Arc<dyn Randomness>,
}

impl NamedType for ReplayType {
    fn name(&self) -> &'static str {
        self.name
    }

    fn check(&self, residual: &OsStr) -> Result<(), &'static str> {
        (self.check)(residual)
    }
}

const NONE: ReplayType = ReplayType {
    name: "none",
    check: |_| Ok(()),
    open: |_, _| Arc::new(NoReplayCache),
};

/// `none:`: remembers nothing.
#[derive(Debug)]
struct NoReplayCache;

impl ReplayCache for NoReplayCache {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        Ok(Freshness::Fresh)
    }
}
