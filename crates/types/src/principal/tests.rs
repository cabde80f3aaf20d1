//! Principals between text and components.

use alloc::format;
use alloc::string::ToString;

use super::*;

fn parse(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

#[test]
fn malformed_names_are_refused_at_their_offset() {
    use ParsePrincipalProblem::{ComponentInRealm, MissingRealm, NothingQuoted, SecondRealm};
    for (text, offset, problem) in [
        ("a@R/b", 3, ComponentInRealm),
        ("a@R@S", 3, SecondRealm),
        ("a\\", 1, NothingQuoted),
        ("a@R\\", 3, NothingQuoted),
        ("a/b", 3, MissingRealm),
    ] {
        let error = Principal::parse(text, None).unwrap_err();
        assert_eq!((error.offset, error.problem), (offset, problem), "{text}");
    }
    assert_eq!(
        Principal::parse("a@R@S", None).unwrap_err().to_string(),
        "principal \"a@R@S\": a second realm begins at offset 3"
    );
}

#[test]
fn the_default_realm_is_taken_only_where_the_text_has_none() {
    let parse = |text| Principal::parse(text, Some(b"D")).unwrap();
    assert_eq!(parse("a").realm(), b"D");
    assert_eq!(parse("a@R").realm(), b"R");
    assert_eq!(parse("a@").realm(), b"");
}

#[test]
fn an_enterprise_name_keeps_its_first_at_and_its_slashes() {
    let parse = |text| Principal::parse_enterprise(text, Some(b"D")).unwrap();
    let plain = parse("u/x@example.com");
    assert_eq!(plain.name_type(), NameType::ENTERPRISE);
    assert_eq!(plain.components(), [b"u/x@example.com".to_vec()]);
    assert_eq!(plain.realm(), b"D");
    let with_realm = parse("u@example.com@R");
    assert_eq!(with_realm.realm(), b"R");
    assert_eq!(with_realm.unparse(), b"u\\@example.com@R");
    assert_eq!(parse("u\\@v@w@R").components(), [b"u@v@w".to_vec()]);
    let third = Principal::parse_enterprise("a@b@c@d", None).unwrap_err();
    assert_eq!(third.problem, ParsePrincipalProblem::SecondRealm);
}

#[test]
fn components_are_not_flattened() {
    assert_ne!(parse("admin/root@R"), parse("admin\\/root@R"));
    assert_ne!(parse("a@R"), parse("a/@R"));
}

#[test]
fn octets_that_are_no_utf_8_stay_distinct_though_shown_alike() {
    let one = Principal::new("R", [b"\xFF"]);
    let other = Principal::new("R", [b"\xFE"]);
    assert_ne!(one, other);
    assert_eq!(one.to_string(), other.to_string());
    assert_eq!(Principal::parse(one.unparse(), None).unwrap(), one);
}

#[test]
fn the_name_type_is_inferred_and_does_not_count() {
    for (text, name_type) in [
        ("a@R", NameType::PRINCIPAL),
        ("krbtgt@R", NameType::PRINCIPAL),
        ("krbtgt/S@R", NameType::SRV_INST),
        ("krbtgt/S/x@R", NameType::PRINCIPAL),
        ("WELLKNOWN/ANONYMOUS@R", NameType::WELLKNOWN),
    ] {
        assert_eq!(parse(text).name_type(), name_type, "{text}");
    }
    let host = Principal::host_based("host", "h.example", "R");
    assert_eq!(host.name_type(), NameType::SRV_HST);
    assert_eq!(host, parse("host/h.example@R"));
}

#[test]
fn ticket_granting_services_are_told_apart() {
    let local = Principal::local_ticket_granting("R");
    assert_eq!(local, parse("krbtgt/R@R"));
    assert!(local.is_ticket_granting() && local.is_local_ticket_granting());
    let cross = Principal::ticket_granting("S", "R");
    assert_eq!(cross, parse("krbtgt/S@R"));
    assert!(cross.is_ticket_granting() && !cross.is_local_ticket_granting());
    assert_eq!(cross.served_realm(), Some(&b"S"[..]));
    assert!(!parse("krbtgt@R").is_ticket_granting());
}

#[test]
fn a_text_without_realm_leaves_at_unquoted_as_mit_does() {
    let principal = Principal::new("R", ["a@b/c"]);
    assert_eq!(principal.unparse_without_realm(), b"a@b\\/c");
    assert_eq!(principal.unparse_short(b"R"), b"a\\@b\\/c");
    assert_eq!(principal.unparse_short(b"S"), b"a\\@b\\/c@R");
}

#[test]
fn display_pads_and_replaces() {
    let principal = Principal::new("R", [b"\xFFx"]);
    assert_eq!(format!("{principal:<8}|"), "\u{FFFD}x@R    |");
}

#[test]
fn what_is_shown_can_not_drive_a_terminal() {
    let principal = Principal::new(
        "R\r",
        ["\u{1b}[2J", "\u{9b}31m", "\u{202e}nimda", "caf\u{e9}"],
    );
    let shown = "\\u{1b}[2J/\\u{9b}31m/\\u{202e}nimda/caf\u{e9}@R\\r";
    assert_eq!(principal.to_string(), shown);
    assert!(format!("{principal:?}").contains(shown));
    // The bytes are what they are.
    assert_eq!(
        Principal::parse(principal.unparse(), None).unwrap(),
        principal
    );
}

#[test]
fn what_is_shown_escaped_is_not_what_is_shown_of_another_name() {
    let escaped = Principal::new("R", ["\u{1b}"]).to_string();
    assert_ne!(Principal::new("R", ["\\u{1b}"]).to_string(), escaped);
}

#[test]
fn a_name_of_a_megabyte_is_cut_where_it_is_shown() {
    let empty = Principal::new("R", alloc::vec![""; 640_000]);
    assert!(empty.is_too_long_to_show());
    let shown = empty.to_string();
    assert!(shown.starts_with("///"), "{shown}");
    assert!(
        shown.ends_with("/…(640000 components, 640000 bytes)@R"),
        "{shown}"
    );
    let long = "\u{202e}@".repeat(100_000);
    for principal in [
        Principal::new("R", [long.clone()]),
        Principal::new(long.clone(), ["a", "b"]),
        Principal::new(long.clone(), [long.clone(), long.clone()]),
    ] {
        for shown in [principal.to_string(), format!("{principal:?}")] {
            assert!(shown.len() < 4096, "{}", shown.len());
            assert!(!shown.contains('\u{202e}'));
        }
    }
    let realm = Principal::new("r".repeat(2000), ["a", "b"]).to_string();
    assert!(
        realm.starts_with("a/b@rrr") && realm.ends_with("…(2000 bytes)"),
        "{realm}"
    );
}

#[test]
fn the_longest_real_name_is_shown_whole() {
    let principal = Principal::new("r".repeat(255), ["host".into(), "h".repeat(255)]);
    assert_eq!(principal.to_string().into_bytes(), principal.unparse());
    let exact = Principal::new("", ["x".repeat(Shown::LONGEST - 1)]);
    assert!(!exact.is_too_long_to_show());
    assert_eq!(exact.to_string().into_bytes(), exact.unparse());
}
