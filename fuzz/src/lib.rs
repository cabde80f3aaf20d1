//! What the targets share.
//!
//! A target asserts more than that nothing panics: what is read can be written and read again, what says that it was
//! refused names a place within the input, and who has no key is never believed.
#![forbid(unsafe_code)]

pub mod damage;
pub mod exported;
pub mod messages;
pub mod realm;
pub mod seeds;
pub mod tickets;

use std::sync::{Arc, LazyLock};

use orthros_crypto::{Enctype, RandomError, RandomSource};
use orthros_host::{Environment, ManualClock, Randomness};
use orthros_types::{Freshness, ReplayRecord, ReplayCache, ReplayCacheError, Timestamp};
use orthros_testing::random::SeededRandom;
use orthros_testing::virtual_realm::VirtualRealm;

/// A realm whose client and service can have contexts, the same in each run.
pub static REALM: LazyLock<VirtualRealm> =
    LazyLock::new(|| VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96));

static REALMS: LazyLock<Vec<VirtualRealm>> = LazyLock::new(|| {
    Enctype::ALL
        .iter()
        .copied()
        .map(VirtualRealm::new)
        .collect()
});

/// A realm of one of the enctypes, whatever the number.
pub fn realm(enctype: u8) -> &'static VirtualRealm {
    let place = usize::from(enctype) % REALMS.len();
    &REALMS[place]
}

/// An environment without files and KDCs, of alice and of the service: her cache and its keytab are in memory.
pub static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(|| {
    let environment = Environment::builder()
        .config_text("fuzz", CONFIG)
        .expect("the configuration is well-formed")
        .clock(Arc::new(ManualClock::at(REALM.now())))
        .randomness(Arc::new(Same))
        .replay_cache(Arc::new(Forgetful))
        .default_cache("MEMORY:alice")
        .default_keytab("MEMORY:gate")
        .build();
    let cache = environment.default_cache().expect("the cache has a name");
    cache
        .initialize(&REALM.client(), None, &[REALM.service_ticket()])
        .expect("memory takes a ticket");
    let keytab = environment.default_keytab().expect("the keytab has a name");
    for entry in REALM.keytab().entries() {
        keytab.add(entry).expect("memory takes a key");
    }
    environment
});

/// A store in which nothing is a replay.
#[derive(Debug)]
pub struct Forgetful;

impl ReplayCache for Forgetful {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        Ok(Freshness::Fresh)
    }
}

/// Splits what a target of several texts takes: they are separated by zero octets, and those that are missing are
/// empty.
pub fn texts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut texts = data.splitn(N, |octet| *octet == 0);
    [(); N].map(|()| texts.next().unwrap_or_default())
}

/// Randomness that is the same each time, so that a run can be had again.
#[derive(Debug)]
struct Same;

impl Randomness for Same {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        SeededRandom::new(17).fill(out)
    }
}

const CONFIG: &str = "\
[libdefaults]
    default_realm = ORTHROS.TEST
    dns_canonicalize_hostname = false
    dns_lookup_kdc = false
";
