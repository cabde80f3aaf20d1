//! What is asked, and what is answered.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::name::DnsName;

/// A type of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// SRV, 33 (RFC 2782): the servers of a service.
    Srv,
    /// URI, 256 (RFC 7553): the same, in the form that draft-mccallum-kitten-krb-service-discovery gives it.
    Uri,
    /// TXT, 16 (RFC 1035 section 3.3.14): a text, which is a realm at `_kerberos.DOMAIN`.
    Txt,
}

/// A question to the DNS, in class IN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsQuestion {
    /// Of which name.
    pub name: DnsName,
    /// Records of which type.
    pub record_type: RecordType,
}

/// An answer: the records, or that there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsAnswer {
    /// All of the type that was asked for; SRV and URI records in the order in which they are to be tried. Empty where
    /// the name does not exist or has none.
    pub records: Vec<DnsRecord>,
    /// For how long it may be kept.
    pub ttl: Duration,
}

/// A record's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsRecord {
    /// A server.
    Srv(SrvRecord),
    /// A server, as a URI.
    Uri(UriRecord),
    /// A text: the first string of the record, of at most 255 bytes.
    Txt(Vec<u8>),
}

/// A server of a service (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrvRecord {
    /// Servers with lower numbers are tried first.
    pub priority: u16,
    /// How often it is the first one among those of its priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host in lower case, without a final dot; nothing where the domain says that it does not have the service
    /// (`.`).
    pub target: Option<String>,
}

/// A server of a service (RFC 7553).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriRecord {
    /// As in an [`SrvRecord`].
    pub priority: u16,
    /// As in an [`SrvRecord`].
    pub weight: u16,
    /// The URI, in printable ASCII.
    pub target: String,
}

impl DnsRecord {
    /// Priority and weight of those records that have them.
    pub(super) const fn preference(&self) -> Option<(u16, u16)> {
        match self {
            Self::Srv(record) => Some((record.priority, record.weight)),
            Self::Uri(record) => Some((record.priority, record.weight)),
            Self::Txt(_) => None,
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Srv => "SRV",
            Self::Uri => "URI",
            Self::Txt => "TXT",
        })
    }
}

impl fmt::Display for DnsQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.record_type)
    }
}
