//! Why a request has no reply.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use orthros_types::MinorStatus;
use orthros_types::config::ConfigError;

use super::KdcSelection;
use crate::dns::DnsError;
use crate::failover::{LARGEST_STREAM_REPLY, Protocol, ProxyReplyError};

/// No KDC replied to a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Nothing says where the realm's KDCs are.
    #[error("cannot find a KDC for realm {realm}: [realms] has no kdc entry for it")]
    NoKdc {
        /// The realm, for display.
        realm: String,
    },
    /// Nothing says which server changes passwords in the realm.
    #[error(
        "cannot find who changes passwords in realm {realm}: [realms] has neither kpasswd_server nor admin_server for it"
    )]
    NoPasswordServer {
        /// The realm, for display.
        realm: String,
    },
    /// Neither the configuration nor DNS says where the realm's servers are.
    #[error("cannot find {}, and {problem}", Sought { realm, selection: *selection })]
    DnsDiscovery {
        /// The realm, for display.
        realm: String,
        /// Which servers were looked for.
        selection: KdcSelection,
        /// Why DNS does not say it.
        problem: DnsProblem,
    },
    /// The configuration is wrong about the realm's KDCs, or about how to reach any.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No KDC gave a valid reply in time.
    #[error("cannot contact any KDC for realm {realm}: {}", Listed(attempts))]
    Unreachable {
        /// The realm, for display.
        realm: String,
        /// How it went with each server or address.
        attempts: Vec<KdcAttempt>,
    },
    /// A request longer than any KDC would read.
    #[error("a request of {length} octets is too long to be sent")]
    RequestTooLong {
        /// Its length.
        length: usize,
    },
    /// Waiting for a reply failed in the driver.
    #[error("cannot wait for the KDCs of realm {realm}: {error}")]
    Wait {
        /// The realm, for display.
        realm: String,
        /// The system's text.
        error: String,
    },
}

/// Why DNS does not lead to a realm's servers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsProblem {
    /// It has no records for them, or none that names a server that can be asked.
    NoRecords,
    /// It says that there are none: its only record is one of the target `.` (RFC 2782).
    NoService,
    /// It did not answer.
    Failed(DnsError),
    /// The realm's name is no domain name.
    NotDomainName,
}

/// How it went with one address of one KDC.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KdcAttempt {
    /// Address and port, or the configured name where it did not resolve.
    pub server: String,
    /// None where it did not come to that.
    pub protocol: Option<Protocol>,
    /// How it ended.
    pub outcome: AttemptOutcome,
}

/// Why one address brought no valid reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// A kind of server that is not supported, in the plural.
    Unsupported(&'static str),
    /// Silence.
    NoReply,
    /// Name resolution, connection, sending or receiving failed: the system's text.
    Failed(String),
    /// The stream ended before the reply was complete.
    Closed,
    /// The stream announced a reply above the limit.
    TooLong {
        /// The length that was announced, in bytes.
        announced: u32,
    },
    /// A KDC proxy's response is not one to the request.
    ProxyReply(ProxyReplyError),
    /// What came has not the outline of a KDC's message.
    Malformed,
    /// KRB-ERROR with `KDC_ERR_SVC_UNAVAILABLE`.
    Unavailable,
}

impl TransportError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::NoKdc { .. } | Self::NoPasswordServer { .. } | Self::DnsDiscovery { .. } => {
                MinorStatus::KRB5_REALM_UNKNOWN
            }
            Self::Config(_) => MinorStatus::KRB5_CONFIG_BADFORMAT,
            Self::Unreachable { .. } if self.service_unavailable() => {
                MinorStatus::KRB5KDC_ERR_SVC_UNAVAILABLE
            }
            Self::Unreachable { .. } | Self::RequestTooLong { .. } | Self::Wait { .. } => {
                MinorStatus::KRB5_KDC_UNREACH
            }
        }
    }

    /// Whether a KDC was there and said `KDC_ERR_SVC_UNAVAILABLE`.
    #[must_use]
    pub fn service_unavailable(&self) -> bool {
        matches!(self, Self::Unreachable { attempts, .. }
            if attempts.iter().any(|attempt| attempt.outcome == AttemptOutcome::Unavailable))
    }
}

impl fmt::Display for KdcAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Some(protocol) => write!(f, "{} ({protocol}): {}", self.server, self.outcome),
            None => write!(f, "{}: {}", self.server, self.outcome),
        }
    }
}

impl fmt::Display for AttemptOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(servers) => write!(f, "{servers} are not supported"),
            Self::NoReply => f.write_str("timed out"),
            Self::Failed(text) => f.write_str(text),
            Self::Closed => f.write_str("closed the connection before its reply was complete"),
            Self::TooLong { announced } => write!(
                f,
                "announced a reply of {announced} octets, above the limit of {LARGEST_STREAM_REPLY}"
            ),
            Self::ProxyReply(error) => error.fmt(f),
            Self::Malformed => f.write_str("answered with something that is no Kerberos message"),
            Self::Unavailable => f.write_str("said that it is unavailable"),
        }
    }
}

impl fmt::Display for DnsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecords => f.write_str("DNS has neither URI nor SRV records that name one"),
            Self::NoService => f.write_str("DNS says that there is none"),
            Self::Failed(error) => write!(f, "DNS can't be asked: {error}"),
            Self::NotDomainName => f.write_str("its name is none that DNS could have"),
        }
    }
}

/// What was looked for in vain, and where first.
struct Sought<'a> {
    realm: &'a str,
    selection: KdcSelection,
}

impl fmt::Display for Sought<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let realm = self.realm;
        match self.selection {
            KdcSelection::Any | KdcSelection::Primary => {
                write!(
                    f,
                    "a KDC for realm {realm}: [realms] has no kdc entry for it"
                )
            }
            KdcSelection::Password => write!(
                f,
                "who changes passwords in realm {realm}: [realms] has neither kpasswd_server nor admin_server for it"
            ),
        }
    }
}

/// Attempts as one line.
struct Listed<'a>(&'a [KdcAttempt]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, attempt) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            attempt.fmt(f)?;
        }
        Ok(())
    }
}
