//! Ways to a realm's KDCs.
//!
//! [`KdcTransport`] is the seam: the exchanges of `orthros-krb5` say what to send to which realm, a transport
//! brings the answer. [`NetworkTransport`] does it over UDP and TCP in MIT's order, with MIT's patience; a test puts an
//! in-memory KDC there.

use core::fmt;
use std::io;
use std::time::Duration;

mod connection;
mod network;
mod plan;
mod race;
mod reply;
mod sockets;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod virtual_time;

pub use connection::Protocol;
pub use network::NetworkTransport;

use orthros_krb5::{KdcReply, KdcRequest, KdcSelection};
use orthros_types::MinorStatus;
use orthros_types::config::{Config, ConfigError};

/// Brings requests to the KDCs of a realm and their answers back. Blocks, for a bounded time.
pub trait KdcTransport: fmt::Debug + Send + Sync {
    /// Sends `request` to those of its realm's KDCs that `config` names and `kdcs` means, until one of them answers.
    ///
    /// # Errors
    ///
    /// [`TransportError`] where no KDC is known, or none answered.
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError>;
}

/// How patient a [`NetworkTransport`] is. The default is MIT's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// Between one server and the next: 1 s.
    pub between_servers: Duration,
    /// Behind the first pass over all servers, doubled behind each further one: 2 s.
    pub after_pass: Duration,
    /// How many passes: 3.
    pub passes: u32,
    /// What an established stream is waited for before others are tried: 10 s.
    pub stream: Duration,
    /// For all of it: no limit of its own. `request_timeout` of the configuration is one, too.
    pub total: Option<Duration>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            between_servers: Duration::from_secs(1),
            after_pass: Duration::from_secs(2),
            passes: 3,
            stream: Duration::from_secs(10),
            total: None,
        }
    }
}

/// Which protocol comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// Short messages.
    UdpFirst,
    /// Messages above `udp_preference_limit`.
    UdpLast,
    /// The answer does not fit in a datagram, as a KDC has said.
    NoUdp,
    /// Streams have failed.
    OnlyUdp,
}

/// No KDC answered a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Nothing says where the realm's KDCs are.
    #[error("cannot find a KDC for realm {realm}: [realms] has no kdc entry for it")]
    NoKdc {
        /// The realm, for display.
        realm: String,
    },
    /// Nothing says who changes passwords in the realm.
    #[error(
        "cannot find who changes passwords in realm {realm}: [realms] has neither kpasswd_server nor admin_server for it"
    )]
    NoPasswordServer {
        /// The realm, for display.
        realm: String,
    },
    /// Only DNS could say where the realm's KDCs are.
    #[error(
        "cannot find a KDC for realm {realm}: [realms] has no kdc entry for it, and discovery by DNS \
         (dns_lookup_kdc) is not supported"
    )]
    DnsDiscovery {
        /// The realm, for display.
        realm: String,
    },
    /// The configuration is wrong about the realm's KDCs, or about how to reach any.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No KDC gave a usable answer in time.
    #[error("cannot contact any KDC for realm {realm}: {}", Listed(attempts))]
    Unreachable {
        /// The realm, for display.
        realm: String,
        /// What became of each server or address.
        attempts: Vec<Attempt>,
    },
    /// A request longer than any KDC would read.
    #[error("a request of {length} octets is too long to be sent")]
    RequestTooLong {
        /// Its length.
        length: usize,
    },
    /// Waiting on the sockets failed.
    #[error("cannot wait for the KDCs of realm {realm}: {error}")]
    Poll {
        /// The realm, for display.
        realm: String,
        /// The system's word.
        error: io::Error,
    },
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
            Self::Unreachable { .. } | Self::RequestTooLong { .. } | Self::Poll { .. } => {
                MinorStatus::KRB5_KDC_UNREACH
            }
        }
    }

    /// Whether a KDC was there and said `KDC_ERR_SVC_UNAVAILABLE`.
    #[must_use]
    pub fn service_unavailable(&self) -> bool {
        matches!(self, Self::Unreachable { attempts, .. }
            if attempts.iter().any(|attempt| matches!(attempt.outcome, Outcome::Unavailable)))
    }
}

/// What became of one address of one KDC.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Address and port, or the configured name where it did not resolve.
    pub server: String,
    /// None where it did not come to that.
    pub protocol: Option<Protocol>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Why one address brought no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Outcome {
    /// A way to KDCs that is not supported.
    #[error("{0} are not supported")]
    Unsupported(&'static str),
    /// Silence.
    #[error("timed out")]
    NoAnswer,
    /// Name resolution, connection, sending or receiving failed.
    #[error("{0}")]
    Failed(io::Error),
    /// The stream ended before the reply was complete.
    #[error("closed the connection before its reply was complete")]
    Closed,
    /// The stream announced a reply that nobody would read.
    #[error(
        "announced a reply of {announced} octets, above the limit of {}",
        connection::LARGEST_STREAM_REPLY
    )]
    TooLong {
        /// Octets announced.
        announced: u32,
    },
    /// What came has not the outline of a KDC's message.
    #[error("answered with something that is no Kerberos message")]
    NotAReply,
    /// KRB-ERROR with `KDC_ERR_SVC_UNAVAILABLE`.
    #[error("said that it is unavailable")]
    Unavailable,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Some(protocol) => write!(f, "{} ({protocol}): {}", self.server, self.outcome),
            None => write!(f, "{}: {}", self.server, self.outcome),
        }
    }
}

/// Attempts as one line.
struct Listed<'a>(&'a [Attempt]);

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
