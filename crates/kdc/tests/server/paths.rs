//! A server at Unix domain sockets.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};
use orthros_kdc::server::{Peer, Realm, RealmError, Server};
use orthros_krb5::PasswordResult;

/// A realm that listens at these paths alone.
fn start(kdc: &Path, passwords: &Path) -> Result<Realm, RealmError> {
    let server = Server::builder().listen_at(kdc);
    let server = server.listen_for_passwords_at(passwords);
    Realm::builder("EXAMPLE.TEST")
        .user("alice", "password-1")
        .service("HTTP/localhost")
        .server(server)
        .start()
}

/// Why it does not start there.
fn refused(path: &Path) -> String {
    let passwords = path.with_extension("kpasswd");
    start(path, &passwords).map(drop).unwrap_err().to_string()
}

#[test]
fn tickets_are_got_and_passwords_changed_at_paths_alone() {
    let directory = tempfile::tempdir().unwrap();
    let [kdc, passwords] = ["kdc", "kpasswd"].map(|name| directory.path().join(name));
    let realm = start(&kdc, &passwords).unwrap();
    assert!(realm.addresses().is_empty() && realm.password_addresses().is_empty());
    let environment = realm.environment().clone();
    let alice = realm.principal("alice").unwrap();
    let login = |password: &str| {
        let options = environment.initial_options(alice.clone()).unwrap();
        environment.acquire_with_password(options, password.as_bytes().into())
    };
    let cache = environment.default_cache().unwrap();
    let ticket = login("password-1").unwrap();
    environment.store_initial(&cache, &ticket).unwrap();
    let service = realm.principal("HTTP/localhost").unwrap();
    let options = environment.service_options().unwrap();
    let got = environment.service_ticket(&cache, &service, &options);
    assert_eq!(got.unwrap().server, service);
    let options = environment.password_ticket_options(alice.clone()).unwrap();
    let ticket = environment
        .acquire_with_password(options, b"password-1"[..].into())
        .unwrap();
    let changed = environment.change_password(&ticket, b"password-2"[..].into(), None);
    assert_eq!(changed.unwrap().result, PasswordResult::Success);
    assert!(login("password-1").is_err() && login("password-2").is_ok());
    realm.stop();
    assert!(!kdc.exists() && !passwords.exists());
    let error = login("password-2").unwrap_err().to_string();
    let shown = format!("{} (unix): No such file", kdc.display());
    assert!(error.contains(&shown), "{error}");
}

#[test]
fn what_a_killed_server_left_is_replaced_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    // A socket that is not served any more.
    let stale = path("stale");
    drop(UnixListener::bind(&stale).unwrap());
    drop(start(&stale, &path("stale.kpasswd")).unwrap());
    // One that is.
    let live = path("live");
    let listener = UnixListener::bind(&live).unwrap();
    let said = refused(&live);
    assert!(said.ends_with("another server listens there"), "{said}");
    assert!(live.exists());
    drop(listener);
    // Nor is one waited for that takes no connections: one client is in the queue, and there is room for no other.
    let full = path("full");
    let flags = SockFlag::empty();
    let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None).unwrap();
    bind(socket.as_raw_fd(), &UnixAddr::new(&full).unwrap()).unwrap();
    listen(&socket, Backlog::new(0).unwrap()).unwrap();
    let _waiting = UnixStream::connect(&full).unwrap();
    let said = refused(&full);
    assert!(said.ends_with("another server listens there"), "{said}");
    // A file, a link to a file, and one to a stale socket.
    let file = path("file");
    fs::write(&file, "precious").unwrap();
    for (name, leads_to) in [("link", &file), ("to-socket", &live)] {
        std::os::unix::fs::symlink(leads_to, path(name)).unwrap();
    }
    for name in ["file", "link", "to-socket"] {
        let said = refused(&path(name));
        assert!(said.contains("something else than a socket"), "{said}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert!(live.exists());
    // Nowhere, and a name that is longer than any socket's.
    let said = refused(&path("nowhere/kdc"));
    assert!(said.contains("nowhere/kdc: No such file"), "{said}");
    assert!(refused(&path(&"x".repeat(120))).contains("too long"));
    // A path that no configuration could name.
    assert!(refused(&path("a\nkdc = evil")).contains("can't stand in a krb5.conf"));
}

#[test]
fn the_file_of_the_next_server_is_left_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let kdc = directory.path().join("kdc");
    let realm = start(&kdc, &directory.path().join("kpasswd")).unwrap();
    fs::remove_file(&kdc).unwrap();
    let _next = UnixListener::bind(&kdc).unwrap();
    realm.stop();
    assert!(kdc.exists());
}

#[test]
fn a_client_at_a_path_is_one_of_this_host_and_is_logged_by_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let kdc = directory.path().join("kdc");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&lines);
    let server = Server::builder()
        .listen_at(&kdc)
        .on_request(move |request| {
            assert!(request.peer.address().is_loopback());
            assert!(matches!(request.peer, Peer::Unix(_)));
            told.lock().unwrap().push(request.to_string());
        });
    let realm = Realm::builder("EXAMPLE.TEST")
        .server(server)
        .start()
        .unwrap();
    // Framed as over TCP: a length that is too great is refused before anything is read.
    let mut stream = UnixStream::connect(&kdc).unwrap();
    stream.write_all(&u32::MAX.to_be_bytes()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    assert_eq!(reply[4], 0x7e);
    let mut stream = UnixStream::connect(&kdc).unwrap();
    stream.write_all(&[0, 0, 0, 2, 0x6a, 0]).unwrap();
    let _ = stream.read(&mut [0; 64]).unwrap();
    realm.stop();
    let lines = lines.lock().unwrap();
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(
        line.starts_with(&format!("{} Unix ", kdc.display())),
        "{line}"
    );
}
