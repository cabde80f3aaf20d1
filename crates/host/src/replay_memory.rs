//! A replay store in memory.
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::{Mutex, PoisonError};

use orthros_krb5::{Freshness, ReplayRecord, ReplayStore, ReplayStoreError, ReplayTag, Timestamp};

/// Remembers authenticators for as long as they could be accepted again, and no longer than the process lives: behind a
/// restart an acceptor relies on its subkey (RFC 4120 section 3.2.3 wants a store that survives it; MIT's file does).
///
/// It can be asked from many threads. Each question also forgets a few records that are past their time, so that
/// memory follows the load without a pause. It never forgets early: when it is full of records
/// that still matter it fails, and the acceptor refuses, because an acceptor that went on would take replays.
#[derive(Debug)]
pub struct MemoryReplayStore {
    shards: [Mutex<Shard>; SHARDS],
    limit_per_shard: usize,
}

/// The store holds as many records as it may, and all of them still matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("all {limit} places are taken by authenticators that could be replayed")]
pub struct ReplayStoreFull {
    /// How many records it may hold.
    pub limit: usize,
}

/// The part of the records whose tags begin alike.
#[derive(Debug, Default)]
struct Shard {
    tags: HashSet<ReplayTag>,
    /// The same tags, those to be forgotten first on top: the last second of each.
    expiries: BinaryHeap<Reverse<(i64, ReplayTag)>>,
}

impl MemoryReplayStore {
    /// Room for four million records, some 80 octets each: 14 000 a second with the usual skew of five minutes.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(1 << 22)
    }

    /// Room for about `limit` records. It takes memory only for those that it holds.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            shards: Default::default(),
            limit_per_shard: limit.div_ceil(SHARDS),
        }
    }
}

impl Default for MemoryReplayStore {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplayStore for MemoryReplayStore {
    fn check_and_store(
        &self,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayStoreError> {
        let [first, ..] = record.tag();
        let full = ReplayStoreFull {
            limit: self.limit_per_shard.saturating_mul(SHARDS),
        };
        let shard = self
            .shards
            .get(usize::from(*first) % SHARDS)
            .ok_or_else(|| ReplayStoreError::new(full))?;
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.forget(now, FORGOTTEN_AT_ONCE);
        if shard.tags.contains(record.tag()) {
            return Ok(Freshness::Replayed);
        }
        if shard.tags.len() >= self.limit_per_shard {
            return Err(ReplayStoreError::new(full));
        }
        shard.tags.insert(*record.tag());
        shard
            .expiries
            .push(Reverse((record.expiry().seconds(), *record.tag())));
        Ok(Freshness::Fresh)
    }
}

impl Shard {
    /// Forgets at most `count` records whose last second is over.
    fn forget(&mut self, now: Timestamp, count: usize) {
        for _ in 0..count {
            match self.expiries.peek() {
                Some(Reverse((last_second, _))) if *last_second < now.seconds() => {}
                _ => return,
            }
            if let Some(Reverse((_, tag))) = self.expiries.pop() {
                self.tags.remove(&tag);
            }
        }
    }
}

const SHARDS: usize = 16;
/// More than one, so that what a burst has left goes away though each question adds one.
const FORGOTTEN_AT_ONCE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use orthros_krb5::Duration;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
    const SKEW: Duration = Duration::from_seconds(300);

    /// The record number `number`, of an authenticator as old as the acceptor's clock.
    fn record(number: u32, now: Timestamp) -> ReplayRecord {
        let mut ciphertext = [0; 16];
        ciphertext[..4].copy_from_slice(&number.to_le_bytes());
        ReplayRecord::new(&ciphertext, 16, now, now, SKEW).unwrap()
    }

    fn held(store: &MemoryReplayStore) -> usize {
        store
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().tags.len())
            .sum()
    }

    #[test]
    fn a_second_time_is_a_replay_until_the_skew_is_over() {
        let store = MemoryReplayStore::new();
        let record = record(1, NOW);
        assert_eq!(
            store.check_and_store(&record, NOW).unwrap(),
            Freshness::Fresh
        );
        for later in [0, 1, 299, 300] {
            let now = NOW.saturating_add(Duration::from_seconds(later));
            assert_eq!(
                store.check_and_store(&record, now).unwrap(),
                Freshness::Replayed
            );
        }
        let over = NOW.saturating_add(Duration::from_seconds(301));
        assert_eq!(
            store.check_and_store(&record, over).unwrap(),
            Freshness::Fresh
        );
    }

    #[test]
    fn records_past_their_time_make_room() {
        let store = MemoryReplayStore::new();
        for number in 0..1000 {
            store.check_and_store(&record(number, NOW), NOW).unwrap();
        }
        assert_eq!(held(&store), 1000);
        let later = NOW.saturating_add(Duration::from_seconds(301));
        for number in 1000..1400 {
            store
                .check_and_store(&record(number, later), later)
                .unwrap();
        }
        assert_eq!(held(&store), 400);
    }

    #[test]
    fn a_record_kept_for_ever_does_not_keep_others() {
        let store = MemoryReplayStore::with_limit(SHARDS * 2);
        let endless =
            ReplayRecord::new(&[0; 16], 16, NOW, NOW, Duration::from_seconds(i64::MAX)).unwrap();
        store.check_and_store(&endless, NOW).unwrap();
        for day in 1..100 {
            let now = NOW.saturating_add(Duration::from_seconds(day * 86400));
            let number = u32::try_from(day * 256).unwrap();
            assert_eq!(
                store.check_and_store(&record(number, now), now).unwrap(),
                Freshness::Fresh
            );
        }
        assert_eq!(
            store.check_and_store(&endless, NOW).unwrap(),
            Freshness::Replayed
        );
    }

    #[test]
    fn a_full_store_refuses_and_still_knows_what_it_holds() {
        let store = MemoryReplayStore::with_limit(SHARDS);
        store.check_and_store(&record(0, NOW), NOW).unwrap();
        let refused = store.check_and_store(&record(256, NOW), NOW).unwrap_err();
        assert!(
            refused.to_string().contains("all 16 places are taken"),
            "{refused}"
        );
        assert_eq!(
            store.check_and_store(&record(0, NOW), NOW).unwrap(),
            Freshness::Replayed
        );
    }

    #[test]
    fn of_many_threads_one_is_first() {
        let store = MemoryReplayStore::new();
        let fresh = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..500 {
                        if store.check_and_store(&record(number, NOW), NOW).unwrap()
                            == Freshness::Fresh
                        {
                            fresh.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(fresh.into_inner(), 500);
    }
}
