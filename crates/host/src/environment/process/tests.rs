//! How a process finds its environment, and follows its configuration.

use super::*;
use nix::unistd::getuid;
use orthros_types::{Freshness, ReplayRecord, Timestamp};
use std::fs;
use tempfile::TempDir;

fn resolve(variables: Variables) -> Result<Environment, ConfigFileError> {
    Process::new(variables).map(|process| process.environment())
}

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
        let skew = orthros_types::Duration::from_seconds(300);
        let record = ReplayRecord::new(&[1; 16], now, now, skew);
        let environment = resolve(variables).unwrap();
        let store = environment.replay_cache();
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

/// A process whose configuration is written by the test, and whose clocks the test moves.
struct Daemon {
    dir: TempDir,
    process: Arc<Process>,
    began: Instant,
    seconds: u64,
}

impl Daemon {
    fn new(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let process = Process::new(variables(&dir, text)).unwrap();
        Self {
            dir,
            process,
            began: Instant::now(),
            seconds: 0,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, text: &str) {
        fs::write(self.path("krb5.conf"), text).unwrap();
    }

    /// Two seconds later; what was written before is older than that.
    fn later(&mut self) -> Environment {
        self.seconds += 2;
        let now = self.began + Duration::from_secs(self.seconds);
        self.process
            .environment_at(now, || SystemTime::now() + Duration::from_secs(2))
    }

    fn realm_later(&mut self) -> Option<String> {
        self.later().config().default_realm().map(str::to_owned)
    }
}

fn default_realm(realm: &str) -> String {
    format!("[libdefaults]\n default_realm = {realm}\n")
}

#[test]
fn a_running_daemon_sees_a_corrected_configuration() {
    let mut daemon = Daemon::new(&default_realm("OLD"));
    let held = daemon.later();
    let alice = orthros_types::Principal::parse("alice@R", None).unwrap();
    let cache = held.cache("MEMORY:mine").unwrap();
    cache.initialize(&alice, None, &[]).unwrap();
    daemon.write(&default_realm("NEW"));
    assert_eq!(daemon.realm_later().as_deref(), Some("NEW"));
    // Who has begun with one configuration keeps it, until it asks; all else is shared.
    assert_eq!(held.config().default_realm(), Some("OLD"));
    let current = held.current();
    assert_eq!(current.config().default_realm(), Some("NEW"));
    assert_eq!(
        current.cache("MEMORY:mine").unwrap().principal().unwrap(),
        alice
    );
    assert!(std::ptr::eq(held.replay_cache(), current.replay_cache()));
    // A file that is put in the place of the old one, too.
    fs::write(daemon.path("next"), default_realm("NEXT")).unwrap();
    fs::rename(daemon.path("next"), daemon.path("krb5.conf")).unwrap();
    assert_eq!(daemon.realm_later().as_deref(), Some("NEXT"));
}

#[test]
fn files_are_not_looked_at_twice_in_a_second() {
    let daemon = Daemon::new(&default_realm("OLD"));
    daemon.write(&default_realm("NEW"));
    let look = |milliseconds| {
        let now = daemon.began + Duration::from_millis(milliseconds);
        let mut looks = 0;
        daemon.process.environment_at(now, || {
            looks += 1;
            SystemTime::now()
        });
        looks
    };
    let looks: Vec<u32> = [0, 500, 900, 1_100, 1_900, 2_050, 2_200].map(look).into();
    assert_eq!(looks, [0, 0, 0, 1, 0, 0, 1]);
}

#[test]
fn files_that_appear_or_vanish_below_an_included_directory_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "includedir {}\n[libdefaults]\n ticket_lifetime = 1h\n",
        dir.path().display()
    );
    let mut daemon = Daemon::new(&text);
    assert_eq!(daemon.realm_later(), None);
    fs::write(dir.path().join("one.conf"), default_realm("ONE")).unwrap();
    assert_eq!(daemon.realm_later().as_deref(), Some("ONE"));
    fs::write(dir.path().join("one.conf"), default_realm("TWO")).unwrap();
    assert_eq!(daemon.realm_later().as_deref(), Some("TWO"));
    fs::remove_file(dir.path().join("one.conf")).unwrap();
    daemon.later();
    assert_eq!(daemon.realm_later(), None);
}

#[test]
fn a_file_that_is_still_being_written_is_not_taken_yet() {
    let daemon = Daemon::new(&default_realm("OLD"));
    daemon.write("");
    let now = daemon.began + Duration::from_secs(2);
    let environment = daemon.process.environment_at(now, SystemTime::now);
    assert_eq!(environment.config().default_realm(), Some("OLD"));
}

#[test]
fn a_broken_or_vanished_configuration_leaves_the_last_good_one_and_is_told() {
    let mut daemon = Daemon::new(&default_realm("OLD"));
    daemon.write("[libdefaults]\n nonsense\n");
    let environment = daemon.later();
    assert_eq!(environment.config().default_realm(), Some("OLD"));
    let problem = environment.config_problem().unwrap().to_string();
    assert!(problem.contains("krb5.conf:2: "), "{problem}");
    daemon.write(&default_realm("NEW"));
    let environment = daemon.later();
    assert_eq!(environment.config().default_realm(), Some("NEW"));
    assert!(environment.config_problem().is_none());
    // An editor may take the old file away first.
    fs::remove_file(daemon.path("krb5.conf")).unwrap();
    assert_eq!(daemon.realm_later().as_deref(), Some("NEW"));
    daemon.write(&default_realm("EDITED"));
    assert_eq!(daemon.realm_later().as_deref(), Some("EDITED"));
    fs::remove_file(daemon.path("krb5.conf")).unwrap();
    daemon.later();
    assert_eq!(daemon.realm_later(), None);
}

#[test]
fn another_replay_cache_is_taken_where_the_configuration_names_one() {
    let mut daemon = Daemon::new("");
    let before = daemon.later();
    daemon.write("[libdefaults]\n default_rcache_name = none:\n");
    let after = daemon.later();
    assert!(!std::ptr::eq(before.replay_cache(), after.replay_cache()));
}
