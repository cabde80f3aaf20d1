//! Replayed AP-REQs: what to remember of one, and where (RFC 4120 section 3.2.3).
//!
//! An acceptor must not take the same authenticator twice. The record of one is what MIT krb5
//! 1.18 and later keep: the first 12 bytes of the authenticator's integrity tag, which no two
//! authenticators share by chance. Caches are values of their own, so that one can serve many
//! acceptors and threads and outlive any context.

use alloc::boxed::Box;
use core::fmt;

use crate::Principal;
use crate::time::{Duration, Timestamp};

/// Remembers the authenticators that were accepted.
///
/// One cache may be asked from many threads at once: look-up and storing must be one atomic step.
pub trait ReplayCache: Send + Sync {
    /// Looks for `record` and stores it if it is not there.
    ///
    /// `now` is the acceptor's clock. Records whose [`expiry`](ReplayRecord::expiry) is before it
    /// no longer matter and may be purged; those that are not must be kept.
    ///
    /// # Errors
    ///
    /// A cache that can't tell must fail: the acceptor refuses the request then.
    fn check_and_store(
        &self,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError>;

    /// As [`check_and_store`](Self::check_and_store), for an authenticator of `client`, so that a cache can refuse a
    /// client, or a foreign realm, that takes up more than its share, and go on for all others. Unless a cache says
    /// otherwise, clients do not count.
    ///
    /// # Errors
    ///
    /// As [`check_and_store`](Self::check_and_store).
    fn check_and_store_for(
        &self,
        _client: ReplayClient<'_>,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        self.check_and_store(record, now)
    }
}

/// The client of an authenticator, as its ticket names it.
#[derive(Clone, Copy, Debug)]
pub struct ReplayClient<'a> {
    /// The client.
    pub principal: &'a Principal,
    /// The acceptor's realm. The KDC of any other realm that is trusted may name as many clients there as it likes.
    pub own_realm: &'a [u8],
}

impl ReplayClient<'_> {
    /// Is the client of another realm than the acceptor?
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.principal.realm() != self.own_realm
    }
}

/// A cache's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// Never seen; it is stored now.
    Fresh,
    /// Seen before.
    Replayed,
}

/// What a cache remembers of one authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReplayRecord {
    tag: ReplayTag,
    authenticator_time: Timestamp,
    time: Timestamp,
    skew: Duration,
}

/// The bytes that tell one authenticator from another.
pub type ReplayTag = [u8; 12];

impl ReplayRecord {
    /// The record of an authenticator received at `now` by an acceptor that allows clocks to
    /// differ by `skew`.
    ///
    /// `integrity_tag` is that of the encrypted authenticator as received (`Enctype::tag` finds it);
    /// `authenticator_time` is the time that it contains.
    #[must_use]
    pub fn new(
        integrity_tag: &[u8],
        authenticator_time: Timestamp,
        now: Timestamp,
        skew: Duration,
    ) -> Self {
        let mut tag = ReplayTag::default();
        for (to, from) in tag.iter_mut().zip(integrity_tag) {
            *to = *from;
        }
        Self {
            tag,
            authenticator_time,
            time: authenticator_time.max(now),
            skew,
        }
    }

    /// The first bytes of the integrity tag, zeros behind a shorter one: the tag in MIT's
    /// replay files.
    #[must_use]
    pub const fn tag(&self) -> &ReplayTag {
        &self.tag
    }

    /// The time in the authenticator.
    ///
    /// While clock and skew stay what they are, every authenticator that is fresh is newer than all whose
    /// [`expiry`](Self::expiry) is over. One that is not could have been forgotten: a cache can't tell then.
    #[must_use]
    pub const fn authenticator_time(&self) -> Timestamp {
        self.authenticator_time
    }

    /// The time to write into a replay file, whose readers add the clock skew to it.
    ///
    /// It is the later one of the acceptor's clock and the authenticator's time. MIT writes its
    /// clock, and forgets an authenticator from a fast clock while it still accepts it.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// How far clocks may differ, as the acceptor of this record sees it.
    #[must_use]
    pub const fn skew(&self) -> Duration {
        self.skew
    }

    /// The last moment at which the authenticator could be accepted again. It never overflows: a
    /// skew beyond the end of time keeps the record for ever.
    #[must_use]
    pub const fn expiry(&self) -> Timestamp {
        self.time.saturating_add(self.skew)
    }
}

/// A replay cache that could not do its work, and why.
pub struct ReplayCacheError(Box<dyn core::error::Error + Send + Sync>);

impl ReplayCacheError {
    /// An error of the cache's own.
    pub fn new(source: impl Into<Box<dyn core::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for ReplayCacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "replay cache is not usable: {}", self.0)
    }
}

impl fmt::Debug for ReplayCacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReplayCacheError").field(&self.0).finish()
    }
}

/// Without a source: its text has all of the cache's own.
impl core::error::Error for ReplayCacheError {}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const SKEW: Duration = Duration::from_seconds(300);

    fn record(tag: &[u8], time: Timestamp, skew: Duration) -> ReplayRecord {
        ReplayRecord::new(tag, time, NOW, skew)
    }

    #[test]
    fn the_tag_is_the_beginning_of_the_integrity_tag() {
        let tag: [u8; 16] = core::array::from_fn(|index| u8::try_from(index).unwrap());
        let expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        assert_eq!(record(&tag, NOW, SKEW).tag(), &expected);
    }

    #[test]
    fn a_record_is_kept_while_its_authenticator_is_fresh() {
        let from_fast_clock = record(&[0; 16], NOW.saturating_add(SKEW), SKEW);
        assert_eq!(
            from_fast_clock.expiry(),
            NOW.saturating_add(SKEW).saturating_add(SKEW)
        );
        let from_slow_clock = record(&[0; 16], NOW.saturating_sub(SKEW), SKEW);
        assert_eq!(from_slow_clock.expiry(), NOW.saturating_add(SKEW));
    }

    #[test]
    fn a_huge_skew_keeps_the_record_for_ever() {
        let record = record(&[0; 16], NOW, Duration::from_seconds(i64::MAX));
        assert_eq!(record.expiry().seconds(), i64::MAX);
    }
}
