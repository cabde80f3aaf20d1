//! Where a server's socket is.

use alloc::string::String;
use core::fmt;
use core::net::SocketAddr;

/// Where a server's socket is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KdcAddress {
    /// On the network.
    Ip(SocketAddr),
    /// On this host: the path of a Unix domain socket, as MIT's from release 1.23 on have it.
    Unix(String),
}

impl From<SocketAddr> for KdcAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Ip(address)
    }
}

impl fmt::Display for KdcAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Unix(path) => f.write_str(path),
        }
    }
}
