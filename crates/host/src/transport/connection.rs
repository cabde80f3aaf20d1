//! One address of one KDC over one protocol: contacted, polled, read, never blocking.

use core::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::PollFlags;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, connect, socket};

use super::{Outcome, Timing, race};

/// The protocol below RFC 4120 section 7.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// One datagram each way.
    Udp,
    /// A stream, each message behind its length in four octets.
    Tcp,
}

/// Where a connection stands. A socket is held only in the states that use it.
#[derive(Debug)]
enum State {
    /// Not contacted yet.
    Idle,
    Datagram(UdpSocket),
    Connecting(TcpStream),
    Writing {
        stream: TcpStream,
        sent: usize,
        deadline: Instant,
    },
    Reading {
        stream: TcpStream,
        received: Vec<u8>,
        deadline: Instant,
    },
    Over(Outcome),
}

/// One way to one address of a KDC.
#[derive(Debug)]
pub(super) struct Connection {
    /// Whose address it is, counted in the list of servers.
    pub(super) server: usize,
    pub(super) address: SocketAddr,
    pub(super) protocol: Protocol,
    /// Held back until all servers were tried by the preferred protocol.
    pub(super) deferred: bool,
    state: State,
}

/// What an event on the socket came to.
pub(super) enum Progress {
    /// More to come, or over.
    None,
    /// A whole message.
    Reply(Vec<u8>),
}

impl Connection {
    pub(super) fn new(
        server: usize,
        address: SocketAddr,
        protocol: Protocol,
        deferred: bool,
    ) -> Self {
        Self {
            server,
            address,
            protocol,
            deferred,
            state: State::Idle,
        }
    }

    /// Sends the request: the first time on either protocol, later again by UDP only. False where nothing was
    /// sent, so that nothing need be waited for.
    pub(super) fn contact(&mut self, message: &[u8]) -> bool {
        let state = match (&self.state, self.protocol) {
            (State::Idle, Protocol::Udp) => start_datagram(self.address, message),
            (State::Idle, Protocol::Tcp) => start_stream(self.address),
            (State::Datagram(socket), _) => return socket.send(message).is_ok(),
            _ => return false,
        };
        self.state = state.unwrap_or_else(|error| State::Over(Outcome::Failed(error)));
        self.is_active()
    }

    /// Whether there is a socket that may still bring a reply.
    pub(super) fn is_active(&self) -> bool {
        !matches!(self.state, State::Idle | State::Over(_))
    }

    /// The socket to poll and what for.
    pub(super) fn interest(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        match &self.state {
            State::Idle | State::Over(_) => None,
            State::Datagram(socket) => Some((socket.as_fd(), PollFlags::POLLIN)),
            State::Connecting(stream) | State::Writing { stream, .. } => {
                Some((stream.as_fd(), PollFlags::POLLOUT))
            }
            State::Reading { stream, .. } => Some((stream.as_fd(), PollFlags::POLLIN)),
        }
    }

    /// Until when an established stream is worth waiting for, before further servers are tried.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Writing { deadline, .. } | State::Reading { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    /// Does what the socket is ready for.
    pub(super) fn service(&mut self, message: &[u8], timing: &Timing) -> Progress {
        let (state, progress) = match core::mem::replace(&mut self.state, State::Idle) {
            State::Datagram(socket) => receive_datagram(socket, self.address),
            State::Connecting(stream) => finish_connecting(stream, timing),
            State::Writing {
                stream,
                sent,
                deadline,
            } => write_some(stream, sent, deadline, message),
            State::Reading {
                stream,
                received,
                deadline,
            } => read_some(stream, received, deadline),
            unmoved => (unmoved, Progress::None),
        };
        self.state = state;
        progress
    }

    /// Ends it: what it brought is of no use.
    pub(super) fn close(&mut self, outcome: Outcome) {
        self.state = State::Over(outcome);
    }

    /// How it went, once the race is lost.
    pub(super) fn into_outcome(self) -> Outcome {
        match self.state {
            State::Over(outcome) => outcome,
            _ => Outcome::NoAnswer,
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        })
    }
}

/// A connected socket: the kernel drops datagrams from any other address, and reports a closed port.
fn start_datagram(address: SocketAddr, message: &[u8]) -> io::Result<State> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.set_nonblocking(true)?;
    socket.connect(address)?;
    socket.send(message)?;
    Ok(State::Datagram(socket))
}

fn start_stream(address: SocketAddr) -> io::Result<State> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(family, SockType::Stream, flags, None)?;
    match connect(
        std::os::fd::AsRawFd::as_raw_fd(&socket),
        &SockaddrStorage::from(address),
    ) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(State::Connecting(socket.into())),
        Err(errno) => Err(errno.into()),
    }
}

fn receive_datagram(socket: UdpSocket, address: SocketAddr) -> (State, Progress) {
    let mut datagram = vec![0; LARGEST_DATAGRAM];
    match socket.recv_from(&mut datagram) {
        // What came from elsewhere before the socket was connected is still in its queue.
        Ok((_, sender)) if (sender.ip(), sender.port()) != (address.ip(), address.port()) => {
            (State::Datagram(socket), Progress::None)
        }
        Ok((length, _)) => {
            datagram.truncate(length);
            (State::Datagram(socket), Progress::Reply(datagram))
        }
        Err(error) if is_transient(&error) => (State::Datagram(socket), Progress::None),
        Err(error) => failed(error),
    }
}

fn finish_connecting(stream: TcpStream, timing: &Timing) -> (State, Progress) {
    match stream.take_error() {
        Ok(None) => {
            let deadline = race::after(timing.stream);
            (
                State::Writing {
                    stream,
                    sent: 0,
                    deadline,
                },
                Progress::None,
            )
        }
        Ok(Some(error)) | Err(error) => failed(error),
    }
}

fn write_some(
    mut stream: TcpStream,
    sent: usize,
    deadline: Instant,
    message: &[u8],
) -> (State, Progress) {
    // The race has checked that the length fits.
    let length = u32::try_from(message.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    let framed = [length.as_slice(), message].concat();
    let rest = framed.get(sent..).unwrap_or_default();
    match stream.write(rest) {
        Ok(written) if written >= rest.len() => (
            State::Reading {
                stream,
                received: Vec::new(),
                deadline,
            },
            Progress::None,
        ),
        Ok(0) => (State::Over(Outcome::Closed), Progress::None),
        Ok(written) => (
            State::Writing {
                stream,
                sent: sent + written,
                deadline,
            },
            Progress::None,
        ),
        Err(error) if is_transient(&error) => (
            State::Writing {
                stream,
                sent,
                deadline,
            },
            Progress::None,
        ),
        Err(error) => failed(error),
    }
}

/// Collects the reply. Memory grows with what has come, never with what was announced.
fn read_some(mut stream: TcpStream, mut received: Vec<u8>, deadline: Instant) -> (State, Progress) {
    let mut some = [0; 16 * 1024];
    match stream.read(&mut some) {
        Ok(0) => return (State::Over(Outcome::Closed), Progress::None),
        Ok(count) => received.extend_from_slice(some.get(..count).unwrap_or_default()),
        Err(error) if is_transient(&error) => {}
        Err(error) => return failed(error),
    }
    match received.split_first_chunk::<LENGTH_OCTETS>() {
        Some((length, _)) if u32::from_be_bytes(*length) > LARGEST_STREAM_REPLY => (
            State::Over(Outcome::TooLong {
                announced: u32::from_be_bytes(*length),
            }),
            Progress::None,
        ),
        Some((length, reply)) if reply.len() as u64 >= u64::from(u32::from_be_bytes(*length)) => {
            let whole = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let reply = reply.get(..whole).unwrap_or(reply).to_vec();
            (State::Over(Outcome::NotAReply), Progress::Reply(reply))
        }
        _ => (
            State::Reading {
                stream,
                received,
                deadline,
            },
            Progress::None,
        ),
    }
}

fn failed(error: io::Error) -> (State, Progress) {
    (State::Over(Outcome::Failed(error)), Progress::None)
}

fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

const LARGEST_DATAGRAM: usize = 65536;
/// MIT's limit, 1 MiB: far above any ticket, far below what would hurt.
pub(super) const LARGEST_STREAM_REPLY: u32 = 1024 * 1024;
const LENGTH_OCTETS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn localhost() -> UdpSocket {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
    }

    #[test]
    fn a_datagram_from_before_the_socket_was_connected_is_not_the_kdcs() {
        let (kdc, forger, socket) = (localhost(), localhost(), localhost());
        let address = kdc.local_addr().unwrap();
        forger
            .send_to(b"forged", socket.local_addr().unwrap())
            .unwrap();
        socket.connect(address).unwrap();
        kdc.send_to(b"genuine", socket.local_addr().unwrap())
            .unwrap();
        let (State::Datagram(socket), Progress::None) = receive_datagram(socket, address) else {
            panic!("the forged datagram was taken");
        };
        let (State::Datagram(_), Progress::Reply(reply)) = receive_datagram(socket, address) else {
            panic!("the genuine datagram was not taken");
        };
        assert_eq!(reply, b"genuine");
    }
}
