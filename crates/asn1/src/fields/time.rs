//! `KerberosTime`: whole seconds of UTC.

use alloc::string::String;
use core::fmt;

use rasn::types::Tag;

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
        let year = number(&[*y0, *y1, *y2, *y3])?;
        let month = number(&[*m0, *m1])?;
        let day = number(&[*d0, *d1])?;
        let hour = number(&[*hour0, *hour1])?;
        let minute = number(&[*min0, *min1])?;
        let second = number(&[*s0, *s1])?;
        let valid = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        valid.then(|| {
            let days = days_from_civil(year, month, day);
            Self(days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second)
        })
    }

    /// The form on the wire.
    fn contents(self) -> [u8; 15] {
        let days = self.0.div_euclid(SECONDS_PER_DAY);
        let second = self.0.rem_euclid(SECONDS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let mut contents = [b'Z'; 15];
        let two_digits = [
            year / 100,
            year % 100,
            month,
            day,
            second / 3600,
            second / 60 % 60,
            second % 60,
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

/// The decimal number that `digits` writes.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + i64::from(*digit - b'0'))
    })
}

/// The digit of a value between 0 and 9.
fn digit(value: i64) -> u8 {
    u8::try_from(value).map_or(b'0', |value| b'0' + value)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970
}

/// The inverse of [`days_from_civil`]: year, month and day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + DAYS_BEFORE_1970;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

const SECONDS_PER_DAY: i64 = 86_400;
/// Days in 400 years.
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;

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
    fn every_day_that_can_be_written_is_the_day_after_the_one_before() {
        let mut days = KerberosTime::MIN.0 / SECONDS_PER_DAY;
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(days_from_civil(year, month, day), days);
                    assert_eq!(civil_from_days(days), (year, month, day));
                    days += 1;
                }
            }
        }
        assert_eq!(days * SECONDS_PER_DAY - 1, KerberosTime::MAX.0);
    }

    #[test]
    fn times_that_can_not_be_written_are_not_made() {
        assert_eq!(KerberosTime::from_seconds(KerberosTime::MIN.0 - 1), None);
        assert_eq!(KerberosTime::from_seconds(KerberosTime::MAX.0 + 1), None);
        assert_eq!(KerberosTime::from_seconds(i64::MIN), None);
        assert_eq!(KerberosTime::from_seconds(i64::MAX), None);
    }
}
