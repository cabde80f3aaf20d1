//! Points in time and spans of time, as the protocol and the files have them.

mod parse;
#[cfg(test)]
mod tests;

use core::fmt;

use orthros_asn1::CivilTime;

pub use parse::ParseDurationError;

/// A point in time: seconds since 1970-01-01T00:00:00Z and microseconds within that second.
///
/// Nothing here reads a clock. The caller says what time it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    microseconds: u32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z, which the file formats use for "not set".
    pub const EPOCH: Self = Self::from_seconds(0);

    /// A whole second.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            microseconds: 0,
        }
    }

    /// A second and its microseconds; `None` if there are a million of them or more.
    #[must_use]
    pub const fn new(seconds: i64, microseconds: u32) -> Option<Self> {
        if microseconds < MICROSECONDS_PER_SECOND {
            Some(Self {
                seconds,
                microseconds,
            })
        } else {
            None
        }
    }

    /// The 32 bits of a keytab or credential cache.
    ///
    /// They are unsigned, as MIT has read them since 2038 came into view: good until 2106.
    #[must_use]
    pub const fn from_u32(seconds: u32) -> Self {
        // Lossless; `From` is not const.
        Self::from_seconds(seconds as i64)
    }

    /// The nearest time that 32 unsigned bits hold.
    #[must_use]
    pub fn to_u32_saturating(self) -> u32 {
        u32::try_from(self.seconds.max(0)).unwrap_or(u32::MAX)
    }

    /// Seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Microseconds since the last whole second, 0 to 999 999.
    #[must_use]
    pub const fn microseconds(self) -> u32 {
        self.microseconds
    }

    /// The same second without its microseconds, as a `KerberosTime` carries it.
    #[must_use]
    pub const fn whole(self) -> Self {
        Self::from_seconds(self.seconds)
    }

    /// This time later by `span`, or `None` if that can't be written.
    #[must_use]
    pub fn checked_add(self, span: Duration) -> Option<Self> {
        Some(Self {
            seconds: self.seconds.checked_add(span.seconds)?,
            ..self
        })
    }

    /// This time later by `span`, or the last second there is.
    #[must_use]
    pub const fn saturating_add(self, span: Duration) -> Self {
        Self {
            seconds: self.seconds.saturating_add(span.seconds),
            microseconds: self.microseconds,
        }
    }

    /// This time earlier by `span`, or the first second there is.
    #[must_use]
    pub const fn saturating_sub(self, span: Duration) -> Self {
        Self {
            seconds: self.seconds.saturating_sub(span.seconds),
            microseconds: self.microseconds,
        }
    }

    /// How long after `earlier` this is, in whole seconds; negative if it is before.
    ///
    /// Like every comparison of clocks in the protocol it looks at seconds only.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_seconds(self.seconds.saturating_sub(earlier.seconds))
    }

    /// Whether two clocks agree within `skew` (RFC 4120 section 3.2.3), in whole seconds.
    ///
    /// A negative skew never agrees; no skew, however large, overflows.
    #[must_use]
    pub fn is_within(self, skew: Duration, other: Self) -> bool {
        u64::try_from(skew.seconds)
            .is_ok_and(|allowed| self.seconds.abs_diff(other.seconds) <= allowed)
    }

    /// Year, month, day and time of day in UTC; `None` outside of the years 0 to 9999.
    #[must_use]
    pub fn civil(self) -> Option<CivilTime> {
        CivilTime::from_seconds(self.seconds)
    }
}

/// As RFC 3339 writes a second in UTC, without microseconds; the bare number of seconds outside of the years 0 to
/// 9999.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(civil) = self.civil() else {
            return write!(f, "{}", self.seconds);
        };
        let CivilTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = civil;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// A span of time in whole seconds, of either sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    seconds: i64,
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self::from_seconds(0);

    /// That many seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// That many hours.
    #[must_use]
    pub const fn from_hours(hours: u32) -> Self {
        Self::from_seconds(hours as i64 * 3600)
    }

    /// The whole span in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Both spans together, or the longest there is.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self::from_seconds(self.seconds.saturating_add(other.seconds))
    }

    /// Whether the span leads into the past.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.seconds < 0
    }
}

const MICROSECONDS_PER_SECOND: u32 = 1_000_000;
