//! One address of one KDC over one protocol, as a race knows it: no socket, no clock.

use core::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Outcome;

/// The protocol below RFC 4120 section 7.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// One datagram each way.
    Udp,
    /// A stream, each message behind its length in four octets.
    Tcp,
}

/// What happened on a socket.
#[derive(Debug)]
pub(super) enum Event {
    /// The stream is established.
    Connected,
    /// A datagram came, or some octets of a stream.
    Octets(Vec<u8>),
    /// The peer ended the stream.
    Ended,
    /// The socket is of no use any more: refused, unreachable, reset.
    Failed(io::Error),
}

/// Where a connection stands.
#[derive(Debug)]
enum State {
    /// Nothing was sent.
    Idle,
    /// The datagram is on its way, or its answer.
    Sent,
    Connecting,
    Established {
        /// Until when it is worth waiting for, before others are asked.
        deadline: Duration,
        received: Vec<u8>,
    },
    Over(Outcome),
}

/// One way to one address of a KDC. Times are since the race began.
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

    /// Whether the request can go there: once by either protocol, later again by UDP only.
    pub(super) fn takes_request(&self) -> bool {
        matches!(self.state, State::Idle | State::Sent)
    }

    /// The request went there, or could not. False where nothing need be waited for.
    pub(super) fn sent(&mut self, result: io::Result<()>) -> bool {
        match (result, &self.state, self.protocol) {
            (Ok(()), State::Idle, Protocol::Tcp) => self.state = State::Connecting,
            (Ok(()), ..) => self.state = State::Sent,
            // The first datagram may still be answered.
            (Err(_), State::Sent, _) => return false,
            (Err(error), ..) => {
                self.state = State::Over(Outcome::Failed(error));
                return false;
            }
        }
        true
    }

    /// Whether there is a socket that may still bring a reply.
    pub(super) fn is_active(&self) -> bool {
        !matches!(self.state, State::Idle | State::Over(_))
    }

    /// Until when an established stream is worth waiting for, before others are asked.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Established { deadline, .. } => Some(deadline),
            _ => None,
        }
    }

    /// Takes what happened at `now`: the message, where it is whole then. A stream is given `patience` from there on.
    pub(super) fn handle(
        &mut self,
        event: Event,
        now: Duration,
        patience: Duration,
    ) -> Option<Vec<u8>> {
        match (event, &mut self.state) {
            (_, State::Idle | State::Over(_)) => {}
            (Event::Octets(datagram), State::Sent) => return Some(datagram),
            (Event::Connected, State::Connecting) => {
                self.state = State::Established {
                    deadline: now.saturating_add(patience),
                    received: Vec::new(),
                }
            }
            (Event::Octets(some), State::Established { received, .. }) => {
                received.extend_from_slice(&some);
                match frame(received) {
                    Frame::Partial => {}
                    Frame::Whole(reply) => return Some(reply.to_vec()),
                    Frame::TooLong { announced } => self.close(Outcome::TooLong { announced }),
                }
            }
            (Event::Octets(_), State::Connecting) | (Event::Connected, _) => {}
            (Event::Ended, _) => self.close(Outcome::Closed),
            (Event::Failed(error), _) => self.close(Outcome::Failed(error)),
        }
        None
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

/// What a stream has brought.
enum Frame<'a> {
    Partial,
    Whole(&'a [u8]),
    TooLong { announced: u32 },
}

/// The message behind its length. Memory grows with what has come, never with what was announced.
fn frame(received: &[u8]) -> Frame<'_> {
    let Some((length, rest)) = received.split_first_chunk() else {
        return Frame::Partial;
    };
    let announced = u32::from_be_bytes(*length);
    if announced > LARGEST_STREAM_REPLY {
        return Frame::TooLong { announced };
    }
    let whole = usize::try_from(announced).unwrap_or(usize::MAX);
    rest.get(..whole).map_or(Frame::Partial, Frame::Whole)
}

/// MIT's limit, 1 MiB: far above any ticket, far below what would hurt.
pub(super) const LARGEST_STREAM_REPLY: u32 = 1024 * 1024;
