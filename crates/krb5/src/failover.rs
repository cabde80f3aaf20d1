//! KDC failover: which of a realm's servers is asked when, as MIT's `sendto_kdc.c` has it.
//!
//! A Unix domain socket of this host (`kdc = /path`) is a stream like any other, and so is a KDC proxy
//! (`kdc = https://host/path`), but that its host is not resolved here and its reply comes in one piece.
//!
//! First pass: each server in its order by the preferred protocol, a second apart, then each
//! by the other protocol, a second apart, then two seconds more. Two further passes send again by UDP a
//! second apart, with four and eight seconds behind them. All sockets are listened to all the time and
//! the first valid reply ends the search. An established stream is given ten seconds before
//! another server is asked. So with U datagram and T stream addresses it lasts 3U + T + 14 seconds
//! at most, and ten more for each stream that is established and left silent; or as long as is said in advance.
//!
//! [`KdcFailover`] is a value without sockets and without a clock. Its driver does what [`KdcFailover::next`] says and
//! tells what came of it:
//!
//! ```text
//! let mut failover = KdcFailover::new(config, request, selection, &servers, &Timing::default())?;
//! loop {
//!     match failover.next(elapsed()) {
//!         FailoverStep::Resolve(host) => failover.resolved(addresses(host)),
//!         FailoverStep::Send { connection, address, protocol, octets } => {
//!             let result = send(connection, address, protocol, &octets);
//!             failover.sent(connection, result, elapsed());
//!         }
//!         FailoverStep::Wait { until } => {
//!             if let Some((connection, event)) = wait(until)
//!                 && let Some(reply) = failover.handle(connection, event, elapsed())
//!             {
//!                 return Ok(reply);
//!             }
//!         }
//!         FailoverStep::GiveUp => return Err(failover.into_error()),
//!     }
//! }
//! ```

mod address;
mod connection;
mod protocol;
mod proxy;
mod reply;

use alloc::borrow::Cow;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use orthros_types::Shown;
use orthros_types::config::{Config, ConfigError, Server, ServerAddress};

use address::{shown, url};
use connection::Connection;
use protocol::Preference;
use reply::Validity;

pub use address::KdcAddress;
pub use connection::ConnectionEvent;
pub use protocol::Protocol;
pub use proxy::{LARGEST_PROXY_REPLY, ProxyReplyError};
pub use reply::LARGEST_STREAM_REPLY;

use crate::exchange::KdcRequest;
use crate::locate::KdcServer;
use crate::transport::{AttemptOutcome, KdcAttempt, KdcReply, KdcSelection, TransportError};

/// How patient a [`KdcFailover`] is. The default is MIT's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// Between one server and the next: 1 s.
    pub between_servers: Duration,
    /// Behind the first pass over all servers, doubled behind each further one: 2 s.
    pub after_pass: Duration,
    /// How many passes: 3.
    pub passes: u32,
    /// What an established stream is waited for before others are tried: 10 s.
    pub stream: Duration,
    /// For all of it: no limit of its own. `request_timeout` of the configuration is one, too.
    pub total: Option<Duration>,
}

/// What the driver has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailoverStep<'a> {
    /// Find the addresses of this host, for [`KdcFailover::resolved`].
    Resolve(&'a ServerAddress),
    /// Send the request, and tell [`KdcFailover::sent`]: the first time on a socket of its own, later again on the
    /// same.
    Send {
        /// The number by which the connection is spoken of.
        connection: usize,
        /// The server, by its name: what a protocol over TLS or HTTP needs besides the address.
        server: &'a Server,
        /// The server's address.
        address: KdcAddress,
        /// By what to send.
        protocol: Protocol,
        /// What to send: a datagram, all that goes onto the stream, or the body of the POST.
        octets: Cow<'a, [u8]>,
    },
    /// Tell [`KdcFailover::handle`] what happens on the sockets until then, and ask again.
    Wait {
        /// Since the failover began.
        until: Duration,
    },
    /// There is no reply, and no server is left to be asked: [`KdcFailover::into_error`] says why.
    GiveUp,
}

/// One request on its way to the servers of a realm. Times are since it began.
#[derive(Debug)]
pub struct KdcFailover<'a> {
    request: &'a KdcRequest,
    /// The length of the request.
    length: u32,
    selection: KdcSelection,
    servers: &'a [KdcServer],
    preference: Preference,
    /// The preferences to start over with once this one has failed.
    later_preferences: &'static [Preference],
    timing: Timing,
    turn: Turn<'a>,
    /// Until when those are listened to that were asked, before it is the next one's turn.
    listening_until: Option<Duration>,
    /// In the order in which they were added; the index is their number.
    connections: Vec<Connection<'a>>,
    /// Servers without a connection.
    passed_over: Vec<KdcAttempt>,
    /// Whether it is the first preference, so that servers without a connection are noted.
    is_first_preference: bool,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
enum Turn<'a> {
    /// The server with this number, if there are so many.
    Server(usize),
    /// That server, once its addresses are known.
    Resolve {
        number: usize,
        server: &'a KdcServer,
        host: &'a ServerAddress,
    },
    /// That server's connections by the preferred protocol, from this one on.
    Preferred { number: usize, connection: usize },
    /// All connections by the other protocol, which end the first pass.
    Deferred { connection: usize },
    /// All connections again. Behind them is a pause.
    Again {
        pass: u32,
        connection: usize,
        pause: Duration,
    },
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            between_servers: Duration::from_secs(1),
            after_pass: Duration::from_secs(2),
            passes: 3,
            stream: Duration::from_secs(10),
            total: None,
        }
    }
}

impl<'a> KdcFailover<'a> {
    /// For `request` to `servers`, as [`KdcLocator`](crate::locate::KdcLocator) has found them for `selection`.
    ///
    /// # Errors
    ///
    /// [`TransportError::RequestTooLong`] for a request that no KDC would read, [`TransportError::Config`] where
    /// `request_timeout` is no duration.
    pub fn new(
        config: &Config,
        request: &'a KdcRequest,
        selection: KdcSelection,
        servers: &'a [KdcServer],
        timing: &Timing,
    ) -> Result<Self, TransportError> {
        let length = request.message.len();
        let length = match u32::try_from(length) {
            Ok(short) if short <= LONGEST_REQUEST => short,
            _ => return Err(TransportError::RequestTooLong { length }),
        };
        let (preference, later_preferences) = protocol::preferences(config, request, selection);
        Ok(Self {
            request,
            length,
            selection,
            servers,
            preference,
            later_preferences,
            timing: Timing {
                total: time_limit(config, timing)?,
                ..timing.clone()
            },
            turn: Turn::Server(0),
            listening_until: None,
            connections: Vec::new(),
            passed_over: Vec::new(),
            is_first_preference: true,
        })
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Duration) -> FailoverStep<'a> {
        loop {
            if self.timing.total.is_some_and(|end| end <= now) {
                return FailoverStep::GiveUp;
            }
            if let Some(until) = self.listening_until().filter(|until| *until > now) {
                return FailoverStep::Wait { until };
            }
            self.listening_until = None;
            match self.take_turn(now) {
                Some(FailoverStep::GiveUp) if self.start_over() => {}
                Some(step) => return step,
                None => {}
            }
        }
    }

    /// The addresses of the host that was to be resolved, or the system's text. Of no effect where none was.
    pub fn resolved(&mut self, addresses: Result<Vec<SocketAddr>, String>) {
        let Turn::Resolve {
            number,
            server,
            host,
        } = self.turn
        else {
            return;
        };
        self.turn = Turn::Preferred {
            number,
            connection: self.connections.len(),
        };
        match addresses {
            Ok(addresses) => self.add(server, addresses.into_iter().map(KdcAddress::from)),
            Err(error) => self.pass_over(shown(host), AttemptOutcome::Failed(error)),
        }
    }

    /// The request was sent on a connection, or could not be: the system's text.
    pub fn sent(&mut self, connection: usize, result: Result<(), String>, now: Duration) {
        let connection = self.connections.get_mut(connection);
        if connection.is_some_and(|connection| connection.sent(result)) {
            self.listen(now, self.timing.between_servers);
        }
    }

    /// Takes what happened on the socket of a connection: the reply, where that brings a valid one. It is over then.
    pub fn handle(
        &mut self,
        connection: usize,
        event: ConnectionEvent,
        now: Duration,
    ) -> Option<KdcReply> {
        let connection = self.connections.get_mut(connection)?;
        let realm = &self.request.realm;
        let message = connection.handle(realm, event, now, self.timing.stream)?;
        let validity = match self.selection {
            KdcSelection::Any | KdcSelection::Primary => reply::kdc_reply(&message),
            KdcSelection::Password => reply::password_reply(&message),
        };
        match validity {
            Validity::Valid => {
                return Some(KdcReply {
                    message,
                    from_primary: connection.is_primary,
                });
            }
            Validity::Unavailable => connection.close(AttemptOutcome::Unavailable),
            Validity::Malformed => connection.close(AttemptOutcome::Malformed),
        }
        None
    }

    /// Whether the socket of a connection may still bring a reply. Others can be closed.
    #[must_use]
    pub fn is_active(&self, connection: usize) -> bool {
        let connection = self.connections.get(connection);
        connection.is_some_and(Connection::is_active)
    }

    /// The server that a connection leads to.
    #[must_use]
    pub fn server(&self, connection: usize) -> Option<&'a Server> {
        let connection = self.connections.get(connection)?;
        Some(connection.server)
    }

    /// What a driver's caller is told that can't wait on its sockets: the system's text.
    #[must_use]
    pub fn wait_failed(self, error: String) -> TransportError {
        TransportError::Wait {
            realm: self.realm(),
            error,
        }
    }

    /// How it went with each server or address.
    #[must_use]
    pub fn into_error(self) -> TransportError {
        let realm = self.realm();
        let connected = self.connections.into_iter().map(|connection| KdcAttempt {
            server: connection.address.to_string(),
            protocol: Some(connection.protocol),
            outcome: connection.into_outcome(),
        });
        TransportError::Unreachable {
            realm,
            attempts: self.passed_over.into_iter().chain(connected).collect(),
        }
    }
}

impl<'a> KdcFailover<'a> {
    /// For display.
    fn realm(&self) -> String {
        Shown::new(&self.request.realm).to_string()
    }

    /// Until when there is a connection to listen to: longer than said where a stream is established, but not beyond
    /// the end of it all.
    fn listening_until(&self) -> Option<Duration> {
        let until = self.listening_until.filter(|_| self.any_active())?;
        let streams = self.connections.iter().filter_map(Connection::deadline);
        let until = streams.fold(until, Duration::max);
        Some(self.timing.total.map_or(until, |end| end.min(until)))
    }

    fn listen(&mut self, now: Duration, interval: Duration) {
        self.listening_until = Some(now.saturating_add(interval));
    }

    /// Moves the turn on by one, and says what to do where that is something for the driver.
    fn take_turn(&mut self, now: Duration) -> Option<FailoverStep<'a>> {
        match self.turn {
            // First pass: server after server by the preferred protocol ..
            Turn::Server(number) => {
                self.turn_to_server(number);
                None
            }
            Turn::Resolve { host, .. } => Some(FailoverStep::Resolve(host)),
            Turn::Preferred { number, connection } if connection < self.connections.len() => {
                let next = connection + 1;
                self.turn = Turn::Preferred {
                    number,
                    connection: next,
                };
                self.send(connection, |connection| !connection.is_deferred)
            }
            Turn::Preferred { number, .. } => {
                self.turn = Turn::Server(number + 1);
                None
            }
            // .. then all of them by the other, and the pause.
            Turn::Deferred { connection } if connection < self.connections.len() => {
                let next = connection + 1;
                self.turn = Turn::Deferred { connection: next };
                self.send(connection, |connection| connection.is_deferred)
            }
            Turn::Deferred { .. } => {
                self.end_pass(1, self.timing.after_pass, now);
                None
            }
            // Further passes: what can be sent again, and the pause, unless nothing more can come.
            Turn::Again {
                connection: 0,
                pass,
                ..
            } if pass > self.timing.passes || !self.any_active() => Some(FailoverStep::GiveUp),
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
            Turn::Again { pass, pause, .. } => {
                self.end_pass(pass, pause, now);
                None
            }
        }
    }

    fn turn_to_server(&mut self, number: usize) {
        let servers = self.servers;
        let Some(server) = servers.get(number) else {
            self.turn = Turn::Deferred { connection: 0 };
            return;
        };
        match &server.server {
            Server::Host(host) if !server.protocols.is_empty() => {
                self.turn = Turn::Resolve {
                    number,
                    server,
                    host,
                };
            }
            // Neither a path nor a URL needs a resolver here.
            Server::UnixSocket(path) if !server.protocols.is_empty() => {
                self.turn_to_address(number, server, KdcAddress::Unix(path.clone()));
            }
            Server::Https { address, path } if !server.protocols.is_empty() => {
                self.turn_to_address(number, server, KdcAddress::Url(url(address, path)));
            }
            unsupported => {
                let name = match unsupported {
                    Server::Host(host) => shown(host),
                    Server::Https { address, path } => url(address, path),
                    Server::UnixSocket(path) => path.clone(),
                };
                self.pass_over(name, AttemptOutcome::Unsupported("its protocols"));
                self.turn = Turn::Server(number + 1);
            }
        }
    }

    fn turn_to_address(&mut self, number: usize, server: &'a KdcServer, address: KdcAddress) {
        self.turn = Turn::Preferred {
            number,
            connection: self.connections.len(),
        };
        self.add(server, [address]);
    }

    /// Listens for a while to all that were asked.
    fn end_pass(&mut self, pass: u32, pause: Duration, now: Duration) {
        self.turn = Turn::Again {
            pass: pass.saturating_add(1),
            connection: 0,
            pause: pause.saturating_mul(2),
        };
        self.listen(now, pause);
    }

    /// Begins the first pass again with the next preference, if there is one, and leaves all that was tried.
    fn start_over(&mut self) -> bool {
        let Some((next, later)) = self.later_preferences.split_first() else {
            return false;
        };
        self.connections.iter_mut().for_each(Connection::give_up);
        self.preference = next;
        self.later_preferences = later;
        self.is_first_preference = false;
        self.turn = Turn::Server(0);
        true
    }

    fn send(
        &mut self,
        index: usize,
        is_due: impl Fn(&Connection<'_>) -> bool,
    ) -> Option<FailoverStep<'a>> {
        let connection = self.connections.get_mut(index)?;
        if !is_due(connection) || !connection.takes_request() {
            return None;
        }
        match connection.protocol.framed(self.request, self.length) {
            Ok(octets) => Some(FailoverStep::Send {
                connection: index,
                server: connection.server,
                address: connection.address.clone(),
                protocol: connection.protocol,
                octets,
            }),
            Err(error) => {
                connection.close(AttemptOutcome::Failed(error.to_string()));
                None
            }
        }
    }

    /// Adds the addresses of a server, each once, by the preferred protocol and then by the other.
    fn add(&mut self, server: &'a KdcServer, addresses: impl IntoIterator<Item = KdcAddress>) {
        let addresses: Vec<KdcAddress> = addresses.into_iter().collect();
        let protocols = self.preference.iter().copied();
        let protocols = protocols.filter(|protocol| server.protocols.contains(protocol));
        for (rank, protocol) in protocols.enumerate() {
            for (index, address) in addresses.iter().enumerate() {
                if !addresses
                    .iter()
                    .take(index)
                    .any(|earlier| earlier == address)
                {
                    let is_deferred = rank > 0;
                    let connection =
                        Connection::new(server, address.clone(), protocol, is_deferred);
                    self.connections.push(connection);
                }
            }
        }
    }

    /// Notes a server that there is no connection to: once, though it is passed over with each preference.
    fn pass_over(&mut self, server: String, outcome: AttemptOutcome) {
        if self.is_first_preference {
            self.passed_over.push(KdcAttempt {
                server,
                protocol: None,
                outcome,
            });
        }
    }

    fn any_active(&self) -> bool {
        self.connections.iter().any(Connection::is_active)
    }
}

/// How long a request may be under way: the shorter one of the driver's limit and of `request_timeout`. A timeout of 0
/// is none. What is asked of DNS before counts, too.
///
/// # Errors
///
/// Where `request_timeout` is no duration.
pub fn time_limit(config: &Config, timing: &Timing) -> Result<Option<Duration>, ConfigError> {
    let configured = config.request_timeout()?;
    let configured = configured.and_then(|timeout| u64::try_from(timeout.seconds()).ok());
    let configured = configured.filter(|seconds| *seconds > 0);
    let configured = configured.map(Duration::from_secs);
    Ok(configured.into_iter().chain(timing.total).min())
}

/// What a KDC of MIT's reads from a stream at most.
const LONGEST_REQUEST: u32 = 1024 * 1024;
