//! What Kerberos needs of a host: clock, randomness, configuration, caches, keytabs, sockets.
//!
//! The only crate of the house that looks at the world. [`Environment`] holds what it sees: [`Environment::process`]
//! is the process' own, found as MIT krb5 finds it; [`Environment::builder`] makes others, which share nothing with
//! it.
//!
//! ```
//! use orthros_host::Environment;
//!
//! let environment = Environment::builder()
//!     .config_text("krb5.conf", "[libdefaults]\n default_realm = EXAMPLE.ORG\n")?
//!     .default_cache("MEMORY:mine")
//!     .build();
//! assert_eq!(environment.config().default_realm(), Some("EXAMPLE.ORG"));
//!
//! let missing = environment.default_cache()?.contents().unwrap_err();
//! assert_eq!(missing.to_string(), "no credential cache found at MEMORY:mine");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! On an environment hang the ways to tickets ([`Environment::acquire_with_password`],
//! [`Environment::service_ticket`]), caches ([`Cache`], [`CacheCollection`]) and keytabs ([`KeytabHandle`]), which
//! MIT's programs share, and what the pure crates take as arguments: the time ([`Clock`]), randomness
//! ([`Randomness`]), the way to KDCs ([`KdcTransport`], and [`HttpClient`] to those behind a proxy) and the memory of
//! acceptors ([`MemoryReplayCache`], [`FileReplayCache`]).
#![forbid(unsafe_code)]

mod cache;
mod client;
mod clock;
mod dns;
mod environment;
mod file_lock;
mod file_version;
mod hostname;
mod http;
mod keytab;
mod random;
mod replay;
mod secret_file;
mod trace;
#[cfg(feature = "tracing")]
mod tracing_observer;
mod transport;
mod typed_name;

pub use cache::{
    Cache, CacheCollection, CacheError, CacheName, CacheSelection, CacheSnapshot,
    CollectionSnapshot, KcmError,
};
#[cfg(target_os = "linux")]
pub use cache::{KeyAction, KeyringError};
pub use client::{AcquireError, ClientTask, Secret, TaskStep};
pub use clock::{Clock, ManualClock, SystemClock};
pub use dns::{DnsClient, StubResolver};
pub use environment::{
    ConfigFileError, Environment, EnvironmentBuilder, LocalLoginError, TokenError,
};
pub use hostname::{HostRecord, Resolver, SystemResolver};
pub use http::{HttpClient, HttpError, HttpRequest};
pub use keytab::{KeytabError, KeytabHandle, KeytabName};
pub use random::{EnvironmentRandom, RandomPool, Randomness, SystemRandomness};
pub use replay::{
    FileReplayCache, MemoryReplayCache, ReplayCacheFull, ReplayCacheNameError, ReplayFileError,
    ReplayForgotten, ReplayQuotaExceeded,
};
pub use secret_file::{FileAction, FileError};
pub use trace::TraceFile;
#[cfg(feature = "tracing")]
pub use tracing_observer::TracingObserver;
pub use transport::{KdcTransport, NetworkTransport};
pub use typed_name::TypedNameError;
