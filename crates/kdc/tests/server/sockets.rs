//! What peers do to sockets, and that others are served all the same.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use orthros_asn1::{ErrorCode, KrbError, Message as _};
use orthros_kdc::Transport;
use orthros_kdc::server::{Limits, Realm, RealmError, Server, ServerError};

fn realm(change: impl FnOnce(&mut Limits)) -> Realm {
    let mut limits = Limits::default();
    limits.patience = Duration::from_secs(60);
    change(&mut limits);
    let realm = Realm::builder("EXAMPLE.TEST").server(Server::builder().limits(limits));
    realm.start().unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// Whether the server closes the connection, after whatever it sends.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => rest,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => rest,
        Err(error) => panic!("{error}"),
    }
}

/// The error reply to a request that is too long: it shows that the server serves.
fn assert_serves(address: SocketAddr) {
    let mut stream = connect(address);
    stream.write_all(&u32::MAX.to_be_bytes()).unwrap();
    assert_too_long(&mut stream);
}

fn assert_too_long(stream: &mut TcpStream) {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut reply = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut reply).unwrap();
    let error = KrbError::decode(&reply).unwrap();
    assert_eq!(error.error_code, ErrorCode::KRB_ERR_FIELD_TOOLONG);
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(stream), b"");
}

#[test]
fn lengths_up_to_4_gib_are_refused_and_read_no_further() {
    let realm = realm(|limits| limits.request = 1000);
    for length in [1001_u32, 1 << 20, 1 << 31, u32::MAX] {
        let mut stream = connect(realm.address());
        // What follows does not take the reply from its sender.
        let beginning = [&length.to_be_bytes()[..], &[0x6A; 3000]].concat();
        stream.write_all(&beginning).unwrap();
        assert_too_long(&mut stream);
    }
}

#[test]
fn a_request_that_never_ends_is_given_up() {
    const PATIENCE: Duration = Duration::from_millis(300);
    let realm = realm(|limits| limits.patience = PATIENCE);
    let started = Instant::now();
    let mut silent = connect(realm.address());
    let mut begun = connect(realm.address());
    begun.write_all(&[0, 0, 1, 0, 0x6A, 0x81]).unwrap();
    // Octet by octet is no way to live longer.
    let mut dripping = connect(realm.password_address());
    dripping.write_all(&[0, 0]).unwrap();
    assert_eq!(rest(&mut silent), b"");
    assert_eq!(rest(&mut begun), b"");
    let _ = dripping.write_all(&[1, 0]);
    assert_eq!(rest(&mut dripping), b"");
    assert!(started.elapsed() >= PATIENCE);
}

#[test]
fn garbage_is_not_answered_and_harms_nobody() {
    let realm = realm(|_| {});
    let datagrams = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    datagrams
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let long = [0x6A; 65_000];
    for address in [realm.address(), realm.password_address()] {
        for garbage in [&b""[..], b"\0", b"garbage", &[0x6A; 300], &long] {
            datagrams.send_to(garbage, address).unwrap();
            let mut stream = connect(address);
            let length = u32::try_from(garbage.len()).unwrap();
            stream.write_all(&length.to_be_bytes()).unwrap();
            stream.write_all(garbage).unwrap();
            let _ = stream.shutdown(Shutdown::Write);
            rest(&mut stream);
        }
    }
    assert_serves(realm.address());
}

#[test]
fn with_too_many_connections_the_oldest_goes_and_new_ones_are_served() {
    let realm = realm(|limits| limits.connections = 4);
    let mut silent: Vec<TcpStream> = (0..4).map(|_| connect(realm.address())).collect();
    assert_serves(realm.address());
    assert_eq!(rest(&mut silent[0]), b"");
    silent[3].write_all(&u32::MAX.to_be_bytes()).unwrap();
    assert_too_long(&mut silent[3]);
}

#[test]
fn stopping_closes_all_sockets() {
    // On an address of its own, where no other test takes the ports that become free.
    let here = SocketAddr::from(([127, 88, 0, 1], 0));
    let realm = Realm::builder("EXAMPLE.TEST")
        .server(Server::builder().listen(here).listen_for_passwords(here))
        .start()
        .unwrap();
    let addresses = [realm.address(), realm.password_address()];
    let mut open = connect(realm.address());
    assert_serves(realm.address());
    realm.stop();
    assert_eq!(rest(&mut open), b"");
    for address in addresses {
        assert_ne!(address.port(), 0);
        UdpSocket::bind(address).unwrap();
        TcpListener::bind(address).unwrap();
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let error = Realm::builder("EXAMPLE.TEST")
        .server(Server::builder().listen(address))
        .start();
    let error = error.unwrap_err();
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    assert!(matches!(
        error,
        RealmError::Server(ServerError::Listen {
            transport: Transport::Datagram,
            ..
        })
    ));
}
