//! Describes a realm, makes its database, and starts its KDC.

use std::path::Path;

use super::config::RealmConfig;
use super::{
    DEFAULT_ENCTYPES, DEFAULT_REALM, Realm, RealmError, io_error, ktadd, on_a_free_port,
    set_environment, succeed, write,
};
use crate::peers::{self, MitTools};
use crate::port::free_port;
use crate::process::{Daemon, ProcessError};

/// A realm that is not running yet.
#[derive(Debug, Clone)]
pub struct RealmBuilder {
    config: RealmConfig,
    /// Queries for `kadmin.local`, in the order of the calls.
    queries: Vec<String>,
    services: Vec<String>,
    has_kadmind: bool,
}

impl RealmBuilder {
    pub(super) fn new() -> Self {
        Self {
            config: RealmConfig::new(DEFAULT_REALM, &DEFAULT_ENCTYPES),
            queries: Vec::new(),
            services: Vec::new(),
            has_kadmind: false,
        }
    }

    /// Another name than [`DEFAULT_REALM`].
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.config.name);
        self.libdefault("default_realm", name)
    }

    /// A user with a password, who must prove it before a ticket is issued (preauthentication).
    #[must_use]
    pub fn user(self, principal: &str, password: &str) -> Self {
        self.principal(
            principal,
            &format!("+requires_preauth -pw {}", quoted(password)),
        )
    }

    /// A user with a password who gets an AS-REP for the asking.
    #[must_use]
    pub fn user_without_preauth(self, principal: &str, password: &str) -> Self {
        self.principal(
            principal,
            &format!("-requires_preauth -pw {}", quoted(password)),
        )
    }

    /// A service with random keys of all supported enctypes; they go to the services' keytab.
    #[must_use]
    pub fn service(mut self, principal: &str) -> Self {
        self.services.push(principal.to_owned());
        self.principal(principal, "-randkey")
    }

    /// A service with random keys of only these enctypes; they go to the services' keytab.
    #[must_use]
    pub fn service_with_enctypes(mut self, principal: &str, enctypes: &[&str]) -> Self {
        self.services.push(principal.to_owned());
        let keysalts: Vec<String> = enctypes.iter().map(|e| format!("{e}:normal")).collect();
        self.principal(principal, &format!("-randkey -e {}", keysalts.join(",")))
    }

    /// A principal made with options of `kadmin.local`'s `addprinc`.
    #[must_use]
    pub fn principal(self, principal: &str, options: &str) -> Self {
        let query = format!("addprinc {options} {}", quoted(principal));
        self.kadmin(&query)
    }

    /// Any query of `kadmin.local`, run in the order of the calls.
    #[must_use]
    pub fn kadmin(mut self, query: &str) -> Self {
        self.queries.push(query.to_owned());
        self
    }

    /// The enctypes of the database's keys, most preferred first; clients permit the same.
    #[must_use]
    pub fn enctypes(mut self, enctypes: &[&str]) -> Self {
        self.config.supported_enctypes = enctypes.iter().map(|&e| e.to_owned()).collect();
        self.libdefault("permitted_enctypes", &enctypes.join(" "))
    }

    /// The longest life that the KDC grants, in MIT's duration syntax (`10h`, `300s`).
    #[must_use]
    pub fn max_life(self, duration: &str) -> Self {
        self.kdc_relation("max_life", duration)
    }

    /// The longest renewable life that the KDC grants, in MIT's duration syntax; `0` for none.
    #[must_use]
    pub fn max_renewable_life(self, duration: &str) -> Self {
        self.kdc_relation("max_renewable_life", duration)
    }

    /// Starts kadmind with the KDC, so that passwords can be changed.
    #[must_use]
    pub fn kadmind(mut self) -> Self {
        self.has_kadmind = true;
        self
    }

    /// A relation in `[libdefaults]` of the clients' `krb5.conf`.
    #[must_use]
    pub fn libdefault(mut self, name: &str, value: &str) -> Self {
        self.config
            .libdefaults
            .insert(name.to_owned(), value.to_owned());
        self
    }

    /// A whole section of the clients' `krb5.conf`, heading included.
    #[must_use]
    pub fn section(mut self, text: &str) -> Self {
        self.config.sections.push_str(text);
        self
    }

    /// A relation of the realm in the KDC's `kdc.conf`.
    #[must_use]
    pub fn kdc_relation(mut self, name: &str, value: &str) -> Self {
        self.config
            .kdc_realm
            .insert(name.to_owned(), value.to_owned());
        self
    }

    /// Makes the database, starts the KDC and returns when it answers.
    ///
    /// # Errors
    ///
    /// When MIT's programs are missing, a query is refused, or the KDC does not come up.
    pub fn start(mut self) -> Result<Realm, RealmError> {
        let tools = peers::mit()?;
        let directory = tempfile::Builder::new()
            .prefix("orthros-realm-")
            .tempdir()
            .map_err(io_error("temporary directory"))?;
        self.write_configuration(directory.path())?;
        self.fill_database(&tools, directory.path())?;
        let kdc = on_a_free_port(|port| {
            self.config.port = port;
            self.write_configuration(directory.path())?;
            Ok(start_kdc(&tools, directory.path(), &self.config.name)?)
        })?;
        let kadmind = self.start_kadmind(&tools, directory.path())?;
        Ok(Realm {
            _kadmind: kadmind,
            tools,
            config: self.config,
            kdc: Some(kdc),
            directory,
        })
    }

    /// Starts kadmind in the foreground, if it was asked for.
    fn start_kadmind(
        &mut self,
        tools: &MitTools,
        directory: &Path,
    ) -> Result<Option<Daemon>, RealmError> {
        if !self.has_kadmind {
            return Ok(None);
        }
        // Who is an administrator by name may do all.
        let acl = format!("*/admin@{} *\n", self.config.name);
        write(&directory.join("kadm5.acl"), &acl)?;
        let kadmind = on_a_free_port(|port| {
            self.config.password_port = port;
            self.config.admin_port = free_port().map_err(io_error("free loopback port"))?;
            self.write_configuration(directory)?;
            let mut command = std::process::Command::new(&tools.kadmind);
            set_environment(&mut command, directory);
            command.args(["-nofork", "-r", &self.config.name]);
            Ok(Daemon::start(&mut command, "starting...")?)
        })?;
        Ok(Some(kadmind))
    }

    fn write_configuration(&self, directory: &Path) -> Result<(), RealmError> {
        write(&directory.join("krb5.conf"), &self.config.krb5_conf(&[]))?;
        write(
            &directory.join("kdc.conf"),
            &self.config.kdc_conf(directory),
        )
    }

    fn fill_database(&self, tools: &MitTools, directory: &Path) -> Result<(), RealmError> {
        let mut create = std::process::Command::new(&tools.kdb5_util);
        set_environment(&mut create, directory);
        create.args(["-r", &self.config.name, "create", "-s", "-P", "master"]);
        succeed(&mut create, b"")?;
        let mut queries = self.queries.clone();
        let keytab = directory.join("services.keytab");
        queries.extend(self.services.iter().map(|service| ktadd(&keytab, service)));
        kadmin(tools, directory, &self.config.name, &queries)?;
        Ok(())
    }
}

/// Starts the KDC in the foreground; it says that it is starting when its sockets are bound.
pub(super) fn start_kdc(
    tools: &MitTools,
    directory: &Path,
    realm: &str,
) -> Result<Daemon, ProcessError> {
    let mut command = std::process::Command::new(&tools.krb5kdc);
    set_environment(&mut command, directory);
    command.args(["-n", "-r", realm]);
    Daemon::start(&mut command, "starting...")
}

/// Runs queries in one `kadmin.local`. It exits with success whatever happens: its errors are found by their form.
pub(super) fn kadmin(
    tools: &MitTools,
    directory: &Path,
    realm: &str,
    queries: &[impl AsRef<str>],
) -> Result<String, RealmError> {
    let mut command = std::process::Command::new(&tools.kadmin_local);
    set_environment(&mut command, directory);
    command.args(["-r", realm]);
    let input: String = queries
        .iter()
        .map(|query| format!("{}\n", query.as_ref()))
        .collect();
    let finished = succeed(&mut command, input.as_bytes())?;
    let refused = finished
        .stderr
        .lines()
        .any(|line| line.contains(" while ") || line.starts_with("usage:"));
    if refused {
        return Err(RealmError::Failed(Box::new(finished)));
    }
    Ok(finished.stdout)
}

/// A word of a `kadmin.local` query.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}
