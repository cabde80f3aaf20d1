//! A throw-away Heimdal realm, of programs that are unpacked and not installed: see [`peers::heimdal`]. And Heimdal's
//! GSS-API library as the other head of a context: `interop/heimdal_peer.py`, driven as MIT's is.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::mit::{GssPeer, RealmError, io_error, on_a_free_port, succeed};
use crate::peers::{self, HeimdalTools};
use crate::process::Daemon;
use crate::programs;

/// The enctypes of this project that Heimdal has: those of its Camellia are others.
pub const ENCTYPES: [&str; 4] = [
    "aes256-cts-hmac-sha1-96",
    "aes128-cts-hmac-sha1-96",
    "aes256-cts-hmac-sha384-192",
    "aes128-cts-hmac-sha256-128",
];

/// Starts Heimdal's library in a process of its own. `prepare` sets `KRB5_CONFIG`, `KRB5CCNAME` and `KRB5_KTNAME`.
///
/// # Errors
///
/// When it does not come up: without [`peers::heimdal`], for example.
pub fn gss_peer(prepare: impl FnOnce(&mut Command)) -> Result<GssPeer, RealmError> {
    let python = programs::find("python3").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(python);
    peers::heimdal()?.set_libraries(&mut command);
    command.arg(SCRIPT).env("LC_ALL", "C");
    prepare(&mut command);
    GssPeer::start(&mut command)
}

/// A running Heimdal realm.
///
/// Dropping it kills its daemons by their process ids and removes the directory.
#[derive(Debug)]
pub struct Realm {
    tools: HeimdalTools,
    port: u16,
    password_port: u16,
    kdc: Daemon,
    kpasswdd: Option<Daemon>,
    directory: TempDir,
}

/// A realm that is not running yet.
#[derive(Debug, Clone)]
pub struct RealmBuilder {
    tools: HeimdalTools,
    name: String,
    queries: Vec<Vec<String>>,
    sections: String,
    has_kpasswdd: bool,
    has_rc4: bool,
}

impl RealmBuilder {
    /// A query of `kadmin -l`, run in the order of the calls, in the realm's directory.
    #[must_use]
    pub fn kadmin(mut self, query: &[impl AsRef<str>]) -> Self {
        let words = query.iter().map(|word| word.as_ref().to_owned());
        self.queries.push(words.collect());
        self
    }

    /// A whole section of the KDC's `krb5.conf`, heading included.
    #[must_use]
    pub fn section(mut self, text: &str) -> Self {
        self.sections.push_str(text);
        self
    }

    /// Gives principals keys of arcfour-hmac, too, and has the KDC use them.
    #[must_use]
    pub fn rc4(mut self) -> Self {
        self.has_rc4 = true;
        self
    }

    /// Starts kpasswdd with the KDC, so that passwords can be changed, by UDP.
    #[must_use]
    pub fn kpasswdd(mut self) -> Self {
        self.has_kpasswdd = true;
        self
    }

    /// Makes the database, starts the daemons and returns when they listen.
    ///
    /// # Errors
    ///
    /// When a query is refused, or a daemon does not come up.
    pub fn start(self) -> Result<Realm, RealmError> {
        let directory = tempfile::Builder::new()
            .prefix("orthros-heimdal-")
            .tempdir()
            .map_err(io_error("temporary directory"))?;
        let conf = self.krb5_conf(directory.path());
        fs::write(directory.path().join("krb5.conf"), conf).map_err(io_error("krb5.conf"))?;
        self.fill_database(directory.path())?;
        let (port, kdc) = on_a_free_port(|port| {
            let mut kdc = command(&self.tools, directory.path(), "usr/lib/heimdal-servers/kdc");
            kdc.args(["--addresses=127.0.0.1", &format!("--ports={port}")]);
            Ok((port, Daemon::start(&mut kdc, "KDC started")?))
        })?;
        let kpasswdd = self
            .has_kpasswdd
            .then(|| on_a_free_port(|port| self.start_kpasswdd(directory.path(), port)))
            .transpose()?;
        Ok(Realm {
            tools: self.tools,
            port,
            password_port: kpasswdd.as_ref().map_or(0, |(port, _)| *port),
            kdc,
            kpasswdd: kpasswdd.map(|(_, daemon)| daemon),
            directory,
        })
    }

    fn krb5_conf(&self, directory: &Path) -> String {
        let Self { name, sections, .. } = self;
        let directory = directory.display();
        let (rc4, switch) = if self.has_rc4 {
            (Some("arcfour-hmac-md5"), " allow_weak_crypto = true\n")
        } else {
            (None, "")
        };
        let enctypes = ENCTYPES.into_iter().chain(rc4);
        let keys: Vec<_> = enctypes
            .map(|enctype| format!("{enctype}:pw-salt"))
            .collect();
        format!(
            "[libdefaults]\n default_realm = {name}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n{switch}\
             [kdc]\n database = {{\n  realm = {name}\n  dbname = {directory}/db\n  mkey_file = {directory}/mkey\n  \
             acl_file = /dev/null\n  log_file = {directory}/iprop\n }}\n\
             [kadmin]\n default_keys = {}\n\
             [logging]\n kdc = STDERR\n kpasswdd = STDERR\n{sections}",
            keys.join(" ")
        )
    }

    fn fill_database(&self, directory: &Path) -> Result<(), RealmError> {
        let mut stash = command(&self.tools, directory, "usr/sbin/kstash");
        succeed(stash.args(["--random-key", "--key-file=mkey"]), b"")?;
        let lives = [
            "--realm-max-ticket-life=1d",
            "--realm-max-renewable-life=7d",
        ];
        let mut kadmin = command(&self.tools, directory, KADMIN);
        kadmin.args(["-l", "init"]).args(lives).arg(&self.name);
        succeed(&mut kadmin, b"")?;
        for query in &self.queries {
            let mut kadmin = command(&self.tools, directory, KADMIN);
            succeed(kadmin.arg("-l").args(query), b"")?;
        }
        Ok(())
    }

    /// It says nothing when it is ready: the port is taken then.
    fn start_kpasswdd(&self, directory: &Path, port: u16) -> Result<(u16, Daemon), RealmError> {
        let program = "usr/lib/heimdal-servers/kpasswdd";
        let mut kpasswdd = command(&self.tools, directory, program);
        kpasswdd.args(["--addresses=127.0.0.1", &format!("--port={port}")]);
        let is_ready = || UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_err();
        let daemon = Daemon::start_silent(&mut kpasswdd, is_ready)?;
        Ok((port, daemon))
    }
}

impl Realm {
    /// A realm to be described; [`RealmBuilder::start`] starts it.
    #[must_use]
    pub fn builder(tools: HeimdalTools, name: &str) -> RealmBuilder {
        RealmBuilder {
            tools,
            name: name.to_owned(),
            queries: Vec::new(),
            sections: String::new(),
            has_kpasswdd: false,
            has_rc4: false,
        }
    }

    /// Where the KDC listens, on UDP and on TCP.
    #[must_use]
    pub fn kdc_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Where passwords are changed, by UDP, if [`RealmBuilder::kpasswdd`] has it.
    #[must_use]
    pub fn password_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.password_port))
    }

    /// A path in the realm's directory, whether or not there is such a file.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// One of Heimdal's programs, by its path below the root of its packages, in the realm's directory.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        command(&self.tools, self.directory.path(), program)
    }

    /// What its daemons have said so far.
    #[must_use]
    pub fn log(&self) -> String {
        let kpasswdd = self.kpasswdd.as_ref().map(Daemon::printed);
        self.kdc.printed() + &kpasswdd.unwrap_or_default()
    }
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../interop/heimdal_peer.py");
const KADMIN: &str = "usr/bin/kadmin.heimdal";

fn command(tools: &HeimdalTools, directory: &Path, program: &str) -> Command {
    let mut command = tools.command(program);
    command
        .current_dir(directory)
        .env("KRB5_CONFIG", directory.join("krb5.conf"))
        .env("LC_ALL", "C");
    command
}
