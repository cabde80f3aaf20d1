//! KEYRING caches in a session of the test's own.

use std::time::Duration;

use orthros_testing::{peers, require_peer};
use orthros_types::{EncryptionType, KeyBlock, MinorStatus, TicketFlags, TicketTimes};

use super::*;
use crate::cache::Cache;
use crate::clock::SystemClock;
use crate::random::SystemRandomness;
use orthros_krb5::observe::Observer;

fn cache(residual: &str) -> Cache {
    let backend = KeyringCaches {
        random: EnvironmentRandom::new(Arc::new(SystemRandomness)),
        clock: Arc::new(SystemClock),
    };
    let name = CacheName::parse(format!("KEYRING:{residual}")).unwrap();
    let name = backend.primary(&name).unwrap();
    let backend = Arc::new(backend);
    Cache {
        name,
        backend,
        observer: Observer::NONE,
    }
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn alice() -> Principal {
    principal("alice@ORTHROS.TEST")
}

fn ticket(server: &str, seconds: i64, length: usize) -> Credential {
    let now = SystemClock.now();
    Credential {
        client: alice(),
        server: principal(server),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: now.whole(),
            starttime: None,
            endtime: now
                .whole()
                .saturating_add(orthros_types::Duration::from_seconds(seconds)),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: vec![1; length],
        second_ticket: Vec::new(),
    }
}

fn servers(cache: &Cache) -> Vec<String> {
    let contents = cache.contents().unwrap();
    let mut servers: Vec<_> = contents
        .tickets()
        .map(|each| each.server.to_string())
        .collect();
    servers.sort();
    servers
}

fn members(collection: &Cache, name: &str) -> Vec<String> {
    let name = CacheName::parse(format!("KEYRING:{name}")).unwrap();
    let members = collection.backend.members(Some(&name)).unwrap();
    members.iter().map(ToString::to_string).collect()
}

/// Each test has a session keyring of its own, or is skipped.
macro_rules! require_session {
    () => {
        require_peer!(peers::session_keyring());
    };
}

#[test]
fn the_layout_is_mits() {
    require_session!();
    let offset = KdcOffset {
        seconds: -3,
        microseconds: 5,
    };
    let mine = cache("session:mine");
    assert_eq!(mine.name().to_string(), "KEYRING:session:mine:mine");
    mine.initialize(&alice(), Some(offset), &[ticket("HTTP/www@R", 600, 50)])
        .unwrap();

    let collection = session()
        .search(KeyType::Keyring, "_krb_mine", None)
        .unwrap()
        .unwrap();
    let primary = collection
        .search(KeyType::User, "krb_ccache:primary", None)
        .unwrap();
    assert_eq!(
        &*primary.unwrap().read().unwrap().unwrap(),
        b"\0\0\0\x01\0\0\0\x04mine"
    );
    let keyring = collection
        .search(KeyType::Keyring, "mine", None)
        .unwrap()
        .unwrap();
    let principal = keyring
        .search(KeyType::User, "__krb5_princ__", None)
        .unwrap();
    let expected = ccache::encode_principal(&alice()).unwrap();
    assert_eq!(principal.unwrap().read().unwrap().unwrap(), expected);
    let offsets = keyring
        .search(KeyType::User, "__krb5_time_offsets__", None)
        .unwrap();
    let expected = b"\xff\xff\xff\xfd\0\0\0\x05";
    assert_eq!(&*offsets.unwrap().read().unwrap().unwrap(), expected);
    let names = keyring.members().unwrap().unwrap();
    let names = names
        .iter()
        .map(|key| key.describe().unwrap().unwrap().name);
    assert!(names.into_iter().any(|name| name == "HTTP/www@R"));
    assert_eq!(mine.contents().unwrap().kdc_offset, Some(offset));
}

#[test]
fn a_ticket_takes_the_place_of_one_for_the_same_server_and_ends_with_its_time() {
    require_session!();
    let cache = cache("session:mine");
    cache
        .initialize(&alice(), None, &[ticket("a/x@R", 600, 50)])
        .unwrap();
    let new = ticket("a/x@R", 900, 60);
    cache.store(std::slice::from_ref(&new)).unwrap();
    assert_eq!(cache.contents().unwrap().credentials, [new]);
    cache
        .store(&[ticket("b/x@R", 1, 50), ticket("c/x@R", 600, 50)])
        .unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while servers(&cache) != ["a/x@R", "c/x@R"] {
        assert!(
            std::time::Instant::now() < deadline,
            "{:?}",
            servers(&cache)
        );
        std::thread::yield_now();
    }
    // A cache goes with the last of its tickets.
    cache
        .initialize(&alice(), None, &[ticket("a/x@R", 1, 50)])
        .unwrap();
    while !matches!(cache.contents(), Err(CacheError::Absent { .. })) {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
}

#[test]
fn collections_have_caches_and_a_primary_one() {
    require_session!();
    let first = cache("session:");
    assert_eq!(first.name().to_string(), "KEYRING:session::tkt");
    assert_eq!(members(&first, "session:"), [""; 0]);
    first.initialize(&alice(), None, &[]).unwrap();
    let collection = CacheName::parse("KEYRING:session:").unwrap();
    let new = first.backend.new_member(&collection).unwrap();
    assert!(
        new.to_string().starts_with("KEYRING:session::krb_ccache_"),
        "{new}"
    );
    let new = Cache {
        name: new,
        backend: first.backend.clone(),
        observer: Observer::NONE,
    };
    new.initialize(&principal("bob@R"), None, &[]).unwrap();
    let (first_name, new_name) = (first.name().to_string(), new.name().to_string());
    assert_eq!(
        members(&first, "session:"),
        [first_name.clone(), new_name.clone()]
    );
    new.switch_to().unwrap();
    assert_eq!(members(&first, "session:"), [new_name.clone(), first_name]);
    assert_eq!(cache("session:").name(), new.name());
    assert_eq!(members(&first, &new_name["KEYRING:".len()..]), [new_name]);
    new.destroy().unwrap();
    assert_eq!(members(&first, "session:").len(), 1);
    let refused = first.backend.new_member(first.name()).unwrap_err();
    assert_eq!(refused.minor_status(), MinorStatus::KRB5_CC_NOSUPP);
}

#[test]
fn an_old_programs_cache_is_found_in_the_session_and_ours_by_it() {
    require_session!();
    let old = session().add_keyring("old").unwrap();
    let payload = ccache::encode_principal(&alice()).unwrap();
    old.add(KeyType::User, keyring::PRINCIPAL_KEY, &payload)
        .unwrap();
    let cache = cache("old");
    assert_eq!(cache.name().to_string(), "KEYRING:legacy:old:old");
    assert_eq!(cache.principal().unwrap(), alice());
    cache.initialize(&principal("bob@R"), None, &[]).unwrap();
    let direct = session().members().unwrap().unwrap();
    let mut direct = direct
        .iter()
        .filter(|key| key.describe().unwrap().unwrap().name == "old");
    let owner = super::principal(*direct.next().unwrap()).unwrap();
    assert_eq!(owner, Some(principal("bob@R")));
    cache.destroy().unwrap();
    assert!(matches!(cache.contents(), Err(CacheError::Absent { .. })));
}

#[test]
fn names_of_all_octets_stay_apart() {
    require_session!();
    let cache = cache("session:mine");
    cache.initialize(&alice(), None, &[]).unwrap();
    let named = |name: &[u8]| {
        let mut ticket = ticket("a/x@R", 600, 50);
        ticket.server = Principal::new("R", vec![name.to_vec()]);
        ticket
    };
    let tickets = [
        named(b"\xe4;b"),
        named(b"\\xe4;b"),
        named("\u{e4}".as_bytes()),
        named(b"a\0b"),
        named(b"\xff\xfe"),
        named(b"a;b;c"),
    ];
    for ticket in &tickets {
        cache.store(std::slice::from_ref(ticket)).unwrap();
    }
    let contents = cache.contents().unwrap();
    assert_eq!(contents.credentials.len(), tickets.len());
    assert!(
        tickets
            .iter()
            .all(|ticket| contents.credentials.contains(ticket))
    );
}

#[test]
fn a_key_that_is_no_ticket_hides_no_other() {
    require_session!();
    let cache = cache("session:mine");
    cache
        .initialize(&alice(), None, &[ticket("a/x@R", 600, 50)])
        .unwrap();
    let keyring = find(cache.name()).unwrap().unwrap();
    keyring.add(KeyType::User, "garbage;", b"garbage").unwrap();
    let contents = cache.contents().unwrap();
    assert_eq!(contents.credentials.len(), 1);
    assert!(contents.damage.is_some());
    assert_eq!(cache.remove(&CredentialQuery::default()).unwrap(), 1);

    keyring
        .add(KeyType::User, keyring::PRINCIPAL_KEY, b"garbage")
        .unwrap();
    let error = cache.contents().unwrap_err();
    assert!(
        error.to_string().contains("default principal is malformed"),
        "{error}"
    );
    assert_eq!(error.minor_status(), MinorStatus::KRB5_CC_FORMAT);
    let collection = session()
        .search(KeyType::Keyring, "_krb_mine", None)
        .unwrap()
        .unwrap();
    collection
        .add(KeyType::User, keyring::PRIMARY_KEY, b"\0\0\0\x02\0\0\0\0")
        .unwrap();
    let name = CacheName::parse("KEYRING:session:mine").unwrap();
    let error = cache.backend.primary(&name).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
    assert_eq!(error.minor_status(), MinorStatus::KRB5_KCC_UNKNOWN_VERSION);
}

#[test]
fn what_is_too_large_for_a_key_leaves_a_cache_as_it_was() {
    require_session!();
    let cache = cache("legacy:mine");
    let old = [ticket("a/x@R", 600, 50), ticket("b/x@R", 600, 50)];
    cache.initialize(&alice(), None, &old).unwrap();
    // More than a key of type user holds.
    let large = ticket("c/x@R", 600, 40_000);
    let new = ticket("a/x@R", 900, 70);
    cache
        .initialize(&principal("bob@R"), None, &[new.clone(), large.clone()])
        .unwrap_err();
    cache.store(std::slice::from_ref(&large)).unwrap_err();
    cache.store(&[new, large]).unwrap_err();
    let contents = cache.contents().unwrap();
    assert_eq!(contents.principal, alice());
    assert_eq!(contents.credentials.len(), 2);
    assert!(
        old.iter()
            .all(|ticket| contents.credentials.contains(ticket))
    );
    // Nothing is left behind.
    let left = Key::PROCESS.members().unwrap().unwrap_or_default();
    let left = left.iter().filter_map(|key| key.describe().unwrap());
    assert_eq!(
        left.filter(|key| key.name.starts_with("_orthros_")).count(),
        0
    );
}

#[test]
fn a_keyring_that_is_gone_is_absent_and_one_that_is_closed_is_denied() {
    require_session!();
    let cache = cache("session:mine");
    cache.initialize(&alice(), None, &[]).unwrap();
    let collection = session()
        .search(KeyType::Keyring, "_krb_mine", None)
        .unwrap()
        .unwrap();
    let number = format!("{collection:?}");
    let number: i32 = number
        .trim_matches(|each: char| !each.is_ascii_digit())
        .parse()
        .unwrap();
    let serial = keyutils_raw::KeyringSerial::new(number).unwrap();
    // The possessor may view and search, and change that.
    keyutils_raw::keyctl_setperm(serial, 0x2900_0000).unwrap();
    let error = cache
        .backend
        .new_member(&CacheName::parse("KEYRING:session:mine").unwrap());
    let error = error.unwrap_err();
    assert_eq!(error.minor_status(), MinorStatus::KRB5_FCC_PERM);
    assert!(error.to_string().contains("is not permitted"), "{error}");
    keyutils_raw::keyctl_setperm(serial, 0x3f00_0000).unwrap();
    keyutils_raw::keyctl_revoke(serial).unwrap();
    assert!(matches!(cache.contents(), Err(CacheError::Absent { .. })));
    // It is begun anew in a new collection.
    cache.initialize(&alice(), None, &[]).unwrap();
    assert_eq!(cache.principal().unwrap(), alice());
}

#[test]
fn a_thread_without_the_keyring_sees_nothing_of_it() {
    require_session!();
    let mine = cache("thread:mine");
    mine.initialize(&alice(), None, &[]).unwrap();
    assert_eq!(mine.principal().unwrap(), alice());
    let other = std::thread::spawn(|| cache("thread:mine").contents().is_err());
    assert!(other.join().unwrap());
}
