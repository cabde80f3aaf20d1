//! The stub resolver and name servers of a loopback port each.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use orthros_krb5::dns::{DnsName, DnsRecord, RecordType};

use super::*;

/// A name server that answers all that it is asked over UDP, and counts.
struct NameServer {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    /// One that says this of each query.
    fn start(reply: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        // It ends with the test.
        thread::spawn(move || {
            let mut query = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut query) {
                count.fetch_add(1, Ordering::Relaxed);
                for reply in reply(&query[..length]) {
                    socket.send_to(&reply, client).unwrap();
                }
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// The reply to a query: the realm `R` for so long.
fn good(query: &[u8], ttl: u8) -> Vec<u8> {
    let mut reply = query.to_vec();
    reply[2] |= 0x80;
    reply[7] = 1;
    reply.extend_from_slice(b"\xc0\x0c\0\x10\0\x01\0\0\0");
    reply.extend_from_slice(&[ttl, 0, 2, 1, b'R']);
    reply
}

/// Servers that are waited for so long that a test which has to wait does not end.
fn resolver(servers: &[SocketAddr]) -> StubResolver {
    let mut config = ResolverConfig::default();
    config.name_servers = servers.to_vec();
    config.timeout = Duration::from_secs(3600);
    StubResolver::new(config, Arc::new(SystemRandomness))
}

fn question(realm: &str) -> DnsQuestion {
    DnsQuestion {
        name: DnsName::new(&["_kerberos"], realm.as_bytes()).unwrap(),
        record_type: RecordType::Txt,
    }
}

fn is_r(result: &Result<DnsAnswer, DnsError>) -> bool {
    matches!(result, Ok(answer) if answer.records == [DnsRecord::Txt(b"R".to_vec())])
}

#[test]
fn an_answer_is_asked_for_once_while_it_may_be_kept() {
    let server = NameServer::start(|query| vec![good(query, 60)]);
    let resolver = resolver(&[server.address]);
    for _ in 0..3 {
        assert!(is_r(&resolver.ask(&question("A"), None)));
    }
    assert!(is_r(&resolver.ask(&question("a"), None)));
    assert_eq!(server.asked(), 1);
    assert!(is_r(&resolver.ask(&question("B"), None)));
    assert_eq!(server.asked(), 2);
}

#[test]
fn an_answer_that_may_not_be_kept_is_asked_for_each_time() {
    let server = NameServer::start(|query| vec![good(query, 0)]);
    let resolver = resolver(&[server.address]);
    for _ in 0..3 {
        assert!(is_r(&resolver.ask(&question("A"), None)));
    }
    assert_eq!(server.asked(), 3);
}

#[test]
fn what_comes_with_another_number_or_question_is_not_the_answer() {
    let server = NameServer::start(|query| {
        let mut number = good(query, 60);
        number[1] ^= 1;
        let mut name = good(query, 60);
        name[13] ^= 1;
        let evil = |mut reply: Vec<u8>| {
            *reply.last_mut().unwrap() = b'E';
            reply
        };
        vec![evil(number), evil(name), b"x".to_vec(), good(query, 60)]
    });
    assert!(is_r(&resolver(&[server.address]).ask(&question("A"), None)));
}

#[test]
fn what_comes_from_another_address_is_not_the_answer() {
    let forger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut query = [0; 512];
        let (length, client) = socket.recv_from(&mut query).unwrap();
        let mut forged = good(&query[..length], 60);
        *forged.last_mut().unwrap() = b'E';
        forger.send_to(&forged, client).unwrap();
        socket.send_to(&good(&query[..length], 60), client).unwrap();
    });
    assert!(is_r(&resolver(&[address]).ask(&question("A"), None)));
    server.join().unwrap();
}

#[test]
fn a_name_server_at_the_address_that_is_none_is_this_hosts() {
    let server = NameServer::start(|query| vec![good(query, 60)]);
    let unspecified = SocketAddr::from((Ipv4Addr::UNSPECIFIED, server.address.port()));
    let deadline = Instant::now() + Duration::from_secs(20);
    let answer = resolver(&[unspecified]).ask(&question("A"), Some(deadline));
    assert!(is_r(&answer), "{answer:?}");
}

#[test]
fn what_is_too_long_for_a_datagram_comes_over_tcp() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).unwrap();
    let server = thread::spawn(move || {
        let mut query = [0; 512];
        let (length, client) = socket.recv_from(&mut query).unwrap();
        query[2] |= 0x82;
        socket.send_to(&query[..length], client).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let read = stream.read(&mut query).unwrap();
        assert_eq!(usize::from(query[1]), read - 2);
        let reply = good(&query[2..read], 60);
        stream
            .write_all(&[0, u8::try_from(reply.len()).unwrap()])
            .unwrap();
        stream.write_all(&reply).unwrap();
    });
    assert!(is_r(&resolver(&[address]).ask(&question("A"), None)));
    server.join().unwrap();
}

#[test]
fn a_server_that_is_not_there_costs_no_time() {
    let nothing = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let server = NameServer::start(|query| vec![good(query, 60)]);
    assert!(is_r(
        &resolver(&[nothing, server.address]).ask(&question("A"), None)
    ));
    let error = resolver(&[nothing]).ask(&question("A"), None).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("no name server answered: {nothing}: ")),
        "{text}"
    );
}

#[test]
fn a_silent_server_is_waited_for_until_the_deadline() {
    let silent = NameServer::start(|_| Vec::new());
    let deadline = Instant::now() + Duration::from_millis(20);
    let error = resolver(&[silent.address])
        .ask(&question("A"), Some(deadline))
        .unwrap_err();
    assert!(error.to_string().ends_with(": timed out"), "{error}");
    assert_eq!(silent.asked(), 1);
    // Once it has passed nothing is asked.
    assert!(
        resolver(&[silent.address])
            .ask(&question("A"), Some(deadline))
            .is_err()
    );
    assert_eq!(silent.asked(), 1);
}

#[test]
fn each_query_comes_from_a_port_of_its_own() {
    let ports = Arc::new(Mutex::new(Vec::new()));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let seen = ports.clone();
    thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut query) {
            let number = u16::from_be_bytes([query[0], query[1]]);
            seen.lock().unwrap().push((client.port(), number));
            socket.send_to(&good(&query[..length], 0), client).unwrap();
        }
    });
    let resolver = resolver(&[address]);
    for _ in 0..20 {
        assert!(is_r(&resolver.ask(&question("A"), None)));
    }
    let seen = ports.lock().unwrap();
    let follow = seen
        .windows(2)
        .filter(|pair| pair[1].0 == pair[0].0 || pair[1].1 == pair[0].1);
    assert!(follow.count() < 3, "{seen:?}");
}
