//! Credential stores as MIT has them, storing into caches, and credentials for other processes.

use std::ffi::OsStr;

use crate::world::{PASSWORD, PRINCIPAL, SERVICE, USER, World, establish, service};
use orthros::{
    AcceptContext, Credential, CredentialUsage, Environment, Error, ErrorKind, InitContext,
    Lifetime, MinorStatus, Name, NameType, Oid, OidSet, StoreOptions,
};
use orthros_testing::kcm::FakeKcm;
use orthros_testing::mit::Realm;
use orthros_testing::require_mit;
use orthros_types::Duration;

fn from_store(
    world: &World,
    name: Option<Name>,
    usage: CredentialUsage,
    store: &[(&str, &str)],
) -> Result<Credential, Error> {
    let pairs = store.iter().map(|(key, value)| (*key, OsStr::new(*value)));
    let builder = Credential::acquire()
        .usage(usage)
        .environment(&world.environment())
        .cred_store(pairs);
    match name {
        Some(name) => builder.name(name).build(),
        None => builder.build(),
    }
}

fn initiates(world: &World, credential: &Credential) {
    let peer = Name::hostbased_service(SERVICE).unwrap();
    let initiator = InitContext::builder(peer).credential(credential).build();
    let acceptor = world.acceptor(&world.environment()).build().unwrap();
    establish(initiator.unwrap(), acceptor).unwrap();
}

/// What MIT's klist says of a cache; it must be able to read it.
fn klist(world: &World, cache: &str) -> String {
    let mut klist = world.realm.command("klist");
    let listed = world.realm.run(klist.arg(cache), b"").unwrap();
    assert!(listed.status.success(), "{listed}");
    listed.stdout
}

#[test]
fn each_key_of_a_credential_store_is_heeded() {
    require_mit!();
    let world = World::start();
    let alice = || Some(Name::user(USER).unwrap());
    let cache = format!("FILE:{}", world.path("other"));
    let keytab = world.realm.extract_keytab("alice.keytab", &[USER]).unwrap();
    let keytab = keytab.to_str().unwrap();
    let initiate = CredentialUsage::Initiate;

    let keys = [
        ("ccache", &*cache),
        ("client_keytab", keytab),
        ("unknown", "x"),
    ];
    let first = from_store(&world, None, initiate, &keys).unwrap();
    initiates(&world, &first);
    assert!(klist(&world, &cache).contains("Default principal: alice@"));
    initiates(
        &world,
        &from_store(&world, None, initiate, &[("ccache", &cache)]).unwrap(),
    );
    let password = [("password", PASSWORD)];
    initiates(
        &world,
        &from_store(&world, alice(), initiate, &password).unwrap(),
    );

    let services = world.keytab();
    let replay = format!("file2:{}", world.path("replay"));
    let keys = [("keytab", &*services), ("rcache", &*replay)];
    let acceptor = from_store(&world, None, CredentialUsage::Accept, &keys).unwrap();
    let initiator = world.initiator(&world.environment()).build().unwrap();
    let accepting = AcceptContext::builder().credential(&acceptor).build();
    establish(initiator, accepting.unwrap()).unwrap();
    assert!(world.realm.path("replay").exists());
}

#[test]
fn elements_that_do_not_go_together_are_refused() {
    require_mit!();
    let world = World::start();
    let alice = || Some(Name::user(USER).unwrap());
    let kind = |name, usage, store: &[(&str, &str)]| {
        from_store(&world, name, usage, store).unwrap_err().kind()
    };
    use CredentialUsage::{Accept, Initiate};
    let password = ("password", PASSWORD);
    assert_eq!(kind(None, Initiate, &[password]), ErrorKind::BadName);
    assert_eq!(kind(alice(), Accept, &[password]), ErrorKind::Failure);
    let keytab = ("client_keytab", "/x");
    assert_eq!(
        kind(alice(), Initiate, &[password, keytab]),
        ErrorKind::Failure
    );
    assert_eq!(
        kind(alice(), Initiate, &[("verify", "")]),
        ErrorKind::Failure
    );
    assert_eq!(
        kind(None, Initiate, &[keytab, keytab]),
        ErrorKind::DuplicateElement
    );
    let replay = from_store(&world, None, Accept, &[("rcache", "FILE:x")]).unwrap_err();
    assert_eq!(replay.minor(), MinorStatus::KRB5_RC_TYPE_NOTFOUND);
}

#[test]
fn a_password_is_verified_with_a_key_that_only_the_real_kdc_has() {
    require_mit!();
    let world = World::of(
        Realm::builder()
            .user(USER, PASSWORD)
            .service("http/www.orthros.test")
            .service("host/www.orthros.test")
            .start()
            .unwrap(),
    );
    let verified = |keytab: &str, verify: &str| {
        let keys = [
            ("password", PASSWORD),
            ("keytab", keytab),
            ("verify", verify),
        ];
        let name = Some(Name::user(USER).unwrap());
        from_store(&world, name, CredentialUsage::Initiate, &keys)
    };
    let keytab = world.keytab();
    for verify in ["", "host/www.orthros.test", PRINCIPAL] {
        initiates(&world, &verified(&keytab, verify).unwrap());
    }
    let refused = verified(&keytab, "host/none.orthros.test").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ServiceUnknown);
    let old = world
        .realm
        .extract_keytab("old", &["host/www.orthros.test"])
        .unwrap();
    // A KDC that has other keys than this host is not the one that this host knows.
    world
        .realm
        .kadmin(&["cpw -randkey host/www.orthros.test"])
        .unwrap();
    let refused = verified(old.to_str().unwrap(), "").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NoKey, "{refused}");
    assert_eq!(refused.minor(), MinorStatus::KRB5KRB_AP_ERR_BADKEYVER);
    let empty = world.realm.extract_keytab("alice.keytab", &[USER]).unwrap();
    let refused = verified(empty.to_str().unwrap(), "").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NoCredential);
}

#[test]
fn stored_tickets_serve_mit_and_are_not_overwritten_unasked() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let alice = world.alice(&environment);
    let stored = alice.store(&StoreOptions::new()).unwrap();
    assert_eq!(stored.mechs, OidSet::from(Oid::KRB5));
    assert_eq!(stored.usage, CredentialUsage::Initiate);
    let cache = format!("FILE:{}", world.realm.ccache().display());
    assert_eq!(stored.cache, cache);
    assert!(klist(&world, &cache).contains("Default principal: alice@"));
    let mut kvno = world.realm.command("kvno");
    let finished = world
        .realm
        .run(kvno.arg("http/www.orthros.test"), b"")
        .unwrap();
    assert!(finished.status.success(), "{finished}");

    let again = alice.store(&StoreOptions::new()).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::DuplicateElement);
    assert!(again.to_string().contains(&cache), "{again}");
    alice.store(&StoreOptions::new().overwrite(true)).unwrap();
}

#[test]
fn each_kind_of_cache_can_be_stored_into() {
    require_mit!();
    let realm = Realm::builder().user(USER, PASSWORD).user("bob", "secret");
    let world = World::of(realm.service("http/www.orthros.test").start().unwrap());
    let environment = world.environment();
    let alice = world.alice(&environment);
    let bob = Credential::acquire()
        .name(Name::user("bob").unwrap())
        .password("secret")
        .environment(&environment)
        .build()
        .unwrap();
    let directory = format!("DIR:{}", world.path("caches"));
    let into = |credential: &Credential, cache: &str, default| {
        let options = StoreOptions::new().ccache(cache).make_default(default);
        credential.store(&options).map(|stored| stored.cache)
    };
    let first = into(&alice, &directory, true).unwrap();
    assert!(first.starts_with("DIR::"), "{first}");
    assert!(klist(&world, &directory).contains("alice@"));
    into(&bob, &directory, false).unwrap();
    assert!(klist(&world, &directory).contains("Default principal: alice@"));
    let again = into(&bob, &directory, true).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::DuplicateElement);
    into(&bob, "MEMORY:bobs", true).unwrap();
    let cache = environment.cache("MEMORY:bobs").unwrap();
    assert_eq!(cache.principal().unwrap().to_string(), "bob@ORTHROS.TEST");

    let unknown = into(&bob, "API:0", true).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Unavailable);
    let nowhere = into(&bob, "/nowhere/cc", true).unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::Failure);
}

#[test]
fn what_can_not_be_stored_is_refused() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let alice = world.alice(&environment);
    let refused = |credential: &Credential, options: &StoreOptions| {
        let refused = credential.store(options).unwrap_err();
        (refused.kind(), refused.minor())
    };
    let accepting = (
        ErrorKind::Failure,
        MinorStatus::G_STORE_ACCEPTOR_CRED_NOSUPP,
    );
    assert_eq!(
        refused(&service(&environment), &StoreOptions::new()),
        accepting
    );
    let accept = StoreOptions::new().usage(CredentialUsage::Accept);
    assert_eq!(refused(&alice, &accept), accepting);
    let foreign = StoreOptions::new().mech(Oid::new(&[1, 2, 3]));
    assert_eq!(refused(&alice, &foreign).0, ErrorKind::BadMechanism);
    world.clock.advance(Duration::from_seconds(2 * 86_400));
    let expired = refused(&alice, &StoreOptions::new());
    assert_eq!(expired.0, ErrorKind::CredentialsExpired);
}

#[test]
fn an_exported_credential_serves_in_another_environment() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let by_name = Credential::acquire()
        .usage(CredentialUsage::Both)
        .environment(&environment)
        .build()
        .unwrap();
    for credential in [world.alice(&environment), by_name, service(&environment)] {
        let token = credential.export().unwrap();
        let other = world.environment();
        let imported = Credential::import_in(&token, &other).unwrap();
        // It is not used up, and gives the same again.
        assert!(*imported.export().unwrap() == *token);
        assert_eq!(imported.usage(), credential.usage());
        assert_eq!(imported.name().unwrap(), credential.name().unwrap());
        assert_eq!(imported.lifetime().unwrap(), credential.lifetime().unwrap());
        if imported.usage().initiates() {
            initiates(&world, &imported);
        }
    }
}

#[test]
fn a_cache_with_a_kcm_daemon_is_stored_into_and_exported_by_name() {
    require_mit!();
    let world = World::start();
    let daemon = FakeKcm::start(&[]).unwrap();
    let socket = daemon.socket();
    let socket = format!("\n[libdefaults]\n kcm_socket = {}\n", socket.display());
    let conf = world.realm.krb5_conf() + &socket;
    let environment = world.environment_with(&conf);
    let into = StoreOptions::new().ccache("KCM:");
    let cache = world.alice(&environment).store(&into).unwrap().cache;
    assert!(cache.starts_with("KCM:"), "{cache}");
    let credential = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&environment)
        .ccache(&cache)
        .build()
        .unwrap();
    let token = credential.export().unwrap();
    let is_in_token = |octets: &[u8]| token.windows(octets.len()).any(|part| part == octets);
    assert!(is_in_token(cache.as_bytes()));
    let contents = environment.cache(&cache).unwrap().contents().unwrap();
    let ticket = contents.tickets().next().unwrap();
    assert!(!is_in_token(ticket.session_key.as_bytes()));
    let imported = Credential::import_in(&token, &world.environment_with(&conf)).unwrap();
    initiates(&world, &imported);
}

#[test]
fn what_the_token_names_must_be_there_when_it_is_used() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let token = service(&environment).export().unwrap();
    std::fs::remove_file(world.realm.keytab()).unwrap();
    let gone = Credential::import_in(&token, &environment).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NoCredential);
    std::fs::write(world.realm.keytab(), "no keytab").unwrap();
    let damaged = Credential::import_in(&token, &environment).unwrap_err();
    assert_eq!(damaged.kind(), ErrorKind::DefectiveCredential);
}

#[test]
fn a_damaged_token_is_a_defective_token() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let token = world.alice(&environment).export().unwrap();
    let refused = |token: &[u8]| {
        Credential::import_in(token, &environment)
            .unwrap_err()
            .kind()
    };
    for length in 0..token.len() {
        assert_eq!(refused(&token[..length]), ErrorKind::DefectiveToken);
    }
    for place in 0..token.len() {
        let mut damaged = token.to_vec();
        damaged[place] ^= 0x10;
        assert_eq!(refused(&damaged), ErrorKind::DefectiveToken, "{place}");
    }
    let longer = [&token[..], b"x"].concat();
    assert_eq!(refused(&longer), ErrorKind::DefectiveToken);
}

#[test]
fn a_token_that_lies_under_a_right_checksum_is_refused_or_means_something() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    let token = world.alice(&environment).export().unwrap();
    let body = token.len() - 4;
    let mut refused = 0;
    for place in 8..body.min(400) {
        for value in [0, 1, 2, 0x7F, 0xFF] {
            let mut forged = token[..body].to_vec();
            forged[place] = value;
            forged.extend(crc_32(&forged).to_be_bytes());
            match Credential::import_in(&forged, &environment) {
                Ok(credential) => drop((credential.name(), credential.lifetime())),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::DefectiveToken, "{place}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 50, "{refused}");
}

fn crc_32(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |sum, octet| {
        (0..8).fold(sum ^ u32::from(*octet), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[test]
fn a_credential_that_was_not_used_yet_is_exported_as_what_it_is() {
    require_mit!();
    let world = World::start();
    let environment = world.environment();
    // For initiating alone there must be tickets at once.
    let named = Credential::acquire()
        .name(Name::new(PRINCIPAL, NameType::KRB5_PRINCIPAL_NAME).unwrap())
        .usage(CredentialUsage::Both)
        .lifetime(Lifetime::Seconds(600))
        .environment(&environment)
        .build()
        .unwrap();
    let token = named.export().unwrap();
    let imported = Credential::import_in(&token, &environment).unwrap();
    assert_eq!(imported.name().unwrap_err().kind(), ErrorKind::NoCredential);
    let mut kinit = world.realm.command("kinit");
    kinit.args(["-k", PRINCIPAL]);
    let finished = world.realm.run(&mut kinit, b"").unwrap();
    assert!(finished.status.success(), "{finished}");
    assert_eq!(imported.name().unwrap().unwrap().to_string(), PRINCIPAL);
}

#[test]
fn tickets_of_a_password_are_in_no_shared_cache() {
    require_mit!();
    let world = World::start();
    let environment: Environment = world.environment();
    let _alice = world.alice(&environment);
    let named = Credential::acquire()
        .name(Name::user(USER).unwrap())
        .usage(CredentialUsage::Initiate)
        .environment(&environment)
        .build();
    assert_eq!(named.unwrap_err().kind(), ErrorKind::NoCredential);
    assert!(
        environment
            .cache_collection()
            .unwrap()
            .caches()
            .unwrap()
            .is_empty()
    );
}
