//! Why a server does not start.

use core::fmt;
use core::net::SocketAddr;
use std::io;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// An address can't be listened on.
    #[error("cannot listen on {address} ({transport}): {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// By what.
        transport: Transports,
        /// What the system said.
        error: io::Error,
    },
    /// There are no threads or descriptors to be had.
    #[error("cannot start a thread for the server: {0}")]
    Thread(#[source] io::Error),
}

/// What a server listens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transports {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

impl fmt::Display for Transports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}
