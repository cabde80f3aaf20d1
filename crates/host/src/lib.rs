//! What Kerberos needs of a host: clock, randomness, configuration, caches, keytabs, sockets.
//!
//! The only crate of the house that looks at the world. [`Environment`] holds what it sees.
#![forbid(unsafe_code)]

mod cache;
mod clock;
mod environment;
mod random;

pub use cache::{CacheName, CacheNameError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use environment::{Environment, EnvironmentBuilder};
pub use random::{EnvironmentRandom, RandomPool, Randomness, SystemRandomness};
