//! One address of one KDC by one protocol.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use orthros_types::config::Server;

use super::address::KdcAddress;
use super::protocol::Protocol;
use super::proxy;
use super::reply::LARGEST_STREAM_REPLY;
use crate::locate::KdcServer;
use crate::transport::AttemptOutcome;

/// What happened on the socket of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionEvent {
    /// The stream is established.
    Connected,
    /// A datagram came, the whole body of an HTTP response, or some octets of a stream.
    Received(Vec<u8>),
    /// The peer ended the stream.
    Ended,
    /// The socket is of no use any more, as it was refused or reset: the system's text.
    Failed(String),
}

/// One way to one address of a KDC. Times are since the failover began.
#[derive(Debug)]
pub(super) struct Connection<'a> {
    pub(super) server: &'a Server,
    pub(super) address: KdcAddress,
    pub(super) protocol: Protocol,
    /// Whether all servers are tried by the protocol that they are preferably asked by before this one is.
    pub(super) is_deferred: bool,
    /// Whether it leads to a primary KDC.
    pub(super) is_primary: bool,
    state: State,
}

/// How far a connection is.
#[derive(Debug)]
enum State {
    /// Nothing was sent.
    Idle,
    /// The datagram is on its way, or the reply to it.
    Sent,
    /// The stream is being established, or the HTTP client asks.
    Connecting,
    /// The stream takes the request or brings the reply.
    Established {
        /// Until when no other server is asked for its sake.
        deadline: Duration,
        received: Vec<u8>,
    },
    Closed(AttemptOutcome),
}

impl<'a> Connection<'a> {
    pub(super) const fn new(
        server: &'a KdcServer,
        address: KdcAddress,
        protocol: Protocol,
        is_deferred: bool,
    ) -> Self {
        Self {
            server: &server.server,
            address,
            protocol,
            is_deferred,
            is_primary: server.is_primary,
            state: State::Idle,
        }
    }

    /// Whether the request can go there: once by either protocol, later again by UDP only.
    pub(super) const fn takes_request(&self) -> bool {
        matches!(self.state, State::Idle | State::Sent)
    }

    /// The request went there, or could not. False where there is no reply to wait for.
    pub(super) fn sent(&mut self, result: Result<(), String>) -> bool {
        match (result, &self.state, self.protocol) {
            (Ok(()), State::Idle, Protocol::Tcp | Protocol::Unix | Protocol::Https) => {
                self.state = State::Connecting;
            }
            (Ok(()), ..) => self.state = State::Sent,
            // There may still be a reply to the first datagram.
            (Err(_), State::Sent, _) => return false,
            (Err(error), ..) => {
                self.close(AttemptOutcome::Failed(error));
                return false;
            }
        }
        true
    }

    /// Whether there is a socket that may still bring a reply.
    pub(super) const fn is_active(&self) -> bool {
        !matches!(self.state, State::Idle | State::Closed(_))
    }

    /// Until when an established stream is waited for before others are asked.
    pub(super) const fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Established { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    /// Takes what happened at `now`: the reply to a request for `realm`, where it is whole then. A stream that was
    /// just established is waited for as long as `patience` says.
    pub(super) fn handle(
        &mut self,
        realm: &[u8],
        event: ConnectionEvent,
        now: Duration,
        patience: Duration,
    ) -> Option<Vec<u8>> {
        match (event, &mut self.state) {
            (_, State::Idle | State::Closed(_)) => {}
            (ConnectionEvent::Received(datagram), State::Sent) => return Some(datagram),
            (ConnectionEvent::Received(body), _) if self.protocol == Protocol::Https => {
                match proxy::reply(realm, &body) {
                    Ok(reply) => return Some(reply),
                    Err(error) => self.close(AttemptOutcome::ProxyReply(error)),
                }
            }
            (ConnectionEvent::Connected, State::Connecting) => {
                self.state = State::Established {
                    deadline: now.saturating_add(patience),
                    received: Vec::new(),
                }
            }
            (ConnectionEvent::Received(some), State::Established { received, .. }) => {
                received.extend_from_slice(&some);
                match Frame::of(received) {
                    Frame::Partial => {}
                    Frame::Whole(reply) => return Some(reply.to_vec()),
                    Frame::TooLong { announced } => {
                        self.close(AttemptOutcome::TooLong { announced });
                    }
                }
            }
            (ConnectionEvent::Received(_), State::Connecting)
            | (ConnectionEvent::Connected, State::Sent | State::Established { .. }) => {}
            (ConnectionEvent::Ended, _) => self.close(AttemptOutcome::Closed),
            (ConnectionEvent::Failed(error), _) => self.close(AttemptOutcome::Failed(error)),
        }
        None
    }

    /// Ends it: there is no valid reply to be had from it.
    pub(super) fn close(&mut self, outcome: AttemptOutcome) {
        self.state = State::Closed(outcome);
    }

    /// Ends it where it has not ended: there was no reply in time.
    pub(super) fn give_up(&mut self) {
        if !matches!(self.state, State::Closed(_)) {
            self.close(AttemptOutcome::NoReply);
        }
    }

    /// How it ended.
    pub(super) fn into_outcome(self) -> AttemptOutcome {
        match self.state {
            State::Closed(outcome) => outcome,
            _ => AttemptOutcome::NoReply,
        }
    }
}

/// What a stream has brought: a message behind its length in four octets.
enum Frame<'a> {
    Partial,
    Whole(&'a [u8]),
    TooLong { announced: u32 },
}

impl<'a> Frame<'a> {
    /// Memory grows with what has come, never with what was announced.
    fn of(received: &'a [u8]) -> Self {
        let Some((length, rest)) = received.split_first_chunk() else {
            return Self::Partial;
        };
        let announced = u32::from_be_bytes(*length);
        if announced > LARGEST_STREAM_REPLY {
            return Self::TooLong { announced };
        }
        match usize::try_from(announced) {
            Ok(length) => rest.get(..length).map_or(Self::Partial, Self::Whole),
            // No memory of this machine could hold it.
            Err(_) => Self::TooLong { announced },
        }
    }
}
