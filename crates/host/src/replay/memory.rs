//! A replay cache in memory.

mod shard;

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use orthros_types::{
    Freshness, ReplayCache, ReplayCacheError, ReplayClient, ReplayRecord, Timestamp,
};

use shard::{Client, Refused, Shard};

/// Remembers authenticators for as long as they could be accepted again, and no longer than the process lives (RFC
/// 4120 section 3.2.3 wants a cache that survives it; MIT's file does). Behind a restart, and in the other processes
/// of a server that forks, a mutual context is safe all the same: the acceptor's subkey is another one. A context
/// without mutual authentication can be replayed there as long as its authenticator is fresh.
///
/// It can be asked from many threads. Each question also forgets a few records that are past their time, so that
/// memory follows the load without a pause. It never forgets early: when it is full of records
/// that still matter it fails, and the acceptor refuses, because an acceptor that went on would take replays. So
/// it does for authenticators that are no newer than those which it has forgotten.
///
/// One client can't fill it: a client may hold as many records as there are places free, so that alone it gets half of
/// them, with others that do the same an equal share, and one with few records always gets its place. A client that
/// asks for more is refused ([`ReplayQuotaExceeded`]); where records are scattered to depends on a random key. Nor can
/// a trusted realm's KDC fill it, which may issue tickets to any number of clients: the clients of realms other than
/// the acceptor's get three quarters of the places, and those of each such realm together as many as are free of
/// these. Among them each client has such a share of what its realm can have.
///
/// After the clock was ahead and is right again, records of the time that has not come refuse their own authenticators
/// and no others, and are forgotten once the clock has been right for as long as the clock skew.
#[derive(Debug)]
pub struct MemoryReplayCache {
    shards: [Mutex<Shard>; SHARDS],
    limit_per_shard: usize,
    hash: RandomState,
}

/// The cache holds as many records as it may, and all of them still matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("all {limit} places are taken by authenticators that could be replayed")]
pub struct ReplayCacheFull {
    /// How many records it may hold.
    pub limit: usize,
}

/// A client, or a foreign realm, holds its share of the cache's places with authenticators that could be replayed.
/// Others are not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayQuotaExceeded {
    /// The client does.
    #[error(
        "the client has used its share of the replay cache: it has sent too many authenticators within the clock skew"
    )]
    Client,
    /// The clients of its realm do, which is not the acceptor's.
    #[error(
        "the client's realm has used its share of the replay cache: its clients have sent too many authenticators within the clock skew"
    )]
    Realm,
}

/// The authenticator is no newer than one that the cache has forgotten: the clock was set back, or an acceptor that
/// allows less skew shares the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an authenticator of that time may have been seen and forgotten")]
pub struct ReplayForgotten;

impl MemoryReplayCache {
    /// Room for four million records, some 110 bytes each: 14 000 a second with the usual skew of five minutes.
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
            hash: RandomState::new(),
        }
    }

    fn check(
        &self,
        client: Option<Client>,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        let full = || ReplayCacheFull {
            limit: self.limit_per_shard.saturating_mul(SHARDS),
        };
        // The tag is the client's choice: by itself it would choose the shard, too.
        let hash = self.hash.hash_one(record.tag());
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        let shard = self.shards.get(index);
        let shard = shard.ok_or_else(|| ReplayCacheError::new(full()))?;
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = shard.check(client, record, now.seconds(), self.limit_per_shard);
        answer.map_err(|refused| match refused {
            Refused::Full => ReplayCacheError::new(full()),
            Refused::ClientQuota => ReplayCacheError::new(ReplayQuotaExceeded::Client),
            Refused::RealmQuota => ReplayCacheError::new(ReplayQuotaExceeded::Realm),
            Refused::Forgotten => ReplayCacheError::new(ReplayForgotten),
        })
    }
}

impl Default for MemoryReplayCache {
    fn default() -> Self {
        Self::new()
    }
}

impl ReplayCache for MemoryReplayCache {
    fn check_and_store(
        &self,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        self.check(None, record, now)
    }

    fn check_and_store_for(
        &self,
        client: ReplayClient<'_>,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        let is_foreign = client.is_foreign();
        let realm = || self.hash.hash_one(client.principal.realm());
        let client = Client {
            name: self.hash.hash_one((client.principal, is_foreign)),
            foreign_realm: is_foreign.then(realm),
        };
        self.check(Some(client), record, now)
    }
}

const SHARDS: usize = 16;

#[cfg(test)]
mod tests;
