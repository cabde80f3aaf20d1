//! Credentials from caches, passwords and keytabs of a real realm.

use crate::world::{PASSWORD, PRINCIPAL, USER, World, establish, service};
use orthros::{
    AcceptContext, Credential, CredentialUsage, ErrorKind, InitContext, Lifetime, MinorStatus,
    Name, Oid, OidSet,
};
use orthros_testing::require_mit;
use orthros_types::Duration;

const ONE_DAY: i64 = 24 * 3600;

#[test]
fn a_password_gets_tickets_at_once() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let alice = world.alice(&environment);
    assert_eq!(alice.usage(), CredentialUsage::Initiate);
    assert_eq!(alice.mechs(), OidSet::from(Oid::KRB5));
    assert_eq!(
        alice.name().unwrap().unwrap().to_string(),
        "alice@ORTHROS.TEST"
    );
    let Lifetime::Seconds(left) = alice.lifetime().unwrap() else {
        panic!("tickets end")
    };
    assert!((3600..=86_400).contains(&left), "{left}");
}

#[test]
fn a_wrong_password_is_said_to_be_wrong() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let acquire = |user: &str, password: &str| {
        Credential::acquire()
            .name(Name::user(user).unwrap())
            .password(password)
            .environment(&environment)
            .build()
            .unwrap_err()
    };
    let error = acquire(USER, "wrong");
    assert_eq!(error.kind(), ErrorKind::WrongPassword);
    assert!(!error.is_retryable());
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED);
    assert!(
        error
            .to_string()
            .contains("password for alice@ORTHROS.TEST is wrong"),
        "{error}"
    );
    let error = acquire("nobody", PASSWORD);
    assert_eq!(error.kind(), ErrorKind::ClientUnknown);
    assert_eq!(error.minor(), MinorStatus::KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert!(error.to_string().contains("nobody@ORTHROS.TEST"), "{error}");
}

#[test]
fn a_password_needs_a_name() {
    require_mit!();
    let world = World::start();
    let acquire = Credential::acquire()
        .password(PASSWORD)
        .environment(&world.environment());
    assert_eq!(acquire.build().unwrap_err().kind(), ErrorKind::BadName);
}

#[test]
fn the_default_cache_that_mits_kinit_wrote_serves() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let environment = world.environment();
    let mine = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&environment)
        .build()
        .unwrap();
    assert_eq!(
        mine.name().unwrap().unwrap().to_string(),
        "alice@ORTHROS.TEST"
    );
    let peer = Name::hostbased_service(crate::world::SERVICE).unwrap();
    let initiator = InitContext::builder(peer)
        .environment(&environment)
        .build()
        .unwrap();
    let acceptor = world.acceptor(&environment).build().unwrap();
    establish(initiator, acceptor).unwrap();
    let klist = world
        .realm
        .run(&mut world.realm.command("klist"), b"")
        .unwrap();
    assert!(
        klist.stdout.contains("http/www.orthros.test@"),
        "stored for the next time: {klist}"
    );
}

#[test]
fn without_a_cache_there_is_no_credential() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let acquire = || Credential::acquire().environment(&environment);
    let error = acquire()
        .usage(CredentialUsage::Initiate)
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert_eq!(error.minor(), MinorStatus::KRB5_FCC_NOFILE);
    assert!(
        error
            .to_string()
            .contains(world.realm.ccache().to_str().unwrap()),
        "{error}"
    );

    let both = acquire().build().unwrap();
    assert_eq!(both.usage(), CredentialUsage::Both);
    let peer = Name::hostbased_service(crate::world::SERVICE).unwrap();
    let mut initiator = InitContext::builder(peer)
        .credential(&both)
        .build()
        .unwrap();
    assert_eq!(
        initiator.step(None).unwrap_err().kind(),
        ErrorKind::NoCredential
    );
    assert_eq!(
        initiator.step(None).unwrap_err().kind(),
        ErrorKind::NoContext
    );
}

#[test]
fn a_cache_of_another_client_is_no_credential() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let cache = world.realm.ccache().to_str().unwrap().to_owned();
    let error = Credential::acquire()
        .name(Name::user("bob").unwrap())
        .usage(CredentialUsage::Initiate)
        .ccache(cache)
        .environment(&world.environment())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert_eq!(error.minor(), MinorStatus::KG_CCACHE_NOMATCH);
    assert!(
        error
            .to_string()
            .contains("alice@ORTHROS.TEST, not of bob@ORTHROS.TEST"),
        "{error}"
    );
}

#[test]
fn expired_tickets_are_expired_credentials() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let environment = world.environment();
    let acquire = || {
        Credential::acquire()
            .usage(CredentialUsage::Initiate)
            .environment(&environment)
            .build()
    };
    let early = acquire().unwrap();
    world.clock.advance(Duration::from_seconds(2 * ONE_DAY));
    assert_eq!(acquire().unwrap_err().kind(), ErrorKind::CredentialsExpired);
    assert_eq!(early.lifetime().unwrap(), Lifetime::Seconds(0));
    let peer = Name::hostbased_service(crate::world::SERVICE).unwrap();
    let mut initiator = InitContext::builder(peer)
        .credential(&early)
        .build()
        .unwrap();
    let error = initiator.step(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialsExpired);
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED);
}

#[test]
fn a_damaged_cache_is_a_defective_credential() {
    require_mit!();
    let world = World::start();
    std::fs::write(world.realm.ccache(), b"\x05\x04garbage").unwrap();
    let error = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&world.environment())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DefectiveCredential);
}

#[test]
fn a_cache_that_becomes_another_users_does_not_change_who_one_is() {
    require_mit!();
    let realm = orthros_testing::mit::Realm::builder()
        .user(USER, PASSWORD)
        .user("bob", "secret");
    let world = World::of(realm.service("http/www.orthros.test").start().unwrap());
    world.realm.kinit(USER, PASSWORD).unwrap();
    let mine = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&world.environment())
        .build()
        .unwrap();
    world.realm.kinit("bob", "secret").unwrap();
    assert_eq!(mine.name().unwrap_err().kind(), ErrorKind::NoCredential);
    world.realm.kinit(USER, PASSWORD).unwrap();
    assert!(mine.name().is_ok());
}

#[test]
fn a_client_keytab_gets_tickets_without_a_password() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let keytab = world.realm.extract_keytab("alice.keytab", &[USER]).unwrap();
    let alice = Credential::acquire()
        .name(Name::user(USER).unwrap())
        .client_keytab(keytab.to_str().unwrap())
        .environment(&environment)
        .build()
        .unwrap();
    let peer = Name::hostbased_service(crate::world::SERVICE).unwrap();
    let initiator = InitContext::builder(peer)
        .credential(&alice)
        .build()
        .unwrap();
    establish(initiator, world.acceptor(&environment).build().unwrap()).unwrap();
}

#[test]
fn a_requested_lifetime_is_the_longest_granted() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let short = Credential::acquire()
        .name(Name::user(USER).unwrap())
        .password(PASSWORD)
        .lifetime(Lifetime::Seconds(600))
        .environment(&environment)
        .build()
        .unwrap();
    assert!(short.lifetime().unwrap() <= Lifetime::Seconds(600));
    let peer = Name::hostbased_service(crate::world::SERVICE).unwrap();
    let initiator = InitContext::builder(&peer)
        .credential(&world.alice(&environment))
        .lifetime(Lifetime::Seconds(60))
        .build()
        .unwrap();
    let acceptor = world.acceptor(&environment).build().unwrap();
    let (ours, _) = establish(initiator, acceptor).unwrap();
    assert!(
        ours.lifetime() <= Lifetime::Seconds(60),
        "{}",
        ours.lifetime()
    );
}

#[test]
fn acceptors_answer_for_the_name_that_they_were_given() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let named = |name: &str| {
        Credential::acquire()
            .name(Name::hostbased_service(name).unwrap())
            .usage(CredentialUsage::Accept)
            .environment(&environment)
            .build()
    };
    for name in ["http", "http@www.orthros.test", "http@WWW.Orthros.Test"] {
        let credential = named(name).unwrap();
        let initiator = world.initiator(&environment).build().unwrap();
        let acceptor = AcceptContext::builder()
            .credential(&credential)
            .build()
            .unwrap();
        let (_, theirs) = establish(initiator, acceptor).unwrap();
        assert_eq!(theirs.acceptor_name().to_string(), PRINCIPAL);
    }
    for name in ["ldap", "http@other.orthros.test"] {
        let error = named(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoCredential);
        assert_eq!(error.minor(), MinorStatus::KG_KEYTAB_NOMATCH);
        assert!(
            error
                .to_string()
                .ends_with(&format!("has no key for {name}")),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains(world.realm.keytab().to_str().unwrap()),
            "{error}"
        );
    }
    // As MIT: one that was not given any is called after the first key.
    let first = service(&environment).name().unwrap().unwrap();
    assert_eq!(first.to_string(), PRINCIPAL);
    assert_eq!(
        service(&environment).lifetime().unwrap(),
        Lifetime::Indefinite
    );
}

#[test]
fn a_missing_or_damaged_keytab_says_which() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let acquire = |keytab: &std::path::Path| {
        Credential::acquire()
            .usage(CredentialUsage::Accept)
            .keytab(keytab.to_str().unwrap())
            .environment(&environment)
            .build()
            .unwrap_err()
    };
    let absent = world.realm.path("absent.keytab");
    let error = acquire(&absent);
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert!(error.to_string().contains("absent.keytab"), "{error}");
    std::fs::write(&absent, b"no keytab").unwrap();
    assert_eq!(acquire(&absent).kind(), ErrorKind::DefectiveCredential);
}

#[test]
fn a_credential_for_one_side_does_not_serve_the_other() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let peer = Name::hostbased_service(crate::world::SERVICE).unwrap();
    let initiator = InitContext::builder(peer)
        .credential(&service(&environment))
        .build();
    let error = initiator.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredential);
    assert_eq!(error.minor(), MinorStatus::G_CRED_USAGE_MISMATCH);
    let acceptor = AcceptContext::builder()
        .credential(&world.alice(&environment))
        .build();
    assert_eq!(acceptor.unwrap_err().kind(), ErrorKind::NoCredential);
}

#[test]
fn mechanisms_that_are_not_here_are_refused() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let foreign = Oid::new(&[1, 2, 3]);
    let acquire = |mechs: OidSet| {
        Credential::acquire()
            .usage(CredentialUsage::Accept)
            .mechs(&mechs)
            .environment(&environment)
            .build()
    };
    assert_eq!(
        acquire(OidSet::from(foreign)).unwrap_err().kind(),
        ErrorKind::BadMechanism
    );
    acquire([foreign, Oid::KRB5].into_iter().collect()).unwrap();
    let initiator = world.initiator(&environment).mech_type(foreign).build();
    assert_eq!(initiator.unwrap_err().kind(), ErrorKind::BadMechanism);
}

#[test]
fn a_kdc_that_is_down_is_a_failure_that_names_the_realm() {
    require_mit!();
    let mut world = World::start();
    world.realm.stop_kdc();
    let error = Credential::acquire()
        .name(Name::user(USER).unwrap())
        .password(PASSWORD)
        .environment(&world.environment())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KdcUnreachable);
    assert!(error.is_retryable(), "it may come up again");
    assert_eq!(error.minor(), MinorStatus::KRB5_KDC_UNREACH);
    assert!(error.to_string().contains("ORTHROS.TEST"), "{error}");
}

#[test]
fn a_realm_without_kdcs_is_named() {
    require_mit!();
    let world = World::start();
    let error = Credential::acquire()
        .name(Name::user("alice@NOWHERE.TEST").unwrap())
        .password(PASSWORD)
        .environment(&world.environment())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KdcUnreachable);
    assert!(!error.is_retryable(), "nothing says where they are");
    assert_eq!(error.minor(), MinorStatus::KRB5_REALM_UNKNOWN);
    assert!(error.to_string().contains("NOWHERE.TEST"), "{error}");
}

#[test]
fn a_service_can_be_a_client_with_its_own_keytab() {
    require_mit!();
    let world = World::start();
    let credential = Credential::acquire()
        .name(Name::hostbased_service(crate::world::SERVICE).unwrap())
        .client_keytab(world.realm.keytab())
        .environment(&world.environment())
        .build()
        .unwrap();
    assert_eq!(credential.name().unwrap().unwrap().to_string(), PRINCIPAL);
}
