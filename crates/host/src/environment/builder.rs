//! How an environment is put together.
use core::fmt;
use std::ffi::OsString;
use std::sync::Arc;

use orthros_krb5::ReplayStore;

use super::{Environment, Shared};
use crate::cache::MemoryCaches;
use crate::clock::{Clock, SystemClock};
use crate::random::{Randomness, SystemRandomness};
use crate::replay_memory::MemoryReplayStore;

/// Makes an [`Environment`].
pub struct EnvironmentBuilder {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    replay_store: Arc<dyn ReplayStore>,
    default_cache: Option<OsString>,
    default_keytab: Option<OsString>,
    client_keytab: Option<OsString>,
}

impl Default for EnvironmentBuilder {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            replay_store: Arc::new(MemoryReplayStore::new()),
            default_cache: None,
            default_keytab: None,
            client_keytab: None,
        }
    }
}

impl EnvironmentBuilder {
    /// The clock. Keep an [`Arc`] to move a [`ManualClock`](crate::ManualClock).
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where keys and nonces come from.
    #[must_use]
    pub fn randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// What acceptors remember of authenticators; a [`MemoryReplayStore`] of its own where this is not said.
    #[must_use]
    pub fn replay_store(mut self, replay_store: Arc<dyn ReplayStore>) -> Self {
        self.replay_store = replay_store;
        self
    }

    /// The default credential cache: `FILE:path`, `MEMORY:name` or a path.
    #[must_use]
    pub fn default_cache(mut self, name: impl Into<OsString>) -> Self {
        self.default_cache = Some(name.into());
        self
    }

    /// The default keytab: `FILE:path` or a path.
    #[must_use]
    pub fn default_keytab(mut self, name: impl Into<OsString>) -> Self {
        self.default_keytab = Some(name.into());
        self
    }

    /// The keytab with which initiators get tickets unasked.
    #[must_use]
    pub fn client_keytab(mut self, name: impl Into<OsString>) -> Self {
        self.client_keytab = Some(name.into());
        self
    }

    /// The environment.
    #[must_use]
    pub fn build(self) -> Environment {
        let shared = Shared {
            clock: self.clock,
            randomness: self.randomness,
            replay_store: self.replay_store,
            memory_caches: MemoryCaches::default(),
            default_cache: self.default_cache,
            default_keytab: self.default_keytab,
            client_keytab: self.client_keytab,
        };
        Environment {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for EnvironmentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentBuilder")
            .field("clock", &self.clock)
            .field("randomness", &self.randomness)
            .field("default_cache", &self.default_cache)
            .field("default_keytab", &self.default_keytab)
            .field("client_keytab", &self.client_keytab)
            .finish_non_exhaustive()
    }
}
