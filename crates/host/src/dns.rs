//! The host's stub resolver: the records that say where KDCs are.

mod sockets;
mod system;
#[cfg(test)]
mod tests;

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use orthros_krb5::dns::{
    DnsAnswer, DnsCache, DnsError, DnsLookup, DnsQuestion, DnsStep, ResolverConfig,
};

use crate::random::{EnvironmentRandom, Randomness, SystemRandomness};
pub(crate) use system::SystemResolverConfig;

/// Asks DNS for SRV, URI and TXT records. Blocks, for a bounded time.
pub trait DnsClient: fmt::Debug + Send + Sync {
    /// The records, or that there are none. After `deadline` no more is waited.
    ///
    /// # Errors
    ///
    /// [`DnsError`] where no name server answers.
    fn ask(&self, question: &DnsQuestion, deadline: Option<Instant>)
    -> Result<DnsAnswer, DnsError>;

    /// The absolute names that a name of few labels may stand for, in the order in which they are tried.
    fn candidates(&self, name: &str) -> Vec<String>;
}

/// The [`DnsClient`] of a host: asks the name servers of resolv.conf(5), or those that it is told, and keeps their
/// answers for as long as they say.
///
/// Each query has a socket of its own, which the kernel connects to a port that it draws, and a number that is drawn:
/// what answers without having seen the query has to guess both.
pub struct StubResolver {
    source: Source,
    random: EnvironmentRandom,
    /// What the cache's times are since.
    started: Instant,
    cache: Mutex<DnsCache>,
}

/// Where the name servers are from.
#[derive(Debug)]
enum Source {
    Given(ResolverConfig),
    System(SystemResolverConfig),
}

/// The system's name servers, and its randomness.
impl Default for StubResolver {
    fn default() -> Self {
        Self::system(SystemResolverConfig::default(), Arc::new(SystemRandomness))
    }
}

impl StubResolver {
    /// One that asks these name servers.
    #[must_use]
    pub fn new(config: ResolverConfig, randomness: Arc<dyn Randomness>) -> Self {
        Self::of(Source::Given(config), randomness)
    }

    /// One that asks the name servers of `/etc/resolv.conf`, as it is at each time.
    pub(crate) fn system(config: SystemResolverConfig, randomness: Arc<dyn Randomness>) -> Self {
        Self::of(Source::System(config), randomness)
    }

    fn of(source: Source, randomness: Arc<dyn Randomness>) -> Self {
        Self {
            source,
            random: EnvironmentRandom::new(randomness),
            started: Instant::now(),
            cache: Mutex::default(),
        }
    }

    fn config(&self) -> ResolverConfig {
        match &self.source {
            Source::Given(config) => config.clone(),
            Source::System(config) => config.read(),
        }
    }

    fn cached(&self, question: &DnsQuestion) -> Option<DnsAnswer> {
        let now = self.started.elapsed();
        // Every change of the cache is whole or not begun.
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(question, now).cloned()
    }

    fn keep(&self, question: &DnsQuestion, answer: &DnsAnswer) {
        let now = self.started.elapsed();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(question.clone(), answer.clone(), now);
    }
}

impl DnsClient for StubResolver {
    fn ask(
        &self,
        question: &DnsQuestion,
        deadline: Option<Instant>,
    ) -> Result<DnsAnswer, DnsError> {
        if let Some(answer) = self.cached(question) {
            return Ok(answer);
        }
        let started = Instant::now();
        let limit: Option<Duration> =
            deadline.map(|deadline| deadline.saturating_duration_since(started));
        let (config, mut random) = (self.config(), self.random.clone());
        let mut lookup = DnsLookup::new(question, &config, limit);
        loop {
            match lookup.next(started.elapsed(), &mut random) {
                DnsStep::Ask(query) => sockets::ask(&query, started, &mut |event| {
                    lookup.handle(event, &mut random)
                }),
                DnsStep::Done(result) => {
                    if let Ok(answer) = &result {
                        self.keep(question, answer);
                    }
                    return result;
                }
            }
        }
    }

    fn candidates(&self, name: &str) -> Vec<String> {
        self.config().candidates(name)
    }
}

impl fmt::Debug for StubResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StubResolver")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
