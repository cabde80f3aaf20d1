//! Names and addresses of hosts, by the system's own resolver: `/etc/hosts`, DNS and what else it asks.

use core::fmt;
use std::net::IpAddr;

use dns_lookup::{AddrInfoHints, getaddrinfo, lookup_addr};
use nix::libc::AI_CANONNAME;

/// How an [`Environment`](crate::Environment) finds the canonical name of a host. Blocks for as long as the resolver
/// does.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// What is known of a host's name; nothing where it does not resolve.
    fn forward(&self, host: &str) -> Option<HostRecord>;

    /// The name of an address; nothing where it has none.
    fn reverse(&self, address: IpAddr) -> Option<String>;
}

/// What a resolver says of a host's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRecord {
    /// The name that all its aliases lead to, where the resolver says it.
    pub canonical_name: Option<String>,
    /// Its first address.
    pub address: IpAddr,
}

/// The system's resolver, as MIT asks it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn forward(&self, host: &str) -> Option<HostRecord> {
        let hints = AddrInfoHints {
            flags: AI_CANONNAME,
            ..AddrInfoHints::default()
        };
        let found = getaddrinfo(Some(host), None, Some(hints))
            .ok()?
            .next()?
            .ok()?;
        Some(HostRecord {
            canonical_name: found.canonname,
            address: found.sockaddr.ip(),
        })
    }

    fn reverse(&self, address: IpAddr) -> Option<String> {
        lookup_addr(&address).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn the_system_knows_an_address_by_itself() {
        let record = SystemResolver.forward("127.0.0.1").unwrap();
        assert_eq!(record.address, Ipv4Addr::LOCALHOST);
        assert_eq!(record.canonical_name.as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn this_host_is_found_by_its_name() {
        let record = SystemResolver.forward("localhost").unwrap();
        assert!(record.address.is_loopback());
    }

    #[test]
    fn what_is_no_name_is_not_found() {
        assert_eq!(SystemResolver.forward("no\0name"), None);
    }
}
