//! Where the KDCs of a realm are: the sources that know, asked in MIT's order.
//!
//! [`KdcLocator`] is a value that is stepped, without I/O. Each [`LocateStep`] says what it needs next of its driver,
//! or the servers. The only source so far is the configuration, which is at hand, so that the first step is the last
//! one. Another source (DNS, a file, a URL) is a file next to `locate/config.rs`, a row of the sources below, and a
//! step that the drivers then have to serve.
//!
//! What a server's name resolves to is no question of this machine: [`failover`](crate::failover) asks for the
//! addresses of a server when it is that one's turn.

mod config;

use alloc::string::ToString as _;
use alloc::vec::Vec;

use orthros_types::Shown;
use orthros_types::config::{Config, Server};

use crate::failover::Protocol;
use crate::transport::{KdcSelection, TransportError};

/// A server that may be asked, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KdcServer {
    /// Its host and port, or what else names it.
    pub server: Server,
    /// The protocols by which it can be asked; empty where none of them is supported.
    pub protocols: &'static [Protocol],
    /// Whether its database is never behind.
    pub is_primary: bool,
}

/// What a locator needs, or has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocateStep {
    /// The servers, at least one, in the order in which they are to be asked.
    Found(Vec<KdcServer>),
}

/// Finds the servers of one realm.
#[derive(Clone, Debug)]
pub struct KdcLocator<'a> {
    realm: &'a [u8],
    selection: KdcSelection,
    /// The sources that were not asked yet.
    sources: &'static [Source],
}

/// What may know the servers of a realm.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The realm's entries in `[realms]`.
    Config,
}

/// The first that knows any server counts alone.
const SOURCES: &[Source] = &[Source::Config];

impl<'a> KdcLocator<'a> {
    /// For those servers of `realm` that `selection` means.
    #[must_use]
    pub const fn new(realm: &'a [u8], selection: KdcSelection) -> Self {
        Self {
            realm,
            selection,
            sources: SOURCES,
        }
    }

    /// What is needed next, or the servers.
    ///
    /// # Errors
    ///
    /// [`TransportError::Config`] for an entry that is no server's address. [`TransportError::NoKdc`],
    /// [`TransportError::DnsDiscovery`] or [`TransportError::NoPasswordServer`] once no source is left.
    pub fn step(&mut self, config: &Config) -> Result<LocateStep, TransportError> {
        while let Some((source, others)) = self.sources.split_first() {
            self.sources = others;
            let servers = match source {
                Source::Config => config::servers(config, self.realm, self.selection)?,
            };
            if !servers.is_empty() {
                return Ok(LocateStep::Found(servers));
            }
        }
        Err(self.not_found(config))
    }

    fn not_found(&self, config: &Config) -> TransportError {
        // It may be out of a referral, which must not be able to drive a terminal.
        let realm = Shown::new(self.realm).to_string();
        match self.selection {
            KdcSelection::Any if config.dns_lookup_kdc() => TransportError::DnsDiscovery { realm },
            KdcSelection::Any | KdcSelection::Primary => TransportError::NoKdc { realm },
            KdcSelection::Password => TransportError::NoPasswordServer { realm },
        }
    }
}
