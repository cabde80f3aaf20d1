//! The state of the principals of header and additional tickets: locked, expired or removed since these were issued.

use std::sync::Arc;

use orthros_asn1::{ErrorCode, KdcOptions};
use orthros_kdc::{Kdc, PrincipalEntry, PrincipalFlags, RealmPolicy, Store};
use orthros_testing::counting_store::CountingStore;
use orthros_types::Principal;

use crate::support::{
    AES256, Armor, AsAsk, Held, REALM, TgsAsk, World, WorldBuilder, after, keys, principal,
    principal_of,
};

const FRONT: &str = "HTTP/b.orthros.test";
const BACK: &str = "host/a.orthros.test";
const TGS: &str = "krbtgt/ORTHROS.TEST";

fn builder() -> WorldBuilder {
    let builder = WorldBuilder::new().with(FRONT, |front| {
        front.delegation_targets = vec![principal(BACK)];
    });
    let trust = Principal::ticket_granting(REALM, "OTHER.TEST");
    builder.put(PrincipalEntry::new(trust, keys(1, &[AES256], 66)));
    builder.policy(|policy| {
        policy.paths.push(orthros_kdc::RealmPath {
            client_realm: b"FAR".to_vec(),
            service_realm: REALM.into(),
            through: vec![b"OTHER.TEST".to_vec()],
        });
    })
}

/// What becomes of a principal.
const CHANGES: [fn(&mut PrincipalEntry); 3] = [
    |entry| entry.flags |= PrincipalFlags::LOCKED,
    |entry| entry.expiry = Some(after(-1)),
    |entry| entry.valid_from = Some(after(1)),
];
const AS_CLIENT: [ErrorCode; 4] = [
    ErrorCode::KDC_ERR_CLIENT_REVOKED,
    ErrorCode::KDC_ERR_NAME_EXP,
    ErrorCode::KDC_ERR_CLIENT_NOTYET,
    ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN,
];
const AS_SERVICE: [ErrorCode; 4] = [
    ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
    ErrorCode::KDC_ERR_SERVICE_EXP,
    ErrorCode::KDC_ERR_SERVICE_NOTYET,
    ErrorCode::KRB_AP_ERR_NOT_US,
];

/// Makes the request in a world where the principal has changed in each way since, and compares the errors.
fn refused_after(who: &Principal, codes: [ErrorCode; 4], ask: impl Fn(&World) -> TgsAsk) {
    for (index, code) in codes.into_iter().enumerate() {
        let world = builder().build();
        let ask = ask(&world);
        change(&world, who, index);
        assert_eq!(ask.refused(&world).error_code, code, "{who}");
    }
}

fn change(world: &World, who: &Principal, index: usize) {
    let entry = world.store.find(who).unwrap().expect("principal is there");
    let mut entry = (*entry).clone();
    if let Some(change) = CHANGES.get(index) {
        change(&mut entry);
        world.store.put(entry).unwrap();
    } else {
        world.store.remove(who).unwrap();
    }
}

fn evidence(world: &World) -> Held {
    let tgt = world.tgt("alice", KdcOptions::FORWARDABLE);
    let ask = TgsAsk::new(&tgt).service(FRONT);
    let ask = ask.options(KdcOptions::FORWARDABLE);
    ask.granted(world).into()
}

fn delegate(world: &World) -> TgsAsk {
    TgsAsk::new(&world.tgt(FRONT, KdcOptions::FORWARDABLE))
        .service(BACK)
        .options(KdcOptions::CNAME_IN_ADDL_TKT)
        .additional(&evidence(world).ticket)
}

#[test]
fn a_trust_that_is_locked_expired_or_gone_admits_none_of_its_users() {
    let trust = Principal::ticket_granting(REALM, "OTHER.TEST");
    refused_after(&trust, AS_SERVICE, |world| {
        let eve = principal_of("eve", "OTHER.TEST");
        TgsAsk::new(&world.foreign_tgt("OTHER.TEST", &eve))
    });
}

/// They have a ticket-granting ticket of this realm already, or a service ticket to be renewed.
#[test]
fn a_trust_that_is_locked_expired_or_gone_lets_none_of_its_users_go_on() {
    let codes = [
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
        ErrorCode::KDC_ERR_SERVICE_EXP,
        ErrorCode::KDC_ERR_SERVICE_NOTYET,
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
    ];
    let trust = Principal::ticket_granting(REALM, "OTHER.TEST");
    for realm in ["OTHER.TEST", "FAR"] {
        let got = |world: &World, service: &str| -> Held {
            let cross = world.foreign_tgt("OTHER.TEST", &principal_of("eve", realm));
            let cross = world.forge(&cross, |part| {
                part.flags |= orthros_asn1::TicketFlags::RENEWABLE;
                part.renew_till = Some(crate::support::at(crate::support::DAY));
                // What a realm says of its own client's path is not how it came here.
                let own = if realm == "FAR" { "" } else { REALM };
                part.transited.contents = own.as_bytes().into();
            });
            let ask = TgsAsk::new(&cross).service(service);
            ask.options(KdcOptions::RENEWABLE).granted(world).into()
        };
        refused_after(&trust, codes, |world| TgsAsk::new(&got(world, TGS)));
        refused_after(&trust, codes, |world| {
            let held = got(world, FRONT);
            TgsAsk::new(&held).service(FRONT).options(KdcOptions::RENEW)
        });
    }
}

#[test]
fn a_ticket_granting_service_that_is_locked_or_expired_serves_none() {
    refused_after(&principal(TGS), AS_SERVICE, |world| {
        TgsAsk::new(&world.tgt("bob", KdcOptions::empty()))
    });
}

#[test]
fn a_ticket_granting_service_that_is_locked_or_expired_renews_no_ticket_of_a_service() {
    let codes = [
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
        ErrorCode::KDC_ERR_SERVICE_EXP,
        ErrorCode::KDC_ERR_SERVICE_NOTYET,
        ErrorCode::KDC_ERR_ETYPE_NOSUPP,
    ];
    refused_after(&principal(TGS), codes, |world| {
        let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
        let ask = TgsAsk::new(&tgt).options(KdcOptions::RENEWABLE);
        TgsAsk::new(&ask.granted(world).into()).options(KdcOptions::RENEW)
    });
}

#[test]
fn a_service_with_an_old_ticket_delegates_none_once_it_is_locked_or_expired() {
    refused_after(&principal(FRONT), AS_CLIENT, delegate);
}

#[test]
fn a_client_who_is_locked_or_expired_is_not_delegated() {
    refused_after(&principal("alice"), AS_CLIENT, delegate);
}

#[test]
fn a_client_that_is_locked_or_expired_has_no_ticket_renewed() {
    refused_after(&principal("bob"), AS_CLIENT, |world| {
        let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
        let ask = TgsAsk::new(&tgt).options(KdcOptions::RENEWABLE);
        TgsAsk::new(&ask.granted(world).into()).options(KdcOptions::RENEW)
    });
}

#[test]
fn a_service_that_is_locked_or_expired_has_no_user_impersonated() {
    refused_after(&principal(FRONT), AS_CLIENT, |world| {
        crate::delegation::self_ask(world, &principal("alice"))
    });
}

#[test]
fn a_user_who_is_locked_or_expired_takes_no_user_to_user_tickets() {
    let codes = [
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
        ErrorCode::KDC_ERR_SERVICE_EXP,
        ErrorCode::KDC_ERR_SERVICE_NOTYET,
        ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN,
    ];
    refused_after(&principal("alice"), codes, |world| {
        let alice = world.tgt("alice", KdcOptions::empty());
        TgsAsk::new(&world.tgt("bob", KdcOptions::empty()))
            .service("alice")
            .options(KdcOptions::ENC_TKT_IN_SKEY)
            .additional(&alice.ticket)
    });
}

#[test]
fn a_service_that_takes_no_tickets_any_more_lends_none_to_delegation_or_renewal() {
    let world = builder().build();
    let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
    let ask = TgsAsk::new(&tgt).service(FRONT);
    let held: Held = ask.options(KdcOptions::RENEWABLE).granted(&world).into();
    let proxy = delegate(&world);
    let mut front = (*world.entry(FRONT)).clone();
    front.flags |= PrincipalFlags::DISALLOW_SERVICE;
    world.store.put(front).unwrap();
    let renew = TgsAsk::new(&held).service(FRONT).options(KdcOptions::RENEW);
    for ask in [renew, proxy] {
        let code = ask.refused(&world).error_code;
        assert_eq!(code, ErrorCode::KDC_ERR_MUST_USE_USER2USER);
    }
}

#[test]
fn armor_of_a_principal_that_is_locked_expired_or_gone_is_refused() {
    for who in [FRONT, TGS] {
        for index in 0..4 {
            let world = builder().build();
            let armor = Armor::new(&world.tgt(FRONT, KdcOptions::empty()));
            let request = armor.as_req(&world, &AsAsk::bare("bob"));
            change(&world, &principal(who), index);
            let error = world.error(&request).error_code;
            let gone = who == TGS && index == 3;
            let expected = if gone {
                ErrorCode::KRB_AP_ERR_NOT_US
            } else {
                ErrorCode::KDC_ERR_POLICY
            };
            assert_eq!(error, expected, "{who} {index}");
        }
    }
}

/// Each ticket that is opened has its service looked up: an additional one that is opened twice shows.
#[test]
fn the_additional_ticket_is_opened_once_whether_or_not_the_service_is_named() {
    let mut world = builder().build();
    let bob = world.tgt("bob", KdcOptions::empty());
    let alice = world.tgt("alice", KdcOptions::empty());
    let counting = Arc::new(CountingStore::new(world.store.clone()));
    world.kdc = Kdc::new(RealmPolicy::new(REALM), counting.clone());
    let look_ups = |named: bool| {
        let mut ask = TgsAsk::new(&bob)
            .options(KdcOptions::ENC_TKT_IN_SKEY)
            .additional(&alice.ticket);
        ask.service = named.then(|| crate::support::name("alice"));
        let before = counting.look_ups();
        ask.granted(&world);
        counting.look_ups() - before
    };
    assert_eq!(look_ups(false), look_ups(true));
    assert!(look_ups(true) <= 6, "{}", look_ups(true));
}

/// A ticket of bob's that can be renewed.
fn renewable(world: &World, service: &str) -> Held {
    let tgt = world.tgt("bob", KdcOptions::RENEWABLE);
    if service == TGS {
        return tgt;
    }
    let ask = TgsAsk::new(&tgt).service(service);
    ask.options(KdcOptions::RENEWABLE).granted(world).into()
}

#[test]
fn a_ticket_is_not_renewed_once_its_client_or_service_may_have_none_that_can_be() {
    for (service, forbidden) in [(TGS, "bob"), (TGS, TGS), (FRONT, "bob"), (FRONT, FRONT)] {
        let world = builder().build();
        let held = renewable(&world, service);
        let mut entry = (*world.entry(forbidden)).clone();
        entry.flags |= PrincipalFlags::DISALLOW_RENEWABLE;
        world.store.put(entry).unwrap();
        let renew = TgsAsk::new(&held).service(service);
        let error = renew.options(KdcOptions::RENEW).refused(&world);
        let expected = ErrorCode::KDC_ERR_BADOPTION;
        assert_eq!(error.error_code, expected, "{service} {forbidden}");
    }
}

#[test]
fn a_ticket_is_renewed_for_no_longer_than_a_new_one_would_live() {
    for (service, shortened) in [(TGS, "bob"), (FRONT, "bob"), (FRONT, FRONT)] {
        let world = builder().build();
        let held = renewable(&world, service);
        let mut entry = (*world.entry(shortened)).clone();
        entry.max_life = Some(orthros_types::Duration::from_seconds(60));
        world.store.put(entry).unwrap();
        let renew = TgsAsk::new(&held).service(service);
        let granted = renew.options(KdcOptions::RENEW).granted(&world);
        let end = granted.part.endtime;
        assert_eq!(end, crate::support::at(60), "{service} {shortened}");
    }
}

#[test]
fn a_ticket_in_a_key_of_an_enctype_that_is_not_permitted_any_more_is_not_opened() {
    let mut world = builder().build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    TgsAsk::new(&tgt).granted(&world);
    let mut policy = RealmPolicy::new(REALM);
    policy.enctypes.retain(|enctype| *enctype != AES256);
    world.kdc = Kdc::new(policy, world.store.clone());
    let error = TgsAsk::new(&tgt).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_NOKEY);
}
