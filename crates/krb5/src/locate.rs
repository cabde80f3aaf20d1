//! Where the KDCs of a realm are, and which realm a host is in: the sources that know, asked in MIT's order.
//!
//! [`KdcLocator`] is a value that is stepped, without I/O. Each [`LocateStep`] says what it needs next of its driver,
//! or the servers:
//!
//! ```text
//! let mut locator = KdcLocator::new(realm, selection);
//! let servers = loop {
//!     match locator.step(&config)? {
//!         LocateStep::AskDns(question) => locator.answered(ask(question)),
//!         LocateStep::Found(servers) => break servers,
//!     }
//! };
//! ```
//!
//! Another source (a file, a URL) is a file next to `locate/config.rs`, a row of the sources below, and a step that
//! the drivers then have to serve. [`HostRealmLocator`] is the same for realms.
//!
//! What a server's name resolves to is no question of these machines: [`failover`](crate::failover) asks for the
//! addresses of a server when it is that one's turn.

mod config;
mod dns;
mod host_realm;
mod primary;
mod uri;

use alloc::borrow::Cow;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use orthros_types::Shown;
use orthros_types::config::{Config, Server};

pub use host_realm::{HostRealmLocator, RealmStep};
pub use primary::{has_primary_reply, is_primary_in_doubt};

use crate::dns::{DnsAnswer, DnsError, DnsQuestion};
use crate::failover::Protocol;
use crate::transport::{DnsProblem, KdcSelection, TransportError};
use dns::DnsSearch;

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
    /// The answer to this question, for [`KdcLocator::answered`].
    AskDns(DnsQuestion),
    /// The servers, at least one, in the order in which they are to be asked.
    Found(Vec<KdcServer>),
}

/// Finds the servers of one realm.
#[derive(Clone, Debug)]
pub struct KdcLocator<'a> {
    realm: Cow<'a, [u8]>,
    selection: KdcSelection,
    /// The sources that were not asked yet.
    sources: &'static [Source],
    /// What DNS was asked last, and has said so far.
    dns: DnsSearch,
}

/// What may know the servers of a realm.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The realm's entries in `[realms]`.
    Config(config::Entries),
    /// Its records in DNS.
    Dns(&'static [dns::Lookup]),
}

/// The first source that knows any server counts alone.
const fn sources(selection: KdcSelection) -> &'static [Source] {
    match selection {
        KdcSelection::Any => &[
            Source::Config(config::Entries::Kdc),
            Source::Dns(dns::KDC_URI),
            Source::Dns(dns::KDC_SRV),
        ],
        KdcSelection::Primary => &[
            Source::Config(config::Entries::PrimaryKdc),
            Source::Dns(dns::PRIMARY_URI),
            Source::Dns(dns::PRIMARY_SRV),
        ],
        // As by MIT an administration server stands in for what changes passwords, once DNS has none either.
        KdcSelection::Password => &[
            Source::Config(config::Entries::PasswordServer),
            Source::Dns(dns::PASSWORD_URI),
            Source::Dns(dns::PASSWORD_SRV),
            Source::Config(config::Entries::AdminServer),
            Source::Dns(dns::ADMIN_URI),
            Source::Dns(dns::ADMIN_SRV),
        ],
    }
}

impl<'a> KdcLocator<'a> {
    /// For those servers of `realm` that `selection` means.
    #[must_use]
    pub const fn new(realm: &'a [u8], selection: KdcSelection) -> Self {
        Self::of(Cow::Borrowed(realm), selection)
    }

    const fn of(realm: Cow<'a, [u8]>, selection: KdcSelection) -> Self {
        Self {
            realm,
            selection,
            sources: sources(selection),
            dns: DnsSearch::new(),
        }
    }

    /// What is needed next, or the servers.
    ///
    /// # Errors
    ///
    /// [`TransportError::Config`] for an entry that is no server's address. [`TransportError::NoKdc`],
    /// [`TransportError::NoPasswordServer`] or [`TransportError::DnsDiscovery`] once no source is left.
    pub fn step(&mut self, config: &Config) -> Result<LocateStep, TransportError> {
        loop {
            if let Some(question) = self.dns.next_question(&self.realm, config) {
                return Ok(LocateStep::AskDns(question));
            }
            let found = self.dns.take_servers();
            if !found.is_empty() {
                return Ok(LocateStep::Found(found));
            }
            let Some((source, others)) = self.sources.split_first() else {
                return Err(self.not_found(config));
            };
            self.sources = others;
            match source {
                Source::Config(entries) => {
                    let servers = config::servers(config, &self.realm, *entries)?;
                    if !servers.is_empty() {
                        return Ok(LocateStep::Found(servers));
                    }
                }
                Source::Dns(lookups) if self.is_in_dns(config) => self.dns.begin(lookups, config),
                Source::Dns(_) => {}
            }
        }
    }

    /// Takes the answer to the question that was asked last, or why there is none. Of no effect where none was.
    pub fn answered(&mut self, answer: Result<DnsAnswer, DnsError>) {
        self.dns.answered(answer);
    }

    /// Whether DNS is asked. Where the configuration has KDCs of the realm, it has its primary ones too.
    fn is_in_dns(&self, config: &Config) -> bool {
        let is_configured = || {
            self.selection == KdcSelection::Primary
                && str::from_utf8(&self.realm).is_ok_and(|realm| config.has_kdcs(realm))
        };
        config.dns_lookup_kdc() && !is_configured()
    }

    fn not_found(&mut self, config: &Config) -> TransportError {
        // It may be out of a referral, which must not be able to drive a terminal.
        let realm = Shown::new(&self.realm).to_string();
        let selection = self.selection;
        match self.dns.take_problem() {
            Some(problem) => TransportError::DnsDiscovery {
                realm,
                selection,
                problem,
            },
            None if self.is_in_dns(config) => TransportError::DnsDiscovery {
                realm,
                selection,
                problem: DnsProblem::NotDomainName,
            },
            None if selection == KdcSelection::Password => {
                TransportError::NoPasswordServer { realm }
            }
            None => TransportError::NoKdc { realm },
        }
    }
}
