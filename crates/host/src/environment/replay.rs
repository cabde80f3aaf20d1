//! Which replay cache an environment has.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use orthros_types::ReplayCache;
use orthros_types::config::Config;

use super::Environment;
use super::tokens::Tokens;
use crate::random::Randomness;
use crate::replay::{
    MemoryReplayCache, MisnamedReplayCache, ReplayCacheNameError, ReplayName, ReplayScope,
};

impl Environment {
    /// The replay cache of that name, `dfl:`, `file2:path` or `none:`, in place of the environment's own.
    ///
    /// # Errors
    ///
    /// [`ReplayCacheNameError`] for other names. Whether a file can be used shows when it is.
    pub fn replay_cache_named(
        &self,
        name: impl AsRef<OsStr>,
    ) -> Result<Arc<dyn ReplayCache>, ReplayCacheNameError> {
        let scope = ReplayScope {
            directory: &self.shared.replay_directory,
            randomness: self.shared.randomness.clone(),
        };
        Ok(ReplayName::parse(name)?.open(scope))
    }
}

/// How the replay cache is found where none was given.
#[derive(Clone, Debug)]
pub(super) struct ReplayRules {
    /// What was named outright.
    pub(super) explicit: Option<OsString>,
    /// What is usual here.
    pub(super) fallback: Option<ReplayName>,
}

impl ReplayRules {
    /// What was named outright, else what the configuration names, else what is usual here.
    ///
    /// A wrong name is no reason for an initiator to fail: it is reported where the cache is asked.
    pub(super) fn cache(
        &self,
        config: &Config,
        tokens: &Tokens,
        directory: &Path,
        randomness: &Arc<dyn Randomness>,
    ) -> Arc<dyn ReplayCache> {
        let configured = || {
            let name = tokens.expand(config.default_rcache_name()?.as_bytes());
            Some(name.map_err(ReplayCacheNameError::from))
        };
        let name = self.explicit.clone().map(Ok).or_else(configured);
        let name = name.map(|name| Ok(ReplayName::parse(name?)?));
        match name.or_else(|| self.fallback.clone().map(Ok)) {
            Some(Ok(name)) => {
                let randomness = randomness.clone();
                name.open(ReplayScope {
                    directory,
                    randomness,
                })
            }
            Some(Err(error)) => Arc::new(MisnamedReplayCache(error)),
            None => Arc::new(MemoryReplayCache::new()),
        }
    }
}

/// Where `dfl:` is, unless a variable says otherwise.
pub(super) const DEFAULT_DIRECTORY: &str = "/var/tmp";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::environment::EnvironmentBuilder;
    use orthros_types::{Duration, Freshness, MinorStatus, ReplayRecord, Timestamp};

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn ask(environment: &Environment) -> Result<Freshness, String> {
        let record = ReplayRecord::new(&[1; 16], NOW, NOW, Duration::from_seconds(300));
        let cache = environment.replay_cache();
        let answer = cache.check_and_store(&record, NOW);
        answer.map_err(|error| error.to_string())
    }

    fn builder(config: &str) -> EnvironmentBuilder {
        let text = format!("[libdefaults]\n{config}\n");
        Environment::builder()
            .config_text("krb5.conf", &text)
            .unwrap()
    }

    #[test]
    fn explicit_environments_share_no_store_unless_they_name_one() {
        let (one, other) = (builder("").build(), builder("").build());
        assert_eq!(ask(&one), Ok(Freshness::Fresh));
        assert_eq!(ask(&one.clone()), Ok(Freshness::Replayed));
        assert_eq!(ask(&other), Ok(Freshness::Fresh));

        let dir = tempfile::tempdir().unwrap();
        let config = format!(
            " default_rcache_name = file2:{}/%{{null}}replay",
            dir.path().display()
        );
        let (one, other) = (builder(&config).build(), builder(&config).build());
        assert_eq!(ask(&one), Ok(Freshness::Fresh));
        assert_eq!(ask(&other), Ok(Freshness::Replayed));
    }

    #[test]
    fn a_name_comes_before_the_configuration_and_that_before_the_usual() {
        let dir = tempfile::tempdir().unwrap();
        let of = |name: Option<&str>, config: &str| {
            let usual = EnvironmentBuilder {
                replay_name: name.map(Into::into),
                fallback_replay_cache: Some(ReplayName::default_file()),
                replay_directory: PathBuf::from(dir.path()),
                ..builder(config)
            };
            ask(&usual.build())
        };
        assert_eq!(of(None, ""), Ok(Freshness::Fresh));
        assert_eq!(of(None, ""), Ok(Freshness::Replayed));
        assert_eq!(
            of(None, " default_rcache_name = none:"),
            Ok(Freshness::Fresh)
        );
        assert_eq!(
            of(Some("dfl:"), " default_rcache_name = none:"),
            Ok(Freshness::Replayed)
        );
    }

    #[test]
    fn a_wrong_name_refuses_everybody_and_says_so() {
        let environment = builder(" default_rcache_name = /var/tmp/replay").build();
        assert_eq!(
            ask(&environment).unwrap_err(),
            "replay cache is not usable: replay cache \"/var/tmp/replay\" has no type before a colon"
        );
        let unknown = environment.replay_cache_named("FILE:x").err().unwrap();
        assert_eq!(unknown.minor_status(), MinorStatus::KRB5_RC_TYPE_NOTFOUND);
    }
}
