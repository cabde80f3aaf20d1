//! Whole realms, and clients of this library in them.

use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use orthros_crypto::Enctype;
use orthros_host::{AcquireError, Clock as _, Environment, ManualClock, SystemClock};
use orthros_kdc::server::{Realm, RealmBuilder, RealmError, Server};
use orthros_kdc::{MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey};
use orthros_types::keytab::Keytab;
use orthros_types::{Credential, Duration, MinorStatus, Principal};

fn builder() -> RealmBuilder {
    Realm::builder("EXAMPLE.TEST")
        .user("alice", "password")
        .service("HTTP/localhost")
}

fn log_in(realm: &Realm, environment: &Environment, password: &str) -> Result<(), AcquireError> {
    let options = environment.initial_options(realm.principal("alice").unwrap());
    let ticket = environment.acquire_with_password(options.unwrap(), password.as_bytes().into())?;
    let cache = environment.default_cache().unwrap();
    environment.store_initial(&cache, &ticket).unwrap();
    Ok(())
}

fn ticket(
    realm: &Realm,
    environment: &Environment,
    name: &str,
) -> Result<Credential, AcquireError> {
    let service = realm.principal(name).unwrap();
    let options = environment.service_options().unwrap();
    let cache = environment.default_cache().unwrap();
    environment.service_ticket(&cache, &service, &options)
}

#[test]
fn the_realms_keytab_opens_its_tickets_and_no_other_realms_does() {
    let realm = builder().start().unwrap();
    let other = builder().start().unwrap();
    let environment = realm.environment();
    log_in(&realm, environment, "password").unwrap();
    let credential = ticket(&realm, environment, "HTTP/localhost").unwrap();
    let header = credential.ticket_header().unwrap();
    let opens = |realm: &Realm| {
        let keytab = Keytab::decode(&realm.keytab().unwrap()).unwrap();
        let entry = keytab.find(&header.server, header.kvno, Some(header.enctype));
        credential.ticket_opens_with(&entry.unwrap().key.key().unwrap())
    };
    assert!(opens(&realm));
    assert!(!opens(&other));
}

#[test]
fn environments_share_the_realm_and_nothing_else() {
    let realm = builder().start().unwrap();
    log_in(&realm, realm.environment(), "password").unwrap();
    let other = realm.new_environment().unwrap();
    assert!(other.default_cache().unwrap().contents().is_err());
    log_in(&realm, &other, "password").unwrap();
    let keys = |environment: &Environment| {
        let keytab = environment.default_keytab().unwrap();
        keytab.read().unwrap().entries().len()
    };
    assert_eq!(keys(&other), keys(realm.environment()));
}

#[test]
fn time_is_what_the_clock_says() {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let realm = builder().clock(clock.clone()).start().unwrap();
    let environment = realm.environment();
    log_in(&realm, environment, "password").unwrap();
    ticket(&realm, environment, "HTTP/localhost").unwrap();
    clock.advance(Duration::from_hours(25));
    let late = ticket(&realm, environment, "HTTP/localhost").unwrap_err();
    assert_eq!(late.minor_status(), MinorStatus::KRB5KRB_AP_ERR_TKT_EXPIRED);
    log_in(&realm, environment, "password").unwrap();
    ticket(&realm, environment, "HTTP/localhost").unwrap();
}

#[test]
fn principals_come_and_go_while_it_runs() {
    let realm = builder().start().unwrap();
    let environment = realm.environment();
    log_in(&realm, environment, "password").unwrap();
    let unknown = ticket(&realm, environment, "imap/localhost").unwrap_err();
    assert_eq!(
        unknown.minor_status(),
        MinorStatus::KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN
    );
    let name = realm.principal("imap/localhost").unwrap();
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    let key = PrincipalKey::random(7, enctype, &mut environment.random()).unwrap();
    let entry = PrincipalEntry::new(name.clone(), vec![key]);
    realm.store().put(entry).unwrap();
    let credential = ticket(&realm, environment, "imap/localhost").unwrap();
    assert_eq!(credential.ticket_header().unwrap().kvno, Some(7));
    assert!(realm.store().remove(&name).unwrap());
}

#[test]
fn a_users_keytab_is_as_good_as_the_password() {
    let realm = builder().start().unwrap();
    let environment = realm.environment();
    let octets = realm.keytab_of(&["alice"]).unwrap();
    let keytab = environment.keytab("MEMORY:alice").unwrap();
    for entry in Keytab::decode(&octets).unwrap() {
        keytab.add(&entry).unwrap();
    }
    let options = environment.initial_options(realm.principal("alice").unwrap());
    environment
        .acquire_with_keytab(options.unwrap(), &keytab)
        .unwrap();
    let nobody = realm.keytab_of(&["nobody"]).unwrap_err();
    assert!(
        nobody.to_string().contains("nobody@EXAMPLE.TEST"),
        "{nobody}"
    );
}

#[test]
fn a_start_adds_what_is_missing_and_changes_nothing_that_is_there() {
    let store = Arc::new(MemoryStore::new());
    let start = |builder: RealmBuilder| builder.store(store.clone()).start().unwrap();
    let keys = |realm: &Realm| Keytab::decode(&realm.keytab().unwrap()).unwrap();
    let first = start(builder());
    let first_keys = keys(&first);
    // The password is changed, and an administrator locks another user.
    let alice = first.principal("alice").unwrap();
    let enctypes = [Enctype::AES256_CTS_HMAC_SHA1_96];
    let changed = first.store().update(&alice, &mut |alice| {
        alice.set_password(b"changed", &enctypes).unwrap();
    });
    changed.unwrap().unwrap();
    let bob = first.principal("bob").unwrap();
    let mut locked = PrincipalEntry::new(bob.clone(), Vec::new());
    locked.flags = PrincipalFlags::LOCKED;
    first.store().put(locked).unwrap();
    drop(first);
    let bobs = PrincipalEntry::new(bob.clone(), Vec::new());
    let again = start(builder().principal(bobs).user("carol", "new"));
    assert!(keys(&again) == first_keys, "other keys");
    log_in(&again, again.environment(), "changed").unwrap();
    let wrong = log_in(&again, again.environment(), "password").unwrap_err();
    assert_eq!(
        wrong.minor_status(),
        MinorStatus::KRB5KDC_ERR_PREAUTH_FAILED
    );
    let found = |name| {
        let name = again.principal(name).unwrap();
        again.store().find(&name).unwrap()
    };
    assert_eq!(found("bob").unwrap().flags, PrincipalFlags::LOCKED);
    assert!(found("carol").is_some());
}

#[test]
fn what_the_caller_says_of_the_realms_own_principals_holds() {
    let random = &mut orthros_testing::random::SeededRandom::new(1);
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    let granting = Principal::local_ticket_granting("EXAMPLE.TEST");
    let key = PrincipalKey::random(9, enctype, random).unwrap();
    let entry = PrincipalEntry::new(granting.clone(), vec![key]);
    let realm = builder().principal(entry).start().unwrap();
    let found = realm.store().find(&granting).unwrap().unwrap();
    assert_eq!(found.current_kvno(), Some(9));
}

#[test]
fn each_request_is_told_of_after_it_is_answered() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let told = lines.clone();
    let realm = builder()
        .server(
            Server::builder()
                .on_request(move |request| told.lock().unwrap().push(request.record.to_string())),
        )
        .start()
        .unwrap();
    let environment = realm.environment();
    log_in(&realm, environment, "password").unwrap();
    ticket(&realm, environment, "HTTP/localhost").unwrap();
    realm.stop();
    let lines = lines.lock().unwrap();
    let (last, before) = lines.split_last().unwrap();
    assert_eq!(
        last,
        "TGS-REQ of alice@EXAMPLE.TEST for HTTP/localhost@EXAMPLE.TEST: granted"
    );
    let granted = "AS-REQ of alice@EXAMPLE.TEST for krbtgt/EXAMPLE.TEST@EXAMPLE.TEST: granted";
    assert_eq!(before.last().unwrap(), granted);
}

#[test]
fn dropping_it_stops_it() {
    // On an address of its own, where no other test takes the port that becomes free.
    let here = ([127, 88, 0, 2], 0).into();
    let realm = builder()
        .server(Server::builder().listen(here))
        .start()
        .unwrap();
    let address = realm.address();
    TcpStream::connect(address).unwrap();
    drop(realm);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn names_that_mean_nothing_are_refused_before_anything_starts() {
    let refused = |builder: RealmBuilder| builder.start().unwrap_err();
    assert!(matches!(
        refused(Realm::builder("two words")),
        RealmError::RealmName { .. }
    ));
    assert!(matches!(
        refused(Realm::builder("")),
        RealmError::RealmName { .. }
    ));
    assert!(matches!(
        refused(builder().service("a@B@C")),
        RealmError::Name { .. }
    ));
    assert!(matches!(
        refused(builder().user("bob@OTHER.TEST", "x")),
        RealmError::OtherRealm { .. }
    ));
}

/// A ticket for changing the password is as good as the password: it was typed for this one change, and not for the
/// week.
#[test]
fn a_ticket_for_changing_a_password_is_short_and_not_renewable() {
    let realm = builder().start().unwrap();
    let service = realm.principal("kadmin/changepw").unwrap();
    let entry = realm.store().find(&service).unwrap().unwrap();
    assert_eq!(entry.max_life, Some(Duration::from_seconds(300)));
    let forbidden = PrincipalFlags::DISALLOW_RENEWABLE | PrincipalFlags::DISALLOW_TGT_BASED;
    assert!(entry.flags.contains(forbidden));
}

#[test]
fn what_is_allowed_to_services_is_in_the_store_before_the_first_request_and_once() {
    let store = Arc::new(MemoryStore::new());
    let allowing = || {
        builder()
            .service("imap/localhost")
            .store(store.clone())
            .delegate("HTTP/localhost", "imap/localhost")
            .delegate_from("imap/localhost", "HTTP/localhost")
            .protocol_transition("HTTP/localhost")
    };
    for _ in 0..2 {
        let realm = allowing().start().unwrap();
        let entry = |name| {
            let found = realm.store().find(&realm.principal(name).unwrap());
            found.unwrap().unwrap()
        };
        let (http, imap) = (entry("HTTP/localhost"), entry("imap/localhost"));
        assert_eq!(
            http.delegation_targets,
            std::slice::from_ref(&imap.principal)
        );
        assert_eq!(
            imap.delegation_sources,
            std::slice::from_ref(&http.principal)
        );
        assert!(imap.delegation_targets.is_empty() && http.delegation_sources.is_empty());
        let any_user = PrincipalFlags::OK_TO_AUTH_AS_DELEGATE;
        assert!(http.flags.contains(any_user) && !imap.flags.contains(any_user));
    }
    for refused in [
        allowing().delegate("HTTP/localhost", "nowhere"),
        allowing().delegate("nowhere", "HTTP/localhost"),
        allowing().delegate_from("HTTP/localhost", "nowhere"),
        allowing().delegate_from("nowhere", "HTTP/localhost"),
        allowing().protocol_transition("nowhere"),
    ] {
        let error = refused.start().err().unwrap();
        assert!(
            matches!(&error, RealmError::NoPrincipal { principal }
                if principal.to_string() == "nowhere@EXAMPLE.TEST"),
            "{error}"
        );
    }
    let foreign = allowing().delegate_from("HTTP/localhost", "HTTP/localhost@OTHER.TEST");
    let error = foreign.start().err().unwrap();
    assert!(matches!(error, RealmError::OtherRealm { .. }), "{error}");
}
