//! An environment in which the client of a [`VirtualRealm`] has its ticket, and the service its key.
#![expect(
    clippy::expect_used,
    reason = "test support: what is made up here is valid, and a test should stop where it is not"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use orthros_host::{Environment, ManualClock};

use crate::virtual_realm::VirtualRealm;

/// An environment whose default cache, in memory, has the client's ticket for the service, and whose default keytab,
/// a file in `directory`, has the service's key. Its clock shows the realm's time; it looks nothing up elsewhere. RC4
/// is allowed, for realms of it.
///
/// # Panics
///
/// Where the directory can't be written.
#[must_use]
pub fn environment(realm: &VirtualRealm, directory: &Path) -> Environment {
    let keytab = directory.join("keytab");
    let octets = realm.keytab().encode().expect("keytab has an encoding");
    fs::write(&keytab, &octets).expect("directory can be written");
    let environment = Environment::builder()
        .config_text("virtual realm", CONFIG)
        .expect("configuration is well-formed")
        .allow_rc4(true)
        .clock(Arc::new(ManualClock::at(realm.now())))
        .default_cache("MEMORY:virtual")
        .default_keytab(&keytab)
        .build();
    let cache = environment.default_cache().expect("cache has a name");
    cache
        .initialize(&realm.client(), None, &[realm.service_ticket()])
        .expect("memory takes a ticket");
    environment
}

const CONFIG: &str = "\
[libdefaults]
    default_realm = ORTHROS.TEST
    dns_canonicalize_hostname = false
    dns_lookup_kdc = false
[domain_realm]
    orthros.test = ORTHROS.TEST
";
