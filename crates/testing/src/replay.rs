//! Replay caches for tests.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use orthros_types::{Freshness, ReplayCache, ReplayCacheError, ReplayRecord, ReplayTag, Timestamp};

/// Takes every request for a fresh one: for a single exchange, in which nothing can be a replay.
#[derive(Clone, Copy, Debug)]
pub struct NoReplays;

impl ReplayCache for NoReplays {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        Ok(Freshness::Fresh)
    }
}

/// Remembers every request for ever, whatever the time.
#[derive(Debug, Default)]
pub struct EndlessReplays(Mutex<HashSet<ReplayTag>>);

impl ReplayCache for EndlessReplays {
    fn check_and_store(
        &self,
        record: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match seen.insert(*record.tag()) {
            true => Freshness::Fresh,
            false => Freshness::Replayed,
        })
    }
}
