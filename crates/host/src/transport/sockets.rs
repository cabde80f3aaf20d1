//! The sockets of a race: contacted, polled, read, never blocking but to wait for all of them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, connect, socket};
use orthros_types::config::ServerAddress;

use super::connection::Event;
use super::race::{Action, Race, Win};
use super::{Attempt, Protocol};

/// The host's side of the races for one request, and the clock that they go by.
pub(super) struct Sockets<'a> {
    message: &'a [u8],
    started: Instant,
    /// Each beside the number of its connection.
    open: Vec<(usize, Socket)>,
}

#[derive(Debug)]
enum Socket {
    Datagram {
        socket: UdpSocket,
        address: SocketAddr,
    },
    Stream {
        stream: TcpStream,
        stage: Stage,
    },
}

/// How far a stream is.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Connecting,
    /// So many octets of the framed request are sent.
    Writing(usize),
    Reading,
}

impl<'a> Sockets<'a> {
    pub(super) fn new(message: &'a [u8]) -> Self {
        Self {
            message,
            started: Instant::now(),
            open: Vec::new(),
        }
    }

    /// Does what the race says: the first usable answer, or what became of every address.
    pub(super) fn run(&mut self, mut race: Race<'_>) -> io::Result<Result<Win, Vec<Attempt>>> {
        self.open.clear();
        loop {
            match race.next(self.elapsed()) {
                Action::Resolve(server) => race.resolved(addresses(server)),
                Action::Send {
                    connection,
                    address,
                    protocol,
                } => {
                    let result = self.send(connection, address, protocol);
                    race.sent(connection, result, self.elapsed());
                }
                Action::Wait { until } => {
                    if let Some(win) = self.wait(until, &mut race)? {
                        return Ok(Ok(win));
                    }
                }
                Action::GiveUp => return Ok(Err(race.into_attempts())),
            }
        }
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn send(
        &mut self,
        connection: usize,
        address: SocketAddr,
        protocol: Protocol,
    ) -> io::Result<()> {
        let known = self.open.iter().find(|(number, _)| *number == connection);
        if let Some((_, Socket::Datagram { socket, .. })) = known {
            return socket.send(self.message).map(drop);
        }
        let socket = match protocol {
            Protocol::Udp => start_datagram(address, self.message),
            Protocol::Tcp => start_stream(address),
        };
        self.open.push((connection, socket?));
        Ok(())
    }

    /// Tells the race of what happens, until then at the latest.
    fn wait(&mut self, until: Duration, race: &mut Race<'_>) -> io::Result<Option<Win>> {
        let ready = match self.poll(until) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let mut win = None;
        let open = std::mem::take(&mut self.open).into_iter();
        for ((connection, mut socket), is_ready) in open.zip(ready) {
            let event = if is_ready && win.is_none() {
                socket.serve(self.message)
            } else {
                None
            };
            if let Some(event) = event {
                win = race.handle(connection, event, self.elapsed());
            }
            if race.is_active(connection) {
                self.open.push((connection, socket));
            }
        }
        Ok(win)
    }

    /// Which of the open sockets have an event; none when the time is up.
    fn poll(&self, until: Duration) -> Result<Vec<bool>, Errno> {
        let mut polled: Vec<_> = self
            .open
            .iter()
            .map(|(_, socket)| socket.polled())
            .collect();
        poll(
            &mut polled,
            poll_timeout(until.saturating_sub(self.elapsed())),
        )?;
        let has_event = |socket: &PollFd<'_>| {
            let events = socket.revents();
            events.is_none_or(|events| events != PollFlags::empty())
        };
        Ok(polled.iter().map(has_event).collect())
    }
}

impl Socket {
    fn polled(&self) -> PollFd<'_> {
        match self {
            Self::Datagram { socket, .. } => PollFd::new(socket.as_fd(), PollFlags::POLLIN),
            Self::Stream { stream, stage } => PollFd::new(
                stream.as_fd(),
                match stage {
                    Stage::Connecting | Stage::Writing(_) => PollFlags::POLLOUT,
                    Stage::Reading => PollFlags::POLLIN,
                },
            ),
        }
    }

    /// Does what the socket is ready for: what the race has to know of it.
    fn serve(&mut self, message: &[u8]) -> Option<Event> {
        let event = match self {
            Self::Datagram { socket, address } => receive_datagram(socket, *address),
            Self::Stream { stream, stage } => match *stage {
                Stage::Connecting => finish_connecting(stream, stage),
                Stage::Writing(sent) => write_some(stream, stage, sent, message),
                Stage::Reading => read_some(stream),
            },
        };
        match event {
            Ok(event) => event,
            Err(error) if is_transient(&error) => None,
            Err(error) => Some(Event::Failed(error)),
        }
    }
}

fn addresses(server: &ServerAddress) -> io::Result<Vec<SocketAddr>> {
    let addresses = (server.host.as_str(), server.port).to_socket_addrs()?;
    Ok(addresses.collect())
}

/// A connected socket: the kernel drops datagrams from any other address, and reports a closed port.
fn start_datagram(address: SocketAddr, message: &[u8]) -> io::Result<Socket> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.set_nonblocking(true)?;
    socket.connect(address)?;
    socket.send(message)?;
    Ok(Socket::Datagram { socket, address })
}

fn start_stream(address: SocketAddr) -> io::Result<Socket> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let socket = socket(family, SockType::Stream, flags, None)?;
    match connect(socket.as_raw_fd(), &SockaddrStorage::from(address)) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(Socket::Stream {
            stream: socket.into(),
            stage: Stage::Connecting,
        }),
        Err(errno) => Err(errno.into()),
    }
}

fn receive_datagram(socket: &UdpSocket, address: SocketAddr) -> io::Result<Option<Event>> {
    let mut datagram = vec![0; LARGEST_DATAGRAM];
    let (length, sender) = socket.recv_from(&mut datagram)?;
    // What came from elsewhere before the socket was connected is still in its queue.
    if (sender.ip(), sender.port()) != (address.ip(), address.port()) {
        return Ok(None);
    }
    datagram.truncate(length);
    Ok(Some(Event::Octets(datagram)))
}

fn finish_connecting(stream: &TcpStream, stage: &mut Stage) -> io::Result<Option<Event>> {
    match stream.take_error()? {
        Some(error) => Err(error),
        None => {
            *stage = Stage::Writing(0);
            Ok(Some(Event::Connected))
        }
    }
}

fn write_some(
    stream: &mut TcpStream,
    stage: &mut Stage,
    sent: usize,
    message: &[u8],
) -> io::Result<Option<Event>> {
    // The plan has checked that the length fits.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let framed = [&length.to_be_bytes(), message].concat();
    let rest = framed.get(sent..).unwrap_or_default();
    *stage = match stream.write(rest)? {
        0 => return Ok(Some(Event::Ended)),
        written if written >= rest.len() => Stage::Reading,
        written => Stage::Writing(sent + written),
    };
    Ok(None)
}

fn read_some(stream: &mut TcpStream) -> io::Result<Option<Event>> {
    let mut some = [0; 16 * 1024];
    Ok(Some(match stream.read(&mut some)? {
        0 => Event::Ended,
        count => Event::Octets(some.get(..count).unwrap_or_default().to_vec()),
    }))
}

fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Milliseconds, rounded up so that the last of them is not spun away; longer waits are made of several.
fn poll_timeout(left: Duration) -> PollTimeout {
    let milliseconds = left.as_micros().div_ceil(1000);
    PollTimeout::from(u16::try_from(milliseconds).unwrap_or(u16::MAX))
}

const LARGEST_DATAGRAM: usize = 65536;

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
        assert!(receive_datagram(&socket, address).unwrap().is_none());
        let Some(Event::Octets(reply)) = receive_datagram(&socket, address).unwrap() else {
            panic!("the genuine datagram was not taken");
        };
        assert_eq!(reply, b"genuine");
    }
}
