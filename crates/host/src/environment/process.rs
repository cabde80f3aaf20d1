//! The environment that a process has from its caller.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use nix::unistd::{User, geteuid};
use orthros_krb5::observe::Observer;

use super::config_files::{self, ConfigFileError};
use super::config_sources::{Change, Sources};
use super::tokens::Tokens;
use super::variables::Variables;
use super::{Environment, EnvironmentBuilder, replay};
use crate::dns::SystemResolverConfig;
use crate::replay::ReplayName;
use crate::trace::TraceFile;

impl Environment {
    /// The process' own environment, looked up once as MIT does it, and shared by all callers.
    ///
    /// - configuration: the files in `KRB5_CONFIG`, separated by colons, else `/etc/krb5.conf`;
    /// - default credential cache: `KRB5CCNAME`, else `default_ccache_name`, else `FILE:/tmp/krb5cc_%{uid}`;
    /// - default keytab: `KRB5_KTNAME`, else `default_keytab_name`, else `FILE:/etc/krb5.keytab`;
    /// - client keytab: `KRB5_CLIENT_KTNAME`, else `default_client_keytab_name`, else
    ///   `FILE:/etc/krb5/user/%{euid}/client.keytab`;
    /// - name servers: `/etc/resolv.conf`, with `LOCALDOMAIN` and `RES_OPTIONS` above it;
    /// - the principal to use for each server: `.k5identity` in `HOME`, else in the user's home;
    /// - trace: events are appended to the file in `KRB5_TRACE`, if that is set ([`TraceFile`]);
    /// - replay cache: `KRB5RCACHENAME`, else `KRB5RCACHETYPE`, else `default_rcache_name`, else `dfl:`, the file
    ///   `krb5_UID.rcache2` in `KRB5RCACHEDIR`, else `TMPDIR`, else `/var/tmp`.
    ///
    /// A process that runs with more rights than its caller (set-user-ID, set-group-ID, file capabilities) heeds none
    /// of the variables: whether it does is found out here, so a set-user-ID program that gives its rights up for good
    /// should call this before. The variables are read at the first call. The configuration files, with all that they
    /// include, are read again where they have changed, and looked at no more than once a second; what was written
    /// less than a second ago waits for the next look. [`current`](Self::current) is for those who keep an
    /// environment; where the files can't be read any more, the last good configuration stays, and
    /// [`config_problem`](Self::config_problem) says why.
    ///
    /// # Errors
    ///
    /// Where a configuration file can't be read or is malformed, and never could. The next call tries again.
    pub fn process() -> Result<Self, ConfigFileError> {
        static PROCESS: OnceLock<Arc<Process>> = OnceLock::new();
        if let Some(process) = PROCESS.get() {
            return Ok(process.environment());
        }
        let process = Process::new(Variables::of_process())?;
        // Of two threads that were first, one has made it for both.
        Ok(PROCESS.get_or_init(|| process).environment())
    }
}

/// The process' environment, and what it takes to keep its configuration up to date.
pub(super) struct Process {
    paths: Vec<PathBuf>,
    state: Mutex<State>,
}

struct State {
    environment: Environment,
    sources: Sources,
    /// When the files are looked at again.
    next_look: Instant,
    /// Whether a file was gone at the last look.
    had_vanished: bool,
}

impl Process {
    /// Of a process with these variables.
    fn new(variables: Variables) -> Result<Arc<Self>, ConfigFileError> {
        let paths = config_paths(&variables);
        let (config, sources) = config_files::load(&paths)?;
        let environment = builder(variables).config(config).build();
        Ok(Arc::new_cyclic(|process| {
            let state = State {
                environment: environment.following(process.clone()),
                sources,
                next_look: Instant::now() + BETWEEN_LOOKS,
                had_vanished: false,
            };
            Self {
                paths,
                state: Mutex::new(state),
            }
        }))
    }

    /// As it is now.
    pub(super) fn environment(&self) -> Environment {
        self.environment_at(Instant::now(), SystemTime::now)
    }

    /// The second clock is that of the files' stamps.
    fn environment_at(&self, now: Instant, stamps: impl FnOnce() -> SystemTime) -> Environment {
        // Every change of the state is whole or not begun.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= state.next_look {
            state.next_look = now + BETWEEN_LOOKS;
            state.look(&self.paths, stamps());
        }
        state.environment.clone()
    }
}

impl State {
    /// What can't be read leaves the last good configuration in place until it can: it is tried at each look.
    fn look(&mut self, paths: &[PathBuf], now: SystemTime) {
        let change = self.sources.change(now);
        // Some writers take the old file away before they write the new one.
        let is_gone = change == Change::Vanished && self.had_vanished;
        self.had_vanished = change == Change::Vanished;
        if change == Change::Done || is_gone {
            match config_files::load(paths) {
                Ok((config, sources)) => {
                    self.environment = self.environment.with_config(Some(config), None);
                    self.sources = sources;
                }
                Err(error) => {
                    self.environment = self.environment.with_config(None, Some(Arc::new(error)));
                }
            }
        } else if change == Change::None && self.environment.config_problem().is_some() {
            self.environment = self.environment.with_config(None, None);
        }
    }
}

/// All but the configuration as a process with these variables has it.
fn builder(variables: Variables) -> EnvironmentBuilder {
    let replay_directory = variables.rcache_dir.as_ref().or(variables.tmpdir.as_ref());
    let replay_directory =
        replay_directory.map_or(replay::DEFAULT_DIRECTORY.as_ref(), OsString::as_os_str);
    let home = home(&variables);
    // As with MIT, what can't be opened is passed over: a program works without its trace.
    let trace = variables.trace.as_ref();
    let trace = trace.and_then(|path| TraceFile::open(path.as_ref()).ok());
    let mut builder = EnvironmentBuilder {
        observer: trace.map_or(Observer::NONE, |trace| Observer::new(Arc::new(trace))),
        default_cache: variables.ccname,
        default_keytab: variables.ktname,
        client_keytab: variables.client_ktname,
        replay_name: variables.rcache_name,
        replay_directory: replay_directory.into(),
        identity_file: home.map(|home| home.join(".k5identity")),
        fallback_replay_cache: Some(ReplayName::default_file()),
        fallback_cache: Some(DEFAULT_CACHE),
        fallback_keytab: Some(DEFAULT_KEYTAB),
        fallback_client_keytab: Some(DEFAULT_CLIENT_KEYTAB),
        tokens: Tokens::of_process(variables.tmpdir),
        system_dns: SystemResolverConfig::new(variables.local_domain, variables.res_options),
        ..EnvironmentBuilder::default()
    };
    builder.search_domains = builder.system_dns.read().search;
    builder
}

fn config_paths(variables: &Variables) -> Vec<PathBuf> {
    let list = variables
        .config
        .as_deref()
        .unwrap_or(OsStr::new(DEFAULT_CONFIG));
    let paths = list.as_bytes().split(|byte| *byte == b':');
    paths
        .filter(|path| !path.is_empty())
        .map(|path| expand_home(path, variables))
        .collect()
}

/// `~/` at the beginning is the user's home.
fn expand_home(path: &[u8], variables: &Variables) -> PathBuf {
    match path.strip_prefix(b"~/").zip(home(variables)) {
        Some((rest, home)) => home.join(OsStr::from_bytes(rest)),
        None => OsString::from_vec(path.to_vec()).into(),
    }
}

fn home(variables: &Variables) -> Option<PathBuf> {
    let home = variables.home.as_ref().map(PathBuf::from);
    home.or_else(home_of_user)
}

/// Of the effective user, as in MIT: where the variable is not heeded, the caller's home is not either.
fn home_of_user() -> Option<PathBuf> {
    User::from_uid(geteuid())
        .ok()
        .flatten()
        .map(|user| user.dir)
}

/// MIT looks once a second, too.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
const DEFAULT_CONFIG: &str = "/etc/krb5.conf";
const DEFAULT_CACHE: &str = "FILE:/tmp/krb5cc_%{uid}";
const DEFAULT_KEYTAB: &str = "FILE:/etc/krb5.keytab";
const DEFAULT_CLIENT_KEYTAB: &str = "FILE:/etc/krb5/user/%{euid}/client.keytab";

#[cfg(test)]
mod tests;
