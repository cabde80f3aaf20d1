//! Host names in the form that keys are filed under. That fallback names are asked for is tested with the machine that
//! asks.

use super::*;

/// Without the resolver's word.
fn in_domain(name: &str, domain: &str) -> Result<String, HostnameError> {
    canonical(name, None, domain)
}

#[test]
fn letters_are_lowered_and_one_dot_goes() {
    for (name, expected) in [
        ("WWW.Example.", "www.example"),
        ("WWW", "www"),
        ("Ünïcode.Example", "Ünïcode.example"),
    ] {
        assert_eq!(in_domain(name, "").unwrap(), expected);
    }
}

#[test]
fn short_names_are_qualified() {
    for (name, expected) in [
        ("www", "www.example.org"),
        ("www.sub", "www.sub"),
        ("www.", "www"),
    ] {
        assert_eq!(in_domain(name, "Example.ORG").unwrap(), expected);
    }
}

#[test]
fn trailers_stay_and_addresses_are_left_alone() {
    for (name, expected) in [
        ("SQL:1433", "sql.example.org:1433"),
        ("sql:Instance", "sql.example.org:Instance"),
        ("FE80::1", "fe80::1"),
    ] {
        assert_eq!(in_domain(name, "example.org").unwrap(), expected);
    }
}

#[test]
fn names_that_are_none() {
    for name in ["", ":88", "a\0b"] {
        let host = name.to_owned();
        assert_eq!(in_domain(name, ""), Err(HostnameError::Malformed { host }));
    }
}

#[test]
fn the_resolvers_name_is_taken_as_it_is() {
    for (name, expected) in [
        ("alias", "real.example"),
        ("alias:1433", "real.example:1433"),
    ] {
        let resolved = Some("Real.Example.".to_owned());
        assert_eq!(canonical(name, resolved, "other").unwrap(), expected);
    }
}

#[test]
fn a_name_of_one_label_is_short_with_a_port_too() {
    assert!(is_short("www") && is_short("sql:1433"));
    assert!(!is_short("www.") && !is_short("www.example") && !is_short("fe80::1"));
}
