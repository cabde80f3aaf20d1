//! Which KDC is asked when: MIT's passes, as `sendto_kdc.c` makes them.
//!
//! First pass: each server in the order of the configuration by the preferred protocol, a second apart, then each
//! by the other protocol, a second apart, then two seconds more. Two further passes send again by UDP a
//! second apart, with four and eight seconds behind them. All sockets are listened to all the time and
//! the first usable answer ends the race. An established stream is given ten seconds before
//! anybody else is asked. So with U datagram and T stream addresses it lasts 3U + T + 14 seconds
//! at most, and ten more for each stream that is taken up and left silent; or as long as is said in advance.
//!
//! [`Race`] is a value without sockets and without a clock: it says what to do, and is told what came of it.

use core::iter;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use orthros_types::config::{Server, ServerAddress};

use super::connection::{Connection, Event};
use super::reply::Verdict;
use super::{Attempt, Outcome, Protocol, Strategy, Timing};

/// The answer that ended a race.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Win {
    pub(super) reply: Vec<u8>,
    /// Whose answer it is, counted in the list of servers.
    pub(super) server: usize,
}

/// What to do next.
#[derive(Debug)]
pub(super) enum Action<'a> {
    /// Find the addresses of this server, for [`Race::resolved`].
    Resolve(&'a ServerAddress),
    /// Send the request there, and tell [`Race::sent`]: the first time on a socket of its own, later again on the same.
    Send {
        connection: usize,
        address: SocketAddr,
        protocol: Protocol,
    },
    /// Tell [`Race::handle`] what happens until then, and ask again.
    Wait { until: Duration },
    /// Nobody has answered, and nobody is left to be asked.
    GiveUp,
}

/// One request on its way to all KDCs of a realm. Times are since it began.
#[derive(Debug)]
pub(super) struct Race<'a> {
    servers: &'a [Server],
    strategy: Strategy,
    timing: &'a Timing,
    judge: fn(&[u8]) -> Verdict,
    turn: Turn,
    /// Until when those are listened to that were asked, before it is the next one's turn.
    listening_until: Option<Duration>,
    connections: Vec<Connection>,
    passed_over: Vec<Attempt>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// A server, whose addresses are not known yet.
    Server(usize),
    /// A server, whose connections by the preferred protocol come now.
    Preferred { server: usize, connection: usize },
    /// The connections by the other protocol, which end the first pass.
    Deferred { connection: usize },
    /// All connections again. Behind them is a pause.
    Again {
        pass: u32,
        connection: usize,
        pause: Duration,
    },
}

impl<'a> Race<'a> {
    pub(super) fn new(
        servers: &'a [Server],
        strategy: Strategy,
        timing: &'a Timing,
        judge: fn(&[u8]) -> Verdict,
    ) -> Self {
        Self {
            servers,
            strategy,
            timing,
            judge,
            turn: Turn::Server(0),
            listening_until: None,
            connections: Vec::new(),
            passed_over: Vec::new(),
        }
    }

    /// What to do at `now`.
    pub(super) fn next(&mut self, now: Duration) -> Action<'a> {
        loop {
            if self.timing.total.is_some_and(|end| end <= now) {
                return Action::GiveUp;
            }
            if let Some(until) = self.listening_until().filter(|until| *until > now) {
                return Action::Wait { until };
            }
            self.listening_until = None;
            if let Some(action) = self.take_turn(now) {
                return action;
            }
        }
    }

    /// The addresses of the server that was to be resolved.
    pub(super) fn resolved(&mut self, addresses: io::Result<Vec<SocketAddr>>) {
        let Turn::Preferred { server: number, .. } = self.turn else {
            return;
        };
        match (addresses, self.servers.get(number)) {
            (Ok(addresses), _) => self.add(number, &addresses),
            (Err(error), Some(Server::Host(server))) => {
                self.pass_over(shown(server), Outcome::Failed(error));
            }
            (Err(_), _) => {}
        }
    }

    /// The request went to a connection, or could not.
    pub(super) fn sent(&mut self, connection: usize, result: io::Result<()>, now: Duration) {
        let connection = self.connections.get_mut(connection);
        if connection.is_some_and(|connection| connection.sent(result)) {
            self.listen(now, self.timing.between_servers);
        }
    }

    /// Something happened on the socket of a connection. The race is over where that brings an answer.
    pub(super) fn handle(&mut self, connection: usize, event: Event, now: Duration) -> Option<Win> {
        let connection = self.connections.get_mut(connection)?;
        let reply = connection.handle(event, now, self.timing.stream)?;
        match (self.judge)(&reply) {
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

    /// Whether the socket of a connection may still bring an answer.
    pub(super) fn is_active(&self, connection: usize) -> bool {
        let connection = self.connections.get(connection);
        connection.is_some_and(Connection::is_active)
    }

    /// What became of every address.
    pub(super) fn into_attempts(self) -> Vec<Attempt> {
        let connected = self.connections.into_iter().map(|connection| Attempt {
            server: connection.address.to_string(),
            protocol: Some(connection.protocol),
            outcome: connection.into_outcome(),
        });
        self.passed_over.into_iter().chain(connected).collect()
    }

    /// Until when there is somebody to listen to: longer than said where a stream is established, but not beyond the end
    /// of it all.
    fn listening_until(&self) -> Option<Duration> {
        let until = self.listening_until.filter(|_| self.any_active())?;
        let streams = self.connections.iter().filter_map(Connection::deadline);
        let until = streams.fold(until, Duration::max);
        Some(self.timing.total.map_or(until, |end| end.min(until)))
    }

    fn listen(&mut self, now: Duration, interval: Duration) {
        self.listening_until = Some(now.saturating_add(interval));
    }

    /// Goes on to the next one, and says what to do there, if anything.
    fn take_turn(&mut self, now: Duration) -> Option<Action<'a>> {
        match self.turn {
            Turn::Server(number) => self.turn_to_server(number),
            Turn::Preferred { server, connection } if connection < self.connections.len() => {
                let next = connection + 1;
                self.turn = Turn::Preferred {
                    server,
                    connection: next,
                };
                self.send(connection, |connection| !connection.deferred)
            }
            Turn::Preferred { server, .. } => {
                self.turn = Turn::Server(server + 1);
                None
            }
            Turn::Deferred { connection } if connection < self.connections.len() => {
                let next = connection + 1;
                self.turn = Turn::Deferred { connection: next };
                self.send(connection, |connection| connection.deferred)
            }
            Turn::Deferred { .. } => self.end_pass(1, self.timing.after_pass, now),
            Turn::Again {
                connection: 0,
                pass,
                ..
            } if pass > self.timing.passes || !self.any_active() => Some(Action::GiveUp),
            Turn::Again {
                pass,
                connection,
                pause,
            } if connection < self.connections.len() => {
                let next = connection + 1;
                self.turn = Turn::Again {
                    pass,
                    connection: next,
                    pause,
                };
                self.send(connection, |_| true)
            }
            Turn::Again { pass, pause, .. } => self.end_pass(pass, pause, now),
        }
    }

    fn turn_to_server(&mut self, number: usize) -> Option<Action<'a>> {
        let unsupported = match self.servers.get(number) {
            None => {
                self.turn = Turn::Deferred { connection: 0 };
                return None;
            }
            Some(Server::Host(address)) => {
                self.turn = Turn::Preferred {
                    server: number,
                    connection: self.connections.len(),
                };
                return Some(Action::Resolve(address));
            }
            Some(Server::Https { address, path }) => {
                let proxy = format!("https://{}/{path}", shown(address));
                (proxy, Outcome::Unsupported("KDC proxies"))
            }
            Some(Server::UnixSocket(path)) => (path.clone(), Outcome::Unsupported("local sockets")),
        };
        let (server, outcome) = unsupported;
        self.pass_over(server, outcome);
        self.turn = Turn::Server(number + 1);
        None
    }

    /// Listens for a while to all who were asked.
    fn end_pass(&mut self, pass: u32, pause: Duration, now: Duration) -> Option<Action<'a>> {
        self.turn = Turn::Again {
            pass: pass.saturating_add(1),
            connection: 0,
            pause: pause.saturating_mul(2),
        };
        self.listen(now, pause);
        None
    }

    fn send(&self, index: usize, is_due: impl Fn(&Connection) -> bool) -> Option<Action<'a>> {
        let connection = self.connections.get(index)?;
        (is_due(connection) && connection.takes_request()).then_some(Action::Send {
            connection: index,
            address: connection.address,
            protocol: connection.protocol,
        })
    }

    /// Adds the addresses of a server, by the preferred protocol and then by the other.
    fn add(&mut self, server: usize, addresses: &[SocketAddr]) {
        let (preferred, other) = match self.strategy {
            Strategy::UdpFirst => (Protocol::Udp, Some(Protocol::Tcp)),
            Strategy::UdpLast => (Protocol::Tcp, Some(Protocol::Udp)),
            Strategy::NoUdp => (Protocol::Tcp, None),
            Strategy::OnlyUdp => (Protocol::Udp, None),
        };
        let protocols = iter::once((preferred, false)).chain(other.map(|other| (other, true)));
        for (protocol, deferred) in protocols {
            for address in distinct(addresses) {
                self.connections
                    .push(Connection::new(server, address, protocol, deferred));
            }
        }
    }

    /// Notes a server that there is no connection to.
    fn pass_over(&mut self, server: String, outcome: Outcome) {
        self.passed_over.push(Attempt {
            server,
            protocol: None,
            outcome,
        });
    }

    fn any_active(&self) -> bool {
        self.connections.iter().any(Connection::is_active)
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
