//! How an environment is put together.
use std::sync::Arc;

use super::{Environment, Shared};
use crate::clock::{Clock, SystemClock};
use crate::random::{Randomness, SystemRandomness};

/// Makes an [`Environment`].
#[derive(Debug)]
pub struct EnvironmentBuilder {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

impl Default for EnvironmentBuilder {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
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

    /// The environment.
    #[must_use]
    pub fn build(self) -> Environment {
        let Self { clock, randomness } = self;
        Environment {
            shared: Arc::new(Shared { clock, randomness }),
        }
    }
}
