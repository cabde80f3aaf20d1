//! Why a server does not start.

use core::net::SocketAddr;
use std::io;
use std::path::PathBuf;

use crate::Transport;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// An address can't be listened on.
    #[error("cannot listen on {address} ({}): {error}", protocol(*transport))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The transport.
        transport: Transport,
        /// What the system said.
        error: io::Error,
    },
    /// A path can't be listened at.
    #[error("cannot listen at {}: {error}", path.display())]
    ListenAt {
        /// The path.
        path: PathBuf,
        /// What the system said, or is there.
        error: io::Error,
    },
    /// There are no threads or descriptors to be had.
    #[error("cannot start a thread for the server: {0}")]
    Thread(io::Error),
}

/// The protocol as administrators call it.
pub(super) const fn protocol(transport: Transport) -> &'static str {
    match transport {
        Transport::Datagram => "UDP",
        Transport::Stream => "TCP",
    }
}
