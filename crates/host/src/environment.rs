//! Everything that Kerberos looks up by default, on one value.

use core::fmt;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};

use orthros_krb5::observe::{Event, Observer};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, Transport, TransportError};
use orthros_types::config::Config;
use orthros_types::{ReplayCache, Timestamp};

mod builder;
mod caches;
mod config_files;
mod config_sources;
mod keytabs;
mod local_addresses;
mod local_login;
mod options;
mod privilege;
mod process;
mod realms;
mod replay;
mod tokens;
mod users;
mod variables;

pub use builder::EnvironmentBuilder;
pub use config_files::ConfigFileError;
pub use local_login::LocalLoginError;
pub use tokens::TokenError;

#[cfg(target_os = "linux")]
pub(crate) use privilege::is_privileged;

use crate::cache::{CacheCollection, MemoryCaches};
use crate::clock::Clock;
use crate::dns::DnsClient;
use crate::hostname::Resolver;
use crate::keytab::MemoryKeytabs;
use crate::random::{EnvironmentRandom, RandomPool, Randomness};
use crate::transport::KdcTransport;
use process::Process;
use replay::ReplayRules;
use tokens::Tokens;

/// Clock, randomness, configuration, caches, keys and the way to the KDCs: what one party's Kerberos goes by.
///
/// A clone is another handle of the same environment. Two environments that were built share nothing, but for files
/// that both name.
#[derive(Clone, Debug)]
pub struct Environment {
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Shared {
    config: Config,
    /// Why the configuration is not the newest, where that is so.
    config_problem: Option<Arc<ConfigFileError>>,
    /// What looks for a newer one: nothing, but for the process' own environment.
    process: Weak<Process>,
    transport: Arc<dyn KdcTransport>,
    dns: Arc<dyn DnsClient>,
    /// The realm of names without one, where it was found out once.
    guessed_realm: Arc<OnceLock<String>>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    replay_cache: Arc<dyn ReplayCache>,
    /// `None` where the store was given, and not named.
    replay_rules: Option<ReplayRules>,
    replay_directory: PathBuf,
    identity_file: Option<PathBuf>,
    memory_caches: MemoryCaches,
    memory_keytabs: MemoryKeytabs,
    default_cache: DefaultName,
    /// The caches that this name stands for by this configuration. `None` where it stands for none: then the
    /// reason is found out again, for the one that asks.
    default_caches: Option<CacheCollection>,
    default_keytab: DefaultName,
    client_keytab: DefaultName,
    tokens: Tokens,
    resolver: Arc<dyn Resolver>,
    local_hostname: Option<String>,
    search_domains: Arc<[String]>,
    observer: Observer,
}

/// Where a default name comes from: what was said outright, else the configuration, else the system.
#[derive(Clone, Debug)]
struct DefaultName {
    explicit: Option<OsString>,
    fallback: Option<&'static str>,
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

    /// What is told of what happens.
    #[must_use]
    pub fn observer(&self) -> &Observer {
        &self.shared.observer
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

    /// The configuration. One value of an environment has the same one for ever.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// This environment with the configuration as it is now: what a long-lived holder asks at the beginning of each
    /// context or request, which then keeps one configuration to its end. All else is shared.
    ///
    /// Only the [process' environment](Self::process) follows its files; one that was built is what it was built of.
    /// It costs next to nothing: the files are looked at no more than once a second.
    #[must_use]
    pub fn current(&self) -> Self {
        self.shared
            .process
            .upgrade()
            .map_or_else(|| self.clone(), |process| process.environment())
    }

    /// The same, which from now on has the configuration that `process` has.
    fn following(&self, process: Weak<Process>) -> Self {
        let mut shared = Shared::clone(&self.shared);
        shared.process = process;
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Why the configuration files, which have changed since, could not be read again: the configuration is the last
    /// good one.
    #[must_use]
    pub fn config_problem(&self) -> Option<&ConfigFileError> {
        self.shared.config_problem.as_deref()
    }

    /// The same with another configuration, or with a problem of it.
    fn with_config(
        &self,
        config: Option<Config>,
        config_problem: Option<Arc<ConfigFileError>>,
    ) -> Self {
        let mut shared = Shared::clone(&self.shared);
        shared.config_problem = config_problem;
        if let Some(config) = config {
            if let Some(rules) = &shared.replay_rules
                && config.default_rcache_name() != shared.config.default_rcache_name()
            {
                shared.replay_cache = rules.cache(
                    &config,
                    &shared.tokens,
                    &shared.replay_directory,
                    &shared.randomness,
                );
            }
            // What it says of realms may be another thing now.
            shared.guessed_realm = Arc::default();
            shared.config = config;
            shared.default_caches = shared.find_default_caches().ok();
        }
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sends a request to the KDCs of its realm and gives the answer.
    ///
    /// # Errors
    ///
    /// What the transport says.
    pub fn ask_kdc(
        &self,
        request: &KdcRequest,
        kdcs: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let Shared {
            config,
            observer,
            transport,
            ..
        } = &*self.shared;
        observer.tell(|| Event::Sending {
            length: request.message.len(),
            realm: &request.realm,
            primary: kdcs == KdcSelection::Primary,
            stream_only: request.transport == Transport::Stream,
        });
        let reply = transport.exchange_observed(config, request, kdcs, observer);
        if let Err(reason) = &reply {
            observer.tell(|| Event::NoReply {
                realm: &request.realm,
                reason,
            });
        }
        reply
    }

    /// What acceptors of this environment remember of authenticators.
    #[must_use]
    pub fn replay_cache(&self) -> &dyn ReplayCache {
        &*self.shared.replay_cache
    }

    pub(crate) fn resolver(&self) -> &dyn Resolver {
        &*self.shared.resolver
    }

    pub(crate) fn search_domains(&self) -> &Arc<[String]> {
        &self.shared.search_domains
    }
}

impl DefaultName {
    /// The name, with the tokens of what was configured expanded.
    fn resolve(
        &self,
        configured: Option<&str>,
        tokens: &Tokens,
    ) -> Result<Option<OsString>, TokenError> {
        if let Some(explicit) = &self.explicit {
            return Ok(Some(explicit.clone()));
        }
        configured
            .or(self.fallback)
            .map(|name| tokens.expand(name.as_bytes()))
            .transpose()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("clock", &self.clock)
            .field("transport", &self.transport)
            .field("randomness", &self.randomness)
            .field("memory_caches", &self.memory_caches)
            .field("memory_keytabs", &self.memory_keytabs)
            .field("default_cache", &self.default_cache)
            .field("default_keytab", &self.default_keytab)
            .field("client_keytab", &self.client_keytab)
            .finish_non_exhaustive()
    }
}
