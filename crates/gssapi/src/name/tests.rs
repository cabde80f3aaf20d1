//! Which octets are names, and what the others are told.

use crate::{ErrorKind, MinorStatus, Name, NameType, Oid};

#[test]
fn malformed_names_are_bad_names_and_say_why() {
    for (octets, name_type, minor) in [
        (
            &b"a@B@C"[..],
            NameType::USER_NAME,
            MinorStatus::KRB5_PARSE_MALFORMED,
        ),
        (
            b"a\\",
            NameType::KRB5_PRINCIPAL_NAME,
            MinorStatus::KRB5_PARSE_MALFORMED,
        ),
        (
            b"a@b@C@D",
            NameType::KRB5_ENTERPRISE_NAME,
            MinorStatus::KRB5_PARSE_MALFORMED,
        ),
        (
            b"",
            NameType::HOSTBASED_SERVICE,
            MinorStatus::G_BAD_SERVICE_NAME,
        ),
        (
            b"@host",
            NameType::HOSTBASED_SERVICE,
            MinorStatus::G_BAD_SERVICE_NAME,
        ),
        (
            b"http@\xFF",
            NameType::HOSTBASED_SERVICE_X,
            MinorStatus::G_BAD_HOSTNAME,
        ),
        (
            b"123",
            NameType::MACHINE_UID_NAME,
            MinorStatus::G_WRONG_SIZE,
        ),
        (
            b"12a",
            NameType::STRING_UID_NAME,
            MinorStatus::G_BAD_STRING_UID,
        ),
        (
            b"+12",
            NameType::STRING_UID_NAME,
            MinorStatus::G_BAD_STRING_UID,
        ),
        (
            b"4294967296",
            NameType::STRING_UID_NAME,
            MinorStatus::G_BAD_STRING_UID,
        ),
        (
            b"",
            NameType::STRING_UID_NAME,
            MinorStatus::G_BAD_STRING_UID,
        ),
    ] {
        let error = Name::new(octets, name_type).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadName, "{octets:?}");
        assert_eq!(error.minor(), minor, "{octets:?}: {error}");
    }
}

#[test]
fn an_unknown_type_is_a_bad_name_type() {
    let error = Name::new("a", NameType::from(Oid::new(&[1, 2, 3]))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadNameType);
    assert!(error.to_string().contains("1.2.3"), "{error}");
}

#[test]
fn a_name_is_shown_as_it_was_written() {
    let shown = |octets: &[u8], name_type| Name::new(octets, name_type).unwrap().to_string();
    assert_eq!(shown(b"alice/admin", NameType::USER_NAME), "alice/admin");
    assert_eq!(shown(b"http@WWW", NameType::HOSTBASED_SERVICE), "http@WWW");
    assert_eq!(shown(b"0042", NameType::STRING_UID_NAME), "42");
    assert_eq!(shown(b"", NameType::ANONYMOUS), "anonymous");
    assert_eq!(Name::machine_uid(7).to_string(), "7");
    assert_eq!(Name::machine_uid(7).octets(), 7_u32.to_ne_bytes());
}

#[test]
fn a_host_may_be_missing_in_two_ways() {
    for name in ["http", "http@"] {
        assert!(Name::hostbased_service(name).is_ok(), "{name}");
    }
}
