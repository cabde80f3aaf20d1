//! Files that hold keys: how they are opened, replaced and wiped.

use super::*;
use crate::random::{EnvironmentRandom, SystemRandomness};
use orthros_types::bytes::ByteOrder;
use orthros_types::ccache::Header;
use orthros_types::keytab::{KeytabEntry, KeytabFormat};
use orthros_types::{EncryptionType, KeyBlock, Principal, Timestamp};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn random() -> EnvironmentRandom {
    EnvironmentRandom::new(Arc::new(SystemRandomness))
}

fn files(dir: &TempDir) -> usize {
    fs::read_dir(dir.path()).unwrap().count()
}

fn append(file: &SecretFile, bytes: &[u8]) -> Result<(), FileError> {
    file.append(|contents| Ok::<_, FileError>((contents.len(), vec![bytes.into()])))
}

#[test]
fn a_replaced_file_is_its_owners_alone_and_nothing_else_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let file = SecretFile::new(dir.path().join("cc"));
    fs::write(&file.path, "old").unwrap();
    fs::set_permissions(&file.path, Permissions::from_mode(0o644)).unwrap();
    file.replace(b"new", &mut random()).unwrap();
    assert_eq!(*file.read().unwrap(), b"new");
    assert_eq!(fs::metadata(&file.path).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(files(&dir), 1);
}

#[test]
fn a_link_is_replaced_and_what_it_named_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (target, link) = (dir.path().join("target"), dir.path().join("cc"));
    fs::write(&target, "precious").unwrap();
    symlink(&target, &link).unwrap();
    SecretFile::new(&link)
        .replace(b"new", &mut random())
        .unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    assert_eq!(fs::read(&link).unwrap(), b"new");
}

#[test]
fn a_failed_replacement_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("cc");
    fs::create_dir(&place).unwrap();
    let error = SecretFile::new(&place)
        .replace(b"new", &mut random())
        .unwrap_err();
    assert_eq!(error.action, FileAction::Create);
    assert_eq!(files(&dir), 1);
    let error = SecretFile::new(dir.path().join("none/cc"))
        .replace(b"new", &mut random())
        .unwrap_err();
    assert!(error.is_absent());
}

#[test]
fn appending_sees_the_contents_and_goes_behind_what_is_good() {
    let dir = tempfile::tempdir().unwrap();
    let file = SecretFile::new(dir.path().join("cc"));
    file.replace(b"one", &mut random()).unwrap();
    append(&file, b" two").unwrap();
    let seen = |contents: &[u8]| {
        assert_eq!(contents, b"one two");
        Ok::<_, FileError>((b"one".len(), vec![b" three"[..].into()]))
    };
    file.append(seen).unwrap();
    assert_eq!(*file.read().unwrap(), b"one three");
}

/// Bytes that are a cache.
fn cache_octets() -> Vec<u8> {
    let alice = Principal::parse("alice@R", None).unwrap();
    Header::new(alice, None).encode().unwrap()
}

/// A keytab, whose first bytes are those of an old cache, in both formats.
fn keytab_octets() -> [Vec<u8>; 2] {
    let entry = KeytabEntry {
        principal: Principal::parse("HTTP/www@R", None).unwrap(),
        timestamp: Timestamp::from_seconds(1_700_000_000),
        kvno: 1,
        key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
    };
    let old = entry
        .encode(KeytabFormat::Version1(ByteOrder::NATIVE))
        .unwrap();
    let length = u32::try_from(old.len()).unwrap().to_ne_bytes();
    let new = Keytab::new(vec![entry]).encode().unwrap();
    [[&[5, 1][..], &length, &old].concat(), new.to_vec()]
}

#[test]
fn a_destroyed_cache_is_wiped_under_its_other_names_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = SecretFile::new(dir.path().join("cc"));
    let cache = cache_octets();
    file.replace(&cache, &mut random()).unwrap();
    let other = dir.path().join("other");
    fs::hard_link(&file.path, &other).unwrap();
    file.destroy().unwrap();
    assert!(file.read().unwrap_err().is_absent());
    assert_eq!(fs::read(other).unwrap(), vec![0; cache.len()]);
    assert!(file.destroy().unwrap_err().is_absent());
}

#[test]
fn what_is_no_cache_of_ones_own_is_not_wiped_through_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    let symbolic = SecretFile::new(dir.path().join("symbolic"));
    let hard = SecretFile::new(dir.path().join("hard"));
    let precious = [
        b"precious".to_vec(),
        b"\x05".to_vec(),
        b"\x05\x04secret".to_vec(),
        Vec::new(),
    ];
    for precious in precious.into_iter().chain(keytab_octets()) {
        fs::write(&target, &precious).unwrap();
        symlink(&target, &symbolic.path).unwrap();
        fs::hard_link(&target, &hard.path).unwrap();
        symbolic.destroy().unwrap();
        hard.destroy().unwrap();
        assert_eq!(fs::read(&target).unwrap(), precious);
        assert_eq!(files(&dir), 1);
    }
    // A cache that a symbolic link leads to, and one of another user.
    fs::write(&target, cache_octets()).unwrap();
    symlink(&target, &symbolic.path).unwrap();
    fs::hard_link(&target, &hard.path).unwrap();
    symbolic.destroy().unwrap();
    let stranger = SecretFile {
        user: Uid::from_raw(geteuid().as_raw() + 1),
        ..hard
    };
    stranger.destroy().unwrap();
    assert_eq!(fs::read(&target).unwrap(), cache_octets());
    assert_eq!(files(&dir), 1);
}

#[test]
fn devices_pipes_sockets_and_directories_are_neither_replaced_nor_destroyed() {
    use nix::sys::stat::{Mode, SFlag, makedev, mknod};
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    nix::unistd::mkfifo(&path("pipe"), Mode::S_IRWXU).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    fs::create_dir(path("directory")).unwrap();
    let mut names = vec!["pipe", "socket", "directory"];
    if geteuid().is_root() {
        // As /dev/null is one; that itself would be lost to all if this failed.
        mknod(&path("null"), SFlag::S_IFCHR, Mode::S_IRWXU, makedev(1, 3)).unwrap();
        names.push("null");
    }
    for name in &names {
        let before = fs::symlink_metadata(path(name)).unwrap();
        let file = SecretFile::new(path(name));
        let error = file.replace(b"new", &mut random()).unwrap_err();
        assert_eq!(error.action, FileAction::Create, "{error}");
        if *name != "directory" {
            let text = error.to_string();
            assert!(
                text.ends_with(": it is a device, a pipe or a socket, and not a file"),
                "{text}"
            );
        }
        file.destroy().unwrap_err();
        let after = fs::symlink_metadata(path(name)).unwrap();
        assert_eq!(
            (before.ino(), before.file_type()),
            (after.ino(), after.file_type())
        );
    }
    assert_eq!(files(&dir), names.len());
}

#[test]
fn nothing_is_appended_to_a_file_of_somebody_else() {
    let dir = tempfile::tempdir().unwrap();
    let mine = SecretFile::new(dir.path().join("cc"));
    mine.replace(b"cache", &mut random()).unwrap();
    let stranger = SecretFile {
        user: Uid::from_raw(geteuid().as_raw() + 1),
        ..mine.clone()
    };
    let error = append(&stranger, b" and my keys").unwrap_err();
    assert!(error.is_forbidden());
    assert!(
        error.to_string().ends_with("it belongs to another user"),
        "{error}"
    );
    assert_eq!(*stranger.read().unwrap(), b"cache");
    append(&mine, b" and my keys").unwrap();
    assert_eq!(*mine.read().unwrap(), b"cache and my keys");
}

#[test]
fn a_file_does_not_grow_beyond_what_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = SecretFile::new(dir.path().join("cc"));
    file.create_new().unwrap();
    let length = || fs::metadata(&file.path).unwrap().len();
    let grown = OpenOptions::new().write(true).open(&file.path).unwrap();
    grown.set_len(LARGEST - 4).unwrap();
    let error = append(&file, b"five!").unwrap_err();
    assert_eq!(error.error.kind(), ErrorKind::FileTooLarge);
    assert_eq!(length(), LARGEST - 4);
    append(&file, b"four").unwrap();
    assert_eq!(length(), LARGEST);
    file.read().unwrap();
}

#[test]
fn no_keys_are_put_into_a_file_that_somebody_else_left_where_everybody_can() {
    let dir = tempfile::tempdir().unwrap();
    let mine = SecretFile::new(dir.path().join("keytab"));
    mine.create_new().unwrap();
    let root = SecretFile {
        user: Uid::from_raw(geteuid().as_raw() + 1),
        ..mine.clone()
    };
    let entry = KeytabEntry {
        principal: Principal::new("EXAMPLE.TEST", ["alice"]),
        timestamp: Timestamp::from_seconds(1_700_000_000),
        kvno: 1,
        key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
    };
    let put = |file: &SecretFile| {
        let add = |bytes: &[u8]| {
            let writes = orthros_types::keytab::add(bytes, &entry).unwrap();
            Ok::<_, FileError>((writes, ()))
        };
        file.edit_with_keys(add)
    };
    let keys = || Keytab::decode(&mine.read().unwrap()).map_or(0, |keytab| keytab.entries().len());
    let open_to = |mode| fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
    open_to(0o1777);
    let error = put(&root).unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    assert_eq!(keys(), 0);
    put(&mine).unwrap();
    // The keytab of a service's user, in a directory of its own.
    open_to(0o755);
    put(&root).unwrap();
    assert_eq!(keys(), 2);
}

#[test]
fn what_is_no_file_is_refused_without_blocking() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &Path| SecretFile::new(path).read().unwrap_err().error.kind();
    assert_eq!(refused(dir.path()), ErrorKind::IsADirectory);
    assert_eq!(refused(Path::new("/dev/zero")), ErrorKind::InvalidInput);
    let pipe = dir.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(refused(&pipe), ErrorKind::InvalidInput);
}

#[test]
fn an_error_names_the_file_and_what_was_tried() {
    let error = SecretFile::new("/nowhere/at/all").read().unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot open /nowhere/at/all: No such file or directory (os error 2)"
    );
}

#[test]
fn concurrent_writers_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = SecretFile::new(dir.path().join("cc"));
    file.replace(b"", &mut random()).unwrap();
    std::thread::scope(|scope| {
        for writer in b'a'..b'e' {
            let file = &file;
            scope.spawn(move || (0..50).for_each(|_| append(file, &[writer; 100]).unwrap()));
        }
    });
    let contents = file.read().unwrap();
    for writer in b'a'..b'e' {
        let whole = contents
            .chunks(100)
            .filter(|chunk| *chunk == [writer; 100])
            .count();
        assert_eq!(whole, 50);
    }
}
