//! Names and their canonical forms, RFC 6806.

use orthros_asn1::{ErrorCode, KdcOptions, PrincipalName};
use orthros_kdc::PrincipalEntry;
use orthros_types::{NameType, Principal};

use crate::support::{AES256, AsAsk, World, WorldBuilder, keys, name, principal, typed_name};

/// A realm where `bob` and the host have other names too.
fn world() -> World {
    WorldBuilder::new()
        .with("bob", |bob| {
            bob.aliases = vec![principal("robert"), principal("bob@mail.example")];
        })
        .with("host/a.orthros.test", |host| {
            host.aliases = vec![principal("host/alias.orthros.test")];
        })
        .build()
}

#[test]
fn names_are_in_the_ticket_as_they_were_asked_for() {
    let world = world();
    let ask = AsAsk::bare("bob").service("host/a.orthros.test");
    let granted = ask.granted(&world);
    assert_eq!(granted.cname, name("bob"));
    assert_eq!(&*granted.crealm, b"ORTHROS.TEST");
    assert_eq!(granted.ticket.sname, name("host/a.orthros.test"));
    assert_eq!(granted.part.sname, granted.ticket.sname);
    assert_eq!(granted.part.srealm, granted.ticket.realm);
    let part = world.open(&granted.ticket);
    assert_eq!((part.cname, part.crealm), (granted.cname, granted.crealm));
}

#[test]
fn the_name_type_that_was_asked_with_comes_back() {
    let mut ask = AsAsk::bare("bob");
    ask.client = Some(typed_name("bob", NameType::UNKNOWN));
    assert_eq!(ask.granted(&world()).cname.name_type, NameType::UNKNOWN);
}

#[test]
fn names_that_are_too_long_do_not_come_back_in_an_error() {
    let long = |component: &str| PrincipalName {
        name_type: NameType::PRINCIPAL,
        name_string: vec![component.into(); 32],
    };
    let mut ask = AsAsk::bare("bob");
    for component in ["x".repeat(4000), "\u{202e}".repeat(1000)] {
        ask.client = Some(long(&component));
        ask.service = Some(long(&component));
        let error = ask.refused(&world());
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
        assert_eq!(error.cname, None);
        assert_eq!(error.sname, name("krbtgt/ORTHROS.TEST"));
        assert!(error.e_text.unwrap().len() < 2048);
    }
}

#[test]
fn an_alias_with_canonicalize_gets_the_canonical_name() {
    let ask = AsAsk::bare("robert").options(KdcOptions::CANONICALIZE);
    assert_eq!(ask.granted(&world()).cname, name("bob"));
}

#[test]
fn an_alias_of_a_client_without_canonicalize_is_unknown() {
    let error = AsAsk::bare("robert").refused(&world());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

#[test]
fn an_enterprise_name_is_mapped_to_the_principal_that_has_it_for_an_alias() {
    let mut ask = AsAsk::bare("bob");
    ask.client = Some(typed_name("bob@mail.example", NameType::ENTERPRISE));
    for options in [KdcOptions::CANONICALIZE, KdcOptions::empty()] {
        ask.options = options;
        assert_eq!(ask.granted(&world()).cname, name("bob"));
    }
}

#[test]
fn an_enterprise_name_of_this_realm_is_the_principal_that_it_spells() {
    let mut ask = AsAsk::bare("bob").options(KdcOptions::CANONICALIZE);
    ask.client = Some(typed_name("bob@ORTHROS.TEST", NameType::ENTERPRISE));
    assert_eq!(ask.granted(&world()).cname, name("bob"));
}

#[test]
fn an_enterprise_name_of_a_trusted_realm_is_referred_there() {
    let builder = WorldBuilder::new();
    let trust = Principal::ticket_granting("OTHER.TEST", "ORTHROS.TEST");
    builder.put(PrincipalEntry::new(trust, keys(1, &[AES256], 1)));
    let mut ask = AsAsk::bare("bob").options(KdcOptions::CANONICALIZE);
    ask.client = Some(typed_name("eve@OTHER.TEST", NameType::ENTERPRISE));
    let error = ask.refused(&builder.build());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_WRONG_REALM);
    assert_eq!(error.crealm.as_deref(), Some(&b"OTHER.TEST"[..]));
}

#[test]
fn an_enterprise_name_of_a_realm_that_is_not_trusted_is_unknown() {
    let mut ask = AsAsk::bare("bob").options(KdcOptions::CANONICALIZE);
    for text in ["eve@OTHER.TEST", "eve", "@", "eve@", "@ORTHROS.TEST"] {
        ask.client = Some(typed_name(text, NameType::ENTERPRISE));
        let error = ask.refused(&world());
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    }
}

#[test]
fn a_plain_name_with_an_at_sign_is_no_enterprise_name() {
    let ask = AsAsk::bare("bob@ORTHROS.TEST").options(KdcOptions::CANONICALIZE);
    let error = ask.refused(&world());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

#[test]
fn an_alias_of_a_service_stays_unless_canonicalize_is_asked_for() {
    let ask = AsAsk::bare("bob").service("host/alias.orthros.test");
    let granted = ask.granted(&world());
    assert_eq!(granted.ticket.sname, name("host/alias.orthros.test"));
    let granted = ask.options(KdcOptions::CANONICALIZE).granted(&world());
    assert_eq!(granted.ticket.sname, name("host/a.orthros.test"));
    assert_eq!(granted.part.sname, granted.ticket.sname);
}

#[test]
fn names_are_octets_and_their_case_counts() {
    let error = AsAsk::bare("Bob").refused(&world());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    let error = AsAsk::bare("b/ob").refused(&world());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

/// It has a key in common with this realm: the other one's KDC could log in as this realm's client.
#[test]
fn a_trust_is_no_client_under_any_name() {
    let builder = WorldBuilder::new();
    let trust = Principal::ticket_granting("ORTHROS.TEST", "OTHER.TEST");
    let mut trust = PrincipalEntry::new(trust, keys(1, &[AES256], 1));
    trust.aliases = vec![principal("trust")];
    builder.put(trust);
    let world = builder.build();
    for (text, name_type) in [
        ("trust", NameType::PRINCIPAL),
        ("trust", NameType::ENTERPRISE),
        ("trust@ORTHROS.TEST", NameType::ENTERPRISE),
    ] {
        let mut ask = AsAsk::bare("bob").options(KdcOptions::CANONICALIZE);
        ask.client = Some(typed_name(text, name_type));
        let code = ask.refused(&world).error_code;
        assert_eq!(code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN, "{text}");
    }
}
