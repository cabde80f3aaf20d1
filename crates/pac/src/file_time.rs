//! Times as Windows has them.

use core::fmt;

use orthros_types::Timestamp;

/// A FILETIME: tenths of microseconds since 1601-01-01T00:00:00Z (\[MS-DTYP\] section 2.3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(pub u64);

impl FileTime {
    /// No time: it never was.
    pub const ZERO: Self = Self(0);
    /// No time: it never will be.
    pub const NEVER: Self = Self(0x7fff_ffff_ffff_ffff);

    /// The point in time, rounded down to a microsecond; `None` for [`ZERO`](Self::ZERO) and from
    /// [`NEVER`](Self::NEVER) on.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        if self == Self::ZERO || self >= Self::NEVER {
            return None;
        }
        let seconds = i64::try_from(self.0 / TICKS_PER_SECOND).ok()?;
        let microseconds = u32::try_from(self.0 % TICKS_PER_SECOND / TICKS_PER_MICROSECOND).ok()?;
        Timestamp::new(seconds.checked_sub(EPOCH)?, microseconds)
    }

    /// The same point in time; `None` before 1601, and from [`NEVER`](Self::NEVER) on.
    #[must_use]
    pub fn from_timestamp(time: Timestamp) -> Option<Self> {
        let seconds = u64::try_from(time.seconds().checked_add(EPOCH)?).ok()?;
        let ticks = seconds.checked_mul(TICKS_PER_SECOND)?;
        let fraction = u64::from(time.microseconds()) * TICKS_PER_MICROSECOND;
        let ticks = ticks.checked_add(fraction)?;
        (ticks < Self::NEVER.0).then_some(Self(ticks))
    }
}

/// As the [`Timestamp`] that it is; `never` where it is none.
impl fmt::Display for FileTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp() {
            Some(time) => time.fmt(f),
            None => f.write_str("never"),
        }
    }
}

const TICKS_PER_SECOND: u64 = 10_000_000;
const TICKS_PER_MICROSECOND: u64 = 10;
/// Seconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600;

#[cfg(test)]
mod tests {
    use super::{FileTime, Timestamp};

    #[test]
    fn times_come_back_and_what_is_none_is_said_to_be_none() {
        for seconds in [-11_644_473_599, -1, 0, 1, 1_700_000_000, 253_402_300_799] {
            let time = Timestamp::new(seconds, 123_456).unwrap();
            assert_eq!(
                FileTime::from_timestamp(time).unwrap().timestamp(),
                Some(time)
            );
        }
        let of_1970 = FileTime(116_444_736_000_000_000);
        assert_eq!(of_1970.timestamp(), Some(Timestamp::EPOCH));
        for none in [FileTime::ZERO, FileTime::NEVER, FileTime(u64::MAX)] {
            assert_eq!(none.timestamp(), None);
        }
        for out in [i64::MIN, -11_644_473_601, 910_692_730_086, i64::MAX] {
            assert_eq!(FileTime::from_timestamp(Timestamp::from_seconds(out)), None);
        }
    }
}
