//! What a server did, for a log.

use core::fmt;
use core::net::SocketAddr;

use orthros_types::Timestamp;

use super::error::protocol;
use crate::{RequestRecord, Transport};

/// One request that a server has answered, or not. Its `Display` is a line of a log, without the time: peer,
/// principals and outcome; no key, no password.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServedRequest<'a> {
    /// Where it came from.
    pub peer: SocketAddr,
    /// How it came.
    pub transport: Transport,
    /// When, by the KDC's clock.
    pub at: Timestamp,
    /// What it was and what came of it.
    pub record: &'a RequestRecord,
}

impl fmt::Display for ServedRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = protocol(self.transport);
        write!(f, "{} {transport} {}", self.peer, self.record)
    }
}
