//! Which KDC is asked when: MIT's passes, as `sendto_kdc.c` makes them.
//!
//! First pass: each server in the order of the configuration by the preferred protocol, a second apart, then each
//! by the other protocol, a second apart, then two seconds more. Two further passes send again by UDP a
//! second apart, with four and eight seconds behind them. All sockets are listened to all the time and
//! the first usable answer ends the race. An established stream is given ten seconds before
//! anybody else is asked. So with U datagram and T stream addresses it lasts 3U + T + 14 seconds
//! at most, and ten more for each stream that is taken up and left silent; or as long as is said in advance.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use orthros_krb5::config::{Server, ServerAddress};

use super::connection::{Connection, Progress};
use super::reply::{self, Verdict};
use super::{Attempt, Outcome, Protocol, Strategy, Timing};

/// The answer that ended a race.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Win {
    pub(super) reply: Vec<u8>,
    /// Whose answer it is, counted in the list of servers.
    pub(super) server: usize,
}

/// One request on its way to all KDCs of a realm.
pub(super) struct Race<'a> {
    message: &'a [u8],
    strategy: Strategy,
    timing: &'a Timing,
    judge: fn(&[u8]) -> Verdict,
    /// When all of it is over, whoever still may answer.
    end: Option<Instant>,
    connections: Vec<Connection>,
    passed_over: Vec<Attempt>,
}

impl<'a> Race<'a> {
    pub(super) fn new(message: &'a [u8], strategy: Strategy, timing: &'a Timing) -> Self {
        Self {
            message,
            strategy,
            timing,
            judge: reply::judge,
            end: timing.total.map(after),
            connections: Vec::new(),
            passed_over: Vec::new(),
        }
    }

    /// The same with other answers than those of KDCs.
    pub(super) fn judged_by(self, judge: fn(&[u8]) -> Verdict) -> Self {
        Self { judge, ..self }
    }

    /// The first usable answer, or what became of every address.
    pub(super) fn run(mut self, servers: &[Server]) -> io::Result<Result<Win, Vec<Attempt>>> {
        if let Some(win) = self.first_pass(servers)? {
            return Ok(Ok(win));
        }
        let mut delay = self.timing.after_pass.saturating_mul(2);
        for _ in 1..self.timing.passes {
            if let Some(win) = self.later_pass(delay)? {
                return Ok(Ok(win));
            }
            if !self.any_active() || self.is_over() {
                break;
            }
            delay = delay.saturating_mul(2);
        }
        Ok(Err(self.into_attempts()))
    }

    fn first_pass(&mut self, servers: &[Server]) -> io::Result<Option<Win>> {
        for (number, server) in servers.iter().enumerate() {
            if self.is_over() {
                return Ok(None);
            }
            let first = self.connections.len();
            match server {
                Server::Host(address) => self.add(address, number),
                Server::Https { address, path } => {
                    let proxy = format!("https://{}/{path}", shown(address));
                    self.give_up(proxy, Outcome::Unsupported("KDC proxies"));
                }
                Server::UnixSocket(path) => {
                    self.give_up(path.clone(), Outcome::Unsupported("local sockets"));
                }
            }
            for index in first..self.connections.len() {
                if let Some(win) = self.turn(index, |connection| !connection.deferred)? {
                    return Ok(Some(win));
                }
            }
        }
        for index in 0..self.connections.len() {
            if let Some(win) = self.turn(index, |connection| connection.deferred)? {
                return Ok(Some(win));
            }
        }
        self.listen(self.timing.after_pass)
    }

    fn later_pass(&mut self, delay: Duration) -> io::Result<Option<Win>> {
        for index in 0..self.connections.len() {
            if let Some(win) = self.turn(index, |_| true)? {
                return Ok(Some(win));
            }
        }
        self.listen(delay)
    }

    /// Contacts one address, and listens to all where that sent anything.
    fn turn(&mut self, index: usize, due: impl Fn(&Connection) -> bool) -> io::Result<Option<Win>> {
        if self.is_over() {
            return Ok(None);
        }
        let message = self.message;
        let sent = self
            .connections
            .get_mut(index)
            .filter(|connection| due(connection))
            .is_some_and(|connection| connection.contact(message));
        if sent {
            self.listen(self.timing.between_servers)
        } else {
            Ok(None)
        }
    }

    /// Adds the addresses of a server, by the preferred protocol and then by the other.
    fn add(&mut self, server: &ServerAddress, number: usize) {
        let addresses: Vec<SocketAddr> = match (server.host.as_str(), server.port).to_socket_addrs()
        {
            Ok(addresses) => addresses.collect(),
            Err(error) => return self.give_up(shown(server), Outcome::Failed(error)),
        };
        let (preferred, other) = match self.strategy {
            Strategy::UdpFirst => (Protocol::Udp, Some(Protocol::Tcp)),
            Strategy::UdpLast => (Protocol::Tcp, Some(Protocol::Udp)),
            Strategy::NoUdp => (Protocol::Tcp, None),
        };
        for address in distinct(&addresses) {
            self.connections
                .push(Connection::new(number, address, preferred, false));
        }
        for (address, protocol) in distinct(&addresses).zip(other.into_iter().cycle()) {
            self.connections
                .push(Connection::new(number, address, protocol, true));
        }
    }

    /// Notes a server that there is no connection to.
    fn give_up(&mut self, server: String, outcome: Outcome) {
        self.passed_over.push(Attempt {
            server,
            protocol: None,
            outcome,
        });
    }

    /// Serves whatever comes within `interval`, longer only while a stream is established.
    fn listen(&mut self, interval: Duration) -> io::Result<Option<Win>> {
        let interval_end = after(interval);
        while self.any_active() {
            let streams = self.connections.iter().filter_map(Connection::deadline);
            let deadline = streams.fold(interval_end, Instant::max);
            let deadline = self.end.map_or(deadline, |end| end.min(deadline));
            let ready = match self.poll_until(deadline) {
                Ok(ready) if ready.is_empty() && Instant::now() >= deadline => return Ok(None),
                Ok(ready) => ready,
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
            };
            for index in ready {
                if let Some(win) = self.serve(index) {
                    return Ok(Some(win));
                }
            }
        }
        Ok(None)
    }

    /// The connections with an event, none when the time is up.
    fn poll_until(&self, deadline: Instant) -> Result<Vec<usize>, Errno> {
        let mut indexes = Vec::new();
        let mut sockets = Vec::new();
        for (index, connection) in self.connections.iter().enumerate() {
            if let Some((socket, events)) = connection.interest() {
                indexes.push(index);
                sockets.push(PollFd::new(socket, events));
            }
        }
        poll(&mut sockets, poll_timeout(deadline))?;
        let has_event = |socket: &PollFd<'_>| {
            socket
                .revents()
                .is_none_or(|events| events != PollFlags::empty())
        };
        Ok(indexes
            .into_iter()
            .zip(&sockets)
            .filter(|(_, socket)| has_event(socket))
            .map(|(index, _)| index)
            .collect())
    }

    /// Lets one connection do what it is ready for, and judges what it brings.
    fn serve(&mut self, index: usize) -> Option<Win> {
        let judge = self.judge;
        let connection = self.connections.get_mut(index)?;
        let Progress::Reply(reply) = connection.service(self.message, self.timing) else {
            return None;
        };
        match judge(&reply) {
            Verdict::Usable => {
                return Some(Win {
                    reply,
                    server: connection.server,
                });
            }
            Verdict::Unavailable => connection.close(Outcome::Unavailable),
            Verdict::NotAReply => connection.close(Outcome::NotAReply),
        }
        None
    }

    /// Whether the time for all of it is up.
    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| end <= Instant::now())
    }

    fn any_active(&self) -> bool {
        self.connections.iter().any(Connection::is_active)
    }

    fn into_attempts(self) -> Vec<Attempt> {
        let connected = self.connections.into_iter().map(|connection| Attempt {
            server: connection.address.to_string(),
            protocol: Some(connection.protocol),
            outcome: connection.into_outcome(),
        });
        self.passed_over.into_iter().chain(connected).collect()
    }
}

/// As the configuration writes it.
fn shown(server: &ServerAddress) -> String {
    if server.host.contains(':') {
        format!("[{}]:{}", server.host, server.port)
    } else {
        format!("{}:{}", server.host, server.port)
    }
}

/// That much later; a wait beyond what the clock can say is a year.
pub(super) fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    let later = now.checked_add(wait).or_else(|| now.checked_add(YEAR));
    later.unwrap_or(now)
}

/// Each address once, in the resolver's order.
fn distinct(addresses: &[SocketAddr]) -> impl Iterator<Item = SocketAddr> {
    addresses
        .iter()
        .enumerate()
        .filter(|(index, address)| {
            !addresses
                .iter()
                .take(*index)
                .any(|earlier| earlier == *address)
        })
        .map(|(_, address)| *address)
}

/// Milliseconds, rounded up so that the last of them is not spun away; longer waits are made of several.
fn poll_timeout(deadline: Instant) -> PollTimeout {
    let left = deadline.saturating_duration_since(Instant::now());
    let milliseconds = left.as_micros().div_ceil(1000);
    PollTimeout::from(u16::try_from(milliseconds).unwrap_or(u16::MAX))
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
