//! What a server spends on its peers.

use core::time::Duration;

/// What a server spends on its peers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Threads that answer requests for tickets: 1. Each takes from all their sockets what it can. Changes of
    /// passwords have one more of their own.
    pub threads: usize,
    /// Connections that each thread keeps open: 256.
    pub connections: usize,
    /// Bytes of the longest request on a stream: 256 KiB, enough for several tickets with large authorization data.
    pub request: usize,
    /// How long a peer has on a stream to send a request, and then to take the reply: 10 s.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            threads: 1,
            connections: 256,
            request: 256 * 1024,
            patience: Duration::from_secs(10),
        }
    }
}
