//! KCM caches with a daemon that does what it is told to, also what is wrong.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use orthros_testing::kcm::{FakeKcm, Fault, without};
use orthros_types::ccache::encode_principal;
use orthros_types::kcm::KcmOperation;
use orthros_types::{
    EncryptionType, KeyBlock, MinorStatus, Principal, TicketFlags, TicketTimes, Timestamp,
};

use super::*;
use crate::cache::Cache;
use orthros_krb5::observe::Observer;

/// A cache that is with this daemon.
pub(in crate::cache) fn cache(daemon: &FakeKcm, residual: &str) -> Cache {
    cache_at(&daemon.socket(), residual, PATIENCE)
}

fn cache_at(socket: &Path, residual: &str, patience: Duration) -> Cache {
    Cache {
        name: CacheName::new(&TYPE, residual),
        backend: Arc::new(KcmCaches {
            socket: socket.to_owned(),
            patience,
        }),
        observer: Observer::NONE,
    }
}

fn alice() -> Principal {
    Principal::parse("alice@ORTHROS.TEST", None).unwrap()
}

fn ticket(server: &str) -> Credential {
    Credential {
        client: alice(),
        server: Principal::parse(server, None).unwrap(),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: Timestamp::from_seconds(1_700_000_000),
            starttime: None,
            endtime: Timestamp::from_seconds(1_700_036_000),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: vec![1; 100],
        second_ticket: Vec::new(),
    }
}

/// What is said of a cache's contents where the daemon has this fault; it names cache and socket.
fn failure(operation: KcmOperation, fault: Fault) -> CacheError {
    let daemon = FakeKcm::start(&[(operation, fault)]).unwrap();
    let cache = cache_at(&daemon.socket(), "test", Duration::from_millis(200));
    cache
        .initialize(&alice(), None, &[ticket("a/x@R")])
        .unwrap();
    let error = cache.contents().unwrap_err();
    let text = error.to_string();
    let socket = daemon.socket();
    assert!(
        text.contains("KCM:test") && text.contains(socket.to_str().unwrap()),
        "{text}"
    );
    error
}

#[test]
fn a_look_at_a_cache_is_one_round_trip_of_three_requests() {
    let daemon = FakeKcm::start(&[]).unwrap();
    let cache = cache(&daemon, "test");
    cache
        .initialize(&alice(), None, &[ticket("a/x@R")])
        .unwrap();
    let _ = daemon.asked();
    daemon.wait_for(3);
    assert_eq!(cache.contents().unwrap().credentials.len(), 1);
    let expected = [
        KcmOperation::GET_PRINCIPAL,
        KcmOperation::GET_KDC_OFFSET,
        KcmOperation::GET_CRED_LIST,
    ];
    assert_eq!(daemon.asked(), expected);
}

#[test]
fn a_daemon_without_mits_extensions_is_asked_in_other_ways() {
    // What sssd's, newer and older, and Heimdal's say.
    for status in [
        MinorStatus::KRB5_CC_NOSUPP,
        MinorStatus::KRB5_CC_IO,
        MinorStatus::KRB5_FCC_INTERNAL,
    ] {
        let extensions = [KcmOperation::GET_CRED_LIST, KcmOperation::REPLACE];
        let daemon = FakeKcm::start(&without(&extensions, status)).unwrap();
        let cache = cache(&daemon, "test");
        let tickets = ["a/x@R", "b/x@R"].map(ticket);
        let offset = Some(KdcOffset {
            seconds: 5,
            microseconds: 0,
        });
        cache.initialize(&alice(), offset, &tickets).unwrap();
        let contents = cache.contents().unwrap();
        assert_eq!(contents.credentials, tickets);
        assert_eq!(contents.kdc_offset, offset);
    }
}

#[test]
fn a_cache_that_can_not_be_begun_anew_is_as_it_was() {
    let quota = MinorStatus::KRB5_CC_WRITE;
    let mut faults = without(&[KcmOperation::REPLACE], MinorStatus::KRB5_CC_NOSUPP);
    // The fourth credential is one too many.
    faults.push((KcmOperation::STORE, Fault::RefusedFrom(4, quota)));
    let daemon = FakeKcm::start(&faults).unwrap();
    let cache = cache(&daemon, "test");
    cache
        .initialize(&alice(), None, &[ticket("a/x@R")])
        .unwrap();
    let bob = Principal::parse("bob@ORTHROS.TEST", None).unwrap();
    let many = ["b/x@R", "c/x@R", "d/x@R", "e/x@R"].map(ticket);
    let _ = daemon.asked();
    let error = cache.initialize(&bob, None, &many).unwrap_err();
    assert!(error.to_string().contains("refuses STORE"), "{error}");
    assert_eq!(error.minor_status(), quota);
    // The daemon of this test has no room for what was there either, but for the cache.
    assert_eq!(cache.principal().unwrap(), alice());
}

#[test]
fn what_a_daemon_refuses_is_told_and_the_old_tickets_are_back() {
    let mut faults = without(&[KcmOperation::REPLACE], MinorStatus::KRB5_CC_NOSUPP);
    let status = MinorStatus::KRB5_FCC_PERM;
    faults.push((KcmOperation::SET_KDC_OFFSET, Fault::Stalled));
    let daemon = FakeKcm::start(&faults).unwrap();
    let cache = cache_at(&daemon.socket(), "test", Duration::from_millis(200));
    let old = ticket("a/x@R");
    cache
        .initialize(&alice(), None, std::slice::from_ref(&old))
        .unwrap();
    let offset = Some(KdcOffset {
        seconds: 5,
        microseconds: 0,
    });
    let bob = Principal::parse("bob@ORTHROS.TEST", None).unwrap();
    cache
        .initialize(&bob, offset, &[ticket("b/x@R")])
        .unwrap_err();
    let contents = cache.contents().unwrap();
    assert_eq!(contents.principal, alice());
    assert_eq!(contents.credentials, [old]);

    let refused = failure(KcmOperation::GET_PRINCIPAL, Fault::RefusedFrom(1, status));
    assert_eq!(refused.minor_status(), status);
}

#[test]
fn a_daemon_that_does_not_answer_is_waited_for_no_longer_than_that() {
    for operation in [KcmOperation::GET_PRINCIPAL, KcmOperation::GET_CRED_LIST] {
        let error = failure(operation, Fault::Stalled);
        assert!(
            error.to_string().contains("has not answered in 0 seconds"),
            "{error}"
        );
        assert_eq!(error.minor_status(), MinorStatus::KRB5_CC_IO);
    }
}

#[test]
fn answers_that_are_no_replies_are_said_to_be_none() {
    let reply = |length: u32, rest: &[u8]| [&length.to_be_bytes()[..], &[0; 4], rest].concat();
    let mut version_1 = reply(4, &[0; 4]);
    version_1.truncate(5);
    for (garbage, expected) in [
        (Vec::new(), "closed the connection"),
        (version_1, "closed the connection"),
        (reply(4, &[]), "closed the connection"),
        (
            reply(0, &[]),
            "GET_PRINCIPAL makes no sense: the reply ends within its status",
        ),
        (
            reply(10 * 1024 * 1024 + 1, &[]),
            "would have 10485761 bytes",
        ),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
            "would have 1213486160 bytes",
        ),
        (reply(u32::MAX, &[]), "would have 4294967295 bytes"),
    ] {
        let error = failure(KcmOperation::GET_PRINCIPAL, Fault::Garbled(garbage));
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn results_that_make_no_sense_are_refused_with_their_operation() {
    let principal = encode_principal(&alice()).unwrap();
    let count = |count: u32, rest: &[u8]| [&count.to_be_bytes()[..], rest].concat();
    for (operation, result, expected) in [
        (
            KcmOperation::GET_PRINCIPAL,
            [&principal[..], b"x"].concat(),
            "bytes behind the principal",
        ),
        (
            KcmOperation::GET_PRINCIPAL,
            principal[..9].to_vec(),
            "ends within",
        ),
        (
            KcmOperation::GET_KDC_OFFSET,
            vec![0; 3],
            "ends within its KDC offset",
        ),
        (
            KcmOperation::GET_KDC_OFFSET,
            vec![0; 5],
            "behind its KDC offset",
        ),
        (
            KcmOperation::GET_CRED_LIST,
            vec![0; 3],
            "count of credentials",
        ),
        (
            KcmOperation::GET_CRED_LIST,
            count(u32::MAX, &[]),
            "ends within its credential",
        ),
        (
            KcmOperation::GET_CRED_LIST,
            count(1, &[0xFF; 4]),
            "ends within its credential",
        ),
        (
            KcmOperation::GET_CRED_LIST,
            count(0, b"x"),
            "behind its credentials",
        ),
        (
            KcmOperation::GET_CRED_LIST,
            count(1, &[0, 0, 0, 2, 1, 2]),
            "malformed",
        ),
    ] {
        let error = failure(operation, Fault::Result(result));
        let text = error.to_string();
        assert!(
            text.contains(expected) && text.contains(operation.name().unwrap()),
            "{text}"
        );
        assert_eq!(error.minor_status(), MinorStatus::KRB5_KCM_MALFORMED_REPLY);
    }
}

#[test]
fn names_and_numbers_of_caches_that_make_no_sense_are_refused() {
    for (operation, result, expected) in [
        (
            KcmOperation::GET_DEFAULT_CACHE,
            b"name".to_vec(),
            "ends within its name",
        ),
        (
            KcmOperation::GET_DEFAULT_CACHE,
            b"name\0x".to_vec(),
            "behind its name",
        ),
        (
            KcmOperation::GET_CACHE_UUID_LIST,
            vec![0; 17],
            "ends within its UUID",
        ),
        (
            KcmOperation::GET_CACHE_UUID_LIST,
            vec![0; 16 * 10_001],
            "10001 of them",
        ),
    ] {
        let daemon = FakeKcm::start(&[(operation, Fault::Result(result))]).unwrap();
        let collection = cache(&daemon, "");
        let error = collection
            .backend
            .members(Some(collection.name()))
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn answers_to_one_call_are_limited_together() {
    let mut faults = without(&[KcmOperation::GET_CRED_LIST], MinorStatus::KRB5_CC_NOSUPP);
    let [many, long] = [vec![0; 16 * 10_000], vec![0; 9 * 1024 * 1024]];
    faults.push((KcmOperation::GET_CRED_UUID_LIST, Fault::Result(many)));
    faults.push((KcmOperation::GET_CRED_BY_UUID, Fault::Result(long)));
    let daemon = FakeKcm::start(&faults).unwrap();
    let cache = cache(&daemon, "test");
    cache.initialize(&alice(), None, &[]).unwrap();
    let error = cache.contents().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("more than the 33554432 bytes"), "{text}");
    assert_eq!(error.minor_status(), MinorStatus::KRB5_KCM_REPLY_TOO_BIG);
}

#[test]
fn a_daemon_that_is_not_there_is_looked_for_at_the_socket_that_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("kcm");
    let absent = cache_at(&socket, "test", PATIENCE).contents().unwrap_err();
    assert_eq!(absent.minor_status(), MinorStatus::KRB5_KCM_NO_SERVER);
    let expected = format!(
        "credential cache KCM:test, at {}: no KCM daemon is there; kcm_socket in [libdefaults] says where it listens",
        socket.display()
    );
    assert_eq!(absent.to_string(), expected);
    // What a daemon leaves that has crashed, and what never was a socket.
    drop(UnixListener::bind(&socket).unwrap());
    let left = cache_at(&socket, "test", PATIENCE).contents().unwrap_err();
    assert_eq!(left.minor_status(), MinorStatus::KRB5_KCM_NO_SERVER);
    fs::remove_file(&socket).unwrap();
    fs::write(&socket, "").unwrap();
    cache_at(&socket, "test", PATIENCE).contents().unwrap_err();
    let long = dir.path().join("x".repeat(200));
    let error = cache_at(&long, "test", PATIENCE).contents().unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_CC_IO);
    let none = cache_at("-".as_ref(), "test", PATIENCE)
        .contents()
        .unwrap_err();
    assert!(
        none.to_string()
            .contains("says that there is no KCM daemon"),
        "{none}"
    );
}

#[test]
fn a_daemon_that_lets_nothing_in_is_waited_for_no_longer_than_that() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("kcm");
    let listener = UnixListener::bind(&socket).unwrap();
    // As many as the kernel lets wait.
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(100);
    while let Ok(connection) = Connection::open(&socket, patience) {
        waiting.push(connection);
        assert!(waiting.len() < 100_000);
    }
    let error = cache_at(&socket, "test", patience).contents().unwrap_err();
    assert!(
        error.to_string().contains("has not answered in 0 seconds"),
        "{error}"
    );
    drop(listener);
}

#[test]
fn the_caches_of_a_daemon_are_a_collection_with_a_primary_one() {
    let daemon = FakeKcm::start(&[]).unwrap();
    let collection = cache(&daemon, "");
    let members = || {
        let members = collection.backend.members(Some(collection.name())).unwrap();
        members.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(members(), [""; 0]);
    for name in ["one", "two", "three"] {
        cache(&daemon, name)
            .initialize(&alice(), None, &[])
            .unwrap();
    }
    assert_eq!(members(), ["KCM:one", "KCM:two", "KCM:three"]);
    cache(&daemon, "three").switch_to().unwrap();
    assert_eq!(members(), ["KCM:three", "KCM:one", "KCM:two"]);
    let primary = collection.backend.primary(collection.name()).unwrap();
    assert_eq!(primary.to_string(), "KCM:three");
    let new = collection.backend.new_member(collection.name()).unwrap();
    assert!(!members().contains(&new.to_string()));
    // A cache that is named stands for itself, and is in no collection of another type.
    for (name, expected) in [("two", 1), ("four", 0)] {
        let cache = cache(&daemon, name);
        assert_eq!(
            cache.backend.members(Some(cache.name())).unwrap().len(),
            expected
        );
    }
    assert!(collection.backend.members(None).unwrap().is_empty());
}

#[test]
fn a_daemon_that_can_not_remove_credentials_says_so_and_keeps_them() {
    let faults = without(&[KcmOperation::REMOVE_CRED], MinorStatus::KRB5_CC_NOSUPP);
    let daemon = FakeKcm::start(&faults).unwrap();
    let cache = cache(&daemon, "test");
    cache
        .initialize(&alice(), None, &[ticket("a/x@R")])
        .unwrap();
    let error = cache.remove(&CredentialQuery::default()).unwrap_err();
    assert!(error.to_string().contains("refuses REMOVE_CRED"), "{error}");
    assert_eq!(error.minor_status(), MinorStatus::KRB5_CC_NOSUPP);
    assert_eq!(cache.contents().unwrap().credentials.len(), 1);
    // A note is the newest one nevertheless.
    for value in ["1", "2"] {
        cache.note("refresh_time", None, value.into()).unwrap();
    }
    assert_eq!(
        cache.contents().unwrap().config("refresh_time", None),
        Some(&b"2"[..])
    );
}

#[test]
fn many_tickets_are_stored_by_several_at_once_and_none_is_lost() {
    let daemon = FakeKcm::start(&[]).unwrap();
    cache(&daemon, "test")
        .initialize(&alice(), None, &[])
        .unwrap();
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        for writer in 0..3 {
            let (cache, barrier) = (cache(&daemon, "test"), &barrier);
            scope.spawn(move || {
                let tickets: Vec<_> = (0..50)
                    .map(|number| ticket(&format!("s{writer}/h{number}@R")))
                    .collect();
                barrier.wait();
                cache.store(&tickets).unwrap();
            });
        }
    });
    assert_eq!(
        cache(&daemon, "test").contents().unwrap().credentials.len(),
        150
    );
}
