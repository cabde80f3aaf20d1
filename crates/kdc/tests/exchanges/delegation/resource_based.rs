//! Resource-based constrained delegation: the target's account says which services may act for users towards it.

use orthros_asn1::{
    ErrorCode, KdcOptions, Message as _, PaData, PaDataType, PaPacOptions, PacOptions, TicketFlags,
};
use orthros_kdc::{PrincipalEntry, PrincipalFlags};
use orthros_types::Principal;

use super::{BACK, FRONT, evidence, for_user, front, proxy_ask, self_ask};
use crate::support::{
    AES256, Held, TgsAsk, World, WorldBuilder, after, keys, name, padata, principal, principal_of,
};

/// The front end may act for users towards the back end, as that says; its own account has nothing of it.
fn builder() -> WorldBuilder {
    WorldBuilder::new().with(BACK, |back| {
        back.delegation_sources = vec![principal(FRONT)];
    })
}

fn pac_options(flags: PacOptions) -> PaData {
    let options = PaPacOptions { flags }.encode().unwrap();
    padata(PaDataType::PAC_OPTIONS, &options)
}

/// As `proxy_ask`, by a service that knows of the resource's side.
fn ask(world: &World, evidence: &Held) -> TgsAsk {
    let flags = PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION;
    proxy_ask(world, evidence).padata(pac_options(flags))
}

/// What the front end says of alice.
fn said(world: &World) -> Held {
    self_ask(world, &principal("alice")).granted(world).into()
}

/// Refused for no fault of the evidence.
fn is_not_allowed(world: &World, ask: &TgsAsk) {
    let error = ask.refused(world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
    let text = error.e_text.unwrap();
    assert!(text.ends_with(b"delegation to that service is not allowed"));
}

#[test]
fn a_target_lets_a_service_act_for_users_who_came_to_it_and_for_all_others() {
    let world = builder().build();
    for evidence in [evidence(&world), said(&world)] {
        let granted = ask(&world, &evidence).granted(&world);
        assert_eq!(granted.cname, name("alice"));
        assert_eq!(world.open(&granted.ticket).cname, name("alice"));
        assert_eq!(granted.ticket.sname, name(BACK));
        assert!(granted.part.flags.contains(TicketFlags::FORWARDABLE));
    }
}

#[test]
fn a_request_that_does_not_say_so_is_not_resource_based() {
    let world = builder().build();
    let evidence = evidence(&world);
    is_not_allowed(&world, &proxy_ask(&world, &evidence));
    let others = PacOptions::all().difference(PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION);
    let ask = proxy_ask(&world, &evidence).padata(pac_options(others));
    is_not_allowed(&world, &ask);
}

#[test]
fn options_of_the_pac_that_are_none_are_refused() {
    let world = builder().build();
    let element = padata(PaDataType::PAC_OPTIONS, b"\x30\x03\x02");
    let ask = proxy_ask(&world, &evidence(&world)).padata(element);
    let error = ask.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_ERR_GENERIC, "{error:?}");
}

#[test]
fn source_and_target_are_ones_under_each_of_their_names() {
    for (listed, asked) in [
        (FRONT, "host/alias"),
        ("HTTP/alias", BACK),
        ("HTTP/alias", "host/alias"),
    ] {
        let world = builder()
            .with(BACK, |back| {
                back.aliases = vec![principal("host/alias")];
                back.delegation_sources = vec![principal(listed)];
            })
            .with(FRONT, |front| {
                front.aliases = vec![principal("HTTP/alias")];
            })
            .build();
        let ask = ask(&world, &evidence(&world)).service(asked);
        assert_eq!(ask.granted(&world).cname, name("alice"));
    }
}

#[test]
fn services_that_the_target_does_not_name_are_refused() {
    let foreign = principal_of(FRONT, "OTHER.TEST");
    // None, another, one of another realm with the same name, and the target itself.
    for sources in [
        vec![],
        vec![principal("bob")],
        vec![foreign],
        vec![principal(BACK)],
    ] {
        let world = builder()
            .with(BACK, |back| back.delegation_sources = sources)
            .build();
        is_not_allowed(&world, &ask(&world, &evidence(&world)));
        is_not_allowed(&world, &ask(&world, &said(&world)));
    }
}

#[test]
fn a_service_that_names_the_target_as_its_source_wins_nothing() {
    let world = WorldBuilder::new()
        .with(FRONT, |front| {
            front.delegation_sources = vec![principal(FRONT), principal(BACK)];
        })
        .build();
    is_not_allowed(&world, &ask(&world, &evidence(&world)));
}

/// It passes on users who have come to it, to the back end, and takes its own word, or another service's, for others.
#[test]
fn users_who_did_not_come_are_not_laundered_by_a_list_of_the_services_own() {
    let world = WorldBuilder::new()
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal(BACK)];
            front.delegation_sources = vec![principal(FRONT), principal("bob")];
        })
        .build();
    // What it says of alice is no evidence, not even for itself.
    let own = ask(&world, &said(&world)).service(FRONT);
    let error = own.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
    // What bob says is, for him has no targets; but it ends at the front end.
    let bob = world.tgt("bob", KdcOptions::FORWARDABLE);
    let own = TgsAsk::new(&bob)
        .service("bob")
        .options(KdcOptions::FORWARDABLE);
    let element = for_user(&own, &principal("alice"));
    let of_alice: Held = own.padata(element).granted(&world).into();
    let flags = PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION;
    let passed = TgsAsk::new(&bob)
        .service(FRONT)
        .options(KdcOptions::CNAME_IN_ADDL_TKT | KdcOptions::FORWARDABLE)
        .additional(&of_alice.ticket)
        .padata(pac_options(flags))
        .granted(&world);
    assert_eq!(passed.cname, name("alice"));
    assert!(!passed.part.flags.contains(TicketFlags::FORWARDABLE));
    let passed = passed.into();
    for ask in [ask, proxy_ask] {
        let error = ask(&world, &passed).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
    }
    // Users who did come it passes on as before.
    let granted = ask(&world, &evidence(&world)).granted(&world);
    assert!(granted.part.flags.contains(TicketFlags::FORWARDABLE));
}

#[test]
fn evidence_that_the_service_made_up_or_that_is_another_services_is_refused() {
    let world = builder().build();
    let real = evidence(&world);
    let of_bob = world.forge(&real, |part| part.cname = name("bob"));
    let error = ask(&world, &of_bob).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_MODIFIED);
    let unsigned = world.forge(&real, |part| part.authorization_data = None);
    let error = ask(&world, &unsigned).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KRB_AP_ERR_INAPP_CKSUM);
    // Bob shows what alice has shown the front end, which is named.
    let mut theirs = ask(&world, &real);
    theirs.held = world.tgt("bob", KdcOptions::FORWARDABLE);
    let error = theirs.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
    // A front end of another realm does.
    let foreign = principal_of(FRONT, "OTHER.TEST");
    let world = builder().with(BACK, |back| back.delegation_sources.push(foreign.clone()));
    let cross = Principal::ticket_granting("ORTHROS.TEST", "OTHER.TEST");
    world.put(PrincipalEntry::new(cross, keys(1, &[AES256], 77)));
    let world = world.build();
    let mut theirs = ask(&world, &evidence(&world));
    theirs.held = world.foreign_tgt("OTHER.TEST", &foreign);
    let error = theirs.refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_SERVER_NOMATCH);
}

#[test]
fn users_who_are_not_to_be_forwarded_are_not_acted_for() {
    let world = builder().build();
    let before = [evidence(&world), said(&world)];
    let mut alice = (*world.entry("alice")).clone();
    alice.flags |= PrincipalFlags::DISALLOW_FORWARDABLE;
    orthros_kdc::Store::put(&*world.store, alice).unwrap();
    for evidence in before.into_iter().chain([said(&world)]) {
        let error = ask(&world, &evidence).refused(&world);
        assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
    }
    let plain = TgsAsk::new(&world.tgt("bob", KdcOptions::FORWARDABLE)).service(FRONT);
    let error = ask(&world, &plain.granted(&world).into()).refused(&world);
    assert_eq!(error.error_code, ErrorCode::KDC_ERR_BADOPTION);
}

#[test]
fn principals_that_are_locked_or_expired_have_no_part_in_it() {
    let lock: fn(&mut PrincipalEntry) = |entry| entry.flags |= PrincipalFlags::LOCKED;
    let expire: fn(&mut PrincipalEntry) = |entry| entry.expiry = Some(after(-1));
    for who in ["alice", FRONT, BACK] {
        for change in [lock, expire] {
            let world = builder().build();
            let ask = ask(&world, &evidence(&world));
            ask.granted(&world);
            let mut entry = (*world.entry(who)).clone();
            change(&mut entry);
            orthros_kdc::Store::put(&*world.store, entry).unwrap();
            ask.refused(&world);
        }
    }
}

#[test]
fn ticket_granting_tickets_are_not_had_so() {
    let world = WorldBuilder::new()
        .with("krbtgt/ORTHROS.TEST", |tgs| {
            tgs.delegation_sources = vec![principal(FRONT)];
        })
        .build();
    let ask = ask(&world, &evidence(&world)).service("krbtgt/ORTHROS.TEST");
    assert_eq!(ask.refused(&world).error_code, ErrorCode::KDC_ERR_POLICY);
}

#[test]
fn the_services_own_list_counts_where_the_request_is_resource_based_too() {
    let world = WorldBuilder::new()
        .with(FRONT, |front| {
            front.delegation_targets = vec![principal(BACK)];
        })
        .build();
    let granted = ask(&world, &evidence(&world)).granted(&world);
    assert!(granted.part.flags.contains(TicketFlags::FORWARDABLE));
    // Nothing of it is the front end's own: it has a ticket of alice, not of itself.
    assert_ne!(granted.cname, front(&world).cname);
}
