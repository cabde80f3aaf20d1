//! Everything that Kerberos looks up by default, on one value.
use std::sync::Arc;

mod builder;

pub use builder::EnvironmentBuilder;

use crate::clock::Clock;
use crate::random::{EnvironmentRandom, RandomPool, Randomness};
use orthros_krb5::Timestamp;

/// Clock, randomness, configuration, caches, keys and the way to the KDCs: what one party's Kerberos goes by.
///
/// A clone is another handle of the same environment. Two environments that were built share nothing.
#[derive(Clone, Debug)]
pub struct Environment {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl Environment {
    /// An environment of one's own. What the builder is not told is the operating system's clock and randomness, and
    /// nothing else of the process.
    #[must_use]
    pub fn builder() -> EnvironmentBuilder {
        EnvironmentBuilder::default()
    }

    /// The time by this environment's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Randomness for keys and nonces: each draw asks the source.
    #[must_use]
    pub fn random(&self) -> EnvironmentRandom {
        EnvironmentRandom::new(self.shared.randomness.clone())
    }

    /// Randomness for the confounders of one sending half.
    #[must_use]
    pub fn random_pool(&self) -> RandomPool {
        RandomPool::new(self.shared.randomness.clone())
    }
}
