//! How a server is started.

use core::fmt;
use core::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
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
        for addresses in [&mut self.addresses, &mut self.password_addresses] {
            if addresses.is_empty() {
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
        let tickets = bind(&self.addresses, Service::Kdc)?;
        let passwords = bind(&self.password_addresses, Service::Password)?;
        let local = |endpoints: &[Endpoint]| endpoints.iter().map(|e| e.address).collect();
        let (running, stopped) = UnixStream::pair().map_err(ServerError::Thread)?;
        let mut server = Server {
            kdc: Arc::clone(&kdc),
            addresses: local(&tickets),
            password_addresses: local(&passwords),
            running: Some(running),
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
