//! Caches in files and in memory: begun, filled, emptied and ended.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::clock::SystemClock;
use crate::random::SystemRandomness;
use orthros_testing::kcm::FakeKcm;
use orthros_testing::{peers, require_peer};
use orthros_types::{EncryptionType, KeyBlock, TicketFlags, TicketTimes, Timestamp};

fn random() -> EnvironmentRandom {
    EnvironmentRandom::new(Arc::new(SystemRandomness))
}

fn open(name: impl AsRef<OsStr>, memory: &MemoryCaches) -> Cache {
    let name = CacheName::parse(name).unwrap();
    let (config, random) = (&Config::default(), random());
    let scope = CacheScope {
        config,
        memory,
        random,
        clock: &(Arc::new(SystemClock) as Arc<dyn Clock>),
        observer: &Observer::NONE,
    };
    Cache::open(&name, &scope).unwrap()
}

fn cache(name: &str) -> Cache {
    open(name, &MemoryCaches::default())
}

fn file_cache(dir: &Path) -> Cache {
    open(dir.join("cc"), &MemoryCaches::default())
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn alice() -> Principal {
    principal("alice@ORTHROS.TEST")
}

fn ticket(server: &str) -> Credential {
    Credential {
        client: alice(),
        server: principal(server),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: Timestamp::from_seconds(1_700_000_000),
            starttime: Some(Timestamp::from_seconds(1_700_000_000)),
            // Keys go with their tickets.
            endtime: Timestamp::from_seconds(4_000_000_000),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: vec![1, 2, 3],
        second_ticket: Vec::new(),
    }
}

/// Each test of what all caches do runs with each type.
fn with_each_kind(test: impl Fn(Cache)) {
    with_each_ordered_kind(&test);
    // Of this thread alone, and gone with it.
    require_peer!(peers::session_keyring());
    test(cache("KEYRING:session:test"));
}

/// All but KEYRING, which has an order of its own, and one ticket for a server.
fn with_each_ordered_kind(test: impl Fn(Cache)) {
    let dir = tempfile::tempdir().unwrap();
    test(file_cache(dir.path()));
    test(cache(&format!("DIR:{}/caches", dir.path().display())));
    test(cache("MEMORY:test"));
    let daemon = FakeKcm::start(&[]).unwrap();
    test(kcm::tests::cache(&daemon, "test"));
}

fn by_server(mut credentials: Vec<Credential>) -> Vec<Credential> {
    credentials.sort_by_key(|credential| credential.server.unparse());
    credentials
}

#[test]
fn what_is_stored_comes_back() {
    with_each_kind(|cache| {
        let (first, second) = (
            ticket("krbtgt/ORTHROS.TEST@ORTHROS.TEST"),
            ticket("HTTP/www@ORTHROS.TEST"),
        );
        let config = Credential::config(alice(), "fast_avail", None, b"yes".to_vec());
        let offset = Some(KdcOffset {
            seconds: -5,
            // KCM daemons keep none.
            microseconds: 0,
        });
        cache
            .initialize(&alice(), offset, &[config.clone(), first.clone()])
            .unwrap();
        cache.store(std::slice::from_ref(&second)).unwrap();
        let contents = cache.contents().unwrap();
        assert_eq!(contents.principal, alice());
        assert_eq!(contents.kdc_offset, offset);
        let stored = by_server(contents.credentials.clone());
        assert_eq!(stored, by_server(vec![config, first, second]));
        assert_eq!(contents.tickets().count(), 2);
        assert_eq!(contents.config("fast_avail", None), Some(&b"yes"[..]));
        assert_eq!(contents.config("fast_avail", Some(&alice())), None);
        assert_eq!(
            contents.kdc_time(Timestamp::from_seconds(100)),
            Timestamp::from_seconds(95)
        );
    });
}

#[test]
fn tickets_come_back_in_order() {
    with_each_ordered_kind(|cache| {
        let servers = ["b/x@R", "a/x@R", "c/x@R", "a/x@R"];
        let tickets = servers.map(ticket);
        cache.initialize(&alice(), None, &tickets[..2]).unwrap();
        cache.store(&tickets[2..]).unwrap();
        assert_eq!(cache.contents().unwrap().credentials, tickets);
    });
}

#[test]
fn initialising_again_forgets_what_was_there() {
    with_each_kind(|cache| {
        cache
            .initialize(&alice(), None, &[ticket("HTTP/www@ORTHROS.TEST")])
            .unwrap();
        let bob = principal("bob@ORTHROS.TEST");
        cache.initialize(&bob, None, &[]).unwrap();
        assert_eq!(cache.principal().unwrap(), bob);
        assert_eq!(cache.contents().unwrap().credentials, []);
    });
}

#[test]
fn only_what_matches_is_removed() {
    with_each_kind(|cache| {
        let gone = ["imap/www@ORTHROS.TEST", "imap/ftp@ORTHROS.TEST"].map(ticket);
        let mut kept = ticket("HTTP/www@ORTHROS.TEST");
        kept.client = principal("bob@ORTHROS.TEST");
        let [first, second] = gone;
        cache
            .initialize(&alice(), None, &[first, kept.clone(), second])
            .unwrap();
        let client = alice();
        let query = CredentialQuery {
            client: Some(&client),
            ..CredentialQuery::default()
        };
        assert_eq!(cache.remove(&query).unwrap(), 2);
        assert_eq!(cache.contents().unwrap().credentials, [kept]);
        assert_eq!(cache.remove(&query).unwrap(), 0);
    });
}

#[test]
fn a_cache_that_is_not_there_is_said_to_be_absent() {
    with_each_kind(|cache| {
        let absent = |error: CacheError| {
            assert!(matches!(error, CacheError::Absent { .. }), "{error}");
            assert_eq!(
                error.to_string(),
                format!("no credential cache found at {}", cache.name())
            );
        };
        absent(cache.contents().unwrap_err());
        absent(cache.store(&[ticket("HTTP/www@ORTHROS.TEST")]).unwrap_err());
        absent(cache.remove(&CredentialQuery::default()).unwrap_err());
        absent(cache.destroy().unwrap_err());
    });
}

#[test]
fn a_destroyed_cache_is_gone() {
    with_each_kind(|cache| {
        cache.initialize(&alice(), None, &[]).unwrap();
        cache.destroy().unwrap();
        assert!(matches!(cache.contents(), Err(CacheError::Absent { .. })));
    });
}

#[test]
fn handles_of_one_environment_share_memory_caches_and_others_do_not() {
    let (ours, theirs) = (MemoryCaches::default(), MemoryCaches::default());
    let open = |memory: &MemoryCaches| open("MEMORY:x", memory);
    open(&ours).initialize(&alice(), None, &[]).unwrap();
    assert_eq!(open(&ours).principal().unwrap(), alice());
    assert!(matches!(
        open(&theirs).principal(),
        Err(CacheError::Absent { .. })
    ));
}

#[test]
fn nothing_is_appended_to_what_is_no_cache() {
    let dir = tempfile::tempdir().unwrap();
    let cache = file_cache(dir.path());
    fs::write(dir.path().join("cc"), "some text").unwrap();
    let error = cache.store(&[ticket("HTTP/www@ORTHROS.TEST")]).unwrap_err();
    assert!(matches!(error, CacheError::Format { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(&dir.path().join("cc").display().to_string()),
        "{error}"
    );
    assert_eq!(fs::read(dir.path().join("cc")).unwrap(), b"some text");
}

#[test]
fn half_an_entry_of_a_writer_that_died_is_cut_before_the_next_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let cache = file_cache(dir.path());
    let (first, second) = (
        ticket("HTTP/www@ORTHROS.TEST"),
        ticket("imap/www@ORTHROS.TEST"),
    );
    cache.initialize(&alice(), None, &[]).unwrap();
    let empty = fs::read(dir.path().join("cc")).unwrap().len();
    cache.store(std::slice::from_ref(&first)).unwrap();
    let whole = fs::read(dir.path().join("cc")).unwrap();
    for cut in [empty + 1, whole.len() - 1] {
        fs::write(dir.path().join("cc"), &whole[..cut]).unwrap();
        cache.store(std::slice::from_ref(&second)).unwrap();
        assert_eq!(
            cache.contents().unwrap().credentials,
            std::slice::from_ref(&second),
            "cut at {cut}"
        );
    }
}

#[test]
fn tickets_before_a_damaged_entry_are_found_and_removed_and_nothing_is_written_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let (path, cache) = (dir.path().join("cc"), file_cache(dir.path()));
    let (good, bad) = (
        ticket("HTTP/www@ORTHROS.TEST"),
        ticket("imap/www@ORTHROS.TEST"),
    );
    cache
        .initialize(&alice(), None, std::slice::from_ref(&good))
        .unwrap();
    let whole = fs::read(&path).unwrap().len();
    cache.store(&[bad.clone(), bad]).unwrap();
    // The length of the second client's realm.
    let mut file = fs::read(&path).unwrap();
    file[whole + 8..whole + 12].copy_from_slice(&0x7FFF_FFFFu32.to_be_bytes());
    fs::write(&path, &file).unwrap();

    let contents = cache.contents().unwrap();
    assert_eq!(contents.credentials, std::slice::from_ref(&good));
    let damage = contents.damage.unwrap().to_string();
    assert!(
        damage.contains(&format!("offset {}", whole + 8)),
        "{damage}"
    );
    cache.store(std::slice::from_ref(&good)).unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), file);
    let query = CredentialQuery {
        server: Some(&good.server),
        ..CredentialQuery::default()
    };
    assert_eq!(cache.remove(&query).unwrap(), 1);
    assert!(cache.contents().unwrap().credentials.is_empty());
    assert_eq!(fs::read(&path).unwrap()[whole..], file[whole..]);
}

#[test]
fn concurrent_stores_and_removals_lose_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let cache = file_cache(dir.path());
    let doomed = ticket("doomed/www@ORTHROS.TEST");
    cache
        .initialize(&alice(), None, &vec![doomed.clone(); 20])
        .unwrap();
    let query = CredentialQuery {
        server: Some(&doomed.server),
        ..CredentialQuery::default()
    };
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let cache = &cache;
            scope.spawn(move || {
                for number in 0..20 {
                    cache
                        .store(&[ticket(&format!("s{writer}n{number}/www@ORTHROS.TEST"))])
                        .unwrap();
                }
            });
        }
        scope.spawn(|| assert_eq!(cache.remove(&query).unwrap(), 20));
    });
    let contents = cache.contents().unwrap();
    assert_eq!(contents.credentials.len(), 60);
    for writer in 0..3 {
        for number in 0..20 {
            let server = principal(&format!("s{writer}n{number}/www@ORTHROS.TEST"));
            assert_eq!(
                contents
                    .tickets()
                    .filter(|ticket| ticket.server == server)
                    .count(),
                1
            );
        }
    }
}
