//! That what one peer asks for keeps no other one waiting.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use orthros_kdc::server::{Realm, ServedRequest, Server};
use orthros_kdc::{ExchangeKind, Transport};
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};

/// How long a test waits at most for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request that gets an answer.
fn request(realm: &Realm) -> Vec<u8> {
    let options = AsRequestOptions::new(realm.principal("alice").unwrap());
    let mut client = AsExchange::new(options, ClientSecret::Ask).unwrap();
    let environment = realm.environment();
    let random = &mut environment.random();
    match client.step(AsInput::Begin, environment.now(), random) {
        Ok(AsStep::Send(request)) => request.message.to_vec(),
        other => panic!("{other:?}"),
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&length.to_be_bytes(), message].concat()
}

fn datagrams() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn is_answered(realm: &Realm, at: SocketAddr) {
    let socket = datagrams();
    socket.send_to(&request(realm), at).unwrap();
    let (length, _) = socket.recv_from(&mut [0; 4096]).unwrap();
    assert!(length > 0);
}

/// An observer that stands still at the requests that `stops` says, and what tells of each request and lets one go on.
fn standing(
    stops: impl Fn(&ServedRequest<'_>) -> bool + Send + Sync + 'static,
) -> (
    impl Fn(&ServedRequest<'_>) + Send + Sync + 'static,
    Receiver<Transport>,
    Sender<()>,
) {
    let (served, requests) = channel();
    let (go_on, gate) = channel();
    let (served, gate) = (Mutex::new(served), Mutex::new(gate));
    let observer = move |request: &ServedRequest<'_>| {
        let served = served.lock().unwrap_or_else(PoisonError::into_inner);
        served.send(request.transport).unwrap();
        drop(served);
        if stops(request) {
            let gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
            // The test has ended where nothing says so any more.
            let _ = gate.recv_timeout(3 * PATIENCE);
        }
    };
    (observer, requests, go_on)
}

/// Keys are derived of passwords, and files written: that takes long, and any user can have it done without end.
#[test]
fn a_change_of_a_password_keeps_no_ticket_waiting() {
    let changes =
        |request: &ServedRequest<'_>| request.record.exchange == ExchangeKind::PasswordChange;
    let (observer, requests, go_on) = standing(changes);
    let realm = Realm::builder("EXAMPLE.TEST").user("alice", "password");
    let realm = realm
        .server(Server::builder().on_request(observer))
        .start()
        .unwrap();
    let garbage = [0, 6, 0, 1, 0, 0];
    datagrams()
        .send_to(&garbage, realm.password_address())
        .unwrap();
    requests.recv_timeout(PATIENCE).unwrap();
    is_answered(&realm, realm.address());
    go_on.send(()).unwrap();
}

#[test]
fn a_peer_with_many_requests_on_a_stream_keeps_no_datagram_waiting() {
    let first = Mutex::new(true);
    let stops = move |_: &ServedRequest<'_>| core::mem::take(&mut *first.lock().unwrap());
    let (observer, requests, go_on) = standing(stops);
    let realm = Realm::builder("EXAMPLE.TEST").user("alice", "password");
    let realm = realm
        .server(Server::builder().on_request(observer))
        .start()
        .unwrap();
    let many = framed(&request(&realm)).repeat(12);
    let mut stream = TcpStream::connect(realm.address()).unwrap();
    stream.write_all(&many).unwrap();
    requests.recv_timeout(PATIENCE).unwrap();
    let socket = datagrams();
    socket.send_to(&request(&realm), realm.address()).unwrap();
    go_on.send(()).unwrap();
    let next = |_| requests.recv_timeout(PATIENCE).unwrap();
    let before = (0..12)
        .map(next)
        .position(|transport| transport == Transport::Datagram);
    assert!(before.unwrap() <= 1, "{before:?}");
}

#[test]
fn a_panic_at_one_request_does_not_end_service() {
    let first = Mutex::new(true);
    let panics = move |_: &ServedRequest<'_>| {
        let is_first = core::mem::take(&mut *first.lock().unwrap());
        assert!(!is_first, "this panic is the test's own");
    };
    let realm = Realm::builder("EXAMPLE.TEST").user("alice", "password");
    let realm = realm
        .server(Server::builder().on_request(panics))
        .start()
        .unwrap();
    let socket = datagrams();
    socket.send_to(&request(&realm), realm.address()).unwrap();
    is_answered(&realm, realm.address());
}
