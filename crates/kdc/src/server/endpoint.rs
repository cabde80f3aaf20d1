//! One address, by UDP and by TCP; or one path.

use core::net::SocketAddr;
use std::io::{self, ErrorKind};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, listen, setsockopt, socket,
    sockopt,
};

use super::error::ServerError;
use super::responder::Service;
use super::socket_file::{SocketFile, listen_at};
use super::stream::Listener;
use crate::Transport;

/// Sockets of both sorts on one port, or a Unix domain socket.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// None of a path.
    pub(super) datagrams: Option<UdpSocket>,
    pub(super) listener: Listener,
    pub(super) service: Service,
    /// None of a path.
    pub(super) address: Option<SocketAddr>,
}

impl Endpoint {
    /// Port 0 lets the system choose one that is free for both.
    ///
    /// `[::]` takes what comes by IPv4, too, unless an address of IPv4 on the same port is one of `others`.
    pub(super) fn bind(
        address: SocketAddr,
        service: Service,
        others: &[SocketAddr],
    ) -> Result<Self, ServerError> {
        let shares = |other: &SocketAddr| other.is_ipv4() && other.port() == address.port();
        let only_v6 = address.port() != 0 && others.iter().any(shares);
        let mut attempts = 0;
        loop {
            match Self::try_bind(address, service, only_v6) {
                Err(ServerError::Listen {
                    transport: Transport::Stream,
                    error,
                    ..
                }) if address.port() == 0
                    && error.kind() == ErrorKind::AddrInUse
                    && attempts < ATTEMPTS =>
                {
                    attempts += 1;
                }
                bound => return bound,
            }
        }
    }

    /// At a path, with the file that is to be removed at the end.
    pub(super) fn at(path: &Path, service: Service) -> Result<(Self, SocketFile), ServerError> {
        let (listener, file) = listen_at(path).map_err(|error| ServerError::ListenAt {
            path: path.into(),
            error,
        })?;
        let endpoint = Self {
            datagrams: None,
            listener: Listener::Unix(listener, Arc::new(PathBuf::from(path))),
            service,
            address: None,
        };
        Ok((endpoint, file))
    }

    /// The same sockets for another thread.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        let datagrams = self.datagrams.as_ref();
        Ok(Self {
            datagrams: datagrams.map(UdpSocket::try_clone).transpose()?,
            listener: self.listener.try_clone()?,
            service: self.service,
            address: self.address,
        })
    }

    fn try_bind(address: SocketAddr, service: Service, only_v6: bool) -> Result<Self, ServerError> {
        let failed = |address, transport| {
            move |error| ServerError::Listen {
                address,
                transport,
                error,
            }
        };
        let datagrams = datagram_socket(address, only_v6);
        let datagrams = datagrams.map_err(failed(address, Transport::Datagram))?;
        let address = datagrams
            .local_addr()
            .map_err(failed(address, Transport::Datagram))?;
        let listener = stream_listener(address, only_v6);
        let listener = listener.map_err(failed(address, Transport::Stream))?;
        Ok(Self {
            datagrams: Some(datagrams),
            listener: Listener::Tcp(listener),
            service,
            address: Some(address),
        })
    }
}

/// A socket for datagrams that says to which address each was sent, where that is not the one that it is bound to.
fn datagram_socket(address: SocketAddr, only_v6: bool) -> io::Result<UdpSocket> {
    let unbound = unbound(address, SockType::Datagram, only_v6)?;
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => {
            setsockopt(&unbound, sockopt::Ipv4PacketInfo, &true)?;
        }
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            setsockopt(&unbound, sockopt::Ipv6RecvPacketInfo, &true)?;
        }
        _ => {}
    }
    bind(unbound.as_raw_fd(), &SockaddrStorage::from(address))?;
    Ok(unbound.into())
}

fn stream_listener(address: SocketAddr, only_v6: bool) -> io::Result<TcpListener> {
    let unbound = unbound(address, SockType::Stream, only_v6)?;
    // So that a KDC which was stopped can be started again while old connections fade away.
    setsockopt(&unbound, sockopt::ReuseAddr, &true)?;
    bind(unbound.as_raw_fd(), &SockaddrStorage::from(address))?;
    listen(&unbound, Backlog::MAXCONN)?;
    Ok(unbound.into())
}

fn unbound(address: SocketAddr, kind: SockType, only_v6: bool) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        AddressFamily::Inet
    } else {
        AddressFamily::Inet6
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let unbound = socket(family, kind, flags, None)?;
    if address.is_ipv6() {
        // Said in either case, as the system's default can be either.
        setsockopt(&unbound, sockopt::Ipv6V6Only, &only_v6)?;
    }
    Ok(unbound)
}

/// How many ports that are free for UDP and not for TCP are given up on.
const ATTEMPTS: u32 = 100;
