//! Times as MIT's klist prints them in the C locale: `11/23/26 15:02:00`, in the user's time zone.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The width of every printed time.
pub(crate) const WIDTH: usize = 17;

/// Formats seconds since the epoch in the system's time zone (`TZ`, then `/etc/localtime`, else UTC).
pub(crate) fn format(seconds: i64) -> String {
    format_in(seconds, &ZONE)
}

/// Formats seconds since the epoch as C's `%c` does, in the same zone: `Mon Nov 23 15:02:00 2026`.
pub(crate) fn long(seconds: i64) -> String {
    formatted(seconds, &ZONE, "%a %b %e %H:%M:%S %Y")
}

/// Formats seconds since the epoch as RFC 3339 in UTC, for machines.
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// Read once: a listing has many times.
static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
    let is_named = std::env::var_os("TZ").is_some();
    let unnamed = (!is_named).then(of_etc).flatten();
    unnamed.unwrap_or_else(TimeZone::system)
});

/// The system's zone without its name, for which all the names that there are would be read: more than half of a short
/// run.
fn of_etc() -> Option<TimeZone> {
    let file = std::fs::read("/etc/localtime").ok()?;
    TimeZone::tzif("local", &file).ok()
}

fn format_in(seconds: i64, zone: &TimeZone) -> String {
    formatted(seconds, zone, "%m/%d/%y %H:%M:%S")
}

fn formatted(seconds: i64, zone: &TimeZone, form: &str) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| format!("{seconds:>WIDTH$}"),
        |time| zone.to_datetime(time).strftime(form).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_width_of_its_column() {
        assert_eq!(
            format_in(1_795_446_120, &TimeZone::UTC),
            "11/23/26 15:02:00"
        );
        assert_eq!(format_in(0, &TimeZone::UTC).len(), WIDTH);
    }

    #[test]
    fn a_time_beyond_the_calendar_is_shown_as_a_number() {
        assert!(format_in(i64::MAX, &TimeZone::UTC).contains("9223372036854775807"));
        assert_eq!(rfc3339(i64::MAX), i64::MAX.to_string());
    }

    #[test]
    fn the_zone_is_the_same_with_its_name_and_without() {
        if std::env::var_os("TZ").is_some() {
            // Then the system's has another name.
            return;
        }
        let unnamed = of_etc().unwrap_or(TimeZone::UTC);
        let named = TimeZone::system();
        for month in 0..12 {
            let time = 1_795_446_120 + month * 2_629_746;
            assert_eq!(format_in(time, &unnamed), format_in(time, &named));
        }
    }

    #[test]
    fn machines_get_rfc_3339() {
        assert_eq!(rfc3339(1_795_446_120), "2026-11-23T15:02:00Z");
    }
}
