//! Which bytes are names, and what the others are told.

use orthros_host::Environment;

use crate::{ErrorKind, MinorStatus, Name, NameType, Oid};

#[test]
fn malformed_names_are_bad_names_and_say_why() {
    for (bytes, name_type, minor) in [
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
        let error = Name::new(bytes, name_type).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadName, "{bytes:?}");
        assert_eq!(error.minor(), minor, "{bytes:?}: {error}");
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
    let shown = |bytes: &[u8], name_type| Name::new(bytes, name_type).unwrap().to_string();
    assert_eq!(shown(b"alice/admin", NameType::USER_NAME), "alice/admin");
    assert_eq!(shown(b"http@WWW", NameType::HOSTBASED_SERVICE), "http@WWW");
    assert_eq!(shown(b"0042", NameType::STRING_UID_NAME), "42");
    assert_eq!(shown(b"", NameType::ANONYMOUS), "anonymous");
    assert_eq!(Name::machine_uid(7).to_string(), "7");
    assert_eq!(Name::machine_uid(7).as_bytes(), 7_u32.to_ne_bytes());
}

#[test]
fn a_service_alone_is_on_this_host() {
    assert!(Name::hostbased_service("http").is_ok());
}

/// Each was taken once, as the name of a service that no KDC knows.
#[test]
fn what_is_written_like_something_else_is_no_host_based_name() {
    for (name, hint) in [
        ("HTTP/www.example.org", "HTTP@www.example.org"),
        ("HTTP/www.example.org@EXAMPLE.ORG", "HTTP@www.example.org"),
        ("HTTP/", "like a principal"),
        ("HTTP@", "no host follows"),
        ("HTTP@www.example.org@EXAMPLE.ORG", "HTTP@www.example.org,"),
        ("HTTP@https://www.example.org", "without a path or a scheme"),
        ("HTTP@www.example.org/", "without a path or a scheme"),
        ("HTTP@www.example.org\n", "white space"),
        (" HTTP@www.example.org", "white space"),
        ("HTTP@www.example.org\0", "control character"),
    ] {
        for name_type in [NameType::HOSTBASED_SERVICE, NameType::HOSTBASED_SERVICE_X] {
            let error = Name::new(name, name_type).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadName, "{name:?}");
            assert_eq!(error.minor(), MinorStatus::G_BAD_SERVICE_NAME, "{name:?}");
            let text = error.to_string();
            assert!(text.contains(hint), "{text}");
            assert!(!text.contains(['\n', '\0']), "{text:?}");
        }
    }
    let long = Name::hostbased_service("a/".repeat(100_000)).unwrap_err();
    assert!(long.to_string().len() < 2_000);
}

#[test]
fn a_service_and_its_host_are_a_host_based_name() {
    let name = Name::service("HTTP", "www.example.org").unwrap();
    assert_eq!(
        name,
        Name::hostbased_service("HTTP@www.example.org").unwrap()
    );
    let port = Name::service("MSSQLSvc", "db.example.org:1433").unwrap();
    assert_eq!(port.to_string(), "MSSQLSvc@db.example.org:1433");
    for (service, host) in [
        ("", "www"),
        ("HTTP", ""),
        ("HTTP@www", "www"),
        ("HTTP/www", "www"),
        ("HTTP", "www@R"),
        ("HTTP", "http://www"),
        ("HTTP", "www "),
    ] {
        let error = Name::service(service, host).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadName, "{service:?} {host:?}");
    }
}

#[test]
fn a_realm_that_is_guessed_asks_for_tickets_and_does_not_say_who_a_peer_is() {
    let environment = Environment::builder()
        .local_hostname("host.a.example")
        .build();
    let krb5 = crate::mech::Mechanism::DEFAULT.oid();
    let bob = Name::new("bob", NameType::USER_NAME).unwrap();
    let client = bob.canonicalize_client(krb5, &environment).unwrap();
    assert_eq!(client.to_string(), "bob@A.EXAMPLE");
    let error = bob.canonicalize_in(krb5, &environment).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadName);
    let peer = Name::new("bob@A.EXAMPLE", NameType::KRB5_PRINCIPAL_NAME).unwrap();
    assert!(bob.is_same_entity_in(&peer, &environment).is_err());
}
