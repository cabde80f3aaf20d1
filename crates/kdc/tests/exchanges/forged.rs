//! Tickets that a service, which holds its own key, made up or changed; and what another realm's KDC says beyond
//! its own.

use orthros_asn1::{
    AdIfRelevant, AdType, AuthorizationData, AuthorizationDataEntry, EncTicketPart, ErrorCode,
    HostAddress, KdcOptions, Message as _, Ticket, TicketFlags,
};
use orthros_kdc::{PrincipalEntry, PrincipalFlags, Store as _};
use orthros_types::{AddressType, Principal};

use crate::support::{
    AES256, AsAsk, DAY, HOUR, Held, REALM, TgsAsk, World, WorldBuilder, after, at, keys, name,
    principal, principal_of, random_key,
};

const FRONT: &str = "HTTP/b.orthros.test";
const BACK: &str = "host/a.orthros.test";
const TGS: &str = "krbtgt/ORTHROS.TEST";

/// Options with which a ticket that is no ticket-granting one gets another.
const REISSUING: [KdcOptions; 4] = [
    KdcOptions::RENEW,
    KdcOptions::FORWARDED,
    KdcOptions::PROXY,
    KdcOptions::VALIDATE,
];

/// A realm whose front end may delegate to the back end, for users that have sent it a ticket; and which trusts
/// `OTHER.TEST`.
fn builder() -> WorldBuilder {
    let builder = WorldBuilder::new().with(FRONT, |front| {
        front.delegation_targets = vec![principal(BACK)];
    });
    for (served, issuer) in [("OTHER.TEST", REALM), (REALM, "OTHER.TEST")] {
        let tgs = Principal::ticket_granting(served, issuer);
        builder.put(PrincipalEntry::new(tgs, keys(1, &[AES256], 66)));
    }
    builder
}

fn element(ad_type: AdType, data: &[u8]) -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type,
        ad_data: data.into(),
    }
}

fn ignorable(inner: &AdIfRelevant) -> AuthorizationDataEntry {
    element(AdType::IF_RELEVANT, &inner.encode().unwrap())
}

/// A ticket of bob's for a service, with all that can be had.
fn ticket(world: &World, service: &str) -> Held {
    let all = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE | KdcOptions::RENEWABLE;
    let tgt = world.tgt("bob", all);
    let ask = TgsAsk::new(&tgt).service(service).options(all);
    ask.granted(world).into()
}

/// A postdated one.
fn postdated(world: &World, service: &str) -> Held {
    let options = KdcOptions::ALLOW_POSTDATE;
    let tgt = world.tgt("bob", options);
    let mut ask = TgsAsk::new(&tgt)
        .service(service)
        .options(KdcOptions::POSTDATED);
    ask.from = Some(at(0));
    ask.granted(world).into()
}

/// The ticket once more.
fn again(held: &Held, service: &str, options: KdcOptions) -> TgsAsk {
    TgsAsk::new(held).service(service).options(options)
}

/// The front end asks for a ticket to the back end.
fn delegate(world: &World, evidence: &Held) -> TgsAsk {
    TgsAsk::new(&world.tgt(FRONT, KdcOptions::FORWARDABLE))
        .service(BACK)
        .options(KdcOptions::CNAME_IN_ADDL_TKT | KdcOptions::FORWARDABLE)
        .additional(&evidence.ticket)
}

/// What a service writes that wants to be alice.
fn as_alice(part: &mut EncTicketPart, option: KdcOptions) {
    part.cname = name("alice");
    part.flags |= TicketFlags::FORWARDABLE | TicketFlags::RENEWABLE | TicketFlags::PROXIABLE;
    part.flags
        .set(TicketFlags::INVALID, option == KdcOptions::VALIDATE);
    part.renew_till = Some(at(7 * DAY));
    part.authorization_data = None;
}

#[test]
fn a_service_ticket_that_the_kdc_vouched_for_is_reissued() {
    let world = builder().build();
    for service in [FRONT, BACK, "krbtgt/OTHER.TEST"] {
        let held = ticket(&world, service);
        for option in REISSUING {
            if option == KdcOptions::PROXY && service.starts_with("krbtgt") {
                continue;
            }
            let held = if option == KdcOptions::VALIDATE {
                postdated(&world, service)
            } else {
                held.clone()
            };
            let once: Held = again(&held, service, option).granted(&world).into();
            assert_eq!(once.cname, name("bob"), "{service} {option:?}");
            if option == KdcOptions::RENEW {
                again(&once, service, option).granted(&world);
            }
        }
    }
}

#[test]
fn a_ticket_that_its_service_made_up_is_not_reissued_by_any_option() {
    let world = builder()
        .flags("alice", PrincipalFlags::DISALLOW_FORWARDABLE)
        .build();
    for service in [FRONT, BACK, "bob", "krbtgt/OTHER.TEST"] {
        let held = ticket(&world, service);
        for option in REISSUING {
            let forged = world.forge(&held, |part| as_alice(part, option));
            let error = again(&forged, service, option).refused(&world);
            let expected = ErrorCode::KRB_AP_ERR_INAPP_CKSUM;
            assert_eq!(error.error_code, expected, "{service} {option:?}");
        }
    }
}

#[test]
fn a_ticket_that_its_service_made_up_is_not_reissued_for_a_client_of_another_realm() {
    let world = builder().build();
    let forged = world.forge(&ticket(&world, FRONT), |part| {
        as_alice(part, KdcOptions::RENEW);
        part.crealm = "OTHER.TEST".into();
    });
    let error = again(&forged, FRONT, KdcOptions::RENEW).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
    let text = String::from_utf8(error.e_text.unwrap().to_vec()).unwrap();
    assert!(text.contains("header ticket by this KDC"), "{text}");
}

#[test]
fn what_a_service_changed_in_its_ticket_is_not_reissued() {
    let changes: [fn(&mut EncTicketPart); 13] = [
        |part| part.cname = name("alice"),
        |part| part.crealm = "OTHER.TEST".into(),
        |part| part.flags |= TicketFlags::HW_AUTHENT,
        |part| part.flags |= TicketFlags::INITIAL,
        |part| part.key = crate::support::encryption_key(&random_key(AES256, 4)),
        |part| part.transited.contents = b"OTHER.TEST".as_slice().into(),
        |part| part.authtime = at(-HOUR),
        |part| part.starttime = Some(at(-HOUR)),
        |part| part.endtime = at(9 * DAY),
        |part| part.renew_till = Some(at(99 * DAY)),
        |part| {
            part.caddr = Some(vec![HostAddress {
                addr_type: AddressType::IPV4,
                address: [127, 0, 0, 1].as_slice().into(),
            }]);
        },
        |part| {
            let data = part.authorization_data.as_mut().unwrap();
            data.insert(0, element(AdType::WIN2K_PAC, b"forged"));
        },
        |part| {
            let data = part.authorization_data.as_mut().unwrap();
            data.push(element(AdType(4711), b"forged"));
        },
    ];
    let world = builder().build();
    let held = ticket(&world, FRONT);
    for (index, change) in changes.into_iter().enumerate() {
        let forged = world.forge(&held, change);
        for option in [KdcOptions::RENEW, KdcOptions::FORWARDED, KdcOptions::PROXY] {
            let error = again(&forged, FRONT, option).refused(&world);
            let code = error.error_code;
            assert!(
                [
                    ErrorCode::KRB_AP_ERR_MODIFIED,
                    ErrorCode::KRB_AP_ERR_INAPP_CKSUM
                ]
                .contains(&code),
                "change {index}, {option:?}: {code}"
            );
        }
    }
}

#[test]
fn transited_realms_that_a_service_made_up_are_not_expanded() {
    let world = builder().build();
    let forged = world.forge(&ticket(&world, FRONT), |part| {
        part.transited.contents = b".,".repeat(1000).as_slice().into();
    });
    let error = again(&forged, FRONT, KdcOptions::RENEW).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
}

/// The signature of one ticket in another one.
#[test]
fn a_signature_does_not_vouch_for_another_ticket() {
    let world = builder().build();
    let (own, other) = (ticket(&world, FRONT), ticket(&world, BACK));
    let signature = world.open(&other.ticket).authorization_data;
    let forged = world.forge(&own, |part| part.authorization_data = signature);
    let error = again(&forged, FRONT, KdcOptions::RENEW).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
}

#[test]
fn a_ticket_for_another_service_in_ones_own_key_is_neither_reissued_nor_evidence() {
    let world = builder()
        .with(BACK, |back| back.delegation_targets = vec![principal(BACK)])
        .build();
    let other = ticket(&world, BACK);
    let sealed = Ticket {
        sname: name(FRONT),
        ..other.ticket.value().clone()
    };
    let forged = world.seal_ticket(&sealed, world.open(&other.ticket));
    let error = again(&forged, FRONT, KdcOptions::RENEW).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    let error = delegate(&world, &forged).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
}

#[test]
fn a_service_without_authorization_data_has_no_tickets_reissued() {
    let world = builder()
        .flags(FRONT, PrincipalFlags::NO_AUTH_DATA_REQUIRED)
        .build();
    let held = ticket(&world, FRONT);
    assert_eq!(world.open(&held.ticket).authorization_data, None);
    let error = again(&held, FRONT, KdcOptions::RENEW).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
}

#[test]
fn a_reissued_ticket_is_vouched_for_under_an_alias_and_after_a_change_of_key() {
    let world = builder()
        .with(FRONT, |front| front.aliases = vec![principal("HTTP/www")])
        .build();
    let held = ticket(&world, "HTTP/www");
    let mut tgs = (*world.entry(TGS)).clone();
    let random = &mut orthros_testing::random::SeededRandom::new(9);
    tgs.rotate_keys(&[AES256], random).unwrap();
    world.store.put(tgs).unwrap();
    let granted = again(&held, "HTTP/www", KdcOptions::RENEW).granted(&world);
    delegate(&world, &granted.into()).granted(&world);
}

#[test]
fn a_ticket_of_the_as_exchange_is_vouched_for() {
    let world = builder().build();
    let options = KdcOptions::FORWARDABLE | KdcOptions::RENEWABLE;
    let ask = AsAsk::new(&world, "alice").service(FRONT).options(options);
    let held: Held = ask.granted(&world).into();
    again(&held, FRONT, KdcOptions::RENEW).granted(&world);
    assert_eq!(delegate(&world, &held).granted(&world).cname, name("alice"));
}

#[test]
fn a_ticket_granting_ticket_carries_no_signature() {
    let world = builder().build();
    let all = KdcOptions::FORWARDABLE | KdcOptions::RENEWABLE;
    let tgt = world.tgt("bob", all);
    assert_eq!(world.open(&tgt.ticket).authorization_data, None);
    let renewed: Held = again(&tgt, TGS, KdcOptions::RENEW).granted(&world).into();
    assert_eq!(world.open(&renewed.ticket).authorization_data, None);
}

#[test]
fn data_beside_the_signature_of_evidence_are_refused() {
    let world = builder().build();
    let held = ticket(&world, FRONT);
    let pac = element(AdType::WIN2K_PAC, b"forged");
    let indicator = element(AdType::AUTHENTICATION_INDICATOR, b"\x30\x00");
    for forged in [pac.clone(), ignorable(&vec![pac]), indicator] {
        for at_end in [false, true] {
            let evidence = world.forge(&held, |part| {
                let data = part.authorization_data.as_mut().unwrap();
                let index = if at_end { data.len() } else { 0 };
                data.insert(index, forged.clone());
            });
            let code = delegate(&world, &evidence).refused(&world).error_code;
            let expected = if at_end {
                ErrorCode::KRB_AP_ERR_INAPP_CKSUM
            } else {
                ErrorCode::KRB_AP_ERR_MODIFIED
            };
            assert_eq!(code, expected);
        }
    }
}

#[test]
fn data_that_evidence_was_issued_with_go_into_the_delegated_ticket() {
    let world = builder().build();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let mut ask = TgsAsk::new(&tgt)
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE);
    let own = element(AdType(4711), b"asked for");
    ask.authorization_data = Some(vec![own.clone()]);
    let evidence: Held = ask.granted(&world).into();
    let granted = delegate(&world, &evidence).granted(&world);
    let data = world.open(&granted.ticket).authorization_data.unwrap();
    assert_eq!(data.first(), Some(&own));
    assert_eq!(data.len(), 2, "the other one is the signature");
}

#[test]
fn evidence_of_a_client_who_may_not_be_forwarded_any_more_is_refused() {
    let world = builder().build();
    let evidence = ticket(&world, FRONT);
    let mut bob = (*world.entry("bob")).clone();
    bob.flags |= PrincipalFlags::DISALLOW_FORWARDABLE;
    world.store.put(bob).unwrap();
    let error = delegate(&world, &evidence).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn a_flag_that_was_forbidden_meanwhile_is_not_renewed() {
    for (service, forbidden) in [(TGS, "bob"), (FRONT, "bob"), (FRONT, FRONT)] {
        let world = builder().build();
        let all = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE | KdcOptions::RENEWABLE;
        let held = if service == TGS {
            world.tgt("bob", all)
        } else {
            ticket(&world, service)
        };
        let mut entry = (*world.entry(forbidden)).clone();
        entry.flags |= PrincipalFlags::DISALLOW_FORWARDABLE | PrincipalFlags::DISALLOW_PROXIABLE;
        world.store.put(entry).unwrap();
        let flags = again(&held, service, KdcOptions::RENEW)
            .granted(&world)
            .part
            .flags;
        assert!(!flags.intersects(TicketFlags::FORWARDABLE | TicketFlags::PROXIABLE));
        assert!(flags.contains(TicketFlags::RENEWABLE));
    }
}

#[test]
fn a_renewed_ticket_gets_no_other_addresses() {
    let world = builder().build();
    let tgt = world.tgt("bob", KdcOptions::FORWARDABLE | KdcOptions::RENEWABLE);
    let own = vec![HostAddress {
        addr_type: AddressType::IPV4,
        address: [127, 0, 0, 1].as_slice().into(),
    }];
    let tgt = world.forge(&tgt, |part| part.caddr = Some(own.clone()));
    let ask = again(&tgt, TGS, KdcOptions::RENEW | KdcOptions::FORWARDED);
    let granted = ask.granted(&world);
    assert_eq!(world.open(&granted.ticket).caddr, Some(own));
}

#[test]
fn delegation_drops_neither_the_transited_realms_nor_the_manner_of_the_clients_authentication() {
    let mut builder = builder();
    builder.policy.paths.push(orthros_kdc::RealmPath {
        client_realm: b"FAR".to_vec(),
        service_realm: REALM.into(),
        through: vec![b"OTHER.TEST".to_vec()],
    });
    let world = builder.build();
    let far = principal_of("eve", "FAR");
    let tgt = world.foreign_tgt("OTHER.TEST", &far);
    let tgt = world.forge(&tgt, |part| part.flags.remove(TicketFlags::PRE_AUTHENT));
    let ask = TgsAsk::new(&tgt)
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE);
    let evidence: Held = ask.granted(&world).into();
    let granted = delegate(&world, &evidence).granted(&world);
    assert_eq!(granted.cname, name("eve"));
    let part = world.open(&granted.ticket);
    assert_eq!(&*part.transited.contents, b"OTHER.TEST");
    assert!(!part.flags.contains(TicketFlags::PRE_AUTHENT));
    let mut back = (*world.entry(BACK)).clone();
    back.flags |= PrincipalFlags::REQUIRES_PREAUTH;
    world.store.put(back).unwrap();
    let error = delegate(&world, &evidence).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_ERR_GENERIC);
}

#[test]
fn a_delegated_ticket_is_not_renewed_beyond_its_evidence() {
    let world = builder().build();
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let ask = TgsAsk::new(&tgt)
        .service(FRONT)
        .options(KdcOptions::FORWARDABLE);
    let evidence: Held = ask.granted(&world).into();
    let mut ask = delegate(&world, &evidence).options(KdcOptions::RENEWABLE);
    ask.held = world.tgt(FRONT, KdcOptions::RENEWABLE);
    let flags = ask.granted(&world).part.flags;
    assert!(!flags.contains(TicketFlags::RENEWABLE));
}

/// A ticket's name for its service is not encrypted: one under an alias of the ticket-granting service is a
/// ticket-granting ticket.
#[test]
fn an_alias_of_the_ticket_granting_service_is_neither_delegated_nor_a_proxy() {
    let world = builder()
        .with(TGS, |tgs| tgs.aliases = vec![principal("granting")])
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal(TGS), principal("granting")];
        })
        .build();
    let ask = delegate(&world, &ticket(&world, FRONT)).service("granting");
    assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_POLICY);
    let tgt = world.tgt("bob", KdcOptions::PROXIABLE);
    let error = again(&tgt, "granting", KdcOptions::PROXY).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

/// `OTHER.TEST` may speak of `HTTP/www@OTHER.TEST`, which is an alias of the front end here.
#[test]
fn a_client_of_another_realm_is_not_the_service_that_has_its_name_for_an_alias() {
    let foreign = principal_of("HTTP/www", "OTHER.TEST");
    let world = builder()
        .with(FRONT, |front| front.aliases = vec![foreign.clone()])
        .build();
    let cross = world.foreign_tgt("OTHER.TEST", &foreign);
    let ask = TgsAsk::new(&cross)
        .service(TGS)
        .options(KdcOptions::FORWARDABLE);
    let local: Held = ask.granted(&world).into();
    for held in [cross, local] {
        let mut ask = delegate(&world, &ticket(&world, FRONT));
        ask.held = held.clone();
        let error = ask.refused(&world);
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
        let ask = TgsAsk::new(&world.tgt("bob", KdcOptions::empty()))
            .service(FRONT)
            .options(KdcOptions::ENC_TKT_IN_SKEY)
            .additional(&held.ticket);
        let error = ask.refused(&world).error_code;
        assert!([ErrorCode::KDC_ERR_SERVER_NOMATCH, ErrorCode::KDC_ERR_POLICY].contains(&error));
    }
}

#[test]
fn an_additional_ticket_that_a_service_made_up_makes_no_user_to_user_ticket() {
    let world = builder().build();
    let forged = world.forge(&ticket(&world, FRONT), |part| {
        as_alice(part, KdcOptions::RENEW);
    });
    let bob = world.tgt("bob", KdcOptions::empty());
    for service in [Some(name("alice")), None] {
        let mut ask = TgsAsk::new(&bob)
            .options(KdcOptions::ENC_TKT_IN_SKEY)
            .additional(&forged.ticket);
        ask.service = service;
        assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_POLICY);
    }
}

/// What is in a service ticket that was got with a ticket of another realm's with these data.
fn carried(data: AuthorizationData) -> Option<AuthorizationData> {
    let world = builder().build();
    let held = world.foreign_tgt("OTHER.TEST", &principal_of("eve", "OTHER.TEST"));
    let held = world.forge(&held, |part| part.authorization_data = Some(data));
    let granted = TgsAsk::new(&held).granted(&world);
    world.open(&granted.ticket).authorization_data
}

#[test]
fn what_only_a_kdc_says_is_not_taken_from_another_realm() {
    let own = element(AdType(4711), b"held");
    for ad_type in [
        AdType::WIN2K_PAC,
        AdType::AUTHENTICATION_INDICATOR,
        AdType::CAMMAC,
        AdType::KDC_ISSUED,
        AdType::INITIAL_VERIFIED_CAS,
        AdType(512),
    ] {
        let mut nested = element(ad_type, b"forged");
        for depth in 0..4 {
            let data = vec![nested.clone(), own.clone()];
            assert_eq!(carried(data), Some(vec![own.clone()]), "{ad_type} {depth}");
            nested = ignorable(&vec![nested]);
        }
    }
}

#[test]
fn data_of_another_realm_that_the_kdc_must_know_and_does_not_are_refused() {
    let world = builder().build();
    let held = world.foreign_tgt("OTHER.TEST", &principal_of("eve", "OTHER.TEST"));
    let mandatory = element(AdType::MANDATORY_FOR_KDC, b"\x30\x00");
    let held = world.forge(&held, |part| {
        part.authorization_data = Some(vec![mandatory]);
    });
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn another_realm_says_of_no_client_that_it_will_have_been_authenticated() {
    let world = builder().build();
    let held = world.foreign_tgt("OTHER.TEST", &principal_of("eve", "OTHER.TEST"));
    let held = world.forge(&held, |part| {
        part.authtime = at(DAY);
        part.starttime = Some(at(0));
    });
    let granted = TgsAsk::new(&held).granted(&world);
    let authtime = world.open(&granted.ticket).authtime;
    assert!(authtime.seconds() <= after(0).seconds());
}
