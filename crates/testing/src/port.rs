//! Loopback ports for servers.

use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

/// A loopback port that is free on TCP and on UDP at this moment.
///
/// Another process can take it before it is used: what starts a server on it tries again with another one.
///
/// # Errors
///
/// When the system has no port to give.
pub fn free_port() -> io::Result<u16> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..32 {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        match UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => last = error,
        }
    }
    Err(last)
}
