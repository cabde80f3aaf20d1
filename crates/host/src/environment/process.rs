//! The environment that the process has from whoever started it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::OnceLock;

use nix::unistd::{User, geteuid};

use super::config_files::{self, ConfigFileError};
use super::tokens::Tokens;
use super::variables::Variables;
use super::{Environment, EnvironmentBuilder, replay};
use crate::hostname::{search_domain, system_hostname};
use crate::replay_name::ReplayStoreName;

impl Environment {
    /// The process' own environment, looked up once as MIT does it, and shared by all who ask.
    ///
    /// - configuration: the files in `KRB5_CONFIG`, separated by colons, else `/etc/krb5.conf`;
    /// - default credential cache: `KRB5CCNAME`, else `default_ccache_name`, else `FILE:/tmp/krb5cc_%{uid}`;
    /// - default keytab: `KRB5_KTNAME`, else `default_keytab_name`, else `FILE:/etc/krb5.keytab`;
    /// - client keytab: `KRB5_CLIENT_KTNAME`, else `default_client_keytab_name`, else
    ///   `FILE:/etc/krb5/user/%{euid}/client.keytab`;
    /// - who to be for which server: `.k5identity` in `HOME`, else in the user's home;
    /// - replay store: `KRB5RCACHENAME`, else `KRB5RCACHETYPE`, else `default_rcache_name`, else `dfl:`, the file
    ///   `krb5_UID.rcache2` in `KRB5RCACHEDIR`, else `TMPDIR`, else `/var/tmp`.
    ///
    /// A process that runs with more rights than its caller (set-user-ID, set-group-ID, file capabilities) heeds none of the
    /// variables: whether it does is found out here, so a set-user-ID program that gives its rights up for good should call this
    /// before. They and the files are read at the first
    /// call; later changes need another process.
    ///
    /// # Errors
    ///
    /// Where a configuration file can't be read or is malformed. The next call tries again.
    pub fn process() -> Result<Self, ConfigFileError> {
        static PROCESS: OnceLock<Environment> = OnceLock::new();
        if let Some(environment) = PROCESS.get() {
            return Ok(environment.clone());
        }
        let environment = resolve(Variables::of_process())?;
        // Of two threads that were first, one has made it for both.
        Ok(PROCESS.get_or_init(|| environment).clone())
    }
}

/// An environment as a process with these variables has it.
fn resolve(variables: Variables) -> Result<Environment, ConfigFileError> {
    let config = config_files::load(&config_paths(&variables))?;
    let replay_directory = variables.rcache_dir.as_ref().or(variables.tmpdir.as_ref());
    let replay_directory =
        replay_directory.map_or(replay::DEFAULT_DIRECTORY.as_ref(), OsString::as_os_str);
    let home = home(&variables);
    let mut builder = EnvironmentBuilder {
        default_cache: variables.ccname,
        default_keytab: variables.ktname,
        client_keytab: variables.client_ktname,
        replay_name: variables.rcache_name,
        replay_directory: replay_directory.into(),
        identity_file: home.map(|home| home.join(".k5identity")),
        fallback_replay_store: Some(ReplayStoreName::Default),
        fallback_cache: Some(DEFAULT_CACHE),
        fallback_keytab: Some(DEFAULT_KEYTAB),
        fallback_client_keytab: Some(DEFAULT_CLIENT_KEYTAB),
        tokens: Tokens::of_process(variables.tmpdir),
        ..EnvironmentBuilder::default()
    };
    if let Ok(resolv_conf) = fs::read_to_string("/etc/resolv.conf") {
        builder.search_domain = search_domain(&resolv_conf, system_hostname().ok().as_deref());
    }
    Ok(builder.config(config).build())
}

fn config_paths(variables: &Variables) -> Vec<PathBuf> {
    let list = variables
        .config
        .as_deref()
        .unwrap_or(OsStr::new(DEFAULT_CONFIG));
    let paths = list.as_bytes().split(|octet| *octet == b':');
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

const DEFAULT_CONFIG: &str = "/etc/krb5.conf";
const DEFAULT_CACHE: &str = "FILE:/tmp/krb5cc_%{uid}";
const DEFAULT_KEYTAB: &str = "FILE:/etc/krb5.keytab";
const DEFAULT_CLIENT_KEYTAB: &str = "FILE:/etc/krb5/user/%{euid}/client.keytab";

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::getuid;
    use orthros_krb5::{Duration, Freshness, ReplayRecord, Timestamp};
    use tempfile::TempDir;

    /// The variables of a process whose only configuration is `text`.
    fn variables(dir: &TempDir, text: &str) -> Variables {
        let path = dir.path().join("krb5.conf");
        fs::write(&path, text).unwrap();
        Variables {
            config: Some(path.into()),
            ..Variables::default()
        }
    }

    fn names(variables: Variables) -> [String; 3] {
        let environment = resolve(variables).unwrap();
        let cache = environment.default_cache().unwrap();
        let keytab = environment.default_keytab().unwrap();
        let client_keytab = environment.client_keytab().unwrap();
        [
            cache.name().to_string(),
            keytab.name().to_string(),
            client_keytab.name().to_string(),
        ]
    }

    #[test]
    fn names_come_from_the_system_where_nobody_says_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        let expected = [
            format!("FILE:/tmp/krb5cc_{}", getuid()),
            "FILE:/etc/krb5.keytab".to_owned(),
            format!("FILE:/etc/krb5/user/{}/client.keytab", geteuid()),
        ];
        assert_eq!(names(variables(&dir, "")), expected);
    }

    #[test]
    fn names_come_from_the_configuration_with_their_tokens_expanded() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[libdefaults]\n default_ccache_name = FILE:%{TEMP}/cc\n \
                    default_keytab_name = %{null}/kt\n default_client_keytab_name = /ckt%{uid}\n";
        let variables = Variables {
            tmpdir: Some("/var/tmp".into()),
            ..variables(&dir, text)
        };
        let expected = [
            "FILE:/var/tmp/cc".to_owned(),
            "FILE:/kt".to_owned(),
            format!("FILE:/ckt{}", getuid()),
        ];
        assert_eq!(names(variables), expected);
    }

    #[test]
    fn variables_come_before_the_configuration_and_are_not_expanded() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[libdefaults]\n default_ccache_name = /wrong\n default_keytab_name = /wrong\n \
                    default_client_keytab_name = /wrong\n";
        let variables = Variables {
            ccname: Some("MEMORY:%{uid}".into()),
            ktname: Some("/kt".into()),
            client_ktname: Some("/ckt".into()),
            ..variables(&dir, text)
        };
        assert_eq!(names(variables), ["MEMORY:%{uid}", "FILE:/kt", "FILE:/ckt"]);
    }

    #[test]
    fn replays_are_remembered_in_mits_file_where_nobody_says_otherwise() {
        let ask = |variables| {
            let now = Timestamp::from_seconds(1_700_000_000);
            let skew = Duration::from_seconds(300);
            let record = ReplayRecord::new(&[1; 16], 16, now, now, skew).unwrap();
            let environment = resolve(variables).unwrap();
            let store = environment.replay_store();
            store.check_and_store(&record, now).unwrap()
        };
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("1"), dir.path().join("2"));
        fs::create_dir(&first).unwrap();
        fs::create_dir(&second).unwrap();
        let with = |name: Option<&str>| Variables {
            rcache_name: name.map(Into::into),
            rcache_dir: Some(first.clone().into()),
            tmpdir: Some(second.clone().into()),
            ..variables(&dir, "")
        };
        assert_eq!(ask(with(None)), Freshness::Fresh);
        assert_eq!(ask(with(None)), Freshness::Replayed);
        let name = format!("krb5_{}.rcache2", geteuid());
        assert!(first.join(&name).is_file());
        assert_eq!(ask(with(Some("none:"))), Freshness::Fresh);
        let by_tmpdir = Variables {
            rcache_dir: None,
            ..with(None)
        };
        assert_eq!(ask(by_tmpdir), Freshness::Fresh);
        assert!(second.join(&name).is_file());
    }

    #[test]
    fn a_name_that_does_not_expand_is_an_error_where_it_is_used() {
        let dir = tempfile::tempdir().unwrap();
        let environment = resolve(variables(
            &dir,
            "[libdefaults]\n default_ccache_name = /%{shell}\n",
        ))
        .unwrap();
        let error = environment.default_cache().unwrap_err();
        assert_eq!(error.to_string(), "/%{shell}: nothing is known of %{shell}");
        environment.default_keytab().unwrap();
    }

    #[test]
    fn configurations_are_listed_with_colons_and_may_be_at_home() {
        let with = |config: &str, home: Option<&str>| {
            let variables = Variables {
                config: Some(config.into()),
                home: home.map(Into::into),
                ..Variables::default()
            };
            config_paths(&variables)
        };
        assert_eq!(
            with("/a:/b", None),
            [PathBuf::from("/a"), PathBuf::from("/b")]
        );
        assert_eq!(
            with("~/a:~b", Some("/home/me")),
            [PathBuf::from("/home/me/a"), PathBuf::from("~b")]
        );
        assert_eq!(
            config_paths(&Variables::default()),
            [PathBuf::from("/etc/krb5.conf")]
        );
    }

    #[test]
    fn a_malformed_configuration_is_an_error_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let variables = variables(&dir, "[libdefaults]\n nonsense\n");
        let place = format!("{}:2: ", dir.path().join("krb5.conf").display());
        let error = resolve(variables).unwrap_err();
        assert!(error.to_string().starts_with(&place), "{error}");
    }
}
