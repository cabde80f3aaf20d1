//! One part of a replay cache's records.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, HashSet};

use orthros_types::{Freshness, ReplayRecord, ReplayTag};

/// A client by keyed hashes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// That of its name, and of whether it is foreign to the acceptor.
    pub(super) name: u64,
    /// That of its realm, where that is not the acceptor's.
    pub(super) foreign_realm: Option<u64>,
}

/// The part of the records whose tags' hashes agree. Times are in seconds.
#[derive(Debug, Default)]
pub(super) struct Shard {
    tags: HashSet<ReplayTag>,
    /// The same records, those to be forgotten first on top.
    expiries: BinaryHeap<Reverse<Held>>,
    /// How many of them each client has.
    clients: HashMap<u64, Count>,
    /// How many of them the clients of each foreign realm have, and how many those of all.
    foreign_realms: HashMap<u64, usize>,
    foreign: usize,
    seen: Seen,
}

/// A record that is held. The order counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    last_second: i64,
    /// That of the authenticator.
    time: i64,
    tag: ReplayTag,
    /// The client's name by its hash, where it is known.
    client: Option<u64>,
}

/// The records of one client.
#[derive(Debug)]
struct Count {
    held: usize,
    foreign_realm: Option<u64>,
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
    ClientQuota,
    /// There is none for the clients of this realm.
    RealmQuota,
    /// It may have been here before.
    Forgotten,
}

impl Shard {
    /// Looks for the record, and stores it if it is not there, in one of `limit` places.
    pub(super) fn check(
        &mut self,
        client: Option<Client>,
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
            self.require_share(client, free, limit)?;
            self.count_up(client);
        }
        self.tags.insert(*record.tag());
        self.expiries.push(Reverse(Held {
            last_second: record.expiry().seconds(),
            time,
            tag: *record.tag(),
            client: client.map(|client| client.name),
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
        assert_eq!(self.foreign, self.foreign_realms.values().sum::<usize>());
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
                self.count_down(held.client);
                self.seen.forgot(held.time);
            }
        }
    }

    /// Forgets the records of a time that has not come: the clock was ahead, and has been right for a while.
    fn forget_the_future(&mut self) {
        let Some(latest) = self.seen.clock_is_right() else {
            return;
        };
        let held = std::mem::take(&mut self.expiries).into_vec();
        let is_of_the_future = |held: &Reverse<Held>| held.0.time > latest;
        let (gone, left): (Vec<_>, Vec<_>) = held.into_iter().partition(is_of_the_future);
        self.expiries = left.into();
        for Reverse(held) in gone {
            self.tags.remove(&held.tag);
            self.count_down(held.client);
        }
    }

    /// Refuses a client that holds as many records as there are places left for it: all that are free, or those that
    /// its realm can have yet, if that is a foreign one.
    fn require_share(&self, client: Client, free: usize, limit: usize) -> Result<(), Refused> {
        let left = match client.foreign_realm {
            Some(realm) => self.left_for(realm, limit).ok_or(Refused::RealmQuota)?,
            None => free,
        };
        let held = self.clients.get(&client.name);
        if held.is_some_and(|count| count.held >= left.min(free)) {
            return Err(Refused::ClientQuota);
        }
        Ok(())
    }

    /// How many places the clients of a foreign realm can have yet. Together they may hold as many as are free of
    /// those that foreign clients may have; none are left where they do.
    fn left_for(&self, realm: u64, limit: usize) -> Option<usize> {
        let free = foreign_places(limit).saturating_sub(self.foreign);
        let held = self.foreign_realms.get(&realm).copied();
        let left = free.checked_sub(held.unwrap_or_default())?;
        // Each further one is held by them, and is not free for them.
        (left > 0).then_some(left.div_ceil(2))
    }

    fn count_up(&mut self, client: Client) {
        let foreign_realm = client.foreign_realm;
        let new = Count {
            held: 0,
            foreign_realm,
        };
        let count = self.clients.entry(client.name).or_insert(new);
        count.held = count.held.saturating_add(1);
        if let Some(realm) = foreign_realm {
            let held = self.foreign_realms.entry(realm).or_default();
            *held = held.saturating_add(1);
            self.foreign = self.foreign.saturating_add(1);
        }
    }

    /// Takes a record off its client's count, where the client is known; entries without records go.
    fn count_down(&mut self, client: Option<u64>) {
        let Some(Entry::Occupied(mut client)) = client.map(|name| self.clients.entry(name)) else {
            return;
        };
        let foreign_realm = client.get().foreign_realm;
        client.get_mut().held = client.get().held.saturating_sub(1);
        if client.get().held == 0 {
            client.remove();
        }
        let realm = foreign_realm.map(|realm| self.foreign_realms.entry(realm));
        if let Some(Entry::Occupied(mut realm)) = realm {
            self.foreign = self.foreign.saturating_sub(1);
            *realm.get_mut() = realm.get().saturating_sub(1);
            if *realm.get() == 0 {
                realm.remove();
            }
        }
    }
}

/// The places that foreign clients may have together. A quarter is for the acceptor's own realm: another one's KDC can
/// name any number of clients, also of realms beyond it.
fn foreign_places(limit: usize) -> usize {
    limit - limit / 4
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
