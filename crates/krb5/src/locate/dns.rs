//! Servers that DNS knows: URI records (draft-mccallum-kitten-krb-service-discovery) and SRV records (RFC 4120 section
//! 7.2.3.2).

use alloc::string::String;
use alloc::vec::Vec;

use orthros_types::config::{Config, KDC_PORT, KPASSWD_PORT, Server, ServerAddress};

use super::{KdcServer, uri};
use crate::dns::{DnsAnswer, DnsError, DnsName, DnsQuestion, DnsRecord, RecordType, SrvRecord};
use crate::failover::Protocol;
use crate::transport::DnsProblem;

/// Records of one name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    /// The labels in front of the realm.
    labels: &'static [&'static str],
    record_type: RecordType,
    /// By what the servers of SRV records are asked; URI records say it themselves.
    protocols: &'static [Protocol],
    /// The port of servers that are named without one.
    default_port: u16,
    /// Which of the servers count, and for what.
    servers: Servers,
}

/// What the servers of a look-up are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Servers {
    /// What they are said to be.
    Any,
    /// Primary KDCs: those of URI records that are said to be.
    Primary,
    /// Administration servers, which change passwords at another port.
    Admin,
}

const UDP: &[Protocol] = &[Protocol::Udp];
const TCP: &[Protocol] = &[Protocol::Tcp];
const BOTH: &[Protocol] = &[Protocol::Udp, Protocol::Tcp];

pub(super) const KDC_URI: &[Lookup] = &[Lookup::uri(&["_kerberos"], KDC_PORT, Servers::Any)];
pub(super) const KDC_SRV: &[Lookup] = &[
    Lookup::srv(&["_kerberos", "_udp"], UDP, Servers::Any),
    Lookup::srv(&["_kerberos", "_tcp"], TCP, Servers::Any),
];
pub(super) const PRIMARY_URI: &[Lookup] =
    &[Lookup::uri(&["_kerberos"], KDC_PORT, Servers::Primary)];
pub(super) const PRIMARY_SRV: &[Lookup] = &[
    Lookup::srv(&["_kerberos-master", "_udp"], UDP, Servers::Primary),
    Lookup::srv(&["_kerberos-master", "_tcp"], TCP, Servers::Primary),
];
pub(super) const PASSWORD_URI: &[Lookup] =
    &[Lookup::uri(&["_kpasswd"], KPASSWD_PORT, Servers::Any)];
pub(super) const PASSWORD_SRV: &[Lookup] = &[
    Lookup::srv(&["_kpasswd", "_udp"], UDP, Servers::Any),
    Lookup::srv(&["_kpasswd", "_tcp"], TCP, Servers::Any),
];
pub(super) const ADMIN_URI: &[Lookup] = &[Lookup::uri(
    &["_kerberos-adm"],
    KPASSWD_PORT,
    Servers::Admin,
)];
pub(super) const ADMIN_SRV: &[Lookup] = &[Lookup::srv(
    &["_kerberos-adm", "_tcp"],
    BOTH,
    Servers::Admin,
)];

impl Lookup {
    const fn uri(labels: &'static [&'static str], default_port: u16, servers: Servers) -> Self {
        Self {
            labels,
            record_type: RecordType::Uri,
            protocols: &[],
            default_port,
            servers,
        }
    }

    const fn srv(
        labels: &'static [&'static str],
        protocols: &'static [Protocol],
        servers: Servers,
    ) -> Self {
        Self {
            labels,
            record_type: RecordType::Srv,
            protocols,
            // A record always has a port.
            default_port: 0,
            servers,
        }
    }

    fn question(&self, site: Option<&str>, realm: &[u8]) -> Option<DnsQuestion> {
        let mut labels = Vec::from(self.labels);
        labels.extend(site.into_iter().flat_map(|site| [site, "_sites"]));
        Some(DnsQuestion {
            name: DnsName::new(&labels, realm)?,
            record_type: self.record_type,
        })
    }

    /// The server of a record; nothing where it names none that can be asked.
    fn server(&self, record: DnsRecord) -> Option<KdcServer> {
        let mut found = match record {
            DnsRecord::Srv(record) => self.srv_server(record)?,
            DnsRecord::Uri(record) => uri::server(&record.target, self.default_port)?,
            DnsRecord::Txt(_) => return None,
        };
        match (self.servers, &mut found.server) {
            (Servers::Primary, _) if !found.is_primary => return None,
            (Servers::Admin, Server::Host(address)) => address.port = KPASSWD_PORT,
            _ => {}
        }
        Some(found)
    }

    fn srv_server(&self, record: SrvRecord) -> Option<KdcServer> {
        let address = ServerAddress {
            // A final dot keeps the system's resolver from trying its search domains.
            host: record.target? + ".",
            port: record.port,
        };
        Some(KdcServer {
            server: Server::Host(address),
            protocols: self.protocols,
            is_primary: self.servers == Servers::Primary,
        })
    }
}

/// The look-ups of one source, one after the other.
#[derive(Clone, Debug)]
pub(super) struct DnsSearch {
    /// Those that are not answered yet; the first one was asked, where a question is open.
    lookups: &'static [Lookup],
    /// `sitename`, where the look-up is to be tried with it first.
    site: Option<String>,
    /// Whether the first look-up is tried within the site.
    is_in_site: bool,
    is_open: bool,
    found: Vec<KdcServer>,
    /// What stood in the way of finding any.
    problem: Option<DnsProblem>,
}

impl DnsSearch {
    pub(super) const fn new() -> Self {
        Self {
            lookups: &[],
            site: None,
            is_in_site: false,
            is_open: false,
            found: Vec::new(),
            problem: None,
        }
    }

    /// Begins with these, unless they are of URI records and the configuration wants none of those.
    pub(super) fn begin(&mut self, lookups: &'static [Lookup], config: &Config) {
        let is_uri = lookups
            .iter()
            .any(|lookup| lookup.record_type == RecordType::Uri);
        if is_uri && !config.dns_uri_lookup() {
            return;
        }
        self.lookups = lookups;
        self.is_in_site = true;
    }

    /// What is to be asked next; nothing once all is answered.
    pub(super) fn next_question(&mut self, realm: &[u8], config: &Config) -> Option<DnsQuestion> {
        let lookup = self.lookups.first()?;
        let site = str::from_utf8(realm)
            .ok()
            .and_then(|realm| config.sitename(realm));
        let site = site.filter(|_| self.is_in_site);
        self.site = site.map(String::from);
        let question = lookup.question(site, realm);
        self.is_open = question.is_some();
        if question.is_none() {
            self.lookups = &[];
        }
        question
    }

    pub(super) fn answered(&mut self, answer: Result<DnsAnswer, DnsError>) {
        let Some((lookup, others)) = self.lookups.split_first().filter(|_| self.is_open) else {
            return;
        };
        self.is_open = false;
        let records = match answer {
            Ok(answer) => answer.records,
            Err(error) => {
                self.note(DnsProblem::Failed(error));
                Vec::new()
            }
        };
        if self.site.take().is_some() && records.is_empty() {
            self.is_in_site = false;
            return;
        }
        (self.lookups, self.is_in_site) = (others, true);
        let is_denied =
            |record: &DnsRecord| matches!(record, DnsRecord::Srv(SrvRecord { target: None, .. }));
        self.note(match &records[..] {
            [only] if is_denied(only) => DnsProblem::NoService,
            _ => DnsProblem::NoRecords,
        });
        let servers = records
            .into_iter()
            .filter_map(|record| lookup.server(record));
        self.found.extend(servers);
    }

    pub(super) fn take_servers(&mut self) -> Vec<KdcServer> {
        core::mem::take(&mut self.found)
    }

    /// Why DNS has led to none; nothing where it was not asked.
    pub(super) fn take_problem(&mut self) -> Option<DnsProblem> {
        self.problem.take()
    }

    /// What says most is kept.
    fn note(&mut self, problem: DnsProblem) {
        let says_more = match (&self.problem, &problem) {
            (None, _) | (Some(DnsProblem::NoRecords), _) => true,
            (Some(_), DnsProblem::Failed(_)) => true,
            (Some(_), _) => false,
        };
        if says_more {
            self.problem = Some(problem);
        }
    }
}
