//! Points and spans of time, and their texts.

use alloc::string::ToString;

use super::*;

#[test]
fn a_refused_duration_is_named_with_its_offset() {
    let error = "1h2h".parse::<Duration>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"1h2h\" is no duration: units are repeated, out of order or missing at offset 3"
    );
}

#[test]
fn arithmetic_stops_at_the_ends_of_time() {
    let last = Timestamp::from_seconds(i64::MAX);
    let hour = Duration::from_hours(1);
    assert_eq!(last.checked_add(hour), None);
    assert_eq!(last.saturating_add(hour), last);
    let first = Timestamp::from_seconds(i64::MIN);
    assert_eq!(first.saturating_sub(hour), first);
    assert_eq!(last.since(first).seconds(), i64::MAX);
}

#[test]
fn skew_is_symmetric_and_can_not_overflow() {
    let now = Timestamp::from_seconds(1_000);
    let allowed = Duration::from_seconds(300);
    for (seconds, expected) in [(699, false), (700, true), (1_300, true), (1_301, false)] {
        let other = Timestamp::from_seconds(seconds);
        assert_eq!(now.is_within(allowed, other), expected);
        assert_eq!(other.is_within(allowed, now), expected);
    }
    let first = Timestamp::from_seconds(i64::MIN);
    let last = Timestamp::from_seconds(i64::MAX);
    assert!(!first.is_within(Duration::from_seconds(i64::MAX), last));
    assert!(!now.is_within(Duration::from_seconds(-1), now));
}

#[test]
fn a_million_microseconds_are_refused() {
    assert!(Timestamp::new(1, 999_999).is_some());
    assert_eq!(Timestamp::new(1, 1_000_000), None);
}

#[test]
fn the_32_bits_of_a_file_are_unsigned() {
    assert_eq!(Timestamp::from_u32(0xFFFF_FFFF).seconds(), 4_294_967_295);
    for (seconds, expected) in [(-1, 0), (5, 5), (1 << 32, u32::MAX)] {
        assert_eq!(
            Timestamp::from_seconds(seconds).to_u32_saturating(),
            expected
        );
    }
}

#[test]
fn civil_time_knows_leap_years_and_the_ends_of_its_range() {
    let civil = |year, month, day, hour, minute, second| CivilTime {
        year,
        month,
        day,
        hour,
        minute,
        second,
    };
    for (seconds, expected) in [
        (0, civil(1970, 1, 1, 0, 0, 0)),
        (-1, civil(1969, 12, 31, 23, 59, 59)),
        (951_782_400, civil(2000, 2, 29, 0, 0, 0)),
        (951_868_800, civil(2000, 3, 1, 0, 0, 0)),
        (4_107_542_400, civil(2100, 3, 1, 0, 0, 0)),
        (2_147_483_648, civil(2038, 1, 19, 3, 14, 8)),
        (4_294_967_295, civil(2106, 2, 7, 6, 28, 15)),
        (253_402_300_799, civil(9999, 12, 31, 23, 59, 59)),
    ] {
        assert_eq!(Timestamp::from_seconds(seconds).civil(), Some(expected));
        assert_eq!(expected.seconds(), Some(seconds));
    }
    assert_eq!(Timestamp::from_seconds(253_402_300_800).civil(), None);
    assert_eq!(Timestamp::from_seconds(i64::MAX).civil(), None);
    assert_eq!(Timestamp::from_seconds(i64::MIN).civil(), None);
    assert_eq!(civil(2100, 2, 29, 0, 0, 0).seconds(), None);
    assert_eq!(civil(2024, 13, 1, 0, 0, 0).seconds(), None);
    assert_eq!(civil(2024, 1, 1, 24, 0, 0).seconds(), None);
}

#[test]
fn every_day_of_four_centuries_survives_the_calendar() {
    for day in -146_097..146_097 {
        let seconds = day * 86_400 + 12_345;
        let civil = Timestamp::from_seconds(seconds).civil().unwrap();
        assert_eq!(civil.seconds(), Some(seconds));
    }
}

#[test]
fn a_time_is_shown_as_people_write_it() {
    let shown = |seconds| alloc::format!("{}", Timestamp::from_seconds(seconds));
    assert_eq!(shown(0), "1970-01-01T00:00:00Z");
    assert_eq!(shown(1_800_000_061), "2027-01-15T08:01:01Z");
    assert_eq!(shown(-1), "1969-12-31T23:59:59Z");
    assert_eq!(shown(i64::MAX), "9223372036854775807");
}
