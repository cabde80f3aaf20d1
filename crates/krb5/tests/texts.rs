//! Principals and durations as texts, against what MIT's library makes of the same texts.

use orthros_testing::vectors::{hex, rows};
use orthros_types::{Duration, MinorStatus, Principal};

#[test]
fn principals_are_read_and_written_as_mit_does() {
    for row in rows("mit-files/principal.tsv") {
        let place = row.place();
        let default = Some(&b"DEFAULT.TEST"[..]);
        let parsed = match row.text(0) {
            "enterprise" => Principal::parse_enterprise(row.text(1), default),
            _ => Principal::parse(row.text(1), default),
        };
        if row.text(2) == "refused" {
            assert!(parsed.is_err(), "{place}");
            continue;
        }
        let parsed = parsed.unwrap();
        let components = row.text(4).split(' ');
        let components: Vec<_> = components.map(|part| hex(part.trim_matches('-'))).collect();
        assert_eq!(parsed.name_type().0, row.parse::<i32>(2), "{place}");
        assert_eq!(parsed.realm(), row.octets(3), "{place}");
        assert_eq!(parsed.components(), components, "{place}");
        assert_eq!(parsed.unparse(), row.text(5).as_bytes(), "{place}");
    }
}

#[test]
fn durations_are_read_as_mit_reads_them() {
    for row in rows("mit-files/duration.tsv") {
        let expected = match row.text(1) {
            "refused" => None,
            _ => Some(row.parse(1)),
        };
        let parsed = row.text(0).parse::<Duration>().ok();
        assert_eq!(parsed.map(Duration::seconds), expected, "{}", row.place());
    }
}

#[test]
fn text_behind_a_duration_is_refused_where_mit_forgets_it() {
    for text in ["1.5h", "1,5h", "10 seconds or so", "5 minutes", "1h\u{e9}"] {
        assert!(text.parse::<Duration>().is_err(), "{text}");
    }
}

#[test]
fn refused_texts_have_mits_numbers() {
    let principal = |text| Principal::parse(text, None).unwrap_err().minor_status();
    assert_eq!(principal("a@R@S"), MinorStatus::KRB5_PARSE_MALFORMED);
    assert_eq!(principal("a"), MinorStatus::KRB5_CONFIG_NODEFREALM);
    let duration = "x".parse::<Duration>().unwrap_err();
    assert_eq!(duration.minor_status(), MinorStatus::KRB5_DELTAT_BADFORMAT);
}
