//! Credentials that a user delegates to a service, by MIT's KDC.

use orthros::{
    ContextFlags, Environment, InitContext, Lifetime, Name, SecurityContext, StoreOptions,
};
use orthros_testing::mit::{Realm, RealmBuilder};
use orthros_testing::require_mit;

use crate::world::{PASSWORD, SERVICE, USER, World, establish};

const TRUSTED: &str = "imap@www.orthros.test";

/// A realm whose KDC trusts one of two services with its users' credentials.
fn realm() -> RealmBuilder {
    Realm::builder()
        .user(USER, PASSWORD)
        .service("http/www.orthros.test")
        .service("imap/www.orthros.test")
        .kadmin("modprinc +ok_as_delegate imap/www.orthros.test")
}

fn world() -> World {
    World::of(realm().start().unwrap())
}

/// Both ends of alice's context with a service.
fn contexts(
    world: &World,
    environment: &Environment,
    service: &str,
    flags: ContextFlags,
) -> (SecurityContext, SecurityContext) {
    let initiator = InitContext::builder(Name::hostbased_service(service).unwrap())
        .credential(&world.alice(environment))
        .flags(flags);
    let acceptor = world.acceptor(environment).build().unwrap();
    establish(initiator.build().unwrap(), acceptor).unwrap()
}

/// Whether both ends say the same of it, and what.
#[track_caller]
fn is_delegated((ours, theirs): &(SecurityContext, SecurityContext)) -> bool {
    let delegated = theirs.delegated_cred().unwrap().is_some();
    for context in [ours, theirs] {
        assert_eq!(context.flags().contains(ContextFlags::DELEG), delegated);
    }
    assert!(ours.delegated_cred().unwrap().is_none());
    delegated
}

#[test]
fn a_delegated_credential_initiates_contexts_in_the_users_name() {
    require_mit!();
    let world = world();
    let environment = world.environment();
    for flags in [ContextFlags::empty(), ContextFlags::MUTUAL] {
        let contexts = contexts(&world, &environment, SERVICE, flags | ContextFlags::DELEG);
        assert!(is_delegated(&contexts));
        let delegated = contexts.1.delegated_cred().unwrap().unwrap();
        let name = delegated.name().unwrap().unwrap();
        assert_eq!(name, *contexts.1.initiator_name());
        assert!(matches!(
            delegated.lifetime().unwrap(),
            Lifetime::Seconds(3600..)
        ));
        // The service goes on to the other one, and delegates what was delegated to it.
        let onward = InitContext::builder(Name::hostbased_service(TRUSTED).unwrap())
            .credential(&delegated)
            .flags(ContextFlags::MUTUAL | ContextFlags::DELEG);
        let acceptor = world.acceptor(&environment).build().unwrap();
        let onward = establish(onward.build().unwrap(), acceptor).unwrap();
        assert_eq!(onward.1.initiator_name(), contexts.0.initiator_name());
        assert!(is_delegated(&onward));
    }
}

#[test]
fn a_delegated_credential_is_stored_for_others_to_use() {
    require_mit!();
    let world = world();
    let environment = world.environment();
    let contexts = contexts(&world, &environment, SERVICE, ContextFlags::DELEG);
    let delegated = contexts.1.delegated_cred().unwrap().unwrap();
    let cache = format!("FILE:{}", world.realm.path("delegated").display());
    let options = StoreOptions::new().ccache(&cache);
    assert_eq!(delegated.store(&options).unwrap().cache, cache);
    let mut kvno = world.realm.command("kvno");
    kvno.args(["-c", &cache, "imap/www.orthros.test"]);
    let finished = world.realm.run(&mut kvno, b"").unwrap();
    assert!(finished.status.success(), "{finished}");
}

#[test]
fn nothing_is_delegated_unasked() {
    require_mit!();
    let world = world();
    let environment = world.environment();
    let contexts = contexts(&world, &environment, TRUSTED, ContextFlags::MUTUAL);
    assert!(!is_delegated(&contexts));
}

#[test]
fn by_policy_only_trusted_services_get_a_credential() {
    require_mit!();
    let world = world();
    let environment = world.environment();
    let policy = ContextFlags::DELEG_POLICY;
    for (service, flags, delegated) in [
        (SERVICE, policy, false),
        (TRUSTED, policy, true),
        (SERVICE, policy | ContextFlags::DELEG, true),
    ] {
        let contexts = contexts(&world, &environment, service, flags);
        assert_eq!(is_delegated(&contexts), delegated, "{service}");
    }
}

#[test]
fn the_administrator_may_enforce_the_policy() {
    require_mit!();
    let builder = realm().libdefault("enforce_ok_as_delegate", "true");
    let world = World::of(builder.start().unwrap());
    let environment = world.environment();
    for (service, delegated) in [(SERVICE, false), (TRUSTED, true)] {
        let contexts = contexts(&world, &environment, service, ContextFlags::DELEG);
        assert_eq!(is_delegated(&contexts), delegated, "{service}");
    }
}

#[test]
fn a_ticket_that_is_not_forwardable_is_kept() {
    require_mit!();
    let world = World::of(realm().libdefault("forwardable", "false").start().unwrap());
    let environment = world.environment();
    let flags = ContextFlags::DELEG | ContextFlags::MUTUAL;
    let contexts = contexts(&world, &environment, SERVICE, flags);
    assert!(!is_delegated(&contexts));
    assert!(contexts.0.mutual_auth_negotiated());
}
