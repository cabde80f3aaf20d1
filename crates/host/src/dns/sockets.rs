//! The socket of one query.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use orthros_krb5::dns::{DnsEvent, DnsQuery};
use orthros_krb5::failover::Protocol;

/// Tells `handle` what comes of the query, until that says that it is over. Times are since `started`.
pub(super) fn ask(query: &DnsQuery, started: Instant, handle: &mut dyn FnMut(DnsEvent) -> bool) {
    let mut left = || {
        let left = query.until.saturating_sub(started.elapsed());
        (!left.is_zero())
            .then_some(left)
            .ok_or(ErrorKind::TimedOut.into())
    };
    let result = match query.protocol {
        Protocol::Udp => over_udp(query, &mut left, handle),
        // Resolvers are asked over UDP and TCP alone.
        Protocol::Tcp | Protocol::Unix | Protocol::Https => over_tcp(query, &mut left, handle),
    };
    if let Err(error) = result {
        // It is over with either of these, whatever `handle` says.
        handle(match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => DnsEvent::TimedOut,
            _ => DnsEvent::Failed(error.to_string()),
        });
    }
}

/// The time that is left: an error once it is up.
type Left<'a> = &'a mut dyn FnMut() -> io::Result<Duration>;

/// The socket is connected: the kernel drops datagrams from any other address, and reports a closed port.
fn over_udp(
    query: &DnsQuery,
    left: Left<'_>,
    handle: &mut dyn FnMut(DnsEvent) -> bool,
) -> io::Result<()> {
    let any: SocketAddr = match query.server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(query.server)?;
    // For 0.0.0.0 and ::, which resolv.conf may have for this host, the kernel puts a loopback address.
    let server = socket.peer_addr()?;
    socket.send(&query.bytes)?;
    let mut datagram = vec![0; LARGEST_DATAGRAM];
    loop {
        socket.set_read_timeout(Some(left()?))?;
        let (length, sender) = match socket.recv_from(&mut datagram) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            received => received?,
        };
        // What came from elsewhere before the socket was connected is still in its queue.
        if (sender.ip(), sender.port()) != (server.ip(), server.port()) {
            continue;
        }
        let received = datagram.get(..length).unwrap_or(&datagram).to_vec();
        if handle(DnsEvent::Received(received)) {
            return Ok(());
        }
    }
}

fn over_tcp(
    query: &DnsQuery,
    left: Left<'_>,
    handle: &mut dyn FnMut(DnsEvent) -> bool,
) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&query.server, left()?)?;
    stream.set_write_timeout(Some(left()?))?;
    stream.write_all(&query.bytes)?;
    let mut some = [0; 4096];
    loop {
        stream.set_read_timeout(Some(left()?))?;
        let event = match stream.read(&mut some) {
            Ok(0) => DnsEvent::Ended,
            Ok(length) => DnsEvent::Received(some.get(..length).unwrap_or(&some).to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if handle(event) {
            return Ok(());
        }
    }
}

const LARGEST_DATAGRAM: usize = 65536;
