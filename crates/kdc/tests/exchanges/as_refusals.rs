//! Requests that get no initial ticket, and with which error.

use orthros_asn1::{ErrorCode, KdcOptions, KerberosTime, Message as _, PaDataType};
use orthros_kdc::error::RequestError;
use orthros_kdc::{ExchangeKind, Outcome, PrincipalFlags, Transport};
use orthros_types::Principal;

use crate::support::{AsAsk, HOUR, World, WorldBuilder, after, at, find, method_data, name};

#[test]
fn a_client_that_nobody_knows_is_refused() {
    let error = AsAsk::bare("mallory").refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_eq!(error.cname, Some(name("mallory")));
}

#[test]
fn a_request_without_a_client_is_refused() {
    let mut ask = AsAsk::bare("bob");
    ask.client = None;
    let error = ask.refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

#[test]
fn a_service_that_nobody_knows_is_refused() {
    let ask = AsAsk::bare("bob").service("host/nowhere");
    let error = ask.refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_eq!(error.sname, name("host/nowhere"));
}

#[test]
fn a_request_without_a_service_is_refused() {
    let mut ask = AsAsk::bare("bob");
    ask.service = None;
    let error = ask.refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

#[test]
fn a_request_to_another_realm_is_refused() {
    let mut ask = AsAsk::bare("bob");
    ask.realm = "OTHER.TEST".into();
    let error = ask.refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

#[test]
fn a_key_shared_with_another_realm_is_nobody_to_log_in_as() {
    let builder = WorldBuilder::new();
    let shared = Principal::ticket_granting("ORTHROS.TEST", "OTHER.TEST");
    let keys = crate::support::keys(1, &[crate::support::AES256], 1);
    builder.put(orthros_kdc::PrincipalEntry::new(shared, keys));
    let mut ask = AsAsk::bare("krbtgt/ORTHROS.TEST");
    ask.realm = "OTHER.TEST".into();
    let error = ask.refused(&builder.build());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

/// What is wrong with `bob`, and what he is told.
#[test]
fn a_client_in_the_wrong_state_is_refused_by_what_is_wrong() {
    type Change = fn(&mut orthros_kdc::PrincipalEntry);
    let cases: [(Change, ErrorCode); 6] = [
        (
            |bob| bob.flags |= PrincipalFlags::LOCKED,
            ErrorCode::KDC_ERR_CLIENT_REVOKED,
        ),
        (
            |bob| bob.expiry = Some(after(-1)),
            ErrorCode::KDC_ERR_NAME_EXP,
        ),
        (
            |bob| bob.valid_from = Some(after(1)),
            ErrorCode::KDC_ERR_CLIENT_NOTYET,
        ),
        (
            |bob| bob.password_expiry = Some(after(-1)),
            ErrorCode::KDC_ERR_KEY_EXPIRED,
        ),
        (
            |bob| bob.flags |= PrincipalFlags::REQUIRES_PASSWORD_CHANGE,
            ErrorCode::KDC_ERR_KEY_EXPIRED,
        ),
        (|bob| bob.keys.clear(), ErrorCode::KDC_ERR_ETYPE_NOSUPP),
    ];
    for (change, code) in cases {
        let world = WorldBuilder::new().with("bob", change).build();
        assert_eq!(AsAsk::bare("bob").refused(&world).error_code, code);
    }
}

/// What is wrong with the service, and what its client is told.
#[test]
fn a_service_in_the_wrong_state_is_refused_by_what_is_wrong() {
    type Change = fn(&mut orthros_kdc::PrincipalEntry);
    let cases: [(Change, ErrorCode); 5] = [
        (
            |host| host.flags |= PrincipalFlags::LOCKED,
            ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
        ),
        (
            |host| host.flags |= PrincipalFlags::DISALLOW_SERVICE,
            ErrorCode::KDC_ERR_MUST_USE_USER2USER,
        ),
        (
            |host| host.expiry = Some(after(-1)),
            ErrorCode::KDC_ERR_SERVICE_EXP,
        ),
        (
            |host| host.valid_from = Some(after(1)),
            ErrorCode::KDC_ERR_SERVICE_NOTYET,
        ),
        (|host| host.keys.clear(), ErrorCode::KDC_ERR_ETYPE_NOSUPP),
    ];
    for (change, code) in cases {
        let world = WorldBuilder::new()
            .with("host/a.orthros.test", change)
            .build();
        let ask = AsAsk::bare("bob").service("host/a.orthros.test");
        assert_eq!(ask.refused(&world).error_code, code);
    }
}

#[test]
fn the_last_moment_of_a_principal_counts() {
    let world = WorldBuilder::new()
        .with("bob", |bob| {
            bob.expiry = Some(crate::support::NOW);
            bob.password_expiry = Some(crate::support::NOW);
            bob.valid_from = Some(crate::support::NOW);
        })
        .build();
    AsAsk::bare("bob").granted(&world);
}

#[test]
fn a_client_with_an_expired_password_gets_a_ticket_to_change_it_with() {
    let world = WorldBuilder::new()
        .with("bob", |bob| bob.password_expiry = Some(after(-1)))
        .build();
    let ask = AsAsk::bare("bob").service("kadmin/changepw");
    assert_eq!(ask.granted(&world).ticket.sname, name("kadmin/changepw"));
}

#[test]
fn a_locked_client_is_refused_before_it_is_asked_to_preauthenticate() {
    let world = WorldBuilder::new()
        .flags("alice", PrincipalFlags::LOCKED)
        .build();
    let error = AsAsk::bare("alice").refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_CLIENT_REVOKED);
    assert_eq!(error.e_data, None);
}

#[test]
fn options_of_the_tgs_exchange_are_refused() {
    for option in [
        KdcOptions::FORWARDED,
        KdcOptions::PROXY,
        KdcOptions::RENEW,
        KdcOptions::VALIDATE,
        KdcOptions::ENC_TKT_IN_SKEY,
        KdcOptions::CNAME_IN_ADDL_TKT,
    ] {
        let error = AsAsk::bare("bob").options(option).refused(&World::new());
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION, "{option:?}");
    }
}

#[test]
fn anonymity_that_nothing_proves_is_refused() {
    let ask = AsAsk::bare("bob").options(KdcOptions::REQUEST_ANONYMOUS);
    let error = ask.refused(&World::new());
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn a_ticket_that_would_end_before_it_begins_is_refused() {
    let mut ask = AsAsk::bare("bob");
    for till in [at(0), at(-HOUR), KerberosTime::MIN] {
        ask.till = till;
        let error = ask.refused(&World::new());
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_NEVER_VALID);
    }
}

#[test]
fn an_error_says_who_when_and_why() {
    let error = AsAsk::bare("mallory").refused(&World::new());
    assert_eq!(error.stime, at(0));
    assert_eq!(error.susec.value(), 123_456);
    assert_eq!(&*error.realm, b"ORTHROS.TEST");
    assert_eq!(error.sname, name("krbtgt/ORTHROS.TEST"));
    assert_eq!(error.crealm.as_deref(), Some(&b"ORTHROS.TEST"[..]));
    assert_eq!(error.e_text.unwrap().to_string(), "client is unknown");
}

#[test]
fn what_is_not_kerberos_gets_no_answer() {
    let world = World::new();
    let request = AsAsk::bare("bob").encode();
    let truncated = &request[..request.len() - 1];
    let extended = [&*request, b"\0"].concat();
    for garbage in [&b""[..], b"GET / HTTP/1.1", &[0x6A], truncated, &extended] {
        let answer = world.answer(garbage);
        assert_eq!(answer.reply, None);
        assert!(matches!(answer.record.outcome, Outcome::Refused(_)));
    }
}

#[test]
fn a_reply_too_long_for_a_datagram_is_replaced_by_an_error() {
    let mut world = WorldBuilder::new()
        .policy(|policy| policy.datagram_limit = 300)
        .build();
    let request = AsAsk::bare("bob").encode();
    assert!(world.reply(&request).len() > 300);
    world.source.transport = Transport::Datagram;
    let error = world.error(&request);
    assert_eq!(error.error_code, ErrorCode::KRB_ERR_RESPONSE_TOO_BIG);
    world.source.transport = Transport::Stream;
    assert!(orthros_asn1::AsRep::decode(&world.reply(&request)).is_ok());
}

#[test]
fn the_record_of_a_request_is_one_line_of_a_log() {
    let world = World::new();
    let answer = world.answer(&AsAsk::bare("alice").encode());
    assert_eq!(answer.record.exchange, ExchangeKind::As);
    assert_eq!(
        answer.record.to_string(),
        "AS-REQ of alice@ORTHROS.TEST for krbtgt/ORTHROS.TEST@ORTHROS.TEST: refused: pre-authentication is required"
    );
    let Outcome::Refused(refusal) = answer.record.outcome else {
        panic!("alice must preauthenticate");
    };
    assert!(matches!(refusal, RequestError::PreauthRequired));
}

#[test]
fn the_hints_of_an_error_are_not_those_of_a_reply() {
    let world = World::new();
    let error = AsAsk::bare("alice").refused(&world);
    assert!(find(&method_data(&error), PaDataType::ENC_TIMESTAMP).is_some());
    let granted = AsAsk::new(&world, "alice").granted(&world);
    assert_eq!(find(&granted.padata, PaDataType::ENC_TIMESTAMP), None);
}
