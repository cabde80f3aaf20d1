//! Where a server is reached.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::SocketAddr;

use orthros_types::config::ServerAddress;

/// Where a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KdcAddress {
    /// On the network.
    Ip(SocketAddr),
    /// On this host: the path of a Unix domain socket, as MIT's from release 1.23 on have it.
    Unix(String),
    /// The URL of a KDC proxy, to be posted to as it is: the HTTP client finds the host, perhaps through a proxy of
    /// its own.
    Url(String),
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
            Self::Unix(name) | Self::Url(name) => f.write_str(name),
        }
    }
}

/// The URL of a KDC proxy, without a port where it is that of HTTPS.
pub(super) fn url(address: &ServerAddress, path: &str) -> String {
    let shown = shown(address);
    let host = shown.strip_suffix(":443").unwrap_or(&shown);
    format!("https://{host}/{path}")
}

/// A server as the configuration writes it.
pub(super) fn shown(server: &ServerAddress) -> String {
    if server.host.contains(':') {
        format!("[{}]:{}", server.host, server.port)
    } else {
        format!("{}:{}", server.host, server.port)
    }
}
