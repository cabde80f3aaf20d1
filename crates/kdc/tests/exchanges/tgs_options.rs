//! Options, flags and times of tickets that are got with tickets.

use orthros_asn1::{ErrorCode, HostAddress, HostAddresses, KdcOptions, KerberosTime, TicketFlags};
use orthros_kdc::{PrincipalEntry, PrincipalFlags};
use orthros_types::{AddressType, Duration};

use crate::support::{
    AES128, AES256, AES256_SHA384, AsAsk, DAY, HOUR, Held, TgsAsk, World, WorldBuilder, after, at,
    etype, keys, name, open_ticket, principal,
};

const HOST: &str = "host/a.orthros.test";
const TGS: &str = "krbtgt/ORTHROS.TEST";

fn addresses() -> HostAddresses {
    vec![HostAddress {
        addr_type: AddressType::IPV4,
        address: [10, 0, 0, 1].as_slice().into(),
    }]
}

#[test]
fn a_ticket_lives_no_longer_than_the_one_it_was_got_with() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let granted = TgsAsk::new(&tgt).granted(&world);
    assert_eq!(granted.part.endtime, at(10 * HOUR));
    let mut ask = TgsAsk::new(&tgt);
    ask.till = at(HOUR);
    assert_eq!(ask.granted(&world).part.endtime, at(HOUR));
}

#[test]
fn a_ticket_starts_now_and_was_authenticated_when_the_first_one_was() {
    let mut world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    world.now = after(HOUR);
    let granted = TgsAsk::new(&tgt).granted(&world);
    assert_eq!(granted.part.authtime, at(0));
    assert_eq!(granted.part.starttime, Some(at(HOUR)));
}

#[test]
fn the_services_longest_life_counts() {
    let world = WorldBuilder::new()
        .with(HOST, |host| host.max_life = Some(Duration::from_hours(2)))
        .build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    assert_eq!(TgsAsk::new(&tgt).granted(&world).part.endtime, at(2 * HOUR));
}

#[test]
fn flags_are_had_that_were_asked_for_and_that_the_shown_ticket_has() {
    let world = World::new();
    let all = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE | KdcOptions::RENEWABLE;
    let flags = |held: KdcOptions, asked: KdcOptions| {
        let tgt = world.tgt("bob", held);
        let granted = TgsAsk::new(&tgt).options(asked).granted(&world);
        granted.part.flags
    };
    let always = TicketFlags::PRE_AUTHENT | TicketFlags::TRANSITED_POLICY_CHECKED;
    let had = TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE | TicketFlags::RENEWABLE;
    assert_eq!(flags(all, all), always | had);
    assert_eq!(flags(all, KdcOptions::empty()), always);
    assert_eq!(flags(KdcOptions::empty(), all), always);
}

#[test]
fn flags_that_the_service_may_not_have_are_left_out() {
    let forbidden = PrincipalFlags::DISALLOW_FORWARDABLE
        | PrincipalFlags::DISALLOW_PROXIABLE
        | PrincipalFlags::DISALLOW_RENEWABLE;
    let world = WorldBuilder::new().flags(HOST, forbidden).build();
    let all = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE | KdcOptions::RENEWABLE;
    let tgt = world.tgt("bob", all);
    let granted = TgsAsk::new(&tgt).options(all).granted(&world);
    let expected = TicketFlags::PRE_AUTHENT | TicketFlags::TRANSITED_POLICY_CHECKED;
    assert_eq!(granted.part.flags, expected);
}

#[test]
fn a_client_that_did_not_preauthenticate_is_not_said_to_have() {
    let world = World::new();
    let tgt: Held = AsAsk::bare("bob").granted(&world).into();
    let flags = TgsAsk::new(&tgt).granted(&world).part.flags;
    assert!(!flags.contains(TicketFlags::PRE_AUTHENT));
}

#[test]
fn a_trusted_service_is_said_to_be_ok_as_delegate() {
    let world = WorldBuilder::new()
        .flags(HOST, PrincipalFlags::OK_AS_DELEGATE)
        .build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let flags = |service| {
        TgsAsk::new(&tgt)
            .service(service)
            .granted(&world)
            .part
            .flags
    };
    assert!(flags(HOST).contains(TicketFlags::OK_AS_DELEGATE));
    assert!(!flags("HTTP/b.orthros.test").contains(TicketFlags::OK_AS_DELEGATE));
}

/// What the service does not want, and what its client is told.
#[test]
fn a_service_in_the_wrong_state_is_refused_by_what_is_wrong() {
    type Change = fn(&mut PrincipalEntry);
    let cases: [(Change, ErrorCode); 6] = [
        (
            |host| host.flags |= PrincipalFlags::LOCKED,
            ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
        ),
        (
            |host| host.flags |= PrincipalFlags::DISALLOW_SERVICE,
            ErrorCode::KDC_ERR_MUST_USE_USER2USER,
        ),
        (
            |host| host.flags |= PrincipalFlags::DISALLOW_TGT_BASED,
            ErrorCode::KDC_ERR_POLICY,
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
        let world = WorldBuilder::new().with(HOST, change).build();
        let tgt = world.tgt("bob", KdcOptions::empty());
        assert_eq!(TgsAsk::new(&tgt).refused(&world).error_code, code);
    }
}

#[test]
fn a_service_that_requires_preauthentication_refuses_clients_without() {
    let world = WorldBuilder::new()
        .flags(HOST, PrincipalFlags::REQUIRES_PREAUTH)
        .build();
    let tgt: Held = AsAsk::bare("bob").granted(&world).into();
    let error = TgsAsk::new(&tgt).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_ERR_GENERIC);
    TgsAsk::new(&world.tgt("bob", KdcOptions::empty())).granted(&world);
}

#[test]
fn the_session_key_is_of_the_clients_first_enctype_that_the_service_knows() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    for (etypes, expected) in [
        (&[AES256, AES128][..], AES256),
        (&[AES128, AES256], AES128),
        (&[AES256_SHA384, AES128], AES128),
    ] {
        let granted = TgsAsk::new(&tgt).etypes(etypes).granted(&world);
        assert_eq!(granted.part.key.keytype, etype(expected));
        assert_eq!(granted.ticket.enc_part.etype, etype(AES256));
    }
    let error = TgsAsk::new(&tgt).etypes(&[AES256_SHA384]).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_ETYPE_NOSUPP);
}

#[test]
fn a_renewed_ticket_lives_as_long_again() {
    let mut world = World::new();
    let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
    world.now = after(9 * HOUR);
    let ask = TgsAsk::new(&tgt).service(TGS).options(KdcOptions::RENEW);
    let granted = ask.granted(&world);
    let part = &granted.part;
    assert_eq!(part.starttime, Some(at(9 * HOUR)));
    assert_eq!(part.endtime, at(19 * HOUR));
    assert_eq!(part.renew_till, Some(at(7 * DAY)));
    assert_eq!(part.authtime, at(0));
    assert!(
        part.flags
            .contains(TicketFlags::RENEWABLE | TicketFlags::INITIAL)
    );
    assert_ne!(part.key, world.open(&tgt.ticket).key);
}

#[test]
fn a_renewed_ticket_does_not_live_beyond_its_renewable_life() {
    let mut world = WorldBuilder::new()
        .policy(|policy| policy.max_renewable_life = Duration::from_hours(12))
        .build();
    let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
    world.now = after(9 * HOUR);
    let ask = TgsAsk::new(&tgt).service(TGS).options(KdcOptions::RENEW);
    assert_eq!(ask.granted(&world).part.endtime, at(12 * HOUR));
}

#[test]
fn a_ticket_beyond_its_renewable_life_is_not_renewed() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
    let held = world.forge(&tgt, |part| part.renew_till = Some(at(-1)));
    let ask = TgsAsk::new(&held).service(TGS).options(KdcOptions::RENEW);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_EXPIRED);
}

#[test]
fn a_service_ticket_is_renewed_for_its_service() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
    let ask = TgsAsk::new(&tgt).options(KdcOptions::RENEWABLE);
    let service: Held = ask.granted(&world).into();
    let ask = TgsAsk::new(&service).options(KdcOptions::RENEW);
    assert_eq!(ask.granted(&world).ticket.sname, name(HOST));
    let error = ask.service("HTTP/b.orthros.test").refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
}

/// Options that the header ticket must allow.
#[test]
fn what_a_ticket_does_not_allow_is_refused() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    for option in [
        KdcOptions::FORWARDED,
        KdcOptions::PROXY,
        KdcOptions::ALLOW_POSTDATE,
        KdcOptions::POSTDATED,
        KdcOptions::RENEW,
        KdcOptions::VALIDATE,
    ] {
        let error = TgsAsk::new(&tgt)
            .service(TGS)
            .options(option)
            .refused(&world);
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION, "{option:?}");
    }
}

#[test]
fn a_postdated_ticket_is_validated_once_it_has_begun() {
    let mut world = World::new();
    let mut ask = AsAsk::bare("bob").options(KdcOptions::POSTDATED);
    ask.from = Some(at(HOUR));
    let postdated: Held = ask.granted(&world).into();
    let ask = TgsAsk::new(&postdated)
        .service(TGS)
        .options(KdcOptions::VALIDATE);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_NYV);
    world.now = after(HOUR - 100);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_NYV);
    world.now = after(HOUR);
    let part = ask.granted(&world).part;
    assert!(!part.flags.contains(TicketFlags::INVALID));
    assert!(
        part.flags
            .contains(TicketFlags::POSTDATED | TicketFlags::INITIAL)
    );
    assert_eq!(part.starttime, Some(at(HOUR)));
    assert_eq!(part.endtime, at(10 * HOUR));
}

#[test]
fn a_ticket_that_may_be_postdated_gets_one_that_starts_later() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::ALLOW_POSTDATE);
    let mut ask = TgsAsk::new(&tgt).options(KdcOptions::POSTDATED);
    ask.from = Some(at(HOUR));
    let part = ask.granted(&world).part;
    assert!(
        part.flags
            .contains(TicketFlags::POSTDATED | TicketFlags::INVALID)
    );
    assert_eq!(part.starttime, Some(at(HOUR)));
}

#[test]
fn a_service_that_may_not_be_postdated_refuses_it() {
    let world = WorldBuilder::new()
        .flags(HOST, PrincipalFlags::DISALLOW_POSTDATED)
        .build();
    let tgt = world.tgt("bob", KdcOptions::ALLOW_POSTDATE);
    let error = TgsAsk::new(&tgt)
        .options(KdcOptions::POSTDATED)
        .refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_CANNOT_POSTDATE);
}

#[test]
fn a_forwarded_ticket_has_the_addresses_of_the_request_and_says_so() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::FORWARDABLE);
    let mut ask = TgsAsk::new(&tgt)
        .service(TGS)
        .options(KdcOptions::FORWARDED | KdcOptions::FORWARDABLE);
    ask.addresses = Some(addresses());
    let granted = ask.granted(&world);
    assert_eq!(granted.part.caddr, Some(addresses()));
    assert_eq!(world.open(&granted.ticket).caddr, Some(addresses()));
    let expected = TicketFlags::FORWARDED | TicketFlags::FORWARDABLE;
    assert!(granted.part.flags.contains(expected));
    assert!(!granted.part.flags.contains(TicketFlags::INITIAL));
}

#[test]
fn what_a_forwarded_ticket_gets_is_forwarded_too() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::FORWARDABLE);
    let ask = TgsAsk::new(&tgt)
        .service(TGS)
        .options(KdcOptions::FORWARDED);
    let forwarded: Held = ask.granted(&world).into();
    let flags = TgsAsk::new(&forwarded).granted(&world).part.flags;
    assert!(flags.contains(TicketFlags::FORWARDED));
}

#[test]
fn addresses_of_a_request_that_forwards_nothing_are_passed_over() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let mut ask = TgsAsk::new(&tgt);
    ask.addresses = Some(addresses());
    let granted = ask.granted(&world);
    assert_eq!(granted.part.caddr, None);
    assert_eq!(world.open(&granted.ticket).caddr, None);
}

#[test]
fn a_forwarded_ticket_is_for_the_same_service() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::FORWARDABLE);
    let error = TgsAsk::new(&tgt)
        .options(KdcOptions::FORWARDED)
        .refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
}

#[test]
fn a_proxy_is_had_with_a_ticket_granting_ticket_and_with_the_services_own() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::PROXIABLE);
    let ask = TgsAsk::new(&tgt).options(KdcOptions::PROXIABLE);
    let service: Held = ask.granted(&world).into();
    for held in [tgt, service] {
        let mut ask = TgsAsk::new(&held).options(KdcOptions::PROXY);
        ask.addresses = Some(addresses());
        let granted = ask.granted(&world);
        assert!(granted.part.flags.contains(TicketFlags::PROXY));
        assert_eq!(world.open(&granted.ticket).caddr, Some(addresses()));
    }
}

#[test]
fn a_ticket_granting_ticket_is_no_proxy() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::PROXIABLE);
    let ask = TgsAsk::new(&tgt).service(TGS).options(KdcOptions::PROXY);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn only_an_anonymous_ticket_gets_anonymous_tickets() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt).options(KdcOptions::REQUEST_ANONYMOUS);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
    let anonymous =
        orthros_types::Principal::new("WELLKNOWN:ANONYMOUS", ["WELLKNOWN", "ANONYMOUS"]);
    let held = world.forge(&tgt, |part| {
        part.flags |= TicketFlags::ANONYMOUS;
        part.crealm = anonymous.to_realm();
        part.cname = anonymous.to_principal_name();
    });
    let ask = TgsAsk::new(&held).options(KdcOptions::REQUEST_ANONYMOUS);
    let granted = ask.granted(&world);
    assert!(granted.part.flags.contains(TicketFlags::ANONYMOUS));
    assert_eq!(granted.cname, anonymous.to_principal_name());
    assert_eq!(granted.crealm, anonymous.to_realm());
}

#[test]
fn a_user_to_user_ticket_is_in_the_session_key_of_the_services_own() {
    let world = World::new();
    let (bob, alice) = (
        world.tgt("bob", KdcOptions::empty()),
        world.tgt("alice", KdcOptions::empty()),
    );
    let ask = TgsAsk::new(&bob)
        .service("alice")
        .options(KdcOptions::ENC_TKT_IN_SKEY)
        .additional(&alice.ticket);
    let granted = ask.granted(&world);
    assert_eq!(granted.ticket.enc_part.kvno, None);
    let part = open_ticket(&granted.ticket, &alice.key);
    assert_eq!(part.cname, name("bob"));
    assert_eq!(granted.ticket.sname, name("alice"));
}

#[test]
fn a_user_to_user_request_may_leave_it_to_the_ticket_for_whom_it_is() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let alice = world.tgt("alice", KdcOptions::empty());
    let mut ask = TgsAsk::new(&tgt)
        .options(KdcOptions::ENC_TKT_IN_SKEY)
        .additional(&alice.ticket);
    ask.service = None;
    assert_eq!(ask.granted(&world).ticket.sname, name("alice"));
}

#[test]
fn a_user_to_user_ticket_is_for_whom_the_additional_ticket_names() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt)
        .service("alice")
        .options(KdcOptions::ENC_TKT_IN_SKEY);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
    let error = ask.clone().additional(&tgt.ticket).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
    let service = TgsAsk::new(&world.tgt("alice", KdcOptions::empty())).granted(&world);
    let error = ask.additional(&service.ticket).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn who_takes_user_to_user_tickets_only_gets_them() {
    let world = WorldBuilder::new()
        .flags("alice", PrincipalFlags::DISALLOW_SERVICE)
        .build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let alice = world.tgt("alice", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt).service("alice");
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_MUST_USE_USER2USER);
    let ask = ask
        .options(KdcOptions::ENC_TKT_IN_SKEY)
        .additional(&alice.ticket);
    ask.granted(&world);
}

#[test]
fn who_takes_no_user_to_user_tickets_gets_none() {
    let world = WorldBuilder::new()
        .flags("alice", PrincipalFlags::DISALLOW_USER_TO_USER)
        .build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let alice = world.tgt("alice", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt)
        .service("alice")
        .options(KdcOptions::ENC_TKT_IN_SKEY)
        .additional(&alice.ticket);
    assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn an_expired_additional_ticket_is_refused() {
    let mut world = World::new();
    let alice = world.tgt("alice", KdcOptions::empty());
    world.now = after(11 * HOUR);
    let mut first = AsAsk::new(&world, "bob");
    first.till = KerberosTime::EPOCH;
    let tgt: Held = first.granted(&world).into();
    let ask = TgsAsk::new(&tgt)
        .service("alice")
        .options(KdcOptions::ENC_TKT_IN_SKEY)
        .additional(&alice.ticket);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_TKT_EXPIRED);
}

#[test]
fn an_alias_of_a_service_stays_in_the_ticket() {
    let world = WorldBuilder::new()
        .with(HOST, |host| host.aliases = vec![principal("host/alias")])
        .build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt).service("host/alias");
    let granted = ask.options(KdcOptions::CANONICALIZE).granted(&world);
    assert_eq!(granted.ticket.sname, name("host/alias"));
}

#[test]
fn a_service_of_several_key_versions_gets_tickets_in_the_newest() {
    let world = WorldBuilder::new()
        .with(HOST, |host| host.keys.extend(keys(6, &[AES128], 31)))
        .build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let granted = TgsAsk::new(&tgt).granted(&world);
    assert_eq!(granted.ticket.enc_part.kvno.map(u32::from), Some(6));
    assert_eq!(granted.part.key.keytype, etype(AES128));
}
