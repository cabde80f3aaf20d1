//! One question on its way to the name servers.
//!
//! Server after server is asked over UDP, and over TCP where the answer does not fit into a datagram. Each query has a
//! number of its own, and its driver gives it a socket of its own that is connected to the server: an answer counts
//! only if it comes from there, with that number and that question. Servers that are silent are asked again, as often
//! as `attempts` says; those that refuse, or answer with what is no answer, are not.
//!
//! [`DnsLookup`] is a value without sockets and without a clock:
//!
//! ```text
//! let mut lookup = DnsLookup::new(&question, &config, deadline);
//! let answer = loop {
//!     match lookup.next(elapsed(), random) {
//!         DnsStep::Ask(query) => {
//!             let socket = send(query.server, query.protocol, &query.bytes);
//!             // What is received, until then; or that nothing is, or that it can't be sent.
//!             while !lookup.handle(event(&socket, query.until), random) {}
//!         }
//!         DnsStep::Done(result) => break result,
//!     }
//! };
//! ```

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use orthros_crypto::{RandomError, RandomSource};

use super::message::{self, BadReply, Reply};
use super::order::ordered;
use super::records::{DnsAnswer, DnsQuestion};
use super::resolv_conf::ResolverConfig;
use crate::failover::Protocol;

/// No name server answered a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// None of those that were asked in time; see `nameserver` in resolv.conf.
    #[error("no name server answered: {}", Listed(attempts))]
    Unanswered {
        /// How it went with each of them.
        attempts: Vec<(SocketAddr, NameServerOutcome)>,
    },
    /// There is no randomness for the numbers of queries.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Why a name server brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameServerOutcome {
    /// Silence, or time ran out before it was asked.
    NoReply,
    /// Connecting, sending or receiving failed: the system's text.
    Failed(String),
    /// The stream ended before the reply was complete.
    Closed,
    /// What came is no well-formed reply.
    Malformed,
    /// It does not answer, with this response code (RFC 1035 section 4.1.1).
    Refused(u8),
}

/// What the driver has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsStep {
    /// Send this, and tell [`DnsLookup::handle`] what comes of it.
    Ask(DnsQuery),
    /// It is over.
    Done(Result<DnsAnswer, DnsError>),
}

/// A query to one server, for a socket of its own that is connected to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsQuery {
    /// The server.
    pub server: SocketAddr,
    /// Over UDP or TCP.
    pub protocol: Protocol,
    /// What to send: a datagram, or all that goes onto the stream.
    pub bytes: Vec<u8>,
    /// How long to wait, since the look-up began.
    pub until: Duration,
}

/// What happened on the socket of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsEvent {
    /// A datagram came, or some bytes of a stream.
    Received(Vec<u8>),
    /// The peer ended the stream.
    Ended,
    /// The socket is of no use, as it was refused or reset: the system's text.
    Failed(String),
    /// Nothing came until the time was up.
    TimedOut,
}

/// One question on its way. Times are since it began.
#[derive(Debug)]
pub struct DnsLookup<'a> {
    question: &'a DnsQuestion,
    config: &'a ResolverConfig,
    deadline: Option<Duration>,
    /// In the order in which they are asked; none before the first step.
    servers: Vec<Server>,
    attempt: u32,
    /// The server whose turn it is.
    turn: usize,
    protocol: Protocol,
    query: Option<Query>,
    result: Option<Result<DnsAnswer, DnsError>>,
}

#[derive(Debug)]
struct Server {
    address: SocketAddr,
    outcome: NameServerOutcome,
    /// Whether there is no use in asking it again.
    is_out: bool,
}

/// The query that was sent last.
#[derive(Debug)]
struct Query {
    id: u16,
    /// Datagrams that were not the reply.
    unrelated: u32,
    /// What the stream has brought.
    received: Vec<u8>,
}

impl<'a> DnsLookup<'a> {
    /// For `question` to the servers of `config`. Without a deadline it lasts as long as they are waited for.
    #[must_use]
    pub fn new(
        question: &'a DnsQuestion,
        config: &'a ResolverConfig,
        deadline: Option<Duration>,
    ) -> Self {
        Self {
            question,
            config,
            deadline,
            servers: Vec::new(),
            attempt: 0,
            turn: 0,
            protocol: first_protocol(config),
            query: None,
            result: None,
        }
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Duration, random: &mut dyn RandomSource) -> DnsStep {
        match self.ask(now, random) {
            Ok(Some(query)) => DnsStep::Ask(query),
            Ok(None) => DnsStep::Done(self.result.take().unwrap_or_else(|| Err(self.unanswered()))),
            Err(error) => DnsStep::Done(Err(error.into())),
        }
    }

    /// Takes what happened on the socket of the last query. Whether that is over: its socket can be closed, and
    /// [`next`](Self::next) says how it goes on.
    pub fn handle(&mut self, event: DnsEvent, random: &mut dyn RandomSource) -> bool {
        let Some(query) = &mut self.query else {
            return true;
        };
        match event {
            DnsEvent::Received(datagram) if self.protocol == Protocol::Udp => {
                let id = query.id;
                self.handle_reply(id, &datagram, random)
            }
            DnsEvent::Received(some) => {
                query.received.extend_from_slice(&some);
                let Some(reply) = frame(&query.received).map(Vec::from) else {
                    return false;
                };
                let id = query.id;
                self.handle_reply(id, &reply, random)
            }
            DnsEvent::Ended => self.pass(NameServerOutcome::Closed, true),
            DnsEvent::Failed(error) => self.pass(NameServerOutcome::Failed(error), true),
            DnsEvent::TimedOut => self.pass(NameServerOutcome::NoReply, false),
        }
    }

    /// The next query; none where it is over.
    fn ask(
        &mut self,
        now: Duration,
        random: &mut dyn RandomSource,
    ) -> Result<Option<DnsQuery>, RandomError> {
        if self.servers.is_empty() {
            self.servers = servers(self.config, random)?;
        }
        if self.result.is_some() || self.deadline.is_some_and(|deadline| deadline <= now) {
            return Ok(None);
        }
        while self.attempt < self.config.attempts {
            match self.servers.get(self.turn) {
                None => {
                    self.attempt += 1;
                    self.turn = 0;
                }
                Some(server) if server.is_out => self.turn += 1,
                Some(server) => {
                    let server = server.address;
                    return self.query(server, now, random).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn query(
        &mut self,
        server: SocketAddr,
        now: Duration,
        random: &mut dyn RandomSource,
    ) -> Result<DnsQuery, RandomError> {
        let mut id = [0; 2];
        random.fill(&mut id)?;
        let id = u16::from_be_bytes(id);
        self.query = Some(Query {
            id,
            unrelated: 0,
            received: Vec::new(),
        });
        let message = message::encode(self.question, id);
        let until = now.saturating_add(self.config.timeout);
        Ok(DnsQuery {
            server,
            protocol: self.protocol,
            bytes: framed(self.protocol, message),
            until: self.deadline.map_or(until, |deadline| deadline.min(until)),
        })
    }

    fn handle_reply(&mut self, id: u16, reply: &[u8], random: &mut dyn RandomSource) -> bool {
        match (message::decode(self.question, id, reply), self.protocol) {
            (Ok(Reply::Answer(answer)), _) => {
                let records = ordered(answer.records, random);
                let answer = records.map(|records| DnsAnswer { records, ..answer });
                self.result = Some(answer.map_err(DnsError::from));
                true
            }
            (Ok(Reply::Truncated), Protocol::Udp) => self.ask_over_tcp(),
            (Err(BadReply::Unrelated), Protocol::Udp) => self.pass_over_unrelated(),
            (Ok(Reply::Truncated) | Err(BadReply::Unrelated | BadReply::Malformed), _) => {
                self.pass(NameServerOutcome::Malformed, true)
            }
            (Err(BadReply::Refused(code)), _) => self.pass(NameServerOutcome::Refused(code), true),
        }
    }

    /// What is not the reply may be a guess at it. After some of them the server is asked in a way that can't be
    /// answered by guessing.
    fn pass_over_unrelated(&mut self) -> bool {
        let Some(query) = &mut self.query else {
            return true;
        };
        query.unrelated += 1;
        query.unrelated >= MOST_UNRELATED && self.ask_over_tcp()
    }

    fn ask_over_tcp(&mut self) -> bool {
        self.protocol = Protocol::Tcp;
        self.query = None;
        true
    }

    /// Goes on to the next server.
    fn pass(&mut self, outcome: NameServerOutcome, is_out: bool) -> bool {
        if let Some(server) = self.servers.get_mut(self.turn) {
            server.outcome = outcome;
            server.is_out = is_out;
        }
        self.turn += 1;
        self.protocol = first_protocol(self.config);
        self.query = None;
        true
    }

    fn unanswered(&self) -> DnsError {
        let attempts = self.servers.iter();
        let attempts = attempts.map(|server| (server.address, server.outcome.clone()));
        DnsError::Unanswered {
            attempts: attempts.collect(),
        }
    }
}

/// In their order, or beginning with any of them.
fn servers(
    config: &ResolverConfig,
    random: &mut dyn RandomSource,
) -> Result<Vec<Server>, RandomError> {
    let servers = config.name_servers.iter().map(|address| Server {
        address: *address,
        outcome: NameServerOutcome::NoReply,
        is_out: false,
    });
    let mut servers: Vec<_> = servers.collect();
    if config.rotate && servers.len() > 1 {
        let mut drawn = [0];
        random.fill(&mut drawn)?;
        let [drawn] = drawn;
        let first = usize::from(drawn) % servers.len();
        servers.rotate_left(first);
    }
    Ok(servers)
}

const fn first_protocol(config: &ResolverConfig) -> Protocol {
    if config.use_vc {
        Protocol::Tcp
    } else {
        Protocol::Udp
    }
}

/// On a stream a message stands behind its length in two bytes (RFC 1035 section 4.2.2).
fn framed(protocol: Protocol, message: Vec<u8>) -> Vec<u8> {
    match (protocol, u16::try_from(message.len())) {
        (Protocol::Tcp, Ok(length)) => [&length.to_be_bytes(), &message[..]].concat(),
        // A query has less than 300 bytes.
        _ => message,
    }
}

/// The message that a stream has brought, once it is whole.
fn frame(received: &[u8]) -> Option<&[u8]> {
    let (length, rest) = received.split_first_chunk()?;
    rest.get(..usize::from(u16::from_be_bytes(*length)))
}

impl fmt::Display for NameServerOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReply => f.write_str("timed out"),
            Self::Failed(text) => f.write_str(text),
            Self::Closed => f.write_str("closed the connection before its reply was complete"),
            Self::Malformed => f.write_str("answered with something that is no DNS reply"),
            Self::Refused(2) => f.write_str("server failure"),
            Self::Refused(5) => f.write_str("refused to answer"),
            Self::Refused(code) => write!(f, "did not answer, with response code {code}"),
        }
    }
}

/// Attempts as one line.
struct Listed<'a>(&'a [(SocketAddr, NameServerOutcome)]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("there is none to be asked");
        }
        for (index, (server, outcome)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{server}: {outcome}")?;
        }
        Ok(())
    }
}

/// Late replies to an earlier query come from other sockets, so that there are none to speak of.
const MOST_UNRELATED: u32 = 16;
