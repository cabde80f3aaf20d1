//! What Kerberos asks the DNS: service, URI and text records (RFC 1035, RFC 2782, RFC 7553), without I/O.
//!
//! This is a stub resolver for the records that say where KDCs are and which realm a host is in. Addresses and names
//! of hosts are not asked here: the system's resolver knows `/etc/hosts` and its other sources.
//!
//! | what | where |
//! |---|---|
//! | what is asked, and what is answered | [`DnsQuestion`], [`DnsAnswer`] |
//! | which name servers are asked when, over which protocol (RFC 1035 section 7) | [`DnsLookup`] |
//! | name servers and options, as resolv.conf(5) has them | [`ResolverConfig`] |
//! | answers, for as long as they may be kept (RFC 2308) | [`DnsCache`] |
//!
//! An answer proves nothing: it is not signed, and comes from as far as the network reaches. It says which address is
//! asked, and a KDC has to show that it has the realm's key all the same.

mod cache;
mod lookup;
mod message;
mod name;
mod order;
mod records;
mod resolv_conf;

pub use cache::DnsCache;
pub use lookup::{DnsError, DnsEvent, DnsLookup, DnsQuery, DnsStep, NameServerOutcome};
pub use name::DnsName;
pub use records::{DnsAnswer, DnsQuestion, DnsRecord, RecordType, SrvRecord, UriRecord};
pub use resolv_conf::ResolverConfig;

/// For the fuzz target: what a reply to a question says, without the machine around it.
#[doc(hidden)]
pub mod wire {
    pub use super::message::{BadReply, Reply, decode, encode};
}
