//! Seconds since the epoch <-> the proleptic Gregorian calendar in UTC.

/// A second as people write it, in UTC.
///
/// Leap seconds don't exist here, as they don't in seconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilTime {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

impl CivilTime {
    /// The calendar's name for a number of seconds since 1970-01-01 00:00:00; `None` outside of the years 0 to 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        let (year, month, day) = date_of_day(seconds.div_euclid(SECONDS_PER_DAY))?;
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        Some(Self {
            year,
            month,
            day,
            hour: u8::try_from(second_of_day / 3600).ok()?,
            minute: u8::try_from(second_of_day / 60 % 60).ok()?,
            second: u8::try_from(second_of_day % 60).ok()?,
        })
    }

    /// Seconds since 1970-01-01 00:00:00; `None` if there is no such day or time of day.
    #[must_use]
    pub fn seconds(self) -> Option<i64> {
        let in_range = (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.year <= LAST_YEAR;
        in_range.then(|| {
            day_of_date(self.year.into(), self.month.into(), self.day.into()) * SECONDS_PER_DAY
                + i64::from(self.hour) * 3600
                + i64::from(self.minute) * 60
                + i64::from(self.second)
        })
    }
}

/// Years are counted from March here, so that the leap day is a year's last one
/// and the months before it have the same lengths in every year.
fn day_of_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_DAY
}

fn date_of_day(day: i64) -> Option<(u16, u8, u8)> {
    let day = day.checked_add(EPOCH_DAY)?;
    let era = day.div_euclid(DAYS_PER_ERA);
    let day_of_era = day.rem_euclid(DAYS_PER_ERA);
    // Leap days that have gone by are taken out first; what is left has 365 days a year.
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let year = u16::try_from(year).ok().filter(|year| *year <= LAST_YEAR)?;
    Some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

fn days_in_month(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

const SECONDS_PER_DAY: i64 = 86_400;
/// Days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAY: i64 = 719_468;
/// A `GeneralizedTime` has four digits for the year.
const LAST_YEAR: u16 = 9999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_that_can_be_written_is_the_day_after_the_one_before() {
        let mut days = -719_528;
        for year in 0..=LAST_YEAR {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    let date = (year.into(), month.into(), day.into());
                    assert_eq!(day_of_date(date.0, date.1, date.2), days);
                    assert_eq!(date_of_day(days), Some((year, month, day)));
                    days += 1;
                }
            }
        }
        assert_eq!(date_of_day(days), None);
        assert_eq!(date_of_day(-719_529), None);
    }
}
