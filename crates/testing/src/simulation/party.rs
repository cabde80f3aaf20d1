//! The environments of client and acceptor: the host's own code, in the world's time.

use std::fmt::Write as _;
use std::sync::Arc;

use orthros_host::{Environment, MemoryReplayCache};

use super::chance::Chance;
use super::network::Network;
use super::realm::{HOST, REALM, SimulatedRealm};
use super::time::WorldTime;

/// The client's: its clock, its way to so many KDCs, and a cache in memory.
pub(super) fn client(
    network: &Network,
    hosts: usize,
    time: &WorldTime,
    skew: i64,
    chance: &mut Chance,
) -> Result<Environment, String> {
    let mut config = format!(
        "[libdefaults]\n default_realm = {REALM}\n dns_canonicalize_hostname = false\n dns_lookup_kdc = false\n\
         [domain_realm]\n {HOST} = {REALM}\n[realms]\n {REALM} = {{\n"
    );
    for host in 0..hosts {
        let _ = writeln!(config, "  kdc = kdc{host}.simulation.test");
    }
    config.push_str(" }\n");
    let builder = Environment::builder().config_text("the client's krb5.conf", &config);
    Ok(builder
        .map_err(|error| format!("the client can't read its configuration: {error}"))?
        .transport(Arc::new(network.clone()))
        .clock(Arc::new(time.clock(skew)))
        .randomness(Arc::new(chance.randomness()))
        .default_cache("MEMORY:simulation")
        .build())
}

/// The acceptor's: its clock, its keytab, and its memory of authenticators.
pub(super) fn acceptor(
    realm: &SimulatedRealm,
    time: &WorldTime,
    skew: i64,
    chance: &mut Chance,
) -> Result<Environment, String> {
    let config = format!("[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n");
    let builder = Environment::builder().config_text("the acceptor's krb5.conf", &config);
    Ok(builder
        .map_err(|error| format!("the acceptor can't read its configuration: {error}"))?
        .clock(Arc::new(time.clock(skew)))
        .randomness(Arc::new(chance.randomness()))
        .default_keytab(realm.keytab())
        .replay_cache(Arc::new(MemoryReplayCache::new()))
        .build())
}
