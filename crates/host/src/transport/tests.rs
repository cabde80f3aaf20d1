//! Failover over KDCs that are up, down, silent, slow or wrong. Waits that must not happen are made an
//! hour long, waits that must happen a few milliseconds: no test measures time.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, bind, socket};
use orthros_asn1::{
    ErrorCode, Exactly, KerberosTime, KrbError, Message as _, Microseconds, NameType, PrincipalName,
};
use orthros_krb5::failover::{KdcFailover, Protocol, Timing};
use orthros_krb5::locate::KdcServer;
use orthros_krb5::observe::Observer;
use orthros_krb5::{KdcRequest, KdcSelection, Transport, TransportError};
use orthros_types::config::{Config, Include, Profile, Server, ServerAddress, SourceFile};

use super::proxy::Proxies;
use super::sockets::Sockets;

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

    fn server(&self) -> KdcServer {
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

    /// How many datagrams came that were not taken.
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

    fn server(&self) -> KdcServer {
        server(self.udp.local_addr().unwrap())
    }
}

/// A port without a server: its datagram socket hears one other port only.
fn no_server() -> (KdcServer, NoStreams) {
    let held = NoStreams::bind();
    held.udp.connect((Ipv4Addr::LOCALHOST, 9)).unwrap();
    (held.server(), held)
}

fn server(address: SocketAddr) -> KdcServer {
    named(&address.ip().to_string(), address.port())
}

fn named(host: &str, port: u16) -> KdcServer {
    KdcServer {
        server: Server::Host(ServerAddress {
            host: host.to_owned(),
            port,
        }),
        protocols: &[Protocol::Udp, Protocol::Tcp],
        is_primary: false,
    }
}

fn framed(reply: &[u8]) -> Vec<u8> {
    [&u32::try_from(reply.len()).unwrap().to_be_bytes(), reply].concat()
}

/// Which protocols a request goes by, and in which order.
#[derive(Clone, Copy)]
enum Preference {
    UdpFirst,
    UdpLast,
    NoUdp,
}

/// The reply that these servers bring a request, or how it went with each address.
fn ask(
    servers: &[KdcServer],
    preference: Preference,
    timing: &Timing,
) -> Result<Vec<u8>, Vec<String>> {
    let (limit, transport) = match preference {
        Preference::UdpFirst => (1465, Transport::Datagram),
        Preference::UdpLast => (0, Transport::Datagram),
        Preference::NoUdp => (1465, Transport::Stream),
    };
    let text = format!("[libdefaults]\n udp_preference_limit = {limit}\n");
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    let no_includes = |_: Include<'_>| Err("no includes");
    let config = Config::new(Profile::parse(&file, no_includes).unwrap());
    let request = KdcRequest {
        realm: b"R".to_vec(),
        message: REQUEST.to_vec(),
        transport,
    };
    let failover = KdcFailover::new(&config, &request, KdcSelection::Any, servers, timing).unwrap();
    let no_proxies = Proxies {
        client: None,
        anchors: Vec::new(),
        patience: timing.stream,
        deadline: None,
    };
    match Sockets::since(Instant::now(), &Observer::NONE).run(failover, &no_proxies) {
        Ok((reply, _)) => Ok(reply.message),
        Err(TransportError::Unreachable { attempts, .. }) => {
            Err(attempts.iter().map(ToString::to_string).collect())
        }
        Err(error) => panic!("{error}"),
    }
}

/// Waits for nothing that does not come.
fn hurried() -> Timing {
    each(Duration::from_millis(5))
}

/// Waits so long that a test which has to wait does not end.
fn patient() -> Timing {
    each(HOUR)
}

/// As long as that each time.
fn each(wait: Duration) -> Timing {
    let mut timing = Timing::default();
    timing.between_servers = wait;
    timing.after_pass = wait;
    timing.stream = wait;
    timing
}

#[test]
fn the_first_server_answers_and_no_other_is_asked() {
    let (first, second) = (FakeKdc::bind(), FakeKdc::bind());
    thread::scope(|scope| {
        scope.spawn(|| first.answer_datagram(REPLY));
        let reply = ask(
            &[first.server(), second.server()],
            Preference::UdpFirst,
            &patient(),
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
    assert_eq!(second.count_datagrams(), 0);
}

#[test]
fn a_closed_port_is_passed_over_at_once() {
    let (kdc, (closed, _held)) = (FakeKdc::bind(), no_server());
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let reply = ask(&[closed, kdc.server()], Preference::UdpFirst, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn a_silent_server_is_left_for_the_next() {
    let (silent, kdc) = (FakeKdc::bind(), FakeKdc::bind());
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let mut timing = hurried();
        timing.after_pass = HOUR;
        let reply = ask(
            &[silent.server(), kdc.server()],
            Preference::UdpFirst,
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
        let mut timing = hurried();
        timing.after_pass = HOUR;
        let reply = ask(
            &[late.server(), silent.server()],
            Preference::UdpFirst,
            &timing,
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn silence_ends_after_three_passes_and_names_every_address() {
    let kdc = FakeKdc::bind();
    let lost = ask(&[kdc.server()], Preference::UdpFirst, &hurried()).unwrap_err();
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
    let mut timing = patient();
    timing.total = Some(Duration::from_millis(5));
    let lost = ask(&[kdc.server(), kdc.server()], Preference::UdpFirst, &timing).unwrap_err();
    assert_eq!(
        lost,
        [
            format!("{} (udp): timed out", kdc.address()),
            format!("{} (tcp): timed out", kdc.address())
        ]
    );
    let lost = ask(&[kdc.server()], Preference::NoUdp, &timing).unwrap_err();
    assert_eq!(lost, [format!("{} (tcp): timed out", kdc.address())]);
}

#[test]
fn nobody_anywhere_ends_at_once() {
    let (server, held) = no_server();
    let address = held.udp.local_addr().unwrap();
    let lost = ask(
        std::slice::from_ref(&server),
        Preference::UdpFirst,
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
    let bad = named("no\0name", 88);
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let reply = ask(
            &[bad.clone(), kdc.server()],
            Preference::UdpFirst,
            &patient(),
        );
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
    let lost = ask(&[bad], Preference::UdpFirst, &patient()).unwrap_err();
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
        let reply = ask(&[kdc.server()], Preference::UdpFirst, &patient());
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
        let reply = ask(&[kdc.server()], Preference::UdpFirst, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn a_server_that_is_unavailable_is_left_for_the_next() {
    let (busy, kdc) = (FakeKdc::bind(), FakeKdc::bind());
    let error = KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: KerberosTime::EPOCH,
        susec: Microseconds::default(),
        error_code: ErrorCode::KDC_ERR_SVC_UNAVAILABLE,
        crealm: None,
        cname: None,
        realm: "R".into(),
        sname: PrincipalName {
            name_type: NameType::SRV_INST,
            name_string: ["krbtgt", "R"].map(Into::into).to_vec(),
        },
        e_text: None,
        e_data: None,
    };
    let unavailable = error.encode().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| busy.answer_datagram(&unavailable));
        scope.spawn(|| kdc.answer_datagram(REPLY));
        let reply = ask(
            &[busy.server(), kdc.server()],
            Preference::UdpFirst,
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
            ask(&[kdc.server()], Preference::UdpLast, &patient()).as_deref(),
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
        let reply = ask(&[kdc.server()], Preference::UdpLast, &patient());
        assert_eq!(reply.as_deref(), Ok(REPLY));
    });
}

#[test]
fn streams_only_means_no_datagram() {
    let kdc = NoStreams::bind();
    let lost = ask(&[kdc.server()], Preference::NoUdp, &patient()).unwrap_err();
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
            ask(&[kdc.server()], Preference::NoUdp, &patient()).as_deref(),
            Ok(REPLY)
        );
    });
}

#[test]
fn a_stream_that_says_nothing_is_given_up() {
    let kdc = FakeKdc::bind();
    let lost = ask(&[kdc.server()], Preference::NoUdp, &hurried()).unwrap_err();
    assert_eq!(lost, [format!("{} (tcp): timed out", kdc.address())]);
}

/// What `octets` on a stream come to.
fn refused_stream(octets: &[u8]) -> String {
    let kdc = FakeKdc::bind();
    thread::scope(|scope| {
        scope.spawn(|| kdc.answer_stream(octets));
        let lost = ask(&[kdc.server()], Preference::NoUdp, &patient()).unwrap_err();
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

const HOUR: Duration = Duration::from_secs(3600);
const REQUEST: &[u8] = b"a request";
/// The outlines of two AS-REPs.
const REPLY: &[u8] = &[0x6b, 0x02, 0x30, 0x00];
const FORGED: &[u8] = &[0x6b, 0x03, 0x30, 0x01, 0x00];
