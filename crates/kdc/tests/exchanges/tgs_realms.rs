//! Other realms: referrals, transited realms, and what these may say.

use orthros_asn1::{ErrorCode, KdcOptions, TicketFlags};
use orthros_kdc::{HostRealm, PrincipalEntry, RealmPath};
use orthros_types::{NameType, Principal};

use crate::support::{
    AES256, REALM, TgsAsk, World, WorldBuilder, keys, name, principal, principal_of, typed_name,
};

/// A realm that trusts `OTHER.TEST`, both ways, and sends to it.
fn trusting() -> WorldBuilder {
    let builder = WorldBuilder::new();
    for (served, issuer) in [("OTHER.TEST", REALM), (REALM, "OTHER.TEST")] {
        let tgs = Principal::ticket_granting(served, issuer);
        builder.put(PrincipalEntry::new(tgs, keys(1, &[AES256], 66)));
    }
    builder
}

fn eve() -> Principal {
    principal_of("eve", "OTHER.TEST")
}

fn transited(world: &World, ask: &TgsAsk) -> Vec<u8> {
    let granted = ask.granted(world);
    world.open(&granted.ticket).transited.contents.to_vec()
}

#[test]
fn the_ticket_granting_service_of_a_trusted_realm_is_a_service() {
    let world = trusting().build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let granted = TgsAsk::new(&tgt)
        .service("krbtgt/OTHER.TEST")
        .granted(&world);
    assert_eq!(granted.ticket.sname, name("krbtgt/OTHER.TEST"));
    assert_eq!(&*granted.ticket.realm, REALM.as_bytes());
}

#[test]
fn a_realm_beyond_a_trusted_one_is_reached_through_it() {
    for (configured, asked) in [(false, "krbtgt/DEEP.OTHER.TEST"), (true, "krbtgt/FAR")] {
        let mut builder = trusting();
        if configured {
            builder.policy.paths.push(RealmPath {
                client_realm: REALM.into(),
                service_realm: b"FAR".to_vec(),
                through: vec![b"OTHER.TEST".to_vec(), b"NEARER".to_vec()],
            });
        }
        let world = builder.build();
        let tgt = world.tgt("bob", KdcOptions::empty());
        let granted = TgsAsk::new(&tgt).service(asked).granted(&world);
        assert_eq!(granted.ticket.sname, name("krbtgt/OTHER.TEST"));
        assert_eq!(granted.part.sname, name("krbtgt/OTHER.TEST"));
    }
}

#[test]
fn a_realm_that_no_way_leads_to_is_unknown() {
    let world = trusting().build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let error = TgsAsk::new(&tgt)
        .service("krbtgt/ELSEWHERE")
        .refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

#[test]
fn a_host_of_another_realm_is_referred_there_if_the_client_canonicalizes() {
    let mut builder = trusting();
    builder.policy.host_realms.push(HostRealm {
        domain: b".other.example".to_vec(),
        realm: b"OTHER.TEST".to_vec(),
    });
    let world = builder.build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let asked = typed_name("HTTP/www.other.example", NameType::SRV_HST);
    let ask = TgsAsk::new(&tgt).named(asked.clone());
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    let ask = ask.options(KdcOptions::CANONICALIZE);
    let granted = ask.granted(&world);
    assert_eq!(granted.ticket.sname, name("krbtgt/OTHER.TEST"));
    let user = ask
        .clone()
        .named(typed_name("HTTP/www.other.example", NameType::PRINCIPAL));
    let error = user.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    let elsewhere = ask.named(typed_name("HTTP/www.example", NameType::SRV_HST));
    let error = elsewhere.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

#[test]
fn a_client_of_a_trusted_realm_gets_service_tickets() {
    let world = trusting().build();
    let ask = TgsAsk::new(&world.foreign_tgt("OTHER.TEST", &eve()));
    let granted = ask.granted(&world);
    assert_eq!(&*granted.crealm, b"OTHER.TEST");
    let flags = granted.part.flags;
    assert!(flags.contains(TicketFlags::TRANSITED_POLICY_CHECKED));
    assert_eq!(transited(&world, &ask), b"");
}

#[test]
fn the_realm_that_a_client_came_through_is_added_to_the_transited_ones() {
    let mut builder = trusting();
    builder.policy.paths.push(RealmPath {
        client_realm: b"FAR".to_vec(),
        service_realm: REALM.into(),
        through: vec![b"NEARER".to_vec(), b"OTHER.TEST".to_vec()],
    });
    let world = builder.build();
    let far = principal_of("eve", "FAR");
    let held = world.foreign_tgt("OTHER.TEST", &far);
    assert_eq!(transited(&world, &TgsAsk::new(&held)), b"OTHER.TEST");
    let mut part = world.open(&held.ticket);
    part.transited.contents = b"NEARER".as_slice().into();
    let held = world.forge(&held, |old| *old = part);
    assert_eq!(transited(&world, &TgsAsk::new(&held)), b"NEARER,OTHER.TEST");
}

#[test]
fn a_path_that_is_not_the_realms_is_not_accepted() {
    let world = trusting().build();
    let held = world.foreign_tgt("OTHER.TEST", &principal_of("eve", "FAR"));
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PATH_NOT_ACCEPTED);
    let held = world.foreign_tgt("OTHER.TEST", &eve());
    let held = world.forge(&held, |part| {
        part.transited.contents = b"EVIL".as_slice().into();
    });
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PATH_NOT_ACCEPTED);
}

#[test]
fn a_path_that_is_not_to_be_checked_is_not_accepted_either() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt).options(KdcOptions::DISABLE_TRANSITED_CHECK);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_PATH_NOT_ACCEPTED);
}

#[test]
fn a_lenient_realm_leaves_the_path_to_the_service() {
    let world = trusting()
        .policy(|policy| policy.rejects_unchecked_paths = false)
        .build();
    let held = world.foreign_tgt("OTHER.TEST", &principal_of("eve", "FAR"));
    let granted = TgsAsk::new(&held).granted(&world);
    let flags = granted.part.flags;
    assert!(!flags.contains(TicketFlags::TRANSITED_POLICY_CHECKED));
}

#[test]
fn transited_realms_in_an_unknown_encoding_are_refused() {
    let world = trusting().build();
    let held = world.foreign_tgt("OTHER.TEST", &eve());
    let held = world.forge(&held, |part| {
        part.transited.tr_type = orthros_asn1::TransitedType(4711);
        part.transited.contents = b"X".as_slice().into();
    });
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_TRTYPE_NOSUPP);
}

#[test]
fn no_other_realm_vouches_for_a_client_of_this_one() {
    let world = trusting().build();
    let held = world.foreign_tgt("OTHER.TEST", &principal("bob"));
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn a_ticket_that_only_another_realm_can_issue_is_not_issued() {
    let world = trusting().build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let mut ask = TgsAsk::new(&tgt).service("krbtgt/ORTHROS.TEST");
    ask.realm = "OTHER.TEST".into();
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

#[test]
fn a_ticket_for_another_realms_ticket_granting_service_is_not_ours() {
    let world = trusting().build();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let held = TgsAsk::new(&tgt)
        .service("krbtgt/OTHER.TEST")
        .granted(&world)
        .into();
    let error = TgsAsk::new(&held).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_NOT_US);
}

/// The quote would take the comma, and with it the name of the realm that vouches, into the name before it.
#[test]
fn a_realm_does_not_hide_itself_behind_a_quote_that_it_leaves_open() {
    let world = trusting().build();
    for (contents, crealm) in [("A\\", "A,OTHER.TEST"), ("B,A\\\\\\", "B")] {
        let far = principal_of("eve", crealm);
        let tgt = world.foreign_tgt("OTHER.TEST", &far);
        let tgt = world.forge(&tgt, |part| {
            part.transited.contents = contents.as_bytes().into();
        });
        let error = TgsAsk::new(&tgt).refused(&world);
        let expected = ErrorCode::KDC_ERR_PATH_NOT_ACCEPTED;
        assert_eq!(error.error_code, expected, "{contents}");
    }
}
