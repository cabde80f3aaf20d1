//! A small server around a [`Kdc`]: UDP, TCP and Unix domain sockets, for tests, examples and small realms.
//!
//! A [`Server`] listens on the addresses that it is given and answers until it is stopped or dropped. Its threads are
//! the only ones that Orthros starts. Each waits for all its sockets at once and does what is there to do; nothing
//! that a peer sends or fails to send keeps one from serving others:
//!
//! - changes of passwords, which take long, have a thread of their own;
//! - a stream has one request answered in a turn;
//! - a request on a stream is read as it comes, up to [`Limits::request`] bytes; the length that goes before it
//!   sizes nothing;
//! - a peer has [`Limits::patience`] to send a request and to take the reply;
//! - with [`Limits::connections`] open, a new one takes the place of the one that has been silent longest.
//!
//! The time and randomness of replies are those of an [`Environment`](orthros_host::Environment); those limits go by
//! the system's clock.

mod builder;
mod connection;
mod datagram;
mod endpoint;
mod error;
mod frame;
mod limits;
mod realm;
mod request;
mod responder;
mod socket_file;
mod stream;
mod worker;

use core::fmt;
use core::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::Arc;
use std::thread::JoinHandle;

pub use builder::ServerBuilder;
pub use error::ServerError;
pub use limits::Limits;
pub use realm::{Realm, RealmBuilder, RealmError};
pub use request::{Peer, ServedRequest};

use crate::Kdc;
use socket_file::SocketFile;

/// A KDC that listens. It ends when it is dropped.
pub struct Server {
    kdc: Arc<Kdc>,
    addresses: Vec<SocketAddr>,
    password_addresses: Vec<SocketAddr>,
    paths: Vec<PathBuf>,
    password_paths: Vec<PathBuf>,
    /// The end of this is what the threads wait for.
    running: Option<UnixStream>,
    /// Removed at the end.
    files: Vec<SocketFile>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// A server, to be told where to listen.
    #[must_use]
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    /// The KDC that answers.
    #[must_use]
    pub fn kdc(&self) -> &Arc<Kdc> {
        &self.kdc
    }

    /// Where it takes AS and TGS requests, by UDP and TCP, with the ports that it got.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where it takes changes of passwords, by UDP and TCP, with the ports that it got.
    #[must_use]
    pub fn password_addresses(&self) -> &[SocketAddr] {
        &self.password_addresses
    }

    /// The paths of the Unix domain sockets where it takes AS and TGS requests.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The paths of the Unix domain sockets where it takes changes of passwords.
    #[must_use]
    pub fn password_paths(&self) -> &[PathBuf] {
        &self.password_paths
    }

    /// Stops listening and waits for the threads to end: for at most as long as the requests take that they are at.
    /// Connections are closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running = None;
        // First, so that no client waits at one that is served no more.
        self.files.clear();
        for thread in self.threads.drain(..) {
            // One that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addresses", &self.addresses)
            .field("password_addresses", &self.password_addresses)
            .finish_non_exhaustive()
    }
}
