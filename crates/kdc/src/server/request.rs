//! What a server did, for a log.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use orthros_types::Timestamp;

use super::error::protocol;
use crate::{RequestRecord, Transport};

/// Where a request came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Peer {
    /// From this address and port.
    Ip(SocketAddr),
    /// From a process of this host, which has no address: the path of the Unix domain socket that it came by.
    Unix(Arc<PathBuf>),
}

impl Peer {
    /// The address that a ticket must be good for. A process of this host is at loopback.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        match self {
            Self::Ip(peer) => peer.ip(),
            Self::Unix(_) => Ipv4Addr::LOCALHOST.into(),
        }
    }
}

/// One request that a server has answered, or not. Its `Display` is a line of a log, without the time: peer,
/// principals and outcome; no key, no password.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServedRequest<'a> {
    /// Where it came from.
    pub peer: &'a Peer,
    /// How it came.
    pub transport: Transport,
    /// When, by the KDC's clock.
    pub at: Timestamp,
    /// What it was and what came of it.
    pub record: &'a RequestRecord,
}

impl fmt::Display for ServedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Peer::Ip(peer) => {
                let transport = protocol(self.transport);
                write!(f, "{peer} {transport} {}", self.record)
            }
            Peer::Unix(path) => write!(f, "{} Unix {}", path.display(), self.record),
        }
    }
}
