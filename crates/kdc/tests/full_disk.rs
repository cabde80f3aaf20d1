//! A store on a disk that is full for a while. One test in a program of its own: the limit that makes a disk full
//! holds for the whole process.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a wrong assumption should stop the test"
)]

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use orthros_crypto::{Enctype, Key};
use orthros_kdc::DurableStore;
use orthros_kdc::{PrincipalEntry, PrincipalKey, Store as _};
use orthros_types::Principal;

fn principal(name: &str) -> Principal {
    Principal::new("R", [name])
}

fn entry(name: &str, kvno: u32) -> PrincipalEntry {
    let key = PrincipalKey {
        kvno,
        key: Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[7; 32]).unwrap(),
        // So that the file grows soon.
        salt: Some(vec![0; 20_000]),
        s2kparams: None,
    };
    PrincipalEntry::new(principal(name), vec![key])
}

#[test]
fn changes_succeed_again_once_there_is_room_and_none_is_lost() {
    // What is longer than the limit can't be written then, as on a full disk, and the process lives on.
    SigSet::from_iter([Signal::SIGXFSZ]).thread_block().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("principals");
    let store = DurableStore::create(&path, "R").unwrap();
    store.put(entry("alice", 1)).unwrap();
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    setrlimit(Resource::RLIMIT_FSIZE, length, hard).unwrap();
    let mut stored = Vec::new();
    let error = loop {
        let name = format!("user-{}", stored.len());
        match store.put(entry(&name, 1)) {
            Ok(()) => stored.push(name),
            Err(error) => break error.to_string(),
        }
    };
    // The cause, as the system says it, and nothing of damage.
    assert!(error.contains("File too large"), "{error}");
    assert!(error.contains("principals"), "{error}");
    assert!(!error.contains("damaged"), "{error}");
    for _ in 0..3 {
        let again = store.put(entry("bob", 1)).unwrap_err().to_string();
        assert!(again.contains("File too large"), "{again}");
        assert!(store.find(&principal("alice")).unwrap().is_some());
        assert!(store.find(&principal("bob")).unwrap().is_none());
    }
    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).unwrap();
    let found = store.update(&principal("alice"), &mut |alice| alice.keys[0].kvno = 2);
    assert_eq!(found.unwrap().unwrap().current_kvno(), Some(2));
    store.put(entry("bob", 1)).unwrap();
    drop(store);
    let store = DurableStore::open(&path, "R").unwrap();
    let alice = store.find(&principal("alice")).unwrap().unwrap();
    assert_eq!(alice.current_kvno(), Some(2));
    for name in stored.iter().map(String::as_str).chain(["bob"]) {
        assert!(store.find(&principal(name)).unwrap().is_some(), "{name}");
    }
}
