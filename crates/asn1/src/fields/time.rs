//! `KerberosTime`: whole seconds of UTC.

use alloc::string::String;
use core::fmt;

use rasn::types::Tag;

use super::CivilTime;
use super::contents::{Contents, primitive};
use crate::DecodeErrorKind;

/// A point in time, in whole seconds.
///
/// ```text
/// KerberosTime ::= GeneralizedTime -- with no fractional seconds
/// ```
///
/// RFC 4120 section 5.2.3: the only form is `YYYYMMDDHHMMSSZ`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KerberosTime(i64);

impl KerberosTime {
    /// 1970-01-01 00:00:00, which as `till` in a request asks for the longest life the KDC grants.
    pub const EPOCH: Self = Self(0);
    /// 0000-01-01 00:00:00, the earliest time that can be written.
    pub const MIN: Self = Self(-62_167_219_200);
    /// 9999-12-31 23:59:59, the latest time that can be written.
    pub const MAX: Self = Self(253_402_300_799);

    /// The time `seconds` after 1970-01-01 00:00:00 UTC, if its year has four digits.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Option<Self> {
        if seconds >= Self::MIN.0 && seconds <= Self::MAX.0 {
            Some(Self(seconds))
        } else {
            None
        }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Reads `YYYYMMDDHHMMSSZ`; nothing else is a time.
    fn from_contents(contents: &[u8]) -> Option<Self> {
        let [
            y0,
            y1,
            y2,
            y3,
            m0,
            m1,
            d0,
            d1,
            hour0,
            hour1,
            min0,
            min1,
            s0,
            s1,
            b'Z',
        ] = contents
        else {
            return None;
        };
        let civil = CivilTime {
            year: u16::from(number(*y0, *y1)?) * 100 + u16::from(number(*y2, *y3)?),
            month: number(*m0, *m1)?,
            day: number(*d0, *d1)?,
            hour: number(*hour0, *hour1)?,
            minute: number(*min0, *min1)?,
            second: number(*s0, *s1)?,
        };
        civil.seconds().map(Self)
    }

    /// The form on the wire.
    fn contents(self) -> [u8; 15] {
        // There is a year of four digits, as the value was made with one.
        let civil = CivilTime::from_seconds(self.0).unwrap_or_default();
        let mut contents = [b'Z'; 15];
        let two_digits = [
            civil.year / 100,
            civil.year % 100,
            civil.month.into(),
            civil.day.into(),
            civil.hour.into(),
            civil.minute.into(),
            civil.second.into(),
        ];
        for (pair, value) in contents.chunks_exact_mut(2).zip(two_digits) {
            if let [tens, units] = pair {
                *tens = digit(value / 10);
                *units = digit(value % 10);
            }
        }
        contents
    }
}

impl fmt::Display for KerberosTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.contents()))
    }
}

impl fmt::Debug for KerberosTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Contents for KerberosTime {
    const TAG: Tag = Tag::GENERALIZED_TIME;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        Self::from_contents(contents).ok_or(DecodeErrorKind::Time)
    }

    fn write(&self) -> impl AsRef<[u8]> {
        self.contents()
    }
}

primitive!(KerberosTime);

/// The number that two decimal digits write.
fn number(tens: u8, units: u8) -> Option<u8> {
    let are_digits = tens.is_ascii_digit() && units.is_ascii_digit();
    are_digits.then(|| (tens - b'0') * 10 + (units - b'0'))
}

/// The digit of a value between 0 and 9.
fn digit(value: u16) -> u8 {
    u8::try_from(value).map_or(b'0', |value| b'0' + value)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn times_are_written_as_their_date_and_time() {
        for (seconds, text) in [
            (0, "19700101000000Z"),
            (-1, "19691231235959Z"),
            (500_159_187, "19851106210627Z"),
            (951_782_400, "20000229000000Z"),
            (4_107_542_399, "21000228235959Z"),
            (4_107_542_400, "21000301000000Z"),
            (KerberosTime::MIN.0, "00000101000000Z"),
            (KerberosTime::MAX.0, "99991231235959Z"),
        ] {
            let time = KerberosTime::from_seconds(seconds).unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(KerberosTime::from_contents(text.as_bytes()), Some(time));
        }
    }

    #[test]
    fn times_that_can_not_be_written_are_not_made() {
        assert_eq!(KerberosTime::from_seconds(KerberosTime::MIN.0 - 1), None);
        assert_eq!(KerberosTime::from_seconds(KerberosTime::MAX.0 + 1), None);
        assert_eq!(KerberosTime::from_seconds(i64::MIN), None);
        assert_eq!(KerberosTime::from_seconds(i64::MAX), None);
    }
}
