//! The sockets of a failover: contacted, polled, read, never blocking but to wait for all of them.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use orthros_krb5::failover::{ConnectionEvent, FailoverStep, KdcAddress, KdcFailover, Protocol};
use orthros_krb5::observe::{Event, Observer};
use orthros_krb5::{KdcReply, TransportError};
use orthros_types::config::{Server, ServerAddress};

use super::proxy::Proxies;
use super::stream::Stream;

/// The open sockets of the failover for one request, and the clock that it goes by.
pub(super) struct Sockets<'o> {
    started: Instant,
    /// Each with the number of its connection, and the server's address.
    open: Vec<(usize, KdcAddress, Socket)>,
    observer: &'o Observer,
}

#[derive(Debug)]
enum Socket {
    Datagram {
        socket: UdpSocket,
        address: SocketAddr,
    },
    Stream {
        stream: Stream,
        stage: Stage,
        /// What is still to be sent.
        unsent: Vec<u8>,
    },
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    /// The request is being sent.
    Writing,
    Reading,
}

impl<'o> Sockets<'o> {
    /// For a request that began then.
    pub(super) fn since(started: Instant, observer: &'o Observer) -> Self {
        Self {
            started,
            open: Vec::new(),
            observer,
        }
    }

    /// Does what the failover says: the first valid reply and the server that it is of, or how it went with each
    /// address.
    pub(super) fn run<'a>(
        mut self,
        mut failover: KdcFailover<'a>,
        proxies: &Proxies<'_>,
    ) -> Result<(KdcReply, Option<&'a Server>), TransportError> {
        loop {
            match failover.next(self.elapsed()) {
                FailoverStep::Resolve(host) => {
                    let addresses = self.resolve(host);
                    failover.resolved(addresses.map_err(|error| error.to_string()));
                }
                FailoverStep::Send {
                    connection,
                    address: KdcAddress::Url(url),
                    octets,
                    ..
                } => {
                    let response = self.post(proxies, url, &octets);
                    if let Some(reply) = self.tell(&mut failover, connection, response) {
                        return Ok((reply, failover.server(connection)));
                    }
                }
                FailoverStep::Send {
                    connection,
                    address,
                    protocol,
                    octets,
                    ..
                } => {
                    let result = self.send(connection, address, protocol, octets);
                    let result = result.map_err(|error| error.to_string());
                    failover.sent(connection, result, self.elapsed());
                }
                FailoverStep::Wait { until } => match self.wait(until, &mut failover) {
                    Ok(Some((connection, reply))) => {
                        return Ok((reply, failover.server(connection)));
                    }
                    Ok(None) => {}
                    Err(error) => {
                        let error = io::Error::from(error).to_string();
                        return Err(failover.wait_failed(error));
                    }
                },
                FailoverStep::GiveUp => return Err(failover.into_error()),
            }
        }
    }

    /// Posts to a proxy: what that responds.
    fn post(&self, proxies: &Proxies<'_>, url: String, body: &[u8]) -> Result<Vec<u8>, String> {
        let protocol = Protocol::Https;
        let address = &KdcAddress::Url(url);
        self.observer.tell(|| Event::Attempt {
            address,
            protocol,
            is_retry: false,
        });
        let response = proxies.post(&address.to_string(), body);
        self.observer.tell(|| match &response {
            Ok(body) => Event::Received {
                length: body.len(),
                address,
                protocol,
            },
            Err(reason) => Event::AttemptFailed {
                address,
                protocol,
                reason,
            },
        });
        response
    }

    /// Tells the failover what a proxy has responded.
    fn tell(
        &self,
        failover: &mut KdcFailover<'_>,
        connection: usize,
        response: Result<Vec<u8>, String>,
    ) -> Option<KdcReply> {
        let (result, body) = match response {
            Ok(body) => (Ok(()), Some(body)),
            Err(error) => (Err(error), None),
        };
        failover.sent(connection, result, self.elapsed());
        failover.handle(connection, ConnectionEvent::Received(body?), self.elapsed())
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn resolve(&self, server: &ServerAddress) -> io::Result<Vec<SocketAddr>> {
        let host = server.host.as_str();
        self.observer.tell(|| Event::Resolving { host });
        let addresses = addresses(server);
        if let Err(reason) = &addresses {
            self.observer.tell(|| Event::NotResolved { host, reason });
        }
        addresses
    }

    fn send(
        &mut self,
        connection: usize,
        address: KdcAddress,
        protocol: Protocol,
        octets: Cow<'_, [u8]>,
    ) -> io::Result<()> {
        let mut open = self.open.iter();
        let known = open.find(|(number, ..)| *number == connection);
        self.observer.tell(|| Event::Attempt {
            address: &address,
            protocol,
            is_retry: known.is_some(),
        });
        if let Some((.., Socket::Datagram { socket, .. })) = known {
            return socket.send(&octets).map(drop);
        }
        let socket = match (protocol, &address) {
            (Protocol::Udp, KdcAddress::Ip(address)) => start_datagram(*address, &octets),
            (_, address) => Stream::start(address).map(|stream| Socket::Stream {
                stream,
                stage: Stage::Connecting,
                unsent: octets.into_owned(),
            }),
        };
        if let Err(reason) = &socket {
            self.observer.tell(|| Event::AttemptFailed {
                address: &address,
                protocol,
                reason,
            });
        }
        self.open.push((connection, address, socket?));
        Ok(())
    }

    /// Tells the failover of what happens, until then at the latest.
    fn wait(
        &mut self,
        until: Duration,
        failover: &mut KdcFailover<'_>,
    ) -> Result<Option<(usize, KdcReply)>, Errno> {
        self.open
            .retain(|(connection, ..)| failover.is_active(*connection));
        let ready = match self.poll(until) {
            Err(Errno::EINTR) => return Ok(None),
            ready => ready?,
        };
        for ((connection, address, socket), is_ready) in self.open.iter_mut().zip(ready) {
            let event = if is_ready { socket.serve() } else { None };
            let protocol = socket.protocol();
            if let Some(ConnectionEvent::Failed(reason)) = &event {
                self.observer.tell(|| Event::AttemptFailed {
                    address,
                    protocol,
                    reason,
                });
            }
            if let Some(event) = event {
                let reply = failover.handle(*connection, event, self.started.elapsed());
                // What the other sockets have is of no use then.
                if let Some(reply) = reply {
                    self.observer.tell(|| Event::Received {
                        length: reply.message.len(),
                        address,
                        protocol,
                    });
                    return Ok(Some((*connection, reply)));
                }
            }
        }
        Ok(None)
    }

    /// Which of the open sockets have an event; none when the time is up.
    fn poll(&self, until: Duration) -> Result<Vec<bool>, Errno> {
        let mut polled: Vec<_> = self
            .open
            .iter()
            .map(|(.., socket)| socket.polled())
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
    const fn protocol(&self) -> Protocol {
        match self {
            Self::Datagram { .. } => Protocol::Udp,
            Self::Stream { .. } => Protocol::Tcp,
        }
    }

    fn polled(&self) -> PollFd<'_> {
        match self {
            Self::Datagram { socket, .. } => PollFd::new(socket.as_fd(), PollFlags::POLLIN),
            Self::Stream { stream, stage, .. } => PollFd::new(
                stream.as_fd(),
                match stage {
                    Stage::Connecting | Stage::Writing => PollFlags::POLLOUT,
                    Stage::Reading => PollFlags::POLLIN,
                },
            ),
        }
    }

    /// Does what the socket is ready for: what the failover has to know of it.
    fn serve(&mut self) -> Option<ConnectionEvent> {
        let event = match self {
            Self::Datagram { socket, address } => receive_datagram(socket, *address),
            Self::Stream {
                stream,
                stage,
                unsent,
            } => match stage {
                Stage::Connecting => finish_connecting(stream, stage),
                Stage::Writing => write_some(stream, stage, unsent),
                Stage::Reading => read_some(stream),
            },
        };
        match event {
            Ok(event) => event,
            Err(error) if is_transient(&error) => None,
            Err(error) => Some(ConnectionEvent::Failed(error.to_string())),
        }
    }
}

fn addresses(server: &ServerAddress) -> io::Result<Vec<SocketAddr>> {
    let resolve = |host: &str| (host, server.port).to_socket_addrs();
    let addresses = resolve(&server.host).or_else(|error| match server.host.strip_suffix('.') {
        // With a final dot a name is not looked for in the search domains; but no hosts file has it with one.
        Some(without_dot) => resolve(without_dot).map_err(|_| error),
        None => Err(error),
    })?;
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

fn receive_datagram(
    socket: &UdpSocket,
    address: SocketAddr,
) -> io::Result<Option<ConnectionEvent>> {
    let mut datagram = vec![0; LARGEST_DATAGRAM];
    let (length, sender) = socket.recv_from(&mut datagram)?;
    // What came from elsewhere before the socket was connected is still in its queue.
    if (sender.ip(), sender.port()) != (address.ip(), address.port()) {
        return Ok(None);
    }
    datagram.truncate(length);
    Ok(Some(ConnectionEvent::Received(datagram)))
}

fn finish_connecting(stream: &Stream, stage: &mut Stage) -> io::Result<Option<ConnectionEvent>> {
    match stream.take_error()? {
        Some(error) => Err(error),
        None => {
            *stage = Stage::Writing;
            Ok(Some(ConnectionEvent::Connected))
        }
    }
}

fn write_some(
    stream: &mut Stream,
    stage: &mut Stage,
    unsent: &mut Vec<u8>,
) -> io::Result<Option<ConnectionEvent>> {
    let written = stream.write(unsent)?;
    if written == 0 {
        return Ok(Some(ConnectionEvent::Ended));
    }
    unsent.drain(..written.min(unsent.len()));
    if unsent.is_empty() {
        *stage = Stage::Reading;
    }
    Ok(None)
}

fn read_some(stream: &mut Stream) -> io::Result<Option<ConnectionEvent>> {
    let mut some = [0; 16 * 1024];
    Ok(Some(match stream.read(&mut some)? {
        0 => ConnectionEvent::Ended,
        count => ConnectionEvent::Received(some.get(..count).unwrap_or_default().to_vec()),
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
        let Some(ConnectionEvent::Received(reply)) = receive_datagram(&socket, address).unwrap()
        else {
            panic!("the genuine datagram was not taken");
        };
        assert_eq!(reply, b"genuine");
    }
}
