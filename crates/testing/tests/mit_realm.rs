//! The realm launcher, with MIT's own programs on both ends.

use std::thread;
use std::time::{Duration, Instant};

use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm, RealmError};
use orthros_testing::require_mit;

/// The best of three: other tests run at the same time.
#[test]
fn a_realm_starts_in_under_two_seconds() {
    require_mit!();
    let start = || {
        let started = Instant::now();
        Realm::builder().user("alice", "secret").start().unwrap();
        started.elapsed()
    };
    let best = [start(), start(), start()].into_iter().min().unwrap();
    assert!(best < Duration::from_secs(2), "{best:?}");
}

#[test]
fn a_realm_grants_tickets() {
    require_mit!();
    let realm = Realm::builder().user("alice", "secret").start().unwrap();
    realm.kinit("alice", "secret").unwrap();
    let klist = realm.run(&mut realm.command("klist"), b"").unwrap();
    assert!(klist.stdout.contains("alice@ORTHROS.TEST"), "{klist}");
}

#[test]
fn a_wrong_password_is_refused() {
    require_mit!();
    let realm = Realm::builder().user("alice", "secret").start().unwrap();
    let refused = realm.kinit("alice", "wrong").unwrap_err();
    assert!(
        matches!(&refused, RealmError::Failed(kinit) if kinit.stderr.contains("Password incorrect")),
        "{refused}"
    );
}

#[test]
fn passwords_and_names_reach_the_database_as_they_are() {
    require_mit!();
    let password = "a \"quoted\" pass word";
    let realm = Realm::builder()
        .user("\u{e9}l\u{e8}ne/admin", password)
        .start()
        .unwrap();
    realm.kinit("\u{e9}l\u{e8}ne/admin", password).unwrap();
}

#[test]
fn a_refused_query_is_an_error() {
    require_mit!();
    let twice = Realm::builder()
        .user("alice", "one")
        .user("alice", "two")
        .start();
    assert!(matches!(twice, Err(RealmError::Failed(_))));
}

#[test]
fn realms_started_at_once_do_not_meet() {
    require_mit!();
    let start = |name: &'static str| {
        thread::spawn(move || {
            Realm::builder()
                .name(name)
                .user("alice", name)
                .start()
                .unwrap()
        })
    };
    let started: Vec<_> = ["ONE.TEST", "TWO.TEST", "THREE.TEST", "FOUR.TEST"]
        .map(start)
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    for realm in &started {
        realm.kinit("alice", realm.name()).unwrap();
    }
}

#[test]
fn the_kdc_can_be_stopped_and_started_and_is_gone_after_drop() {
    require_mit!();
    let mut realm = Realm::builder().user("alice", "secret").start().unwrap();
    let (address, directory) = (realm.kdc_address(), realm.directory().to_owned());
    realm.stop_kdc();
    assert!(std::net::TcpStream::connect(address).is_err());
    realm.start_kdc().unwrap();
    realm.kinit("alice", "secret").unwrap();
    drop(realm);
    assert!(std::net::TcpStream::connect(address).is_err());
    assert!(!directory.exists());
}

#[test]
fn a_keytab_of_a_user_gets_a_ticket() {
    require_mit!();
    let realm = Realm::builder().user("alice", "secret").start().unwrap();
    let keytab = realm.extract_keytab("alice.keytab", &["alice"]).unwrap();
    let mut kinit = realm.command("kinit");
    kinit.arg("-k").arg("-t").arg(keytab).arg("alice");
    let kinit = realm.run(&mut kinit, b"").unwrap();
    assert!(kinit.status.success(), "{kinit}");
}

#[test]
fn a_pinned_client_and_a_pinned_service_use_one_enctype() {
    require_mit!();
    for enctype in DEFAULT_ENCTYPES {
        let realm = Realm::builder()
            .enctypes(&[enctype])
            .user("alice", "secret")
            .service("host/localhost")
            .start()
            .unwrap();
        realm.kinit("alice", "secret").unwrap();
        let kvno = realm.run(realm.command("kvno").arg("host/localhost"), b"");
        assert!(kvno.unwrap().status.success());
        let klist = realm.run(realm.command("klist").arg("-e"), b"").unwrap();
        let pairs = format!("{enctype}, {enctype}");
        assert_eq!(klist.stdout.matches(pairs.as_str()).count(), 2, "{klist}");
    }
}

#[test]
fn mits_samples_talk_to_each_other() {
    require_mit!();
    let realm = Realm::builder()
        .user("alice", "secret")
        .service("host/localhost")
        .start()
        .unwrap();
    realm.kinit("alice", "secret").unwrap();
    let server = realm.gss_server("host@localhost", &["-once"]).unwrap();
    let mut client = realm.gss_client(server.port(), &[], "host@localhost", "good news");
    let client = realm.run(&mut client, b"").unwrap();
    assert!(client.stdout.contains("Signature verified."), "{client}");
    let server = server.finish(Duration::from_secs(10)).unwrap();
    assert!(server.stdout.contains("good news"), "{server}");
}
