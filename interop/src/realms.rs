//! Two realms of one peer, and what clients and services of theirs go by.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use orthros_host::{Clock, Environment, SystemClock};
use tempfile::TempDir;

use crate::{Peer, Server, StartError};

/// The realm of most principals.
pub const HOME: &str = "ORTHROS.TEST";

/// The realm that trusts [`HOME`], and is trusted by it.
pub const OTHER: &str = "OTHER.TEST";

/// Both realms.
#[derive(Debug)]
pub struct Realms {
    home: Box<dyn Server>,
    other: Box<dyn Server>,
    directory: TempDir,
}

impl Realms {
    /// Starts them.
    ///
    /// # Errors
    ///
    /// [`StartError`] where a server does not come up.
    pub fn start(peer: Peer) -> Result<Self, StartError> {
        let directory = tempfile::Builder::new()
            .prefix("orthros-interop-")
            .tempdir()
            .map_err(StartError::io("temporary directory"))?;
        let start = |realm: &'static str| peer.start(realm, &keytab(directory.path(), realm));
        let (home, other) = std::thread::scope(|scope| {
            let other = scope.spawn(|| start(OTHER));
            (start(HOME), other.join())
        });
        Ok(Self {
            home: home?,
            other: other.unwrap_or(Err(StartError::Panicked))?,
            directory,
        })
    }

    /// The servers of [`HOME`].
    #[must_use]
    pub fn home(&self) -> &dyn Server {
        &*self.home
    }

    /// The keytab with all random keys of a realm: its services' and `machine`'s.
    #[must_use]
    pub fn keytab(&self, realm: &str) -> PathBuf {
        keytab(self.directory.path(), realm)
    }

    /// A `krb5.conf` for clients of both realms. It does not say which realm the hosts of [`OTHER`] are in: that is
    /// for the KDC to know.
    #[must_use]
    pub fn krb5_conf(&self, libdefaults: &str) -> String {
        let realm = |name: &str, server: &dyn Server| {
            format!(
                "    {name} = {{\n        kdc = {}\n        kpasswd_server = {}\n    }}\n",
                server.kdc(),
                server.passwords()
            )
        };
        let realms = realm(HOME, &*self.home) + &realm(OTHER, &*self.other);
        format!(
            "[libdefaults]\n    default_realm = {HOME}\n    forwardable = true\n    dns_lookup_kdc = false\n    \
             dns_lookup_realm = false\n    dns_canonicalize_hostname = false\n    rdns = false\n{libdefaults}\n\
             [realms]\n{realms}[domain_realm]\n    .orthros.test = {HOME}\n"
        )
    }

    /// An environment by [`krb5_conf`](Self::krb5_conf), with an empty cache and the keytab of [`HOME`].
    ///
    /// # Errors
    ///
    /// Where `libdefaults` is no part of a configuration.
    pub fn environment(&self, libdefaults: &str) -> Result<Environment, StartError> {
        self.environment_at(libdefaults, Arc::new(SystemClock))
    }

    /// The same with another clock.
    ///
    /// # Errors
    ///
    /// As [`environment`](Self::environment).
    pub fn environment_at(
        &self,
        libdefaults: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Environment, StartError> {
        let conf = self.krb5_conf(libdefaults);
        let builder = Environment::builder().config_text("krb5.conf", &conf)?;
        Ok(builder
            .clock(clock)
            .default_cache("MEMORY:client")
            .default_keytab(self.keytab(HOME))
            .build())
    }

    /// What all servers have said so far.
    #[must_use]
    pub fn log(&self) -> String {
        let titled = |realm: &str, server: &dyn Server| format!("--- {realm}\n{}", server.log());
        titled(HOME, &*self.home) + &titled(OTHER, &*self.other)
    }
}

fn keytab(directory: &Path, realm: &str) -> PathBuf {
    directory.join(format!("{realm}.keytab"))
}
