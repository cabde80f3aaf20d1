//! What Kerberos needs of a host: clock, randomness, configuration, caches, keytabs, sockets.
//!
//! The only crate of the house that looks at the world. [`Environment`] holds what it sees.
#![forbid(unsafe_code)]

mod cache;
mod client;
mod clock;
mod environment;
mod file_lock;
mod hostname;
mod keytab;
mod random;
mod replay_memory;
mod secret_file;
mod transport;

pub use cache::{Cache, CacheContents, CacheError, CacheName, CacheNameError};
pub use client::{AcquireError, ServiceTicketOptions};
pub use clock::{Clock, ManualClock, SystemClock};
pub use environment::{ConfigFileError, Environment, EnvironmentBuilder, TokenError};
pub use hostname::{HostLookup, HostRecord, HostnameError, SystemHostLookup};
pub use keytab::{KeytabFile, KeytabFileError, KeytabName, KeytabNameError};
pub use random::{EnvironmentRandom, RandomPool, Randomness, SystemRandomness};
pub use replay_memory::{MemoryReplayStore, ReplayForgotten, ReplayStoreFull};
pub use secret_file::{FileAction, FileError};
pub use transport::{
    Attempt, KdcAnswer, KdcSelection, KdcTransport, NetworkTransport, Outcome, Protocol, Timing,
    TransportError,
};
