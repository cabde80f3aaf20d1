//! A thread of the server: waits for all sockets at once, and does what is there to do.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::prelude::rust_2024::*;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{thread, vec};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::connection::Connection;
use super::datagram;
use super::endpoint::Endpoint;
use super::request::Peer;
use super::responder::{Responder, Service};
use super::stream::Stream;
use crate::Transport;

/// What one thread has.
#[derive(Debug)]
pub(super) struct Worker {
    responder: Arc<Responder>,
    endpoints: Vec<Endpoint>,
    /// Readable once the server stops.
    stopped: UnixStream,
    connections: Vec<Connection>,
    /// Until when no connection is accepted, as there are no descriptors left.
    no_accept_until: Option<Instant>,
    datagram: Vec<u8>,
    /// Room for the control messages of a datagram.
    control: Vec<u8>,
}

/// Which sockets have something for us.
struct Ready {
    stopped: bool,
    datagrams: Vec<bool>,
    listeners: Vec<bool>,
    connections: Vec<bool>,
}

impl Worker {
    pub(super) fn new(
        responder: &Arc<Responder>,
        endpoints: &[Endpoint],
        stopped: &UnixStream,
    ) -> io::Result<Self> {
        let endpoints = endpoints.iter().map(Endpoint::try_clone);
        Ok(Self {
            responder: Arc::clone(responder),
            endpoints: endpoints.collect::<io::Result<_>>()?,
            stopped: stopped.try_clone()?,
            connections: Vec::new(),
            no_accept_until: None,
            datagram: vec![0; LONGEST_DATAGRAM],
            control: datagram::control_buffer(),
        })
    }

    /// Serves until the server stops.
    pub(super) fn run(mut self) {
        loop {
            let ready = match self.wait() {
                Ok(ready) => ready,
                Err(Errno::EINTR) => continue,
                // The kernel is out of memory. It may be better soon.
                Err(_) => {
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            if ready.stopped {
                return;
            }
            self.serve_connections(&ready.connections);
            self.serve_datagrams(&ready.datagrams);
            self.accept(&ready.listeners);
        }
    }

    fn wait(&self) -> Result<Ready, Errno> {
        let may_accept = self.no_accept_until.is_none();
        let mut sockets = vec![PollFd::new(self.stopped.as_fd(), PollFlags::POLLIN)];
        let accept = if may_accept {
            PollFlags::POLLIN
        } else {
            PollFlags::empty()
        };
        for endpoint in &self.endpoints {
            // Where there are no datagrams the place is kept by a descriptor of which nothing is wanted.
            let listener = endpoint.listener.as_fd();
            sockets.push(match &endpoint.datagrams {
                Some(socket) => PollFd::new(socket.as_fd(), PollFlags::POLLIN),
                None => PollFd::new(listener, PollFlags::empty()),
            });
            sockets.push(PollFd::new(listener, accept));
        }
        for connection in &self.connections {
            let wanted = if connection.is_writing() {
                PollFlags::POLLOUT
            } else {
                PollFlags::POLLIN
            };
            sockets.push(PollFd::new(connection.stream().as_fd(), wanted));
        }
        poll(&mut sockets, self.timeout())?;
        let mut ready = sockets
            .iter()
            .map(|socket| socket.revents().is_none_or(|events| !events.is_empty()));
        let stopped = ready.next().unwrap_or(true);
        let mut datagrams = Vec::with_capacity(self.endpoints.len());
        let mut listeners = Vec::with_capacity(self.endpoints.len());
        for _ in &self.endpoints {
            datagrams.extend(ready.next());
            listeners.extend(ready.next());
        }
        Ok(Ready {
            stopped,
            datagrams,
            listeners,
            connections: ready.collect(),
        })
    }

    /// Until the next thing that happens without a socket.
    fn timeout(&self) -> PollTimeout {
        let deadlines = self.connections.iter().map(Connection::deadline);
        let Some(next) = deadlines.chain(self.no_accept_until).min() else {
            return PollTimeout::NONE;
        };
        let left = next.saturating_duration_since(Instant::now());
        // Rounded up: a wait that ends early would be one for nothing.
        let milliseconds = left.as_micros().div_ceil(1000);
        PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX)
    }

    /// Each that is ready does its next step; each whose time is over is closed.
    fn serve_connections(&mut self, ready: &[bool]) {
        let now = Instant::now();
        let responder = &self.responder;
        let mut ready = ready.iter();
        self.connections.retain_mut(|connection| {
            let is_ready = ready.next().copied().unwrap_or(false);
            (!is_ready || connection.advance(responder)) && connection.deadline() > now
        });
    }

    fn serve_datagrams(&mut self, ready: &[bool]) {
        let ready_endpoints = self.endpoints.iter().zip(ready);
        for (endpoint, _) in ready_endpoints.filter(|(_, ready)| **ready) {
            let Some(socket) = &endpoint.datagrams else {
                continue;
            };
            // So that a flood on one socket does not keep the thread from others.
            for _ in 0..DATAGRAMS {
                let received =
                    match datagram::receive(socket, &mut self.datagram, &mut self.control) {
                        Ok(received) => received,
                        // That an earlier reply found no port is no reason to stop.
                        Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                        Err(_) => break,
                    };
                let request = self.datagram.get(..received.length).unwrap_or_default();
                let transport = Transport::Datagram;
                let peer = Peer::Ip(received.peer);
                let service = endpoint.service;
                let reply = self.responder.respond(service, request, &peer, transport);
                if let Some(reply) = reply {
                    // A reply that is lost is asked for again.
                    let _ = received.reply(socket, &reply);
                }
            }
        }
    }

    fn accept(&mut self, ready: &[bool]) {
        let now = Instant::now();
        if self.no_accept_until.is_some_and(|until| until <= now) {
            self.no_accept_until = None;
        }
        for index in 0..self.endpoints.len() {
            if !ready.get(index).copied().unwrap_or(false) {
                continue;
            }
            for _ in 0..ACCEPTS {
                let Some(endpoint) = self.endpoints.get(index) else {
                    break;
                };
                match endpoint.listener.accept() {
                    Ok((stream, peer)) => {
                        let service = endpoint.service;
                        self.take(stream, peer, service);
                    }
                    Err(error) if is_transient(&error) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => {
                        self.make_room(now);
                        break;
                    }
                }
            }
        }
    }

    fn take(&mut self, stream: Stream, peer: Peer, service: Service) {
        if self.connections.len() >= self.responder.limits.connections {
            self.drop_oldest();
        }
        let mut connection = Connection::new(stream, peer, service, &self.responder);
        // Most often the request is there already.
        if connection.advance(&self.responder) {
            self.connections.push(connection);
        }
    }

    /// There are no descriptors left: one of ours goes, or others have to give some back first.
    fn make_room(&mut self, now: Instant) {
        if !self.drop_oldest() {
            self.no_accept_until = Some(now + PAUSE);
        }
    }

    /// Closes the connection that would be given up first.
    fn drop_oldest(&mut self) -> bool {
        let connections = self.connections.iter().enumerate();
        let oldest = connections.min_by_key(|(_, connection)| connection.deadline());
        match oldest.map(|(index, _)| index) {
            Some(index) => {
                self.connections.swap_remove(index);
                true
            }
            None => false,
        }
    }
}

/// The peer was gone before it was accepted.
fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

/// No datagram of IP is longer.
const LONGEST_DATAGRAM: usize = 65_535;
/// Datagrams of one socket in a turn.
const DATAGRAMS: usize = 64;
/// Connections of one socket in a turn.
const ACCEPTS: usize = 64;
/// Where the system has run out of something.
const PAUSE: Duration = Duration::from_millis(100);
