//! A throw-away MIT realm: its own KDC on its own loopback port, its own directory, gone on drop.
//!
//! Each test has its own, so that tests neither wait for each other nor see each other's tickets.
//! Starting one takes a few hundredths of a second plus the string-to-key of each password.

mod builder;
mod config;
mod gss_peer;
mod krb5_peer;
mod samples;
mod trust;

use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub use builder::RealmBuilder;
pub use gss_peer::{Answer, Buffer, GssPeer, GssPeerError, Initiation, Inquiry};
pub use krb5_peer::{KRB5_DO_SEQUENCE, KRB5_DO_TIME, Krb5End, Krb5Peer, Krb5Session};
pub use samples::SampleServer;

use crate::peers::{Missing, MitTools};
use crate::port::free_port;
use crate::process::{self, Daemon, Finished, ProcessError};
use crate::programs;
use config::RealmConfig;

/// The realm's name unless the builder was given another.
pub const DEFAULT_REALM: &str = "ORTHROS.TEST";

/// The enctypes that a realm supports unless told otherwise: all that this project implements.
pub const DEFAULT_ENCTYPES: [&str; 6] = [
    "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha1-96",
    "aes256-cts-hmac-sha384-192",
    "aes128-cts-hmac-sha256-128",
    "camellia128-cts-cmac",
    "camellia256-cts-cmac",
];

/// A running MIT realm.
///
/// Dropping it kills the KDC by its process id and removes the directory.
#[derive(Debug)]
pub struct Realm {
    tools: MitTools,
    config: RealmConfig,
    kdc: Option<Daemon>,
    /// It serves as long as this lives.
    _kadmind: Option<Daemon>,
    directory: TempDir,
}

/// Why a realm could not be started, or did not do what a test asked of it.
#[derive(Debug, thiserror::Error)]
pub enum RealmError {
    /// MIT's programs are not on this machine.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A program could not be run, or hung.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A program ran and failed.
    #[error("failed: {0}")]
    Failed(Box<Finished>),
    /// A file of the realm could not be read or written, or no port be had.
    #[error("{what}: {source}")]
    Io {
        /// The file, or what was tried.
        what: String,
        /// What the operating system says.
        source: io::Error,
    },
}

impl Realm {
    /// A realm to be described; [`RealmBuilder::start`] starts it.
    #[must_use]
    pub fn builder() -> RealmBuilder {
        RealmBuilder::new()
    }

    /// The realm's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Where the KDC listens, on UDP and on TCP.
    #[must_use]
    pub fn kdc_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.config.port))
    }

    /// Where kadmind changes passwords, on UDP and on TCP, if [`RealmBuilder::kadmind`] has started it.
    #[must_use]
    pub fn password_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.config.password_port))
    }

    /// The realm's own directory; files that a test puts there go with the realm.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A path in the realm's directory, whether or not there is such a file.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.directory().join(file)
    }

    /// The text of the clients' `krb5.conf`.
    #[must_use]
    pub fn krb5_conf(&self) -> String {
        self.config.krb5_conf(&[])
    }

    /// The file with [`Realm::krb5_conf`].
    #[must_use]
    pub fn krb5_conf_path(&self) -> PathBuf {
        self.path("krb5.conf")
    }

    /// Writes a variant of `krb5.conf` in which these `[libdefaults]` relations replace or join the realm's own.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn variant_conf(
        &self,
        file: &str,
        libdefaults: &[(&str, &str)],
    ) -> Result<PathBuf, RealmError> {
        let path = self.path(file);
        write(&path, &self.config.krb5_conf(libdefaults))?;
        Ok(path)
    }

    /// Writes the `krb5.conf` of a client that asks for and permits nothing but `enctype`.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn pinned_conf(&self, enctype: &str) -> Result<PathBuf, RealmError> {
        let pinned = [
            ("permitted_enctypes", enctype),
            ("default_tkt_enctypes", enctype),
            ("default_tgs_enctypes", enctype),
        ];
        self.variant_conf(&format!("krb5-{enctype}.conf"), &pinned)
    }

    /// The keytab with every service's keys.
    #[must_use]
    pub fn keytab(&self) -> PathBuf {
        self.path("services.keytab")
    }

    /// Writes a keytab with the current keys of `principals`, users included.
    ///
    /// # Errors
    ///
    /// When a principal does not exist.
    pub fn extract_keytab(&self, file: &str, principals: &[&str]) -> Result<PathBuf, RealmError> {
        let path = self.path(file);
        let queries: Vec<String> = principals
            .iter()
            .map(|principal| ktadd(&path, principal))
            .collect();
        self.kadmin(&queries)?;
        Ok(path)
    }

    /// The credential cache that [`Realm::command`] presets.
    #[must_use]
    pub fn ccache(&self) -> PathBuf {
        self.path("ccache")
    }

    /// MIT's trace of the commands run so far; empty when none has left one.
    #[must_use]
    pub fn trace(&self) -> String {
        fs::read_to_string(self.path("trace.log")).unwrap_or_default()
    }

    /// The KDC's log so far.
    #[must_use]
    pub fn kdc_log(&self) -> String {
        fs::read_to_string(self.path("kdc.log")).unwrap_or_default()
    }

    /// A command of this realm's world: one of MIT's programs by name, or any program by path.
    ///
    /// Its environment has `KRB5_CONFIG`, `KRB5CCNAME`, `KRB5_KTNAME`, `KRB5_TRACE`, `LC_ALL=C` and
    /// a `PATH` that reaches `/usr/sbin`; Kerberos variables of the caller are not inherited.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let program = program.as_ref();
        let found = program.to_str().and_then(programs::find);
        let mut command = Command::new(found.unwrap_or_else(|| program.into()));
        set_environment(&mut command, self.directory());
        command
    }

    /// Runs a command within [`process::LIMIT`]; for commands of the test's own making.
    ///
    /// # Errors
    ///
    /// When it can't be started, or hangs. A failure exit status is not an error here.
    pub fn run(&self, command: &mut Command, stdin: &[u8]) -> Result<Finished, RealmError> {
        Ok(process::run(command, stdin)?)
    }

    /// MIT's `kinit` into [`Realm::ccache`], with the password on standard input.
    ///
    /// # Errors
    ///
    /// When no ticket was granted.
    pub fn kinit(&self, principal: &str, password: &str) -> Result<(), RealmError> {
        let stdin = format!("{password}\n");
        let mut kinit = self.command("kinit");
        succeed(kinit.arg(principal), stdin.as_bytes())?;
        Ok(())
    }

    /// Has `kadmin.local` do each of `queries` on the realm's database; returns what it printed.
    ///
    /// # Errors
    ///
    /// When it reports an error for any of them.
    pub fn kadmin(&self, queries: &[impl AsRef<str>]) -> Result<String, RealmError> {
        builder::kadmin(&self.tools, self.directory(), self.name(), queries)
    }

    /// The process id of the KDC, while it runs.
    #[must_use]
    pub fn kdc_process(&self) -> Option<u32> {
        self.kdc.as_ref().map(Daemon::id)
    }

    /// Stops the KDC; the port stays closed until [`Realm::start_kdc`].
    pub fn stop_kdc(&mut self) {
        self.kdc = None;
    }

    /// Starts the KDC again on the same port, after [`Realm::stop_kdc`].
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub fn start_kdc(&mut self) -> Result<(), RealmError> {
        self.stop_kdc();
        self.kdc = Some(builder::start_kdc(
            &self.tools,
            self.directory(),
            self.name(),
        )?);
        Ok(())
    }

    /// Starts MIT's `gss-server` for `service` on a port of its own, with the services' keytab.
    ///
    /// `options` are `gss-server`'s own, such as `-once`, `-export` or `-verbose`.
    ///
    /// # Errors
    ///
    /// When it does not come up, for want of a key for example.
    pub fn gss_server(&self, service: &str, options: &[&str]) -> Result<SampleServer, RealmError> {
        let keytab = self.keytab();
        SampleServer::start(
            |port| {
                let mut command = self.command(&self.tools.gss_server);
                command.args(["-port", &port.to_string()]);
                command.args(options).arg("-keytab").arg(&keytab);
                command.arg(service);
                command
            },
            "starting...",
        )
    }

    /// A `gss-client` command to the server at `port` of this machine.
    ///
    /// `options` are `gss-client`'s own, such as `-nomutual` or `-f`.
    #[must_use]
    pub fn gss_client(&self, port: u16, options: &[&str], service: &str, message: &str) -> Command {
        let mut command = self.command(&self.tools.gss_client);
        command.args(["-port", &port.to_string()]).args(options);
        command.args(["localhost", service, message]);
        command
    }
}

/// Starts a server on a free port. Between finding it and binding it, another process may take it: then the server
/// ends at once, and the next port is tried.
///
/// # Errors
///
/// What `start` says, unless the server ended and another port may help.
pub fn on_a_free_port<Server>(
    mut start: impl FnMut(u16) -> Result<Server, RealmError>,
) -> Result<Server, RealmError> {
    let mut attempts = 1;
    loop {
        match start(free_port().map_err(io_error("free loopback port"))?) {
            Err(RealmError::Process(ProcessError::Ended { .. })) if attempts < PORT_ATTEMPTS => {
                attempts += 1;
            }
            outcome => return outcome,
        }
    }
}

/// How often another port is tried.
const PORT_ATTEMPTS: usize = 8;

/// What every program of the realm sees.
fn set_environment(command: &mut Command, directory: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KRB5") {
            command.env_remove(name);
        }
    }
    let file = |name: &str| format!("FILE:{}", directory.join(name).display());
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .env("KRB5_CONFIG", directory.join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", directory.join("kdc.conf"))
        .env("KRB5CCNAME", file("ccache"))
        .env("KRB5_KTNAME", file("services.keytab"))
        .env("KRB5_CLIENT_KTNAME", file("client.keytab"))
        .env("KRB5RCACHENAME", format!("dfl:{}", directory.display()))
        .env("KRB5RCACHEDIR", directory)
        .env("KRB5_TRACE", directory.join("trace.log"))
        .env("LC_ALL", "C")
        .env("PATH", format!("{path}:{}", programs::SYSTEM_DIRS));
}

/// Runs a command that must succeed.
pub(crate) fn succeed(command: &mut Command, stdin: &[u8]) -> Result<Finished, RealmError> {
    let finished = process::run(command, stdin)?;
    if finished.status.success() {
        Ok(finished)
    } else {
        Err(RealmError::Failed(Box::new(finished)))
    }
}

fn write(path: &Path, text: &str) -> Result<(), RealmError> {
    fs::write(path, text).map_err(io_error(path.display()))
}

pub(crate) fn io_error(what: impl fmt::Display) -> impl FnOnce(io::Error) -> RealmError {
    let what = what.to_string();
    move |source| RealmError::Io { what, source }
}

/// A query that adds the current keys of a principal to a keytab.
fn ktadd(keytab: &Path, principal: &str) -> String {
    let keytab = keytab.display().to_string();
    let (keytab, principal) = (builder::quoted(&keytab), builder::quoted(principal));
    format!("ktadd -k {keytab} -norandkey {principal}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> RealmError {
        RealmError::Process(ProcessError::Ended {
            command: "krb5kdc".to_owned(),
            output: "Address already in use".to_owned(),
        })
    }

    #[test]
    fn a_port_that_was_taken_meanwhile_is_given_up_for_another() {
        let mut tried = Vec::new();
        let server = on_a_free_port(|port| {
            tried.push(port);
            if tried.len() < 3 {
                Err(ended())
            } else {
                Ok(port)
            }
        });
        assert_eq!(tried.len(), 3);
        assert_eq!(server.unwrap(), tried[2]);
    }

    #[test]
    fn a_server_that_never_starts_is_an_error_in_the_end() {
        let mut attempts = 0;
        let server: Result<(), RealmError> = on_a_free_port(|_| {
            attempts += 1;
            Err(ended())
        });
        assert!(server.is_err());
        assert_eq!(attempts, PORT_ATTEMPTS);
    }
}
