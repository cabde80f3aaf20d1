//! Which authenticators were seen before.

use alloc::sync::Arc;

use orthros_types::{Freshness, ReplayCache, ReplayClient, ReplayRecord, Timestamp};

use crate::RequestError;

/// The replay cache of a KDC, if it has one, and since when that knows what it has seen.
#[derive(Default)]
pub(crate) struct Replays {
    pub(crate) cache: Option<Arc<dyn ReplayCache>>,
    pub(crate) known_since: Option<Timestamp>,
}

impl Replays {
    /// Refuses an authenticator of `client` that was seen before, or made before the cache knows what it has seen.
    ///
    /// One without a record is shorter than its checksum, and can't have been decrypted.
    pub(crate) fn check(
        &self,
        client: ReplayClient<'_>,
        made_at: Timestamp,
        record: Option<&ReplayRecord>,
        now: Timestamp,
    ) -> Result<(), RequestError> {
        let since = self.known_since.filter(|since| *since <= now);
        if since.is_some_and(|since| made_at < since) {
            return Err(RequestError::Repeated);
        }
        let (Some(cache), Some(record)) = (&self.cache, record) else {
            return Ok(());
        };
        match cache.check_and_store_for(client, record, now)? {
            Freshness::Fresh => Ok(()),
            Freshness::Replayed => Err(RequestError::Repeated),
        }
    }
}
