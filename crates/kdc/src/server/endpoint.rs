//! One address, by UDP and by TCP.

use core::net::SocketAddr;
use std::io::{self, ErrorKind};
use std::net::{TcpListener, UdpSocket};

use super::error::ServerError;
use super::responder::Service;
use crate::Transport;

/// Sockets of both sorts on one port.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) datagrams: UdpSocket,
    pub(super) listener: TcpListener,
    pub(super) service: Service,
    pub(super) address: SocketAddr,
}

impl Endpoint {
    /// Port 0 lets the system choose one that is free for both.
    pub(super) fn bind(address: SocketAddr, service: Service) -> Result<Self, ServerError> {
        let mut attempts = 0;
        loop {
            match Self::try_bind(address, service) {
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

    /// The same sockets for another thread.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            datagrams: self.datagrams.try_clone()?,
            listener: self.listener.try_clone()?,
            service: self.service,
            address: self.address,
        })
    }

    fn try_bind(address: SocketAddr, service: Service) -> Result<Self, ServerError> {
        let failed = |address, transport| {
            move |error| ServerError::Listen {
                address,
                transport,
                error,
            }
        };
        let datagrams = UdpSocket::bind(address).map_err(failed(address, Transport::Datagram))?;
        let address = datagrams
            .set_nonblocking(true)
            .and_then(|()| datagrams.local_addr())
            .map_err(failed(address, Transport::Datagram))?;
        let listener = TcpListener::bind(address).map_err(failed(address, Transport::Stream))?;
        listener
            .set_nonblocking(true)
            .map_err(failed(address, Transport::Stream))?;
        Ok(Self {
            datagrams,
            listener,
            service,
            address,
        })
    }
}

/// How many ports that are free for UDP and not for TCP are given up on.
const ATTEMPTS: u32 = 100;
