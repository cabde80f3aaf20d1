//! What time it is.

use core::fmt;
use core::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use orthros_types::{Duration, Timestamp};

/// The clock of an [`Environment`](crate::Environment).
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 is as wrong as one at 1970, and no exchange succeeds with either.
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
        Timestamp::new(seconds, since_epoch.subsec_micros())
            .unwrap_or(Timestamp::from_seconds(seconds))
    }
}

/// A clock that moves when it is told to. Tests of expiry and skew need no patience with it.
#[derive(Debug)]
pub struct ManualClock {
    microseconds: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            microseconds: AtomicI64::new(to_microseconds(now)),
        }
    }

    /// Puts it to `now`, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.microseconds
            .store(to_microseconds(now), Ordering::Relaxed);
    }

    /// Moves it by `span`, back where that is negative.
    pub fn advance(&self, span: Duration) {
        let span = span.seconds().saturating_mul(MICROSECONDS);
        self.microseconds.fetch_add(span, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let microseconds = self.microseconds.load(Ordering::Relaxed);
        let seconds = microseconds.div_euclid(MICROSECONDS);
        let fraction = u32::try_from(microseconds.rem_euclid(MICROSECONDS)).unwrap_or_default();
        Timestamp::new(seconds, fraction).unwrap_or(Timestamp::from_seconds(seconds))
    }
}

fn to_microseconds(time: Timestamp) -> i64 {
    time.seconds()
        .saturating_mul(MICROSECONDS)
        .saturating_add(i64::from(time.microseconds()))
}

const MICROSECONDS: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let start = Timestamp::new(1_700_000_000, 250_000).unwrap();
        let clock = ManualClock::at(start);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_seconds(-60));
        assert_eq!(clock.now(), Timestamp::new(1_699_999_940, 250_000).unwrap());
        clock.set(Timestamp::from_seconds(-1));
        assert_eq!(clock.now(), Timestamp::from_seconds(-1));
    }

    #[test]
    fn the_system_clock_does_not_stand_in_the_past() {
        assert!(SystemClock.now() > Timestamp::from_seconds(1_760_000_000));
    }
}
