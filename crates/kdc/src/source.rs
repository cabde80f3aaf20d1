//! Where a request came from.

use core::net::IpAddr;

/// Where a request came from, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The sender's address, which tickets that are bound to addresses must name.
    pub address: IpAddr,
    /// How the request came, and so how the reply goes.
    pub transport: Transport,
}

/// How requests and replies travel, RFC 4120 section 7.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP: a reply that is too long for it is replaced by `KRB_ERR_RESPONSE_TOO_BIG`.
    Datagram,
    /// TCP, or anything else that takes a reply of any length.
    Stream,
}
