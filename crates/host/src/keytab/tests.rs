//! Keytabs in files: read, written, and what is missing in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::Environment;
use orthros_types::{KeyBlock, MinorStatus, Timestamp};

fn keytab(dir: &Path) -> KeytabHandle {
    let name = KeytabName::parse(dir.join("keytab")).unwrap();
    KeytabHandle::open(name, &MemoryKeytabs::default(), &Observer::NONE)
}

fn path(keytab: &KeytabHandle) -> &Path {
    Path::new(keytab.name().residual())
}

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn entry(owner: &str, kvno: u32, enctype: i32) -> KeytabEntry {
    let length = if enctype == 17 { 16 } else { 32 };
    KeytabEntry {
        principal: principal(owner),
        timestamp: Timestamp::from_seconds(1_700_000_000),
        kvno,
        key: KeyBlock::new(
            EncryptionType(enctype),
            vec![u8::try_from(kvno).unwrap(); length],
        ),
    }
}

#[test]
fn what_is_added_comes_back_and_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    let entries = [entry("HTTP/www@R", 1, 18), entry("HTTP/www@R", 2, 17)];
    for entry in &entries {
        keytab.add(entry).unwrap();
    }
    assert_eq!(keytab.read().unwrap().entries(), entries);
    let mode = fs::metadata(path(&keytab)).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[test]
fn only_what_is_unwanted_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    let entries = [
        entry("HTTP/www@R", 1, 18),
        entry("HTTP/www@R", 2, 18),
        entry("HTTP/www@R", 3, 18),
    ];
    for entry in &entries {
        keytab.add(entry).unwrap();
    }
    assert_eq!(keytab.remove(|entry| entry.kvno == 2).unwrap(), 1);
    assert_eq!(
        keytab.read().unwrap().entries(),
        [entries[0].clone(), entries[2].clone()]
    );
}

#[test]
fn a_client_proves_itself_with_its_newest_keys() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    for entry in [
        entry("a@R", 1, 18),
        entry("a@R", 2, 17),
        entry("a@R", 2, 18),
        entry("a@R", 2, 23),
        entry("b@R", 9, 18),
    ] {
        keytab.add(&entry).unwrap();
    }
    let keys = keytab.client_keys(&principal("a@R")).unwrap();
    let enctypes: Vec<i32> = keys.iter().map(|key| key.enctype().number()).collect();
    assert_eq!(enctypes, [17, 18]);
}

#[test]
fn a_missing_key_is_named_with_its_keytab() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    keytab.add(&entry("HTTP/www@R", 2, 18)).unwrap();
    let shown = |error: KeytabError| {
        error
            .to_string()
            .replace(&dir.path().display().to_string(), "DIR")
    };
    let missing = keytab
        .find(&principal("HTTP/www@R"), Some(3), Some(EncryptionType(18)))
        .unwrap_err();
    assert_eq!(missing.minor_status(), MinorStatus::KRB5_KT_KVNONOTFOUND);
    assert_eq!(
        shown(missing),
        "keytab FILE:DIR/keytab: no key for HTTP/www@R of kvno 3 of enctype aes256-cts-hmac-sha1-96: only of kvno 2"
    );
    let missing = keytab
        .find(&principal("imap/www@R"), None, None)
        .unwrap_err();
    assert_eq!(missing.minor_status(), MinorStatus::KRB5_KT_NOTFOUND);
    assert_eq!(
        shown(missing),
        "keytab FILE:DIR/keytab: no key for imap/www@R: none for that principal"
    );
}

#[test]
fn keys_that_nobody_here_can_use_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    keytab.add(&entry("a@R", 1, 16)).unwrap();
    let error = keytab.client_keys(&principal("a@R")).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("keytab: a@R has keys of des3-cbc-sha1 only, which are not supported"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_there_or_no_keytab_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    let error = keytab.read().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no keytab found at {}", keytab.name())
    );
    fs::write(path(&keytab), "some text").unwrap();
    let error = keytab.add(&entry("a@R", 1, 18)).unwrap_err();
    assert!(
        error.to_string().contains(&keytab.name().to_string()),
        "{error}"
    );
    assert_eq!(fs::read(path(&keytab)).unwrap(), b"some text");
}

#[test]
fn one_record_that_is_cut_short_does_not_take_the_good_keys_along() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    for kvno in [1, 2] {
        keytab.add(&entry("a@R", kvno, 18)).unwrap();
    }
    let mut file = fs::read(path(&keytab)).unwrap();
    file.extend([0, 0, 0, 80, 1, 2, 3]);
    fs::write(path(&keytab), &file).unwrap();
    assert_eq!(keytab.client_keys(&principal("a@R")).unwrap().len(), 1);
    assert_eq!(keytab.snapshot().unwrap().entries().len(), 2);
    let missing = keytab.find(&principal("b@R"), None, None).unwrap_err();
    assert!(missing.to_string().contains("can't be read"), "{missing}");
    // A writer leaves the damaged part as it is.
    keytab.add(&entry("b@R", 1, 18)).unwrap_err();
    assert_eq!(fs::read(path(&keytab)).unwrap(), file);
    assert_eq!(keytab.remove(|entry| entry.kvno == 1).unwrap(), 1);
    let left = fs::read(path(&keytab)).unwrap();
    assert_eq!(left.len(), file.len());
    assert!(left.ends_with(&[0, 0, 0, 80, 1, 2, 3]));
    assert_eq!(keytab.read().unwrap().entries(), [entry("a@R", 2, 18)]);
}

#[test]
fn a_file_that_has_settled_is_read_once_and_again_when_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let keytab = keytab(dir.path());
    keytab.add(&entry("a@R", 1, 18)).unwrap();
    let file = file::FileKeytab::new(path(&keytab));
    let snapshot_at = |now| file.snapshot_at(keytab.name(), now);
    let written = fs::metadata(path(&keytab)).unwrap().modified().unwrap();
    let (soon, later) = (
        written + Duration::from_secs(1),
        written + Duration::from_secs(60),
    );
    let first = snapshot_at(soon).unwrap();
    assert!(!Arc::ptr_eq(&first, &snapshot_at(soon).unwrap()));
    let settled = snapshot_at(later).unwrap();
    assert!(Arc::ptr_eq(&settled, &snapshot_at(later).unwrap()));
    keytab.add(&entry("a@R", 2, 18)).unwrap();
    assert_eq!(snapshot_at(later).unwrap().entries().len(), 2);
    fs::remove_file(path(&keytab)).unwrap();
    assert!(matches!(
        snapshot_at(later),
        Err(KeytabError::Absent { .. })
    ));
}

#[test]
fn memory_is_shared_by_name_within_one_environment_and_with_no_other() {
    let (here, elsewhere) = (
        Environment::builder().build(),
        Environment::builder().build(),
    );
    let keytab = here.keytab("MEMORY:mine").unwrap();
    for kvno in [1, 2] {
        keytab.add(&entry("a@R", kvno, 18)).unwrap();
    }
    let other_handle = here.keytab("MEMORY:mine").unwrap();
    assert_eq!(other_handle.snapshot().unwrap().entries().len(), 2);
    assert_eq!(other_handle.remove(|entry| entry.kvno == 1).unwrap(), 1);
    assert_eq!(keytab.read().unwrap().entries(), [entry("a@R", 2, 18)]);
    for absent in [elsewhere.keytab("MEMORY:mine"), here.keytab("MEMORY:other")] {
        let absent = absent.unwrap();
        assert!(matches!(absent.read(), Err(KeytabError::Absent { .. })));
        assert!(matches!(
            absent.remove(|_| true),
            Err(KeytabError::Absent { .. })
        ));
    }
}
