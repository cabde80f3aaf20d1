//! How an environment is put together.

use core::fmt;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use orthros_krb5::dns::ResolverConfig;
use orthros_krb5::observe::Observer;
use orthros_types::ReplayCache;
use orthros_types::config::Config;

use super::config_files::{self, ConfigFileError};
use super::replay::ReplayRules;
use super::tokens::Tokens;
use super::{DefaultName, Environment, Shared, replay};
use crate::cache::MemoryCaches;
use crate::clock::{Clock, SystemClock};
use crate::dns::{DnsClient, StubResolver, SystemResolverConfig};
use crate::hostname::{Resolver, SystemResolver};
use crate::http::HttpClient;
use crate::keytab::MemoryKeytabs;
use crate::random::{Randomness, SystemRandomness};
use crate::replay::ReplayName;
use crate::transport::{KdcTransport, NetworkTransport};

/// Makes an [`Environment`].
pub struct EnvironmentBuilder {
    pub(super) config: Config,
    pub(super) allow_rc4: Option<bool>,
    pub(super) transport: Option<Arc<dyn KdcTransport>>,
    pub(super) dns: Option<Arc<dyn DnsClient>>,
    pub(super) http_client: Option<Arc<dyn HttpClient>>,
    pub(super) resolver_config: Option<ResolverConfig>,
    pub(super) system_dns: SystemResolverConfig,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) randomness: Arc<dyn Randomness>,
    pub(super) replay_cache: Option<Arc<dyn ReplayCache>>,
    pub(super) replay_name: Option<OsString>,
    pub(super) fallback_replay_cache: Option<ReplayName>,
    pub(super) replay_directory: PathBuf,
    pub(super) identity_file: Option<PathBuf>,
    pub(super) default_cache: Option<OsString>,
    pub(super) default_keytab: Option<OsString>,
    pub(super) client_keytab: Option<OsString>,
    pub(super) fallback_cache: Option<&'static str>,
    pub(super) fallback_keytab: Option<&'static str>,
    pub(super) fallback_client_keytab: Option<&'static str>,
    pub(super) tokens: Tokens,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) local_hostname: Option<String>,
    pub(super) search_domains: Vec<String>,
    pub(super) observer: Observer,
}

impl Default for EnvironmentBuilder {
    fn default() -> Self {
        Self {
            config: Config::default(),
            allow_rc4: None,
            transport: None,
            dns: None,
            http_client: None,
            resolver_config: None,
            system_dns: SystemResolverConfig::default(),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            replay_cache: None,
            replay_name: None,
            fallback_replay_cache: None,
            replay_directory: replay::DEFAULT_DIRECTORY.into(),
            identity_file: None,
            default_cache: None,
            default_keytab: None,
            client_keytab: None,
            fallback_cache: None,
            fallback_keytab: None,
            fallback_client_keytab: None,
            tokens: Tokens::of_process(None),
            resolver: Arc::new(SystemResolver),
            local_hostname: None,
            search_domains: Vec::new(),
            observer: Observer::NONE,
        }
    }
}

impl EnvironmentBuilder {
    /// The configuration; an empty one where this is not said.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The configuration in these files, those that are missing passed over, with all that they include.
    ///
    /// # Errors
    ///
    /// Where a file can't be read or is malformed.
    pub fn config_files(self, paths: &[PathBuf]) -> Result<Self, ConfigFileError> {
        let (config, _) = config_files::load(paths)?;
        Ok(self.config(config))
    }

    /// The configuration in this text, with all that it includes; in errors it goes by `name`.
    ///
    /// # Errors
    ///
    /// Where the text is malformed, or an included file can't be read or is.
    pub fn config_text(self, name: &str, text: &str) -> Result<Self, ConfigFileError> {
        Ok(self.config(config_files::parse(name, text)?))
    }

    /// Whether arcfour-hmac (RFC 4757) may be used, which RFC 8429 deprecates; where this is not said, as the
    /// configuration's `allow_rc4` has it, which is no unless set.
    #[must_use]
    pub fn allow_rc4(mut self, allowed: bool) -> Self {
        self.allow_rc4 = Some(allowed);
        self
    }

    /// The way to the KDCs: the host's network where this is not said.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn KdcTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The name servers that are asked for the KDCs of realms without any in the configuration, and how; those of
    /// `/etc/resolv.conf` where this is not said.
    #[must_use]
    pub fn resolver_config(mut self, config: ResolverConfig) -> Self {
        self.resolver_config = Some(config);
        self
    }

    /// The way to the records of DNS; a [`StubResolver`] where this is not said.
    #[must_use]
    pub fn dns(mut self, dns: Arc<dyn DnsClient>) -> Self {
        self.dns = Some(dns);
        self
    }

    /// What asks KDC proxies (`kdc = https://..`); where this is not said, they are passed over, with an error that
    /// says so. Of no use with a [`transport`](Self::transport) of one's own.
    #[must_use]
    pub fn http_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.http_client = Some(client);
        self
    }

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

    /// What acceptors remember of authenticators. Where this is not said it is what the configuration's
    /// `default_rcache_name` names, else a [`MemoryReplayCache`](crate::MemoryReplayCache) of this environment's own.
    #[must_use]
    pub fn replay_cache(mut self, replay_cache: Arc<dyn ReplayCache>) -> Self {
        self.replay_cache = Some(replay_cache);
        self
    }

    /// The default credential cache, `FILE:path`, `DIR:path`, `MEMORY:name` or a path; the configuration's
    /// `default_ccache_name` where this is not said.
    #[must_use]
    pub fn default_cache(mut self, name: impl Into<OsString>) -> Self {
        self.default_cache = Some(name.into());
        self
    }

    /// The default keytab, `FILE:path`, `MEMORY:name` or a path; the configuration's `default_keytab_name` where this
    /// is not said.
    #[must_use]
    pub fn default_keytab(mut self, name: impl Into<OsString>) -> Self {
        self.default_keytab = Some(name.into());
        self
    }

    /// The default client keytab, with the keys of users to get initial tickets with; the configuration's
    /// `default_client_keytab_name` where this is not said.
    #[must_use]
    pub fn client_keytab(mut self, name: impl Into<OsString>) -> Self {
        self.client_keytab = Some(name.into());
        self
    }

    /// The file that says which principal to use for each server, in the form of MIT's `.k5identity`; none where this
    /// is not said.
    #[must_use]
    pub fn identity_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.identity_file = Some(path.into());
        self
    }

    /// How hosts are looked up by name, where the configuration wants that: by the system's resolver where this is not
    /// said. The way to the KDCs does not ask it.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// This host's name, for services that are named without a host; the system's where this is not said.
    #[must_use]
    pub fn local_hostname(mut self, name: impl Into<String>) -> Self {
        self.local_hostname = Some(name.into());
        self
    }

    /// The domain of host names of one label where the configuration has no `qualify_shortname`.
    #[must_use]
    pub fn search_domain(self, domain: impl Into<String>) -> Self {
        self.search_domains([domain])
    }

    /// The domains of host names of one label where the configuration has no `qualify_shortname`, in the order in
    /// which they are tried; six at most.
    #[must_use]
    pub fn search_domains(mut self, domains: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let domains = domains.into_iter().take(ResolverConfig::MOST_DOMAINS);
        self.search_domains = domains.map(Into::into).collect();
        self
    }

    /// What is told of what happens: nothing where this is not said. A [`TraceFile`](crate::TraceFile) writes it down.
    #[must_use]
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = observer;
        self
    }

    /// The environment.
    #[must_use]
    pub fn build(self) -> Environment {
        let config = match self.allow_rc4 {
            Some(allowed) => self.config.with_rc4(allowed),
            None => self.config,
        };
        let rules = ReplayRules {
            explicit: self.replay_name,
            fallback: self.fallback_replay_cache,
        };
        let (replay_cache, replay_rules) = match self.replay_cache {
            Some(store) => (store, None),
            None => {
                let (directory, randomness) = (&self.replay_directory, &self.randomness);
                let store = rules.cache(&config, &self.tokens, directory, randomness);
                (store, Some(rules))
            }
        };
        let dns = self.dns.unwrap_or_else(|| {
            let randomness = self.randomness.clone();
            Arc::new(match self.resolver_config {
                Some(config) => StubResolver::new(config, randomness),
                None => StubResolver::system(self.system_dns, randomness),
            })
        });
        let transport = self.transport.unwrap_or_else(|| {
            let network = NetworkTransport::default().with_dns(dns.clone());
            Arc::new(match self.http_client {
                Some(client) => network.with_http_client(client),
                None => network,
            })
        });
        let mut shared = Shared {
            config,
            config_problem: None,
            process: Weak::new(),
            transport,
            dns,
            guessed_realm: Arc::default(),
            clock: self.clock,
            randomness: self.randomness,
            replay_cache,
            replay_rules,
            replay_directory: self.replay_directory,
            identity_file: self.identity_file,
            memory_caches: MemoryCaches::default(),
            memory_keytabs: MemoryKeytabs::default(),
            default_cache: DefaultName {
                explicit: self.default_cache,
                fallback: self.fallback_cache,
            },
            default_caches: None,
            default_keytab: DefaultName {
                explicit: self.default_keytab,
                fallback: self.fallback_keytab,
            },
            client_keytab: DefaultName {
                explicit: self.client_keytab,
                fallback: self.fallback_client_keytab,
            },
            tokens: self.tokens,
            resolver: self.resolver,
            local_hostname: self.local_hostname,
            search_domains: self.search_domains.into(),
            observer: self.observer,
        };
        shared.default_caches = shared.find_default_caches().ok();
        Environment {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for EnvironmentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentBuilder")
            .field("clock", &self.clock)
            .field("transport", &self.transport)
            .field("randomness", &self.randomness)
            .field("default_cache", &self.default_cache)
            .field("default_keytab", &self.default_keytab)
            .field("client_keytab", &self.client_keytab)
            .finish_non_exhaustive()
    }
}
