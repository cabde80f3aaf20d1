//! One connection: requests come in, replies go out, one after the other.

use std::io::{ErrorKind, Read as _, Write as _};
use std::prelude::rust_2024::*;
use std::time::Instant;

use super::frame::{Frame, Progress, framed};
use super::request::Peer;
use super::responder::{Responder, Service};
use super::stream::Stream;
use crate::Transport;

/// A stream of requests and replies.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    peer: Peer,
    service: Service,
    /// When it is given up, unless something is finished before.
    deadline: Instant,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Waiting for a request, or within one.
    Reading(Frame),
    /// The peer is slow to take the reply.
    Writing {
        reply: Vec<u8>,
        sent: usize,
        then: Then,
    },
    /// All is said. What the peer still sends is passed over until it closes: to close before would take
    /// the reply from it, were it still on its way.
    Ending,
}

/// What comes after a reply.
#[derive(Clone, Copy, Debug)]
enum Then {
    NextRequest,
    End,
}

/// What a step came to.
enum Step {
    /// There may be more to do at once.
    More,
    /// The peer must do something, or it is the turn of others.
    Wait,
    /// The connection is over.
    Over,
}

impl Connection {
    pub(super) fn new(stream: Stream, peer: Peer, service: Service, responder: &Responder) -> Self {
        Self {
            stream,
            peer,
            service,
            deadline: Instant::now() + responder.limits.patience,
            state: State::Reading(Frame::new(responder.limits.request)),
        }
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether it waits for room to write, and not for something to read.
    pub(super) fn is_writing(&self) -> bool {
        matches!(self.state, State::Writing { .. })
    }

    /// Does what is there to do. False when the connection is over.
    pub(super) fn advance(&mut self, responder: &Responder) -> bool {
        // So that a peer which sends without end does not keep the thread from others.
        for _ in 0..STEPS {
            match self.step(responder) {
                Step::More => {}
                Step::Wait => return true,
                Step::Over => return false,
            }
        }
        true
    }

    fn step(&mut self, responder: &Responder) -> Step {
        match &mut self.state {
            State::Reading(frame) => match frame.progress() {
                Progress::Missing(missing) => read(&mut self.stream, missing, |bytes| {
                    frame.push(bytes);
                }),
                Progress::Complete => self.answer(responder),
                Progress::TooLong => {
                    let reply = responder.too_long(self.service);
                    self.reply(reply, Then::End, responder)
                }
            },
            State::Writing { reply, sent, then } => {
                let left = reply.get(*sent..).unwrap_or_default();
                if left.is_empty() {
                    let then = *then;
                    return self.replied(then, responder);
                }
                match self.stream.write(left) {
                    Ok(0) => Step::Over,
                    Ok(count) => {
                        *sent = sent.saturating_add(count);
                        Step::More
                    }
                    Err(error) => failed(&error),
                }
            }
            State::Ending => read(&mut self.stream, CHUNK, |_| {}),
        }
    }

    fn answer(&mut self, responder: &Responder) -> Step {
        let State::Reading(frame) = &mut self.state else {
            return Step::Over;
        };
        let reply = responder.respond(self.service, frame.message(), &self.peer, Transport::Stream);
        frame.clear();
        self.reply(reply, Then::NextRequest, responder)
    }

    fn reply(&mut self, reply: Option<Vec<u8>>, then: Then, responder: &Responder) -> Step {
        let Some(reply) = reply else {
            return Step::Over;
        };
        self.deadline = Instant::now() + responder.limits.patience;
        self.state = State::Writing {
            reply: framed(&reply),
            sent: 0,
            then,
        };
        Step::More
    }

    fn replied(&mut self, then: Then, responder: &Responder) -> Step {
        self.deadline = Instant::now() + responder.limits.patience;
        match then {
            Then::NextRequest => {
                self.state = State::Reading(Frame::new(responder.limits.request));
                // One request in a turn: the next one may be there, and lies in the socket, which is ready then.
                return Step::Wait;
            }
            Then::End => {
                if self.stream.end().is_err() {
                    return Step::Over;
                }
                self.state = State::Ending;
            }
        }
        Step::More
    }
}

/// Reads up to `most` bytes, as many as there are.
fn read(stream: &mut Stream, most: usize, take: impl FnOnce(&[u8])) -> Step {
    let mut chunk = [0; CHUNK];
    let (chunk, _) = chunk.split_at_mut(most.min(CHUNK));
    match stream.read(chunk) {
        Ok(0) => Step::Over,
        Ok(count) => {
            take(chunk.get(..count).unwrap_or_default());
            Step::More
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &std::io::Error) -> Step {
    match error.kind() {
        ErrorKind::WouldBlock => Step::Wait,
        ErrorKind::Interrupted => Step::More,
        _ => Step::Over,
    }
}

/// Bytes that are read at once.
const CHUNK: usize = 4096;
/// What one connection may do before others get their turn: a request of 256 KiB and its reply.
const STEPS: usize = 80;
