//! This host's addresses, for tickets that are to be good from here alone.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use orthros_asn1::{AddressType, HostAddress};

/// Those of the interfaces that are up, without the loopback's and the link's own, which say nothing elsewhere.
pub(super) fn local_addresses() -> io::Result<Vec<HostAddress>> {
    let interfaces = getifaddrs()?.filter(|each| each.flags.contains(InterfaceFlags::IFF_UP));
    let addresses: BTreeSet<IpAddr> = interfaces
        .filter_map(|each| {
            let address = each.address?;
            let ipv4 = address.as_sockaddr_in().map(|address| address.ip().into());
            ipv4.or_else(|| address.as_sockaddr_in6().map(|address| address.ip().into()))
        })
        .filter(is_known_elsewhere)
        .collect();
    Ok(addresses.into_iter().map(host_address).collect())
}

fn is_known_elsewhere(address: &IpAddr) -> bool {
    let is_of_link = match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !address.is_loopback() && !address.is_unspecified() && !is_of_link
}

pub(super) fn host_address(address: IpAddr) -> HostAddress {
    let (addr_type, bytes) = match address {
        IpAddr::V4(address) => (AddressType::IPV4, address.octets().to_vec()),
        IpAddr::V6(address) => (AddressType::IPV6, address.octets().to_vec()),
    };
    HostAddress {
        addr_type,
        address: bytes.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_elsewhere_to_another_host_are_left_out() {
        for (address, expected) in [
            ("192.0.2.1", true),
            ("127.0.0.1", false),
            ("0.0.0.0", false),
            ("2001:db8::1", true),
            ("::1", false),
            ("fe80::1", false),
        ] {
            assert_eq!(
                is_known_elsewhere(&address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        let address = host_address("192.0.2.1".parse().unwrap());
        assert_eq!(address.addr_type, AddressType::IPV4);
        assert_eq!(&*address.address, [192, 0, 2, 1]);
    }
}
