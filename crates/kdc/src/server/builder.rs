//! How a server is started.

use core::fmt;
use core::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::Arc;
use std::thread;
use std::vec;

use orthros_host::Environment;

use super::Server;
use super::endpoint::Endpoint;
use super::error::ServerError;
use super::limits::Limits;
use super::request::ServedRequest;
use super::responder::{Observer, Responder, Service};
use super::worker::Worker;
use crate::Kdc;

/// Starts a [`Server`].
#[derive(Default)]
pub struct ServerBuilder {
    environment: Option<Environment>,
    addresses: Vec<SocketAddr>,
    password_addresses: Vec<SocketAddr>,
    paths: Vec<PathBuf>,
    password_paths: Vec<PathBuf>,
    limits: Limits,
    observer: Option<Box<Observer>>,
}

impl ServerBuilder {
    /// The environment whose clock and randomness it answers by: the operating system's where this is not said.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Takes AS and TGS requests here, by UDP and TCP; the system chooses the port where it is 0. Another call adds
    /// another address.
    ///
    /// The unspecified address stands for all of the host's, and `[::]` for those of IPv4, too, unless one of IPv4 is
    /// listened on at the same port. Replies leave from the address that the request was sent to.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.addresses.push(address);
        self
    }

    /// Takes changes of passwords here (RFC 3244), by UDP and TCP; the system chooses the port where it is 0. Another
    /// call adds another address.
    #[must_use]
    pub fn listen_for_passwords(mut self, address: SocketAddr) -> Self {
        self.password_addresses.push(address);
        self
    }

    /// Takes AS and TGS requests at a Unix domain socket of this host, at this path. Another call adds another one.
    ///
    /// The process' umask says which other users may connect. The file is removed when the server ends; what a server
    /// left there that ended without that is replaced, a file of another kind is not. Clients are taken to be at
    /// loopback.
    #[must_use]
    pub fn listen_at(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Takes changes of passwords (RFC 3244) at a Unix domain socket, as [`listen_at`](Self::listen_at) takes requests
    /// for tickets.
    #[must_use]
    pub fn listen_for_passwords_at(mut self, path: impl Into<PathBuf>) -> Self {
        self.password_paths.push(path.into());
        self
    }

    /// What it may spend on its peers.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Calls `observer` for each request, on the thread that answers and before the reply is sent: while it waits, as
    /// for a log that is not read, that thread answers no request.
    #[must_use]
    pub fn on_request(
        mut self,
        observer: impl Fn(&ServedRequest<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Listens on a port of the system's choice at 127.0.0.1 for what it has no address for.
    pub(super) fn or_on_loopback(mut self) -> Self {
        for (addresses, paths) in [
            (&mut self.addresses, &self.paths),
            (&mut self.password_addresses, &self.password_paths),
        ] {
            if addresses.is_empty() && paths.is_empty() {
                addresses.push((Ipv4Addr::LOCALHOST, 0).into());
            }
        }
        self
    }

    /// Binds the sockets and starts the threads. When it returns, this KDC answers requests.
    ///
    /// # Errors
    ///
    /// [`ServerError`] where an address can't be listened on, or there is no thread to be had. Nothing is left
    /// running then.
    pub fn start(self, kdc: Arc<Kdc>) -> Result<Server, ServerError> {
        let all = [&*self.addresses, &*self.password_addresses].concat();
        let bind = |addresses: &[SocketAddr], service| -> Result<Vec<Endpoint>, ServerError> {
            let addresses = addresses.iter();
            addresses
                .map(|address| Endpoint::bind(*address, service, &all))
                .collect()
        };
        let mut tickets = bind(&self.addresses, Service::Kdc)?;
        let mut passwords = bind(&self.password_addresses, Service::Password)?;
        let mut files = vec![];
        for (paths, service, endpoints) in [
            (&self.paths, Service::Kdc, &mut tickets),
            (&self.password_paths, Service::Password, &mut passwords),
        ] {
            for path in paths {
                let (endpoint, file) = Endpoint::at(path, service)?;
                endpoints.push(endpoint);
                files.push(file);
            }
        }
        let local = |endpoints: &[Endpoint]| endpoints.iter().filter_map(|e| e.address).collect();
        let (running, stopped) = UnixStream::pair().map_err(ServerError::Thread)?;
        let mut server = Server {
            kdc: Arc::clone(&kdc),
            addresses: local(&tickets),
            password_addresses: local(&passwords),
            paths: self.paths,
            password_paths: self.password_paths,
            running: Some(running),
            files,
            threads: vec![],
        };
        let responder = Arc::new(Responder {
            kdc,
            environment: self
                .environment
                .unwrap_or_else(|| Environment::builder().build()),
            limits: self.limits,
            observer: self.observer,
        });
        // To change a password takes long, and any user can ask for it without end: tickets don't wait for that.
        let mut workers = vec![&*tickets; responder.limits.threads.max(1)];
        if !passwords.is_empty() {
            workers.push(&*passwords);
        }
        for endpoints in workers {
            let worker = Worker::new(&responder, endpoints, &stopped);
            let thread = worker.and_then(|worker| {
                let named = thread::Builder::new().name("orthros-kdc".into());
                named.spawn(|| worker.run())
            });
            server.threads.push(thread.map_err(ServerError::Thread)?);
        }
        Ok(server)
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("addresses", &self.addresses)
            .field("password_addresses", &self.password_addresses)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
