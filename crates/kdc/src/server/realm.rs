//! A realm in a line, for tests.

mod builder;
mod config;
mod delegation;
mod error;
mod principals;

use core::fmt;
use core::net::SocketAddr;
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::Arc;

use orthros_crypto::SecretVec;
use orthros_host::{Clock, Environment};
use orthros_types::keytab::Keytab;

pub use builder::RealmBuilder;
pub use error::RealmError;

use super::Server;
use crate::{Kdc, Store};

/// A whole realm on loopback: a KDC that listens, users, services, and what clients and services need to use it.
///
/// Dropping it stops the KDC. Nothing of it is in the process' environment or on disk: what MIT's programs, or
/// others, need as files is there as bytes ([`keytab`](Self::keytab)) and text ([`krb5_conf`](Self::krb5_conf)); what
/// Orthros needs is there as an [`Environment`](Self::environment).
///
/// ```
/// use orthros_kdc::server::Realm;
///
/// let realm = Realm::builder("EXAMPLE.TEST")
///     .user("alice", "password")
///     .service("HTTP/localhost")
///     .start()?;
///
/// // A client, by this library ..
/// let environment = realm.environment();
/// let alice = realm.principal("alice")?;
/// let options = environment.initial_options(alice)?;
/// let ticket = environment.acquire_with_password(options, b"password"[..].into())?;
/// environment.store_initial(&environment.default_cache()?, &ticket)?;
///
/// let service = realm.principal("HTTP/localhost")?;
/// let options = environment.service_options()?;
/// let cache = environment.default_cache()?;
/// let credential = environment.service_ticket(&cache, &service, &options)?;
/// assert_eq!(credential.server, service);
///
/// // .. or by any other, with these two as files:
/// assert!(realm.krb5_conf().contains(&format!("kdc = {}", realm.address())));
/// assert!(!realm.keytab()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Cost
///
/// To start it takes two UDP and two TCP sockets, one thread, and two key derivations for each user: about a
/// millisecond in an optimised build, and some tens where `orthros-crypto` is compiled without optimisation. (A line
/// `[profile.dev.package."*"]` with `opt-level = 1` in `Cargo.toml` helps: the client derives keys, too.)
pub struct Realm {
    name: String,
    server: Server,
    keytab: Keytab,
    krb5_conf: String,
    clock: Arc<dyn Clock>,
    environment: Environment,
}

impl Realm {
    /// A realm of that name, to be given users and services.
    #[must_use]
    pub fn builder(name: impl Into<String>) -> RealmBuilder {
        RealmBuilder::new(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its KDC listens, by UDP and TCP: the first of its addresses.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        first(self.addresses())
    }

    /// All addresses where its KDC listens, with the ports that it got.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        self.server.addresses()
    }

    /// Where passwords are changed (RFC 3244), by UDP and TCP: the first of its addresses.
    #[must_use]
    pub fn password_address(&self) -> SocketAddr {
        first(self.password_addresses())
    }

    /// All addresses where passwords are changed, with the ports that it got.
    #[must_use]
    pub fn password_addresses(&self) -> &[SocketAddr] {
        self.server.password_addresses()
    }

    /// The paths of the Unix domain sockets where its KDC listens.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        self.server.paths()
    }

    /// The paths of the Unix domain sockets where passwords are changed.
    #[must_use]
    pub fn password_paths(&self) -> &[PathBuf] {
        self.server.password_paths()
    }

    /// The principal of that name, in this realm where the name has none.
    ///
    /// # Errors
    ///
    /// [`RealmError::Name`] where it is none.
    pub fn principal(&self, name: &str) -> Result<orthros_types::Principal, RealmError> {
        principals::parse(name, &self.name)
    }

    /// A keytab file with the keys of the services that the builder was given.
    ///
    /// # Errors
    ///
    /// [`RealmError::Keytab`] where a name is too long for one.
    pub fn keytab(&self) -> Result<SecretVec, RealmError> {
        Ok(self.keytab.encode()?)
    }

    /// A keytab file with all keys that the principals of these names have now: a user's, to get tickets without a
    /// password; a service's, after they have changed.
    ///
    /// # Errors
    ///
    /// [`RealmError`] where there is no such principal.
    pub fn keytab_of(&self, names: &[&str]) -> Result<SecretVec, RealmError> {
        let mut keytab = Keytab::default();
        for name in names {
            let principal = self.principal(name)?;
            let entry = self.store().find(&principal)?;
            let entry = entry.ok_or(RealmError::NoPrincipal { principal })?;
            for entry in principals::keytab_entries(&entry, self.clock.now()) {
                keytab.push(entry);
            }
        }
        Ok(keytab.encode()?)
    }

    /// A `krb5.conf` for its clients: it is the default realm, and that of its services' hosts; nothing is looked up
    /// in DNS.
    #[must_use]
    pub fn krb5_conf(&self) -> &str {
        &self.krb5_conf
    }

    /// An environment for clients and services of the realm in this process: its configuration, clock and randomness,
    /// a default cache in memory that is empty at first, and a default keytab in memory with the keys of the
    /// services.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Another such environment, which shares neither cache nor replay cache with the first: for another user, or
    /// another host.
    ///
    /// # Errors
    ///
    /// None that a realm which has started would meet.
    pub fn new_environment(&self) -> Result<Environment, RealmError> {
        principals::environment(&self.krb5_conf, &self.clock, &self.keytab)
    }

    /// Its KDC, which answers without sockets, too.
    #[must_use]
    pub fn kdc(&self) -> &Arc<Kdc> {
        self.server.kdc()
    }

    /// Where its principals are, to add and change some while it runs.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        self.kdc().store()
    }

    /// Stops it, as dropping does.
    pub fn stop(self) {
        self.server.stop();
    }
}

/// The unspecified address where it listens at paths alone.
fn first(addresses: &[SocketAddr]) -> SocketAddr {
    let none = SocketAddr::from(([0, 0, 0, 0], 0));
    addresses.first().copied().unwrap_or(none)
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm")
            .field("name", &self.name)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
