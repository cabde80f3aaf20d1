//! What ends an attempt to establish a context, and what both sides learn of it.

use crate::world::{PRINCIPAL, World, establish, first_token};
use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialUsage, ErrorKind, MinorStatus, Name,
    NameType, Oid, Step,
};
use orthros_testing::require_mit;
use orthros_types::Duration;

#[test]
fn a_missing_key_is_named_and_the_initiator_learns_of_it() {
    require_mit!();
    let builder = orthros_testing::mit::Realm::builder()
        .user(crate::world::USER, crate::world::PASSWORD)
        .service("http/www.orthros.test")
        .service("ldap/www.orthros.test");
    let world = World::of(builder.start().unwrap());
    let environment = world.environment();
    let keytab = world
        .realm
        .extract_keytab("ldap.keytab", &["ldap/www.orthros.test"])
        .unwrap();
    let credential = Credential::acquire()
        .usage(CredentialUsage::Accept)
        .keytab(keytab.to_str().unwrap())
        .environment(&environment)
        .build()
        .unwrap();
    let mut initiator = world.initiator(&environment).build().unwrap();
    let token = first_token(&mut initiator);
    let mut acceptor = AcceptContext::builder()
        .credential(&credential)
        .build()
        .unwrap();
    let error = acceptor.step(&token).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoKey);
    assert_eq!(error.mech_type(), Some(Oid::KRB5));
    let message = error.to_string();
    for part in [
        keytab.to_str().unwrap(),
        PRINCIPAL,
        "kvno 1",
        "aes256-cts-hmac-sha1-96",
    ] {
        assert!(message.contains(part), "{part} in: {message}");
    }
    let answer = error.token().unwrap();
    let heard = initiator.step(Some(answer)).unwrap_err();
    assert_eq!(heard.kind(), ErrorKind::NoKey);
    assert_eq!(heard.minor(), error.minor());
    assert!(heard.to_string().contains(PRINCIPAL), "{heard}");
    assert_eq!(
        initiator.step(Some(answer)).unwrap_err().kind(),
        ErrorKind::NoContext
    );
    assert_eq!(
        acceptor.step(&token).unwrap_err().kind(),
        ErrorKind::NoContext
    );
}

#[test]
fn a_skewed_clock_is_told_to_both_sides() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let mut initiator = world.initiator(&environment).build().unwrap();
    let token = first_token(&mut initiator);
    world.clock.advance(Duration::from_seconds(301));
    let error = world
        .acceptor(&environment)
        .build()
        .unwrap()
        .step(&token)
        .unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_SKEW);
    assert_eq!(error.kind(), ErrorKind::ClockSkew);
    let heard = initiator.step(error.token()).unwrap_err();
    assert_eq!(heard.minor(), MinorStatus::KRB5KRB_AP_ERR_SKEW);
    assert_eq!(heard.kind(), ErrorKind::ClockSkew);
    assert!(!heard.is_retryable());
    // The acceptor's word on the time is not authenticated, and moves no clock: as MIT, the initiator does not
    // try again.
    assert_eq!(heard.token(), None);
    let over = initiator.step(error.token()).unwrap_err();
    assert_eq!(over.kind(), ErrorKind::NoContext);
}

#[test]
fn an_initiator_whose_clock_is_wrong_goes_by_its_kdcs() {
    require_mit!();
    let world = World::start();
    let acceptors = world.environment();
    for offset in [-7200, 7200] {
        let clock = world.now().saturating_add(Duration::from_seconds(offset));
        let initiators = world.environment_at(clock);
        let initiator = world.initiator(&initiators).build().unwrap();
        let acceptor = world.acceptor(&acceptors).build().unwrap();
        establish(initiator, acceptor).unwrap();
    }
}

#[test]
fn an_acceptor_takes_no_session_key_that_its_configuration_does_not_permit() {
    require_mit!();
    let world = World::start();
    let token = first_token(&mut world.initiator(&world.environment()).build().unwrap());
    let permitted = "[libdefaults]\n permitted_enctypes = aes128-cts-hmac-sha256-128\n";
    let strict = world.environment_with(&(permitted.to_owned() + &world.realm.krb5_conf()));
    let error = world
        .acceptor(&strict)
        .build()
        .unwrap()
        .step(&token)
        .unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5_NOPERM_ETYPE);
}

#[test]
fn an_expired_ticket_is_refused_by_the_acceptor() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let mut initiator = world.initiator(&environment).build().unwrap();
    let token = first_token(&mut initiator);
    world.clock.advance(Duration::from_seconds(3 * 24 * 3600));
    let error = world
        .acceptor(&environment)
        .build()
        .unwrap()
        .step(&token)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsExpired);
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED);
}

#[test]
fn no_cut_or_flipped_first_token_is_accepted() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let token = first_token(&mut world.initiator(&environment).build().unwrap());
    let accept = |token: &[u8]| world.acceptor(&environment).build().unwrap().step(token);
    for end in (1..token.len()).step_by(7) {
        let error = accept(&token[..end]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DefectiveToken, "cut at {end}");
    }
    for place in (0..token.len()).step_by(3) {
        let mut flipped = token.clone();
        flipped[place] ^= 0x10;
        // The ticket's service name and version are hints for the choice of the key; everything else is covered.
        if let Ok(step) = accept(&flipped) {
            let Step::Done { context, .. } = step else {
                panic!("{step:?}")
            };
            assert_eq!(
                context.acceptor_name().to_string(),
                PRINCIPAL,
                "flipped at {place}"
            );
        }
    }
}

#[test]
fn no_cut_or_flipped_answer_establishes_a_context() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let mut length = usize::MAX;
    let mut place = 0;
    while place < length {
        let mut initiator = world.initiator(&environment).build().unwrap();
        let mut acceptor = world.acceptor(&environment).build().unwrap();
        let Ok(Step::Done {
            token: Some(mut answer),
            ..
        }) = acceptor.step(&first_token(&mut initiator))
        else {
            panic!("no answer")
        };
        length = answer.len();
        answer[place] ^= 0x20;
        let kind = initiator.step(Some(&answer)).unwrap_err().kind();
        assert!(
            matches!(
                kind,
                ErrorKind::DefectiveToken | ErrorKind::BadSignature | ErrorKind::Failure
            ),
            "flipped at {place}: {kind:?}"
        );
        assert_eq!(
            initiator.step(Some(&answer)).unwrap_err().kind(),
            ErrorKind::NoContext
        );
        place += 11;
    }
}

#[test]
fn tokens_that_do_not_belong_there_are_refused() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let kind = |result: Result<Step, orthros::Error>| result.unwrap_err().kind();
    let acceptor = || world.acceptor(&environment).build().unwrap();
    let initiator = || world.initiator(&environment).build().unwrap();

    assert_eq!(
        kind(initiator().step(Some(b"token"))),
        ErrorKind::DefectiveToken
    );
    let mut waiting = initiator();
    let token = first_token(&mut waiting);
    assert_eq!(kind(waiting.step(None)), ErrorKind::DefectiveToken);
    assert_eq!(kind(waiting.step(None)), ErrorKind::NoContext);
    let mut waiting = initiator();
    first_token(&mut waiting);
    assert_eq!(kind(waiting.step(Some(&token))), ErrorKind::DefectiveToken);

    let mut first = acceptor();
    assert!(matches!(first.step(b""), Ok(Step::Continue(_))));
    assert_eq!(kind(first.step(b"")), ErrorKind::DefectiveToken);
    assert_eq!(kind(acceptor().step(b"garbage")), ErrorKind::DefectiveToken);
    let longer = [&token[..], b"x"].concat();
    assert_eq!(kind(acceptor().step(&longer)), ErrorKind::DefectiveToken);
    // An initial token of SPNEGO, with nothing in it.
    let empty = b"\x60\x08\x06\x06\x2B\x06\x01\x05\x05\x02";
    assert_eq!(kind(acceptor().step(empty)), ErrorKind::DefectiveToken);
    let foreign = b"\x60\x06\x06\x02\x2A\x03\x05\x00";
    assert_eq!(kind(acceptor().step(foreign)), ErrorKind::BadMechanism);

    let mut accepting = acceptor();
    let Ok(Step::Done {
        token: Some(answer),
        ..
    }) = accepting.step(&token)
    else {
        panic!("not accepted")
    };
    assert!(accepting.established());
    assert_eq!(kind(accepting.step(&token)), ErrorKind::NoContext);
    assert!(accepting.established());
    assert_eq!(kind(acceptor().step(&answer)), ErrorKind::DefectiveToken);
}

#[test]
fn a_service_that_the_kdc_does_not_know_is_named() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let peer = Name::new("smtp/mail.orthros.test", NameType::KRB5_PRINCIPAL_NAME).unwrap();
    let mut initiator = orthros::InitContext::builder(peer)
        .credential(&world.alice(&environment))
        .build()
        .unwrap();
    let error = initiator.step(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServiceUnknown);
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert!(
        error
            .to_string()
            .contains("smtp/mail.orthros.test@ORTHROS.TEST"),
        "{error}"
    );
}

#[test]
fn an_acceptor_refuses_tickets_for_its_keytabs_other_names() {
    require_mit!();
    let builder = orthros_testing::mit::Realm::builder()
        .user(crate::world::USER, crate::world::PASSWORD)
        .service("http/www.orthros.test")
        .service("ldap/www.orthros.test");
    let world = World::of(builder.start().unwrap());
    let environment = world.environment();
    let ldap = Credential::acquire()
        .name(Name::hostbased_service("ldap@www.orthros.test").unwrap())
        .usage(CredentialUsage::Accept)
        .environment(&environment)
        .build()
        .unwrap();
    let token = first_token(&mut world.initiator(&environment).build().unwrap());
    let mut acceptor = AcceptContext::builder().credential(&ldap).build().unwrap();
    let error = acceptor.step(&token).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoKey);
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_NOT_US);
}

#[test]
fn an_initiator_that_waits_for_nothing_gets_no_error_token() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let mut initiator = world
        .initiator(&environment)
        .flags(ContextFlags::empty())
        .build()
        .unwrap();
    let token = first_token(&mut initiator);
    assert!(initiator.established());
    world.clock.advance(Duration::from_seconds(301));
    let error = world
        .acceptor(&environment)
        .build()
        .unwrap()
        .step(&token)
        .unwrap_err();
    assert_eq!(error.token(), None);
}
