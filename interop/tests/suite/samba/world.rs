//! A cache of one's own in the domain, and how programs are run with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use orthros::{
    ContextFlags, Credential, CredentialUsage, InitContext, InitContextBuilder, Name, Oid,
};
use orthros_host::Environment;
use orthros_testing::process::{self, Finished};
use orthros_testing::proof::{Issuer, Peer, Proof, Role};
use orthros_testing::samba::{Domain, PASSWORD, REALM};
use tempfile::TempDir;

pub(crate) struct World<'a> {
    pub(crate) domain: &'a Domain,
    directory: TempDir,
    /// What our side is configured with: nothing, unless a case is about it.
    configuration: Option<&'static str>,
}

impl<'a> World<'a> {
    pub(crate) fn new(domain: &'a Domain) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            domain,
            directory,
            configuration: None,
        }
    }

    /// One where our side has this `krb5.conf`.
    pub(crate) fn configured(domain: &'a Domain, configuration: &'static str) -> Self {
        let world = Self::new(domain);
        fs::write(world.path(KRB5_CONF), configuration).unwrap();
        Self {
            configuration: Some(configuration),
            ..world
        }
    }

    /// One whose cache has a ticket-granting ticket of the user, a forwardable one if the domain gives such.
    pub(crate) fn of(domain: &'a Domain, user: &str) -> Self {
        Self::new(domain).with_ticket_of(user)
    }

    /// This one when its cache has such a ticket.
    pub(crate) fn with_ticket_of(self, user: &str) -> Self {
        self.ours_with(&["kinit", "-f", &full(user)], &[PASSWORD]);
        self
    }

    /// One whose cache has a ticket-granting ticket of the account whose keys these are.
    pub(crate) fn of_service(domain: &'a Domain, keytab: &str, account: &str) -> Self {
        let world = Self::new(domain);
        let keytab = keytab_of(domain, keytab);
        world.ours(&["kinit", "-f", "-k", "-t", &keytab, &full(account)]);
        world
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// The name of its cache.
    pub(crate) fn cache(&self) -> String {
        format!("FILE:{}", self.path("cache").display())
    }

    /// A program that has its cache, and keeps replay caches where they are removed again.
    fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Command {
        let mut command = self.domain.command(program.as_ref());
        command
            .args(arguments)
            .env_remove("KRB5_CONFIG")
            .env("KRB5CCNAME", self.cache())
            .env("KRB5RCACHEDIR", self.directory.path());
        command
    }

    /// Our program. Where it has no krb5.conf, names are written with their realm. DNS says where its KDCs are.
    pub(crate) fn orthros(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(orthros(), arguments);
        if self.configuration.is_some() {
            command.env("KRB5_CONFIG", self.path(KRB5_CONF));
        }
        command
    }

    /// Another's program, which is told where the KDC is.
    pub(crate) fn other(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(program, arguments);
        command.env("KRB5_CONFIG", self.domain.krb5_conf());
        command
    }

    /// What our program prints; it must succeed.
    #[track_caller]
    pub(crate) fn ours(&self, arguments: &[&str]) -> String {
        self.ours_with(arguments, &[])
    }

    /// The same with lines to type.
    #[track_caller]
    pub(crate) fn ours_with(&self, arguments: &[&str], typed: &[&str]) -> String {
        success(run(self.orthros(arguments), typed)).stdout
    }

    /// What our program says on standard error; it must fail.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str], typed: &[&str]) -> String {
        failure(run(self.orthros(arguments), typed))
    }

    /// What another's program prints; it must succeed.
    #[track_caller]
    pub(crate) fn theirs(&self, program: &str, arguments: &[&str], typed: &[&str]) -> String {
        success(run(self.other(program, arguments), typed)).stdout
    }

    /// What another's program says on standard error; it must fail.
    #[track_caller]
    pub(crate) fn theirs_refused(
        &self,
        program: &str,
        arguments: &[&str],
        typed: &[&str],
    ) -> String {
        failure(run(self.other(program, arguments), typed))
    }

    /// Where the library finds the cache, and a KDC by DNS.
    pub(crate) fn environment(&self) -> Environment {
        let builder = Environment::builder().default_cache(self.cache());
        let builder = match self.configuration {
            Some(text) => builder.config_text(KRB5_CONF, text).unwrap(),
            None => builder,
        };
        builder.build()
    }

    /// A context with a service, with flags that make it mutual and tell replays.
    pub(crate) fn initiator(&self, service: &str, mechanism: Oid) -> InitContext {
        let flags = ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE;
        let builder = self.initiator_builder(service, mechanism);
        builder.flags(flags).build().unwrap()
    }

    pub(crate) fn initiator_builder(&self, service: &str, mechanism: Oid) -> InitContextBuilder {
        InitContext::builder(Name::hostbased_service(service).unwrap())
            .environment(&self.environment())
            .mech_type(mechanism)
    }

    /// A credential to accept with the keys of an account, and to initiate with the tickets of the cache.
    pub(crate) fn accepting(&self, account: &str) -> Credential {
        let environment = self.environment();
        Credential::acquire()
            .usage(CredentialUsage::Both)
            .keytab(self.domain.keytab(account))
            .environment(&environment)
            .build()
            .unwrap()
    }

    /// The names of the services that its cache has tickets for.
    pub(crate) fn services(&self) -> Vec<String> {
        let listed = self.ours(&["klist"]);
        let rows = listed.lines().skip_while(|line| !line.starts_with("Valid"));
        let names = rows.skip(1).filter(|line| !line.starts_with('\t'));
        let names = names.filter_map(|line| line.split_whitespace().next_back());
        names.map(str::to_owned).collect()
    }
}

/// The name with the realm of the domain.
pub(crate) fn full(name: &str) -> String {
    format!("{name}@{REALM}")
}

/// Where the domain's setup has put the keys of an account.
pub(crate) fn keytab_of(domain: &Domain, account: &str) -> String {
    domain.keytab(account).display().to_string()
}

/// Records what was shown with tickets of the domain.
pub(crate) fn shown(peer: &Peer, role: Role, mechanism: &str, enctype: &str, result: &str) {
    Proof {
        peer,
        role,
        issuer: Issuer::Sambas,
        mechanism,
        enctype,
        result,
    }
    .record();
}

pub(crate) const AES256: &str = "aes256-cts-hmac-sha1-96";

const KRB5_CONF: &str = "krb5.conf";

/// It is built beside this program, by `cargo xtask interop` or `cargo build -p orthros-cli`.
fn orthros() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let orthros = this.ancestors().nth(2).unwrap().join("orthros");
    assert!(
        orthros.exists(),
        "no {}: build orthros-cli",
        orthros.display()
    );
    orthros
}

fn run(mut command: Command, typed: &[&str]) -> Finished {
    let lines: String = typed.iter().map(|line| format!("{line}\n")).collect();
    process::run(&mut command, lines.as_bytes()).unwrap()
}

#[track_caller]
pub(crate) fn success(finished: Finished) -> Finished {
    assert!(finished.status.success(), "{finished}");
    finished
}

#[track_caller]
fn failure(finished: Finished) -> String {
    assert!(!finished.status.success(), "{finished}");
    finished.stderr
}
