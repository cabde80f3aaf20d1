//! Datagrams, and replies to them that leave from the address that the request was sent to.
//!
//! A socket that is bound to the unspecified address receives for all of the host's. The system would choose the
//! address of a reply by its routes, and a client takes a reply from no other address than the one that it asked.

use core::net::SocketAddr;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::{Ipv6Addr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::prelude::rust_2024::*;

use nix::cmsg_space;
use nix::libc::{in_addr, in_pktinfo, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg,
};

/// A datagram that was received.
pub(super) struct Received {
    /// Its length in bytes.
    pub(super) length: usize,
    /// The address of its sender.
    pub(super) peer: SocketAddr,
    back: SockaddrStorage,
    local: Option<Local>,
}

/// The address of ours that a datagram was sent to, in the form in which a reply leaves from it.
#[derive(Clone, Copy)]
enum Local {
    V4(in_pktinfo),
    V6(in6_pktinfo),
}

/// Room for the control messages of a datagram, in which the system says where it was sent to.
pub(super) fn control_buffer() -> Vec<u8> {
    use std::vec;
    cmsg_space!(in_pktinfo, in6_pktinfo)
}

/// Takes the next datagram from the socket.
pub(super) fn receive(
    socket: &UdpSocket,
    datagram: &mut [u8],
    control: &mut [u8],
) -> io::Result<Received> {
    let mut places = [IoSliceMut::new(datagram)];
    let received = recvmsg::<SockaddrStorage>(
        socket.as_raw_fd(),
        &mut places,
        Some(control),
        MsgFlags::empty(),
    )?;
    let back = received.address.ok_or(ErrorKind::InvalidData)?;
    // Where it is missing, the system chooses; it is asked for on sockets of the unspecified address only.
    let local = received.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::Ipv4PacketInfo(info) => Some(Local::V4(info)),
        ControlMessageOwned::Ipv6PacketInfo(info) => Some(Local::V6(info)),
        _ => None,
    });
    Ok(Received {
        length: received.bytes,
        peer: peer(&back).ok_or(ErrorKind::InvalidData)?,
        back,
        local: local.and_then(Local::to_send_from),
    })
}

impl Received {
    /// Sends a reply to it.
    pub(super) fn reply(&self, socket: &UdpSocket, reply: &[u8]) -> io::Result<()> {
        let parts = [IoSlice::new(reply)];
        let from = match &self.local {
            Some(Local::V4(info)) => Some(ControlMessage::Ipv4PacketInfo(info)),
            Some(Local::V6(info)) => Some(ControlMessage::Ipv6PacketInfo(info)),
            None => None,
        };
        let to = Some(&self.back);
        let flags = MsgFlags::empty();
        sendmsg(socket.as_raw_fd(), &parts, from.as_slice(), flags, to)?;
        Ok(())
    }
}

impl Local {
    /// Only the address: through which interface a reply leaves is a matter of routes, but for addresses that mean
    /// something on one link only.
    fn to_send_from(self) -> Option<Self> {
        match self {
            Self::V4(info) => Some(Self::V4(in_pktinfo {
                ipi_ifindex: 0,
                // Of a broadcast this is the address of the interface.
                ipi_spec_dst: info.ipi_spec_dst,
                ipi_addr: in_addr { s_addr: 0 },
            })),
            Self::V6(info) => {
                let address = Ipv6Addr::from(info.ipi6_addr.s6_addr);
                let on_link = address.is_unicast_link_local();
                let info = in6_pktinfo {
                    ipi6_addr: info.ipi6_addr,
                    ipi6_ifindex: if on_link { info.ipi6_ifindex } else { 0 },
                };
                // Nothing can be sent from the address of a group.
                (!address.is_multicast()).then_some(Self::V6(info))
            }
        }
    }
}

fn peer(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().copied().map(SocketAddr::from);
    v4.or_else(|| address.as_sockaddr_in6().copied().map(SocketAddr::from))
}
