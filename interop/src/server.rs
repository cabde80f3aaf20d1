//! A realm that is served.

use std::fmt;
use std::net::SocketAddr;

/// A realm that is served until this value is dropped.
pub trait Server: fmt::Debug + Send + Sync {
    /// Where the KDC listens, on UDP and on TCP.
    fn kdc(&self) -> SocketAddr;

    /// Where passwords are changed.
    fn passwords(&self) -> SocketAddr;

    /// What the servers have said so far, which tell why a case fails.
    fn log(&self) -> String;
}
