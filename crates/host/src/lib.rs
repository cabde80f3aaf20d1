//! What Kerberos needs of a host: clock, randomness, configuration, caches, keytabs, sockets.
//!
//! The only crate of the house that looks at the world. [`Environment`] holds what it sees.
#![forbid(unsafe_code)]

mod cache;
mod clock;
mod environment;
mod file_lock;
mod keytab;
mod random;
mod replay_memory;
mod secret_file;

pub use cache::{Cache, CacheContents, CacheError, CacheName, CacheNameError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use environment::{Environment, EnvironmentBuilder};
pub use keytab::{KeytabFile, KeytabFileError, KeytabName, KeytabNameError};
pub use random::{EnvironmentRandom, RandomPool, Randomness, SystemRandomness};
pub use replay_memory::{MemoryReplayStore, ReplayStoreFull};
pub use secret_file::{FileAction, FileError};
