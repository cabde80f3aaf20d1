//! The time of a world, and clocks that differ from it.

use std::sync::Arc;

use orthros_host::{Clock, ManualClock};
use orthros_types::{Duration, Timestamp};

/// The time of a world, in microseconds from its beginning.
#[derive(Clone, Debug)]
pub(super) struct WorldTime(Arc<ManualClock>);

impl WorldTime {
    pub(super) fn new() -> Self {
        Self(Arc::new(ManualClock::at(BEGINNING)))
    }

    /// Microseconds since the beginning.
    pub(super) fn micros(&self) -> i64 {
        let now = self.0.now();
        let seconds = now.since(BEGINNING).seconds();
        seconds.saturating_mul(SECOND) + i64::from(now.microseconds())
    }

    /// Goes on to so many microseconds since the beginning, never back.
    pub(super) fn advance_to(&self, micros: i64) {
        let micros = micros.max(self.micros());
        let seconds = BEGINNING.seconds().saturating_add(micros / SECOND);
        let rest = u32::try_from(micros % SECOND).unwrap_or_default();
        if let Some(now) = Timestamp::new(seconds, rest) {
            self.0.set(now);
        }
    }

    pub(super) fn advance(&self, micros: i64) {
        self.advance_to(self.micros().saturating_add(micros));
    }

    /// A clock that is ahead by so many seconds, or behind.
    pub(super) fn clock(&self, skew: i64) -> SkewedClock {
        SkewedClock {
            world: self.clone(),
            skew: Duration::from_seconds(skew),
        }
    }
}

/// A clock that is set wrong.
#[derive(Clone, Debug)]
pub(super) struct SkewedClock {
    world: WorldTime,
    skew: Duration,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        self.world.0.now().saturating_add(self.skew)
    }
}

const BEGINNING: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// In microseconds.
pub(super) const SECOND: i64 = 1_000_000;
/// In microseconds.
pub(super) const MILLISECOND: i64 = 1_000;
