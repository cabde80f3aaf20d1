//! One part of a replay store's records.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use orthros_types::{Freshness, ReplayRecord, ReplayTag};

/// A client by its keyed hash, where it is known.
pub(super) type Client = Option<u64>;

/// The part of the records whose tags' hashes agree. Times are in seconds.
#[derive(Debug, Default)]
pub(super) struct Shard {
    tags: HashSet<ReplayTag>,
    /// The same records, those to be forgotten first on top.
    expiries: BinaryHeap<Reverse<Held>>,
    /// How many of them each client has.
    clients: HashMap<u64, usize>,
    seen: Seen,
}

/// A record that is held. The order counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    last_second: i64,
    /// That of the authenticator.
    time: i64,
    tag: ReplayTag,
    client: Client,
}

/// What is known of times: of the clock, and of authenticators that were seen.
#[derive(Debug, Default)]
struct Seen {
    /// The greatest skew that was allowed.
    skew: i64,
    /// What the clock showed last.
    clock: Option<i64>,
    /// The latest authenticator.
    newest: Option<i64>,
    /// The latest one before the clock last went on by more than the skew at once.
    before_gap: Option<i64>,
    /// The latest one that was forgotten.
    forgotten: Option<i64>,
    /// Since when the clock shows a time that can't be that of the newest authenticator: it was ahead before.
    set_back: Option<i64>,
}

/// Why an authenticator is neither fresh nor replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no place.
    Full,
    /// There is none for this client.
    Quota,
    /// It may have been here before.
    Forgotten,
}

impl Shard {
    /// Looks for the record, and stores it if it is not there, in one of `limit` places.
    pub(super) fn check(
        &mut self,
        client: Client,
        record: &ReplayRecord,
        now: i64,
        limit: usize,
    ) -> Result<Freshness, Refused> {
        if self.seen.at(now, record.skew().seconds()) {
            self.forget_the_future();
        }
        self.forget(now, FORGOTTEN_AT_ONCE);
        if self.tags.contains(record.tag()) {
            return Ok(Freshness::Replayed);
        }
        let time = record.authenticator_time().seconds();
        if self.seen.may_have_forgotten(time, now) {
            return Err(Refused::Forgotten);
        }
        let free = limit.saturating_sub(self.tags.len());
        if free == 0 {
            return Err(Refused::Full);
        }
        if let Some(client) = client {
            let held = self.clients.entry(client).or_default();
            // Where it has none there is a place, so that no entry is left behind.
            if *held >= free {
                return Err(Refused::Quota);
            }
            *held = held.saturating_add(1);
        }
        self.tags.insert(*record.tag());
        self.expiries.push(Reverse(Held {
            last_second: record.expiry().seconds(),
            time,
            tag: *record.tag(),
            client,
        }));
        self.seen.newest = self.seen.newest.max(Some(time));
        Ok(Freshness::Fresh)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.tags.len(), self.expiries.len());
        self.tags.len()
    }

    #[cfg(test)]
    pub(super) fn clients(&self) -> usize {
        self.clients.len()
    }

    /// Forgets at most `count` records whose last second is over.
    fn forget(&mut self, now: i64, count: usize) {
        for _ in 0..count {
            match self.expiries.peek() {
                Some(Reverse(held)) if held.last_second < now => {}
                _ => return,
            }
            if let Some(Reverse(held)) = self.expiries.pop() {
                self.tags.remove(&held.tag);
                count_down(&mut self.clients, held.client);
                self.seen.forgot(held.time);
            }
        }
    }

    /// Forgets the records of a time that has not come: the clock was ahead, and has been right for a while.
    fn forget_the_future(&mut self) {
        let Some(latest) = self.seen.clock_is_right() else {
            return;
        };
        let Self {
            tags,
            expiries,
            clients,
            ..
        } = self;
        expiries.retain(|Reverse(held)| {
            let stays = held.time <= latest;
            if !stays {
                tags.remove(&held.tag);
                count_down(clients, held.client);
            }
            stays
        });
    }
}

fn count_down(clients: &mut HashMap<u64, usize>, client: Client) {
    let Some(client) = client else {
        return;
    };
    if let Some(held) = clients.get_mut(&client) {
        *held = held.saturating_sub(1);
        if *held == 0 {
            clients.remove(&client);
        }
    }
}

impl Seen {
    /// Takes what the clock shows. Says whether it has been right for as long as the skew, after it was ahead.
    fn at(&mut self, now: i64, skew: i64) -> bool {
        self.skew = self.skew.max(skew);
        let newest_possible = now.saturating_add(self.skew);
        let last = self.clock.replace(now);
        if self.newest.is_some_and(|newest| newest > newest_possible) {
            let since = self.set_back.get_or_insert(now);
            *since = now.min(*since);
            return now.saturating_sub(*since) > self.skew;
        }
        self.set_back = None;
        if last.is_some_and(|last| now.saturating_sub(last) > self.skew) {
            self.before_gap = self.newest;
        }
        false
    }

    /// Whether an authenticator of that time can be one that was forgotten.
    ///
    /// After the clock was set back, what has been forgotten since it went ahead is of no time that could be fresh.
    fn may_have_forgotten(&self, time: i64, now: i64) -> bool {
        let forgotten = if self.set_back.is_some() {
            let newest_possible = now.saturating_add(self.skew);
            self.before_gap.filter(|time| *time <= newest_possible)
        } else {
            self.forgotten
        };
        forgotten.is_some_and(|forgotten| time <= forgotten)
    }

    fn forgot(&mut self, time: i64) {
        let forgotten = if self.set_back.is_some() {
            &mut self.before_gap
        } else {
            &mut self.forgotten
        };
        *forgotten = (*forgotten).max(Some(time));
    }

    /// Ends the time in which the clock might be wrong again. Gives the latest time of an authenticator that matters.
    fn clock_is_right(&mut self) -> Option<i64> {
        let latest = self.clock?.saturating_add(self.skew);
        self.forgotten = self.before_gap.filter(|time| *time <= latest);
        self.newest = self.newest.min(Some(latest));
        self.set_back = None;
        Some(latest)
    }
}

/// More than one, so that what a burst has left goes away though each question adds one.
const FORGOTTEN_AT_ONCE: usize = 4;
