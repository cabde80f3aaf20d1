//! What an [`Environment`] is made of: configuration, clock, randomness, and the ways to KDCs, to host names and to
//! the memory of past requests.
//!
//! An application that goes by the process' own environment needs none of it. Each trait here has the implementation
//! that [`Environment::process`] uses, and most have one for tests.
//!
//! Programs that get, keep and show tickets themselves, as `kinit` and `klist` do, use the crates `orthros-host` and
//! `orthros-krb5`: what an environment offers for that is documented there.

#[cfg(feature = "tracing")]
pub use orthros_host::TracingObserver;
pub use orthros_host::{
    Clock, ConfigFileError, DnsClient, FileReplayCache, HostRecord, HttpClient, HttpError,
    HttpRequest, KdcTransport, ManualClock, MemoryReplayCache, NetworkTransport, Randomness,
    Resolver, StubResolver, SystemClock, SystemRandomness, SystemResolver, TraceFile,
};
pub use orthros_krb5::client::HostnameError;
pub use orthros_krb5::crypto::RandomError;
pub use orthros_krb5::dns::{
    DnsAnswer, DnsError, DnsName, DnsQuestion, DnsRecord, RecordType, ResolverConfig, SrvRecord,
    UriRecord,
};
pub use orthros_krb5::failover::{KdcAddress, Protocol, Timing};
pub use orthros_krb5::observe::{Event, KeytabResult, Observe, Observer, PadataTypes};
pub use orthros_krb5::{DnsProblem, KdcReply, KdcRequest, KdcSelection, TransportError};
pub use orthros_types::config::{Config, HttpAnchor};
pub use orthros_types::{Freshness, ReplayCache, ReplayCacheError, ReplayRecord};

use orthros_host::Environment;

use crate::Error;
use crate::error::config_file_error;

/// The process' own, made when it is first needed.
pub(crate) fn process() -> Result<Environment, Error> {
    Environment::process().map_err(config_file_error)
}
