//! A replay store in memory.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::{Mutex, PoisonError};

use orthros_krb5::{Freshness, ReplayRecord, ReplayStore, ReplayStoreError, ReplayTag, Timestamp};

/// Remembers authenticators for as long as they could be accepted again, and no longer than the process lives (RFC 4120
/// section 3.2.3 wants a store that survives it; MIT's file does). Behind a restart, and in the other processes of a server that
/// forks, a mutual context is safe all the same: the acceptor's subkey is another one. A context without mutual authentication
/// can be replayed there as long as its authenticator is fresh.
///
/// It can be asked from many threads. Each question also forgets a few records that are past their time, so that
/// memory follows the load without a pause. It never forgets early: when it is full of records
/// that still matter it fails, and the acceptor refuses, because an acceptor that went on would take replays. So
/// it does for authenticators that are no newer than those which it has forgotten, as after the clock was set back.
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

/// The authenticator is no newer than one that the store has forgotten: the clock was set back, or an acceptor that allows less
/// skew shares the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an authenticator of that time may have been seen and forgotten")]
pub struct ReplayForgotten;

/// The part of the records whose tags begin alike.
#[derive(Debug, Default)]
struct Shard {
    tags: HashSet<ReplayTag>,
    /// The same tags, those to be forgotten first on top: the last second of each, and the second of the authenticator.
    expiries: BinaryHeap<Reverse<(i64, i64, ReplayTag)>>,
    /// The latest second of an authenticator that was forgotten.
    forgotten: Option<i64>,
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
        let time = record.authenticator_time().seconds();
        if shard.forgotten.is_some_and(|forgotten| time <= forgotten) {
            return Err(ReplayStoreError::new(ReplayForgotten));
        }
        if shard.tags.len() >= self.limit_per_shard {
            return Err(ReplayStoreError::new(full));
        }
        shard.tags.insert(*record.tag());
        shard
            .expiries
            .push(Reverse((record.expiry().seconds(), time, *record.tag())));
        Ok(Freshness::Fresh)
    }
}

impl Shard {
    /// Forgets at most `count` records whose last second is over.
    fn forget(&mut self, now: Timestamp, count: usize) {
        for _ in 0..count {
            match self.expiries.peek() {
                Some(Reverse((last_second, ..))) if *last_second < now.seconds() => {}
                _ => return,
            }
            if let Some(Reverse((_, time, tag))) = self.expiries.pop() {
                self.tags.remove(&tag);
                self.forgotten = self.forgotten.max(Some(time));
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
        // No acceptor asks any more, as the authenticator is not fresh; it would not be called so here either.
        let over = NOW.saturating_add(Duration::from_seconds(301));
        assert!(store.check_and_store(&record, over).is_err());
        assert_eq!(held(&store), 0);
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
    fn a_clock_that_is_set_back_does_not_bring_back_what_was_forgotten() {
        let store = MemoryReplayStore::new();
        let old = record(1, NOW);
        store.check_and_store(&old, NOW).unwrap();
        let later = NOW.saturating_add(Duration::from_seconds(301));
        store.check_and_store(&record(257, later), later).unwrap();
        let refused = store.check_and_store(&old, NOW).unwrap_err();
        assert!(refused.to_string().contains("forgotten"), "{refused}");
        // What is newer than all that was forgotten can't have been among it.
        let newer = NOW.saturating_add(Duration::from_seconds(1));
        assert_eq!(
            store.check_and_store(&record(513, newer), newer).unwrap(),
            Freshness::Fresh
        );
    }

    #[test]
    fn a_longer_skew_does_not_bring_back_what_a_shorter_one_has_forgotten() {
        let store = MemoryReplayStore::new();
        let with_skew = |number: u32, time, now, seconds| {
            let mut ciphertext = [0; 16];
            ciphertext[..4].copy_from_slice(&number.to_le_bytes());
            ReplayRecord::new(&ciphertext, 16, time, now, Duration::from_seconds(seconds)).unwrap()
        };
        store
            .check_and_store(&with_skew(1, NOW, NOW, 10), NOW)
            .unwrap();
        store
            .check_and_store(&with_skew(257, NOW, NOW, 300), NOW)
            .unwrap();
        let later = NOW.saturating_add(Duration::from_seconds(60));
        let again = |number| store.check_and_store(&with_skew(number, NOW, later, 300), later);
        // The caller's own skew counts for what it stored, whoever came first.
        assert_eq!(again(257).unwrap(), Freshness::Replayed);
        assert!(again(1).is_err());
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
