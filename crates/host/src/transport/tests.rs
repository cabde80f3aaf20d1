//! The race against KDCs that are up, down, silent, slow or wrong. Waits that must not happen are made an
//! hour long, waits that must happen a few milliseconds: no test measures time.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, bind, socket};
use orthros_types::config::{Server, ServerAddress};

use super::race::Race;
use super::sockets::Sockets;
use super::*;

/// A port of this host, for both protocols. Who does not serve it is a silent KDC.
struct FakeKdc {
    udp: UdpSocket,
    tcp: TcpListener,
}

impl FakeKdc {
    fn bind() -> Self {
        for _ in 0..100 {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
                return Self { udp, tcp };
            }
        }
        panic!("no port is free for both protocols");
    }

    fn address(&self) -> SocketAddr {
        self.udp.local_addr().unwrap()
    }

    fn server(&self) -> Server {
        server(self.address())
    }

    fn answer_datagram(&self, reply: &[u8]) -> SocketAddr {
        let mut message = [0; 65536];
        let (length, client) = self.udp.recv_from(&mut message).unwrap();
        assert_eq!(&message[..length], REQUEST);
        self.udp.send_to(reply, client).unwrap();
        client
    }

    /// Takes one stream and its request, and says `octets` as they are.
    fn answer_stream(&self, octets: &[u8]) {
        let (mut stream, _) = self.tcp.accept().unwrap();
        let mut request = [0; 4 + REQUEST.len()];
        stream.read_exact(&mut request).unwrap();
        assert_eq!(
            request[..4],
            u32::try_from(REQUEST.len()).unwrap().to_be_bytes()
        );
        assert_eq!(&request[4..], REQUEST);
        stream.write_all(octets).unwrap();
    }

    /// How many datagrams came that nobody took.
    fn count_datagrams(&self) -> usize {
        self.udp.set_nonblocking(true).unwrap();
        std::iter::from_fn(|| self.udp.recv_from(&mut [0; 65536]).ok()).count()
    }
}

/// A port that takes datagrams, and where streams are refused: its stream socket is bound and does not listen, which
/// keeps others from the port.
struct NoStreams {
    udp: UdpSocket,
    _tcp: OwnedFd,
}

impl NoStreams {
    fn bind() -> Self {
        for _ in 0..100 {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let tcp = socket(
                AddressFamily::Inet,
                SockType::Stream,
                SockFlag::empty(),
                None,
            )
            .unwrap();
            let address = SockaddrStorage::from(udp.local_addr().unwrap());
            if bind(tcp.as_raw_fd(), &address).is_ok() {
                return Self { udp, _tcp: tcp };
            }
        }
        panic!("no port is free for both protocols");
    }

    fn server(&self) -> Server {
        server(self.udp.local_addr().unwrap())
    }
}

/// A port where nobody is: its datagram socket hears one other port only.
fn nobody() -> (Server, NoStreams) {
    let held = NoStreams::bind();
    held.udp.connect((Ipv4Addr::LOCALHOST, 9)).unwrap();
    (held.server(), held)
}

fn server(address: SocketAddr) -> Server {
    Server::Host(ServerAddress {
        host: address.ip().to_string(),
        port: address.port(),
    })
}

fn framed(reply: &[u8]) -> Vec<u8> {
    [&u32::try_from(reply.len()).unwrap().to_be_bytes(), reply].concat()
}

fn race(servers: &[Server], strategy: Strategy, timing: &Timing) -> Result<Vec<u8>, Vec<String>> {
    let lost = |attempts: Vec<Attempt>| attempts.iter().map(Attempt::to_string).collect();
    Sockets::new(REQUEST)
        .run(Race::new(servers, strategy, timing, reply::judge))
        .unwrap()
        .map(|win| win.reply)
        .map_err(lost)
}

/// Waits for nothing that does not come.
fn hurried() -> Timing {
    let tick = Duration::from_millis(5);
    Timing {
        between_servers: tick,
        after_pass: tick,
        passes: 3,
        stream: tick,
        total: None,
    }
}

/// Waits so long that a test which has to wait does not end.
fn patient() -> Timing {
    let hour = Duration::from_secs(3600);
    Timing {
        between_servers: hour,
        after_pass: hour,
        passes: 3,
        stream: hour,
        total: None,
    }
}

#[test]
fn the_first_server_answers_and_no_other_is_asked() {
    let (first, second) = (FakeKdc::bind(), FakeKdc::bind());
    thread::scope(|scope| {
        scope.spawn(|| first.answer_datagram(REPLY));
        let reply = race(
            &[first.server(), second.server()],
            Strategy::UdpFirst,
            &patient(),
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
    assert_eq!(second.count_datagrams(), 0);
}

#[test]
fn a_closed_port_is_passed_over_at_once() {
    let (kdc, (closed, _held)) = (FakeKdc::bind(), nobody());
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let reply = race(&[closed, kdc.server()], Strategy::UdpFirst, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn a_silent_server_is_left_for_the_next() {
    let (silent, kdc) = (FakeKdc::bind(), FakeKdc::bind());
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let timing = Timing {
            after_pass: Duration::from_secs(3600),
            ..hurried()
        };
        let reply = race(
            &[silent.server(), kdc.server()],
            Strategy::UdpFirst,
            &timing,
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
    assert_eq!(silent.count_datagrams(), 1);
}

#[test]
fn a_late_answer_of_an_earlier_server_still_counts() {
    let (late, silent) = (FakeKdc::bind(), FakeKdc::bind());
    thread::scope(|scope| {
        scope.spawn(|| {
            // Not before the second server was asked.
            silent.udp.recv_from(&mut [0; 2048]).unwrap();
            late.answer_datagram(REPLY);
        });
        let timing = Timing {
            after_pass: Duration::from_secs(3600),
            ..hurried()
        };
        let reply = race(
            &[late.server(), silent.server()],
            Strategy::UdpFirst,
            &timing,
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn silence_ends_after_three_passes_and_names_every_address() {
    let kdc = FakeKdc::bind();
    let lost = race(&[kdc.server()], Strategy::UdpFirst, &hurried()).unwrap_err();
    let address = kdc.address();
    assert_eq!(
        lost,
        [
            format!("{address} (udp): timed out"),
            format!("{address} (tcp): timed out")
        ]
    );
    assert_eq!(kdc.count_datagrams(), 3);
}

#[test]
fn the_time_for_all_of_it_ends_the_longest_wait() {
    let kdc = FakeKdc::bind();
    let timing = Timing {
        total: Some(Duration::from_millis(5)),
        ..patient()
    };
    let lost = race(&[kdc.server(), kdc.server()], Strategy::UdpFirst, &timing).unwrap_err();
    assert_eq!(
        lost,
        [
            format!("{} (udp): timed out", kdc.address()),
            format!("{} (tcp): timed out", kdc.address())
        ]
    );
    let lost = race(&[kdc.server()], Strategy::NoUdp, &timing).unwrap_err();
    assert_eq!(lost, [format!("{} (tcp): timed out", kdc.address())]);
}

#[test]
fn nobody_anywhere_ends_at_once() {
    let (server, held) = nobody();
    let address = held.udp.local_addr().unwrap();
    let lost = race(
        std::slice::from_ref(&server),
        Strategy::UdpFirst,
        &patient(),
    )
    .unwrap_err();
    assert_eq!(lost.len(), 2);
    for (line, protocol) in lost.iter().zip(["udp", "tcp"]) {
        assert!(
            line.starts_with(&format!("{address} ({protocol}): ")),
            "{line}"
        );
        assert!(line.to_lowercase().contains("refused"), "{line}");
    }
}

#[test]
fn a_name_that_does_not_resolve_is_passed_over_and_named() {
    let bad = Server::Host(ServerAddress {
        host: "no\0name".to_owned(),
        port: 88,
    });
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let reply = race(&[bad.clone(), kdc.server()], Strategy::UdpFirst, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
    let lost = race(&[bad], Strategy::UdpFirst, &patient()).unwrap_err();
    assert!(lost[0].starts_with("no\0name:88: "), "{lost:?}");
}

#[test]
fn a_garbage_datagram_does_not_end_the_search() {
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| {
            kdc.answer_datagram(b"garbage");
            kdc.answer_stream(&framed(REPLY));
        });
        let reply = race(&[kdc.server()], Strategy::UdpFirst, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn a_datagram_from_another_address_is_not_heard() {
    let (kdc, stranger) = (FakeKdc::bind(), FakeKdc::bind());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut message = [0; 2048];
            let (_, client) = kdc.udp.recv_from(&mut message).unwrap();
            stranger.udp.send_to(FORGED, client).unwrap();
            kdc.udp.send_to(REPLY, client).unwrap();
        });
        let reply = race(&[kdc.server()], Strategy::UdpFirst, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn a_server_that_is_unavailable_is_left_for_the_next() {
    let (busy, kdc) = (FakeKdc::bind(), FakeKdc::bind());
    let unavailable = reply::tests::unavailable();
    thread::scope(|scope| {
        scope.spawn(|| busy.answer_datagram(&unavailable));
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let reply = race(
            &[busy.server(), kdc.server()],
            Strategy::UdpFirst,
            &patient(),
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn a_long_message_goes_by_stream_first() {
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_stream(&framed(REPLY)));
        assert_eq!(
            race(&[kdc.server()], Strategy::UdpLast, &patient()).as_deref(),
            Ok(REPLY)
        );
    });
    assert_eq!(kdc.count_datagrams(), 0);
}

#[test]
fn a_long_message_goes_by_datagram_where_nobody_takes_streams() {
    let kdc = NoStreams::bind();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (_, client) = kdc.udp.recv_from(&mut [0; 2048]).unwrap();
            kdc.udp.send_to(REPLY, client).unwrap();
        });
        let reply = race(&[kdc.server()], Strategy::UdpLast, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn streams_only_means_no_datagram() {
    let kdc = NoStreams::bind();
    let lost = race(&[kdc.server()], Strategy::NoUdp, &patient()).unwrap_err();
    assert_eq!(lost.len(), 1);
    kdc.udp.set_nonblocking(true).unwrap();
    assert!(kdc.udp.recv_from(&mut [0; 2048]).is_err());
}

#[test]
fn a_reply_may_come_octet_by_octet() {
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = kdc.tcp.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for octet in framed(REPLY) {
                stream.write_all(&[octet]).unwrap();
                thread::yield_now();
            }
        });
        assert_eq!(
            race(&[kdc.server()], Strategy::NoUdp, &patient()).as_deref(),
            Ok(REPLY)
        );
    });
}

#[test]
fn a_stream_that_says_nothing_is_given_up() {
    let kdc = FakeKdc::bind();
    let lost = race(&[kdc.server()], Strategy::NoUdp, &hurried()).unwrap_err();
    assert_eq!(lost, [format!("{} (tcp): timed out", kdc.address())]);
}

/// What `octets` on a stream come to.
fn refused_stream(octets: &[u8]) -> String {
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_stream(octets));
        let lost = race(&[kdc.server()], Strategy::NoUdp, &patient()).unwrap_err();
        lost[0].replace(&kdc.address().to_string(), "kdc")
    })
}

#[test]
fn a_truncated_reply_is_refused() {
    let closed = "kdc (tcp): closed the connection before its reply was complete";
    assert_eq!(refused_stream(&[]), closed);
    assert_eq!(refused_stream(&[0, 0, 0]), closed);
    assert_eq!(
        refused_stream(&framed(REPLY)[..4 + REPLY.len() - 1]),
        closed
    );
}

#[test]
fn a_reply_of_four_gibibytes_is_refused_by_its_length() {
    let expected = "kdc (tcp): announced a reply of 4294967295 octets, above the limit of 1048576";
    assert_eq!(refused_stream(&[0xff; 4]), expected);
}

#[test]
fn garbage_on_a_stream_is_refused() {
    let expected = "kdc (tcp): answered with something that is no Kerberos message";
    assert_eq!(refused_stream(&framed(b"garbage")), expected);
    assert_eq!(refused_stream(&framed(&[])), expected);
}

const REQUEST: &[u8] = b"a request";
/// The outlines of two AS-REPs.
const REPLY: &[u8] = &[0x6b, 0x02, 0x30, 0x00];
const FORGED: &[u8] = &[0x6b, 0x03, 0x30, 0x01, 0x00];
