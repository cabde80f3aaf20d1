//! Principals in a file.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{FileExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use orthros_crypto::{Enctype, Key};
use orthros_kdc::{
    DurableStore, DurableStoreError, PrincipalEntry, PrincipalKey, Store as _, StoreError,
    StoreFileError,
};
use orthros_types::Principal;

fn principal(name: &str) -> Principal {
    Principal::new("R", [name])
}

/// A principal with a key of each of these versions.
fn entry(name: &str, kvnos: &[u8]) -> PrincipalEntry {
    let keys = kvnos.iter().map(|kvno| PrincipalKey {
        kvno: u32::from(*kvno),
        key: Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[*kvno; 32]).unwrap(),
        salt: None,
        s2kparams: None,
    });
    PrincipalEntry::new(principal(name), keys.collect())
}

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        // In memory, where that can be had: each opening synchronises, and there are hundreds.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self {
            directory: directory.unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("principals")
    }

    /// A store that was closed, with these principals.
    fn with(&self, names: &[&str]) {
        let store = DurableStore::create(self.path(), "R").unwrap();
        for name in names {
            store.put(entry(name, &[2, 1])).unwrap();
        }
    }
}

fn problem(opened: Result<DurableStore, DurableStoreError>) -> StoreFileError {
    match opened {
        Err(DurableStoreError::File { problem, .. }) => problem,
        other => unreachable!("expected a problem with the file: {other:?}"),
    }
}

fn names(store: &DurableStore) -> Vec<Principal> {
    store.list().unwrap()
}

#[test]
fn principals_and_their_old_keys_are_there_again_after_a_restart() {
    let place = Place::new();
    place.with(&["a", "b", "c"]);
    let store = DurableStore::open(place.path(), "R").unwrap();
    store.put(entry("a", &[3, 2, 1])).unwrap();
    assert!(store.remove(&principal("b")).unwrap());
    assert!(!store.remove(&principal("b")).unwrap());
    drop(store);
    let store = DurableStore::open(place.path(), "R").unwrap();
    assert_eq!(names(&store), [principal("a"), principal("c")]);
    let found = store.find(&principal("a")).unwrap().unwrap();
    assert_eq!(found.current_kvno(), Some(3));
    for kvno in [3, 2, 1] {
        let key = found.key(Enctype::AES256_CTS_HMAC_SHA1_96, Some(kvno));
        assert_eq!(u32::from(key.unwrap().key.as_bytes()[0]), kvno);
    }
}

#[test]
fn aliases_are_kept_and_a_taken_name_changes_nothing() {
    let place = Place::new();
    let store = DurableStore::create(place.path(), "R").unwrap();
    let mut with_alias = entry("a", &[1]);
    with_alias.aliases = vec![principal("b")];
    store.put(with_alias).unwrap();
    let taken = store.put(entry("b", &[1])).unwrap_err();
    assert!(matches!(taken, StoreError::NameTaken { .. }), "{taken}");
    drop(store);
    let store = DurableStore::open(place.path(), "R").unwrap();
    let found = store.find(&principal("b")).unwrap().unwrap();
    assert_eq!(found.principal, principal("a"));
    assert_eq!(names(&store), [principal("a")]);
}

#[test]
fn the_file_is_its_owners_alone_and_one_process_has_it() {
    let place = Place::new();
    let store = DurableStore::create(place.path(), "R").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&place.path()), 0o600);
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 1);
    let second = problem(DurableStore::open(place.path(), "R"));
    assert!(matches!(second, StoreFileError::InUse), "{second}");
    drop(store);
    fs::set_permissions(place.path(), Permissions::from_mode(0o640)).unwrap();
    let open = problem(DurableStore::open(place.path(), "R"));
    assert!(open.to_string().contains("640"), "{open}");
}

#[test]
fn a_file_that_is_there_is_not_overwritten() {
    let place = Place::new();
    place.with(&["a"]);
    let before = fs::read(place.path()).unwrap();
    problem(DurableStore::create(place.path(), "R"));
    assert!(fs::read(place.path()).unwrap() == before);
    let store = DurableStore::open_or_create(place.path(), "R").unwrap();
    assert_eq!(names(&store), [principal("a")]);
}

#[test]
fn what_a_process_left_that_ended_while_it_made_a_store_is_no_hindrance() {
    let place = Place::new();
    fs::write(place.directory.path().join("principals.new"), "half").unwrap();
    DurableStore::open_or_create(place.path(), "R").unwrap();
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_cut_at_any_octet_is_refused_and_says_why() {
    let place = Place::new();
    place.with(&["a", "b"]);
    let whole = fs::read(place.path()).unwrap();
    let file = OpenOptions::new().write(true).open(place.path()).unwrap();
    let lengths = (0..whole.len()).filter(|length| *length < 600 || length % 509 == 0);
    let near_the_end = whole.len() - 100..whole.len();
    for length in lengths.chain(near_the_end) {
        file.set_len(0).unwrap();
        file.write_all_at(&whole[..length], 0).unwrap();
        let error = DurableStore::open(place.path(), "R")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("principals: the file is "),
            "{length}: {error}"
        );
        assert!(error.contains("restore it from a copy"), "{error}");
    }
    file.write_all_at(&whole, 0).unwrap();
    let store = DurableStore::open(place.path(), "R").unwrap();
    assert_eq!(names(&store).len(), 2);
}

#[test]
fn a_flipped_octet_is_noticed_or_does_not_matter() {
    let place = Place::new();
    place.with(&["a", "b"]);
    let whole = fs::read(place.path()).unwrap();
    let file = OpenOptions::new().write(true).open(place.path()).unwrap();
    let mut noticed = 0;
    for at in (0..whole.len()).filter(|at| *at < 400 || at % 307 == 0) {
        file.set_len(0).unwrap();
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        file.write_all_at(&damaged, 0).unwrap();
        match DurableStore::open(place.path(), "R") {
            Ok(store) => {
                assert_eq!(names(&store), [principal("a"), principal("b")]);
                let found = store.find(&principal("a")).unwrap().unwrap();
                let key = found.key(Enctype::AES256_CTS_HMAC_SHA1_96, Some(2));
                assert_eq!(key.unwrap().key.as_bytes(), [2; 32]);
            }
            Err(_) => noticed += 1,
        }
    }
    assert!(noticed > 100, "{noticed}");
}

#[test]
fn other_files_are_called_that() {
    let place = Place::new();
    fs::write(place.path(), "some text").unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o600)).unwrap();
    let text = problem(DurableStore::open(place.path(), "R"));
    assert!(matches!(text, StoreFileError::Damaged(_)), "{text}");
    let absent = problem(DurableStore::open(
        place.directory.path().join("absent"),
        "R",
    ));
    assert!(matches!(absent, StoreFileError::Io(_)), "{absent}");
}

#[test]
fn a_store_is_not_opened_for_another_realm() {
    let place = Place::new();
    place.with(&["a"]);
    for asked in ["S", "r", ""] {
        for opened in [
            DurableStore::open(place.path(), asked),
            DurableStore::open_or_create(place.path(), asked),
        ] {
            let error = opened.unwrap_err();
            assert!(
                matches!(&error, DurableStoreError::OtherRealm { realm, .. } if realm == b"R"),
                "{error}"
            );
        }
    }
    let store = DurableStore::open(place.path(), "R").unwrap();
    assert_eq!(names(&store), [principal("a")]);
}

#[test]
fn what_is_no_regular_file_is_not_opened_and_a_link_not_written_through() {
    let place = Place::new();
    let directory = problem(DurableStore::open(place.directory.path(), "R"));
    assert!(
        matches!(directory, StoreFileError::NotRegular),
        "{directory}"
    );
    let device = problem(DurableStore::open_or_create("/dev/null", "R"));
    assert!(matches!(device, StoreFileError::NotRegular), "{device}");
    let elsewhere = place.directory.path().join("elsewhere");
    symlink(&elsewhere, place.path()).unwrap();
    problem(DurableStore::open_or_create(place.path(), "R"));
    assert!(!elsewhere.exists());
}

#[test]
fn a_change_of_what_was_changed_in_between_is_refused_also_after_a_restart() {
    let place = Place::new();
    place.with(&["a"]);
    let store = DurableStore::open(place.path(), "R").unwrap();
    let found = store.read(&principal("a")).unwrap().unwrap();
    store.put(entry("a", &[3])).unwrap();
    for expected in [Some(found.version), None] {
        let late = store.put_if(entry("a", &[4]), expected).unwrap_err();
        assert!(matches!(late, StoreError::Changed { .. }), "{late}");
    }
    let late = store.remove_if(&principal("a"), found.version);
    assert!(matches!(late, Err(StoreError::Changed { .. })));
    drop(store);
    let store = DurableStore::open(place.path(), "R").unwrap();
    let found = store.find(&principal("a")).unwrap().unwrap();
    assert_eq!(found.current_kvno(), Some(3));
}

#[cfg(feature = "server")]
#[test]
fn a_realm_is_not_started_on_the_store_of_another() {
    use orthros_kdc::server::{Realm, RealmError};

    let place = Place::new();
    let store = std::sync::Arc::new(DurableStore::create(place.path(), "R").unwrap());
    let started = Realm::builder("S").store(store.clone()).start();
    let error = started.unwrap_err();
    assert!(
        matches!(&error, RealmError::StoreOfOtherRealm { store, .. } if store == "R"),
        "{error}"
    );
    assert!(names(&store).is_empty());
    Realm::builder("R").store(store).start().unwrap();
}
