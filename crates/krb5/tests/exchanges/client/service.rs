//! Service tickets: what is looked for in the cache, asked of KDCs and of the resolver, and kept.

use std::sync::Arc;

use orthros_asn1::ErrorCode;
use orthros_crypto::Enctype;
use orthros_krb5::client::{
    ArmorRequest, CacheUpdate, ClientError, ClientSnapshot, DerivedTicketRequest,
    ServiceTicketOptions, ServiceTicketRequest,
};
use orthros_krb5::{
    ExchangeError, ExchangeMisuseError, FastUse, KdcRefusalError, TgsRequestOptions,
};
use orthros_types::{Credential, MinorStatus, Principal, TicketFlags};

use super::*;

/// A ticket of alice's that is good for so long.
fn ticket(server: &str, seconds_left: i64) -> Credential {
    let mut ticket = tgt();
    ticket.server = principal(server);
    ticket.times.endtime = later(seconds_left);
    ticket
}

fn request(snapshot: ClientSnapshot, service: &str) -> ServiceTicketRequest {
    ServiceTicketRequest::new(
        snapshot,
        principal(service),
        ServiceTicketOptions::default(),
    )
}

const WWW: &str = "HTTP/www.example.test@EXAMPLE.TEST";

#[test]
fn a_cached_ticket_needs_nothing() {
    let cached = ticket(WWW, 60);
    let snapshot = snapshot("", std::slice::from_ref(&cached));
    let outcome = Script::silent().run(request(snapshot.clone(), WWW));
    assert_eq!(outcome.result.unwrap(), cached);
    assert_eq!(outcome.update, CacheUpdate::Nothing);
    // A realm that was left open is the client's own, where the cache knows the service there.
    let open = http().with_realm("");
    let open = ServiceTicketRequest::new(snapshot, open, ServiceTicketOptions::default());
    assert_eq!(Script::silent().run(open).result.unwrap(), cached);
}

#[test]
fn a_ticket_is_as_old_as_the_kdcs_clock_says() {
    let find = |text, offset| {
        let snapshot = ahead(snapshot(text, &[ticket(WWW, 60)]), offset);
        let options = ServiceTicketOptions {
            cached_only: true,
            ..ServiceTicketOptions::default()
        };
        let request = ServiceTicketRequest::new(snapshot, http(), options);
        Script::silent().run(request).result
    };
    assert!(find("", 60).is_ok());
    assert!(matches!(find("", 61), Err(ClientError::NotCached { .. })));
    // A client that does not follow the KDC's clock goes by its own.
    assert!(find("[libdefaults]\n kdc_timesync = 0\n", 3600).is_ok());
}

#[test]
fn without_a_ticket_granting_ticket_no_kdc_is_asked() {
    let error = |tickets: &[Credential]| {
        let request = request(snapshot("", tickets), WWW);
        Script::silent().run(request).result.unwrap_err()
    };
    let absent = error(&[]);
    assert_eq!(absent.minor_status(), MinorStatus::KRB5_CC_NOTFOUND);
    let text = "credential cache MEMORY:test has no ticket for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST; kinit gets one";
    assert_eq!(absent.to_string(), text);

    let expired = error(&[ticket("krbtgt/EXAMPLE.TEST@EXAMPLE.TEST", -1)]);
    assert_eq!(
        expired.minor_status(),
        MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED
    );
    let text = "the ticket for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST in credential cache MEMORY:test has expired; kinit gets a new one";
    assert_eq!(expired.to_string(), text);
}

#[test]
fn what_a_kdc_gave_is_kept_unless_it_is_not_to_be() {
    for store in [true, false] {
        let mut kdc = Kdc::new();
        let options = ServiceTicketOptions {
            store,
            ..ServiceTicketOptions::default()
        };
        let request = ServiceTicketRequest::new(snapshot("", &[tgt()]), http(), options);
        let outcome = Script::new(|request, _| Some(kdc.answer(&request.message))).run(request);
        assert_eq!(outcome.result.unwrap().server.to_string(), WWW);
        let expected: &[&str] = if store { &[WWW] } else { &[] };
        assert_eq!(added(&outcome.update), expected);
    }
}

#[test]
fn a_ticket_is_filed_under_the_name_that_was_asked_for() {
    let mut kdc = Kdc::new();
    let open = http().with_realm("");
    let request = ServiceTicketRequest::new(
        snapshot("", &[tgt()]),
        open,
        ServiceTicketOptions::default(),
    );
    let outcome = Script::new(|request, _| Some(kdc.answer(&request.message))).run(request);
    assert_eq!(added(&outcome.update), ["HTTP/www.example.test@"]);
}

#[test]
fn a_kdc_that_answers_under_armor_is_noted_also_where_it_refuses() {
    const NOTE: &str = "krb5_ccache_conf_data/orthros_armors_tgs/krbtgt\\/EXAMPLE.TEST\\@EXAMPLE.TEST@X-CACHECONF:";
    let mut kdc = FastKdc::new();
    let first = Script::new(|request, _| Some(kdc.answer(&request.message)))
        .run(request(snapshot("", &[tgt()]), WWW));
    assert_eq!(added(&first.update), [NOTE, WWW]);
    let CacheUpdate::Add(entries) = first.update else {
        panic!("nothing is noted");
    };
    // From then on what comes without armor is not believed.
    let noted = [tgt(), entries[0].clone()];
    let later = Script::errors(&[ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN])
        .run(request(snapshot("", &noted), WWW));
    let error = later.result.unwrap_err();
    assert!(
        matches!(error.refusal(), Some(KdcRefusalError::ArmorIgnored { .. })),
        "{error}"
    );
    assert_eq!(later.update, CacheUpdate::Nothing);
}

#[test]
fn a_service_without_a_realm_is_looked_for_in_the_realm_of_its_hosts_domain() {
    let unknown = ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN;
    let try_domains =
        "[libdefaults]\n realm_try_domains = 2\n[realms]\n OTHER.TEST = {\n  kdc = k\n }\n";
    // A realm that is not configured may be one that DNS has.
    let in_dns = [
        "_kerberos.SVC.B.OTHER.TEST URI",
        "_kerberos._udp.SVC.B.OTHER.TEST SRV",
        "_kerberos._tcp.SVC.B.OTHER.TEST SRV",
        "_kerberos.B.OTHER.TEST URI",
        "_kerberos._udp.B.OTHER.TEST SRV",
        "_kerberos._tcp.B.OTHER.TEST SRV",
    ];
    for (text, asked, guessed) in [
        ("", &[][..], "B.OTHER.TEST"),
        (try_domains, &in_dns, "OTHER.TEST"),
    ] {
        let service = Principal::new("", ["HTTP", "svc.b.other.test"]);
        let options = ServiceTicketOptions::default();
        let request = ServiceTicketRequest::new(snapshot(text, &[tgt()]), service, options);
        let outcome = Script::errors(&[unknown; 3]).run(request);
        // What was asked for is what is unknown, not what was guessed.
        assert_eq!(
            outcome.result.unwrap_err().to_string(),
            "service HTTP/svc.b.other.test@EXAMPLE.TEST is not in the KDC's database"
        );
        let first = "Any KDC of EXAMPLE.TEST: HTTP/svc.b.other.test@EXAMPLE.TEST".to_owned();
        let second = format!("Any KDC of EXAMPLE.TEST: krbtgt/{guessed}@EXAMPLE.TEST");
        let mut needs = vec![first.clone(), first];
        needs.extend(asked.iter().map(ToString::to_string));
        needs.push(second);
        assert_eq!(outcome.needs, needs);
    }
}

#[test]
fn a_service_of_a_named_realm_is_looked_for_in_no_other() {
    let unknown = ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN;
    let service = "HTTP/svc.other.test@EXAMPLE.TEST";
    let outcome = Script::errors(&[unknown; 3]).run(request(snapshot("", &[tgt()]), service));
    let asked = format!("Any KDC of EXAMPLE.TEST: {service}");
    assert_eq!(outcome.needs, [asked.clone(), asked]);
    outcome.result.unwrap_err();
}

/// Alias for `real.example.test`.
fn alias() -> Principal {
    Principal::host_based("HTTP", "alias.example.test", REALM)
}

fn of_alias(text: &str) -> ServiceTicketRequest {
    let options = ServiceTicketOptions {
        given_host: Some("alias.example.test".to_owned()),
        ..ServiceTicketOptions::default()
    };
    ServiceTicketRequest::new(snapshot(text, &[tgt()]), alias(), options)
}

#[test]
fn a_service_that_is_not_known_is_asked_for_by_the_resolvers_name() {
    let mut kdc = Kdc::new();
    let mut script = Script::new(|request, _| {
        let name = tgs_req(&request.message).0.req_body.into_value().sname;
        let is_alias = name.unwrap().name_string[1].0 == b"alias.example.test"[..];
        Some(match is_alias {
            true => error(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN),
            false => kdc.answer(&request.message),
        })
    });
    script.resolver = Box::new(|query| {
        assert!(query.by_address, "rdns");
        Some("Real.Example.Test.".to_owned())
    });
    let outcome = script.run(of_alias(""));
    let real = "HTTP/real.example.test@EXAMPLE.TEST";
    assert_eq!(outcome.result.unwrap().server.to_string(), real);
    assert_eq!(added(&outcome.update), [real]);
    let alias = "Any KDC of EXAMPLE.TEST: HTTP/alias.example.test@EXAMPLE.TEST".to_owned();
    let real = format!("Any KDC of EXAMPLE.TEST: {real}");
    let name = "name of alias.example.test".to_owned();
    assert_eq!(outcome.needs, [alias.clone(), alias, name, real]);
}

#[test]
fn the_resolver_is_asked_only_where_the_configuration_falls_back() {
    for value in ["true", "false"] {
        let text = format!("[libdefaults]\n dns_canonicalize_hostname = {value}\n");
        let unknown = [ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN; 3];
        let outcome = Script::errors(&unknown).run(of_alias(&text));
        assert_eq!(outcome.needs.len(), 2);
        assert!(matches!(outcome.result, Err(ClientError::Exchange(_))));
    }
}

#[test]
fn where_no_name_is_known_the_error_is_about_the_first() {
    // The KDC is out of reach at the second name: that is passed over, too.
    let mut script = Script::errors(&[ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN; 2]);
    script.resolver = Box::new(|_| Some("real.example.test".to_owned()));
    let error = script.run(of_alias("")).result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "service HTTP/alias.example.test@EXAMPLE.TEST is not in the KDC's database, \
         nor as HTTP/real.example.test@EXAMPLE.TEST"
    );
    // Where the resolver has no other name, it is what the KDC said.
    let unknown = [ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN; 2];
    let error = Script::errors(&unknown)
        .run(of_alias(""))
        .result
        .unwrap_err();
    assert!(matches!(error, ClientError::Exchange(_)), "{error}");
}

#[test]
fn a_short_name_is_looked_for_in_each_search_domain() {
    let domains = ["a.test", "b.test", "c.test"].map(str::to_owned);
    let snapshot = ClientSnapshot {
        search_domains: Arc::new(domains),
        ..snapshot("", &[tgt()])
    };
    let options = ServiceTicketOptions {
        given_host: Some("www".to_owned()),
        ..ServiceTicketOptions::default()
    };
    let service = Principal::host_based("HTTP", "www.a.test", REALM);
    let request = ServiceTicketRequest::new(snapshot, service, options);
    let unknown = [ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN; 6];
    let outcome = Script::errors(&unknown).run(request);
    let asked = |host| format!("Any KDC of EXAMPLE.TEST: HTTP/{host}@EXAMPLE.TEST");
    assert_eq!(
        outcome.needs,
        [
            asked("www.a.test"),
            asked("www.a.test"),
            "name of www".to_owned(),
            asked("www.b.test"),
            asked("www.b.test"),
            asked("www.c.test"),
            asked("www.c.test"),
        ]
    );
}

#[test]
fn where_no_kdc_replies_that_is_the_error() {
    let outcome = Script::errors(&[]).run(request(snapshot("", &[tgt()]), WWW));
    assert_eq!(outcome.result.unwrap_err(), ClientError::NoReply);
}

#[test]
fn a_machine_that_has_ended_says_so() {
    let mut request = request(snapshot("", &[ticket(WWW, 60)]), WWW);
    let mut random = SeededRandom::new(1);
    let mut misused =
        |answer, expected: ExchangeMisuseError| match request.step(answer, NOW, &mut random) {
            Progress::Done(done) if done.result.is_ok() => {}
            Progress::Done(done) => {
                let error = ClientError::from(ExchangeError::from(expected));
                assert_eq!(done.result.unwrap_err(), error);
            }
            Progress::Need(need) => panic!("{need:?}"),
        };
    misused(Answer::Begin, ExchangeMisuseError::Ended);
    misused(Answer::NoKdc, ExchangeMisuseError::Ended);
}

#[test]
fn armor_that_is_asked_for_is_required() {
    let request = ArmorRequest::new(ahead(snapshot("", &[tgt()]), 7), REALM.as_bytes());
    let armor = Script::silent().run(request).result.unwrap();
    assert_eq!(armor.ticket, tgt());
    assert_eq!(armor.usage, FastUse::Required);
    assert_eq!(armor.kdc_offset.seconds(), 7);
}

#[test]
fn a_cached_ticket_with_a_session_key_of_rc4_is_no_armor_and_asks_no_kdc_unless_allowed() {
    let tgt = tgt_in(Enctype::ARCFOUR_HMAC);
    let off = snapshot("", std::slice::from_ref(&tgt));
    let armor = Script::silent().run(ArmorRequest::new(off.clone(), REALM.as_bytes()));
    let service = Script::silent().run(request(off.clone(), WWW));
    let refused = [armor.result.map(|_| ()), service.result.map(|_| ())];
    for error in refused.map(Result::unwrap_err) {
        assert!(matches!(error, ClientError::SessionKeyNotPermitted { .. }));
        let switch = ": it needs allow_rc4 = true in [libdefaults]";
        assert!(error.to_string().ends_with(switch), "{error}");
    }
    let on = snapshot(
        "[libdefaults]\nallow_rc4 = true",
        std::slice::from_ref(&tgt),
    );
    let armor = Script::silent().run(ArmorRequest::new(on, REALM.as_bytes()));
    assert_eq!(armor.result.unwrap().ticket, tgt);
}

/// The ticket-granting ticket with these flags.
fn flagged(flags: TicketFlags) -> Credential {
    let mut tgt = tgt();
    tgt.flags |= flags;
    tgt.times.renew_till = Some(later(100 * HOUR));
    tgt
}

#[test]
fn a_renewed_ticket_begins_the_cache_anew_and_keeps_its_notes() {
    let note = Credential::config(alice(), "fast_avail", None, b"yes".to_vec());
    let tickets = [
        flagged(TicketFlags::RENEWABLE),
        note.clone(),
        ticket(WWW, 60),
    ];
    let snapshot = ahead(snapshot("", &tickets), 0);
    let options = TgsRequestOptions::default();
    let request = DerivedTicketRequest::renewed(snapshot.clone(), None, options.clone()).unwrap();
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.flags |= TicketFlags::RENEWABLE;
        draft.ticket_part.flags = draft.part.flags;
    });
    let outcome = Script::new(|request, _| Some(kdc.answer(&request.message))).run(request);
    let renewed = outcome.result.unwrap();
    let CacheUpdate::Replace(contents) = outcome.update else {
        panic!("the old tickets are kept");
    };
    assert_eq!(contents.credentials, [note, renewed]);
    assert_eq!(contents.kdc_offset, snapshot.contents.kdc_offset);

    let request = DerivedTicketRequest::renewed(snapshot, None, options).unwrap();
    let outcome = Script::errors(&[ErrorCode::KDC_ERR_POLICY]).run(request);
    outcome.result.unwrap_err();
    assert_eq!(outcome.update, CacheUpdate::Nothing);
}

#[test]
fn a_ticket_that_is_forwarded_goes_into_no_cache() {
    let snapshot = |flags| snapshot("", &[flagged(flags)]);
    let options = TgsRequestOptions::default();
    let forward =
        |flags| DerivedTicketRequest::forwarded(snapshot(flags), &[], options.clone(), NOW);
    let mut kdc = Kdc::spoiling(|draft| {
        draft.part.flags |= TicketFlags::FORWARDED;
        draft.ticket_part.flags = draft.part.flags;
    });
    let request = forward(TicketFlags::FORWARDABLE).unwrap();
    let outcome = Script::new(|request, _| Some(kdc.answer(&request.message))).run(request);
    assert!(outcome.result.unwrap().is_local_ticket_granting());
    assert_eq!(outcome.update, CacheUpdate::Nothing);
    let error = forward(TicketFlags::empty()).unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Exchange(ExchangeError::Misused(ExchangeMisuseError::FlagMissing(_)))
        ),
        "{error}"
    );
}

/// A ticket for alice, a service, in bob's name.
fn in_bobs_name() -> Credential {
    let mut ticket = ticket("alice@EXAMPLE.TEST", 60);
    ticket.client = principal("bob@EXAMPLE.TEST");
    ticket
}

#[test]
fn a_ticket_in_another_name_is_found_by_that_name_alone_and_needs_no_kdc() {
    let (bobs, bob) = (in_bobs_name(), principal("bob@EXAMPLE.TEST"));
    // No ticket-granting ticket either.
    let with = |tickets: &[Credential]| snapshot("", tickets);
    let options = ServiceTicketOptions {
        cached_only: true,
        ..ServiceTicketOptions::default()
    };
    let find = |tickets: &[Credential]| {
        DerivedTicketRequest::for_user(with(tickets), bob.clone(), options.clone(), NOW)
    };
    let outcome = Script::silent().run(find(std::slice::from_ref(&bobs)).unwrap());
    assert_eq!(outcome.result.unwrap(), bobs);
    assert_eq!(outcome.update, CacheUpdate::Nothing);
    let mut own = bobs.clone();
    own.client = alice();
    let mut expired = bobs.clone();
    expired.times.endtime = later(-1);
    let mut onward = bobs.clone();
    onward.second_ticket = b"evidence".to_vec();
    for other in [own, expired, onward] {
        let error = find(&[tgt(), other]).unwrap_err();
        assert!(matches!(error, ClientError::NotCached { .. }), "{error}");
    }
    // Nor is it the service's own ticket to itself.
    let own = ServiceTicketRequest::new(with(&[bobs]), alice(), options);
    let result = Script::silent().run(own).result;
    assert!(matches!(result, Err(ClientError::NotCached { .. })));
}

#[test]
fn a_ticket_to_go_on_with_is_kept_and_found_by_its_evidence() {
    let evidence = in_bobs_name();
    let go_on = |tickets: &[Credential], evidence: &Credential, options: ServiceTicketOptions| {
        DerivedTicketRequest::on_behalf_of(snapshot("", tickets), evidence, http(), options, NOW)
    };
    for store in [true, false] {
        let options = ServiceTicketOptions {
            store,
            ..ServiceTicketOptions::default()
        };
        let request = go_on(&[tgt()], &evidence, options).unwrap();
        let mut kdc = Kdc::spoiling(|draft| draft.cname = name(&["bob"]));
        let outcome = Script::new(|request, _| Some(kdc.answer(&request.message))).run(request);
        let ticket = outcome.result.unwrap();
        assert_eq!(ticket.client, evidence.client);
        let CacheUpdate::Add(added) = outcome.update else {
            assert!(!store);
            continue;
        };
        assert!(store && added.contains(&ticket));
        let options = ServiceTicketOptions {
            cached_only: true,
            ..ServiceTicketOptions::default()
        };
        let again = go_on(&added, &evidence, options.clone()).unwrap();
        assert_eq!(Script::silent().run(again).result.unwrap(), ticket);
        let mut newer = evidence.clone();
        newer.ticket.push(0);
        let error = go_on(&added, &newer, options).unwrap_err();
        assert!(matches!(error, ClientError::NotCached { .. }), "{error}");
    }
}
