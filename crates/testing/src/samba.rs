//! A throw-away Active Directory domain: Samba's domain controller in network and mount namespaces of its own.
//!
//! There this host is `www.samba.test` and the controller `dc1.samba.test`, `/etc` has no `krb5.conf`, and DNS, like
//! all of the domain's services, answers at 10.53.0.1. A program that is to see the domain is run with
//! [`Domain::command`]. Test code that is to see it has its test program run with that, which finds the domain by
//! [`Domain::entered`].
//!
//! Root can start one. It takes about seven seconds, and half of them a processor.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::mit::{RealmError, io_error};
use crate::peers;
use crate::process::{self, Daemon};

/// The realm of the domain.
pub const REALM: &str = "SAMBA.TEST";

/// The password of all accounts that `samba/accounts.py` makes, which says what there are.
pub const PASSWORD: &str = "Passw0rd.b1";

/// The domain's administrator, and their password.
pub const ADMINISTRATOR: (&str, &str) = ("Administrator", "Passw0rd.a1");

/// The address of the domain controller.
pub const CONTROLLER: &str = "10.53.0.1";

/// A domain that is served.
///
/// When the value is dropped that started it, or its process ends, all processes of the domain are killed and its
/// directory is removed.
#[derive(Debug)]
pub struct Domain {
    directory: PathBuf,
    /// None where this process is in the namespaces itself.
    controller: Option<Controller>,
}

/// The first process in the namespaces, and what is removed after it.
#[derive(Debug)]
struct Controller {
    daemon: Daemon,
    _directory: TempDir,
}

/// A forest that the domain trusts, and that trusts the domain. It is served until this value is dropped.
#[derive(Debug)]
pub struct TrustedForest {
    _daemon: Daemon,
}

impl Domain {
    /// Provisions a domain with its accounts, and returns when it is served.
    ///
    /// # Errors
    ///
    /// Without [`peers::samba`], or when Samba does not come up.
    pub fn start() -> Result<Self, RealmError> {
        peers::samba()?;
        let directory = tempfile::Builder::new()
            .prefix("orthros-samba-")
            .tempdir()
            .map_err(io_error("temporary directory"))?;
        let shared = directory.path();
        fs::write(shared.join(KRB5_CONF), CLIENT_CONFIGURATION).map_err(io_error(KRB5_CONF))?;
        let mut first = Command::new("unshare");
        first
            .args([
                "--net",
                "--mount",
                "--uts",
                "--pid",
                "--fork",
                "--kill-child",
            ])
            .args(["sh", "-c", INSIDE, "inside.sh"])
            .arg(shared)
            .arg(ACCOUNTS)
            .env("LC_ALL", "C");
        let daemon = Daemon::start_bound(&mut first, "the domain is served", START_LIMIT)?;
        Ok(Self {
            directory: shared.to_owned(),
            controller: Some(Controller {
                daemon,
                _directory: directory,
            }),
        })
    }

    /// The domain whose [`command`](Self::command) this process is, or a child of it.
    #[must_use]
    pub fn entered() -> Option<Self> {
        let directory = std::env::var_os(ENTERED)?.into();
        Some(Self {
            directory,
            controller: None,
        })
    }

    /// A program that sees the domain: its network, and its `/etc`.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = match &self.controller {
            None => Command::new(program),
            Some(controller) => {
                let mut enter = Command::new("nsenter");
                let target = format!("--target={}", controller.daemon.id());
                enter
                    .args([&target, "--net", "--mount", "--uts", "--"])
                    .arg(program);
                enter
            }
        };
        command.env(ENTERED, &self.directory).env("LC_ALL", "C");
        command
    }

    /// Starts another forest in the domain's network, `OTHER.TEST` with the user `otto`, and has both trust each
    /// other.
    ///
    /// # Errors
    ///
    /// When it does not come up, or there is one already.
    pub fn start_trusted_forest(&self) -> Result<TrustedForest, RealmError> {
        let mut first = self.command("unshare");
        first.args(["--mount", "--pid", "--fork", "--kill-child"]);
        first.args(["sh", "-c", OTHER]);
        let ready = "the other forest is served";
        let daemon = Daemon::start_bound(&mut first, ready, START_LIMIT)?;
        let mut trust = self.command("sh");
        let trusted = process::run_within(trust.args(["-c", TRUST]), b"", START_LIMIT)?;
        if trusted.status.success() {
            Ok(TrustedForest { _daemon: daemon })
        } else {
            Err(RealmError::Failed(Box::new(trusted)))
        }
    }

    /// A file in the directory that the domain shares with its test, whether or not there is one.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.directory.join(file)
    }

    /// The keys of an account, by the name that `samba/accounts.py` gives its keytab.
    #[must_use]
    pub fn keytab(&self, account: &str) -> PathBuf {
        self.path(&format!("{account}.keytab"))
    }

    /// A `krb5.conf` that says where the domain's controller is, for clients that do not ask DNS.
    #[must_use]
    pub fn krb5_conf(&self) -> PathBuf {
        self.path(KRB5_CONF)
    }

    /// What the controller has said so far, to the process that started it.
    #[must_use]
    pub fn log(&self) -> String {
        let daemon = self
            .controller
            .as_ref()
            .map(|controller| &controller.daemon);
        daemon.map(Daemon::printed).unwrap_or_default()
    }

    /// The directory that the domain shares with its test.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

const INSIDE: &str = include_str!("samba/inside.sh");
const ACCOUNTS: &str = include_str!("samba/accounts.py");
const OTHER: &str = include_str!("samba/other.sh");
const TRUST: &str = include_str!("samba/trust.sh");

/// Environment variable: the directory of the domain that a process has entered.
const ENTERED: &str = "ORTHROS_SAMBA_DOMAIN";

/// For a machine with much else to do.
const START_LIMIT: Duration = Duration::from_secs(180);

const KRB5_CONF: &str = "krb5.conf";

const CLIENT_CONFIGURATION: &str = "\
[libdefaults]
    default_realm = SAMBA.TEST
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    forwardable = true
[realms]
    SAMBA.TEST = {
        kdc = 10.53.0.1
        kpasswd_server = 10.53.0.1
    }
[domain_realm]
    .samba.test = SAMBA.TEST
";

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::require_samba;

    /// The processes whose command line has a word.
    fn processes_with(word: &Path) -> usize {
        let lines = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let line = fs::read(entry.unwrap().path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&line).into_owned())
        });
        let word = word.to_str().unwrap();
        lines.filter(|line| line.contains(word)).count()
    }

    #[test]
    fn a_domain_is_seen_by_its_commands_alone_and_ends_when_a_test_panics() {
        require_samba!();
        let domain = Domain::start().unwrap();
        let directory = domain.directory().to_owned();
        let lookup = |mut command: Command| {
            let finished = process::run(command.args(["hosts", "dc1.samba.test"]), b"").unwrap();
            finished.stdout
        };
        assert!(lookup(domain.command("getent")).starts_with(CONTROLLER));
        assert_eq!(lookup(Command::new("getent")), "");
        assert!(domain.keytab("aes").exists());
        assert!(processes_with(&directory) > 0);
        let failing = thread::spawn(move || {
            let _domain = domain;
            panic!("a failing test");
        });
        assert!(failing.join().is_err());
        assert_eq!(processes_with(&directory), 0);
        assert!(!directory.exists());
    }
}
