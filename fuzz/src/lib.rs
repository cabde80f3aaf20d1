//! What the targets share.
//!
//! A target asserts more than that nothing panics: what is read can be written and read again, what says that it was refused
//! names a place within the input, and who has no key is never believed.
#![forbid(unsafe_code)]

pub mod damage;
pub mod messages;
pub mod tickets;

use std::sync::LazyLock;

use orthros_crypto::Enctype;
use orthros_host::Environment;
use orthros_krb5::{Freshness, ReplayRecord, ReplayStore, ReplayStoreError, Timestamp};
use orthros_testing::virtual_realm::VirtualRealm;

/// A realm whose client and service can have contexts, the same in each run.
pub static REALM: LazyLock<VirtualRealm> =
    LazyLock::new(|| VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96));

/// An environment without caches, keytabs and KDCs.
pub static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(|| Environment::builder().build());

/// A store in which nothing is a replay.
#[derive(Debug)]
pub struct Forgetful;

impl ReplayStore for Forgetful {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayStoreError> {
        Ok(Freshness::Fresh)
    }
}
