//! `orthros kdc`: a realm in the foreground.

mod address;
mod files;

use std::io::{self, ErrorKind, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use nix::sys::signal::{SigSet, Signal};
use orthros_kdc::durable::DurableStore;
use orthros_kdc::server::{Limits, Realm, RealmBuilder, RealmError, ServedRequest, ServerError};
use orthros_krb5::crypto::SecretVec;

use crate::failure::{Failure, Outcome, While as _};
use crate::local_time::rfc3339;
use crate::{output, password};

/// Run a KDC in the foreground, until SIGINT or SIGTERM
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The realm's name
    #[arg(long, value_name = "REALM")]
    realm: String,
    /// Address and port to listen on by UDP and TCP; without a port 88, with port 0 one of the system's choice
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = address::kdc)]
    listen: SocketAddr,
    /// Where passwords are changed; if left out, the same address, port 464 where the KDC has 88, else one of the system's choice
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = address::password)]
    listen_for_passwords: Option<SocketAddr>,
    /// Keep the principals in this file, made where there is none; in memory if left out
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// A user; the password is asked for where it is not given, as arguments can be read by others
    #[arg(long = "user", value_name = "NAME[=PASSWORD]")]
    users: Vec<String>,
    /// A service, such as HTTP/localhost, with random keys
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Write the keys of the services named here to this keytab, in the place of what it is
    #[arg(long, value_name = "FILE")]
    keytab_out: Option<PathBuf>,
    /// Write a krb5.conf for the realm's clients to this file, in the place of what it is
    #[arg(long, value_name = "FILE")]
    krb5_conf_out: Option<PathBuf>,
    /// Threads that answer
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
    /// Log nothing
    #[arg(short)]
    quiet: bool,
}

/// Runs the KDC. Standard output says where it listens; standard error has a line for each request.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let builder = builder(arguments)?;
    // Before there are threads, which inherit it: the signals are waited for, and reach no thread in the middle of something.
    let signals = end_signals();
    signals
        .thread_block()
        .while_doing("preparing for signals")?;
    let realm = builder.start().map_err(|error| explained(&error))?;
    write_files(arguments, &realm)?;
    output::line(&format!(
        "KDC for {} on {}, password changes on {}",
        realm.name(),
        realm.address(),
        realm.password_address()
    ));
    let signal = signals.wait().while_doing("waiting for a signal")?;
    realm.stop();
    if !arguments.quiet {
        log(&format!("kdc: stopped by {signal}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn builder(arguments: &Arguments) -> Result<RealmBuilder, Failure> {
    let mut limits = Limits::default();
    limits.threads = arguments.threads.into();
    let passwords = arguments.listen_for_passwords;
    let mut builder = Realm::builder(&arguments.realm)
        .limits(limits)
        .listen(arguments.listen)
        .listen_for_passwords(passwords.unwrap_or(address::beside(arguments.listen)));
    for user in &arguments.users {
        let (name, password) = name_and_password(user, &arguments.realm)?;
        builder = builder.user(name, &*password);
    }
    for service in &arguments.services {
        builder = builder.service(service);
    }
    if let Some(path) = &arguments.store {
        let store = DurableStore::open_or_create(path, arguments.realm.as_bytes()).while_doing("opening the store")?;
        builder = builder.store(Arc::new(store));
    }
    if !arguments.quiet {
        builder = builder.on_request(log_request);
    }
    Ok(builder)
}

/// What stands before the equals sign and behind it; a password that does not stand there is asked for.
fn name_and_password<'a>(user: &'a str, realm: &str) -> Result<(&'a str, SecretVec), Failure> {
    match user.split_once('=') {
        Some((name, password)) => Ok((name, SecretVec::from(password.as_bytes()))),
        None => {
            let password = password::ask(&format!("Password for {user} in {realm}: "));
            let password = password.while_doing(format!("reading the password of {user}"))?;
            Ok((user, password))
        }
    }
}

fn write_files(arguments: &Arguments, realm: &Realm) -> Result<(), Failure> {
    if let Some(path) = &arguments.keytab_out {
        let doing = "writing the keytab";
        let keytab = realm.keytab().while_doing(doing)?;
        files::replace(path, &keytab, files::OWNER_ONLY)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display()), doing))?;
    }
    if let Some(path) = &arguments.krb5_conf_out {
        files::replace(path, realm.krb5_conf().as_bytes(), files::FOR_ALL).map_err(|error| {
            let what = format!("{}: {error}", path.display());
            Failure::new(what, "writing the configuration")
        })?;
    }
    Ok(())
}

/// Says what to do about a port that only some may listen on.
fn explained(error: &RealmError) -> Failure {
    let hint = match error {
        RealmError::Server(ServerError::Listen {
            address, error: io, ..
        }) if io.kind() == ErrorKind::PermissionDenied && address.port() < 1024 => {
            "; ports below 1024 are for root or CAP_NET_BIND_SERVICE, port 0 is for all"
        }
        _ => "",
    };
    Failure::new(format!("{error}{hint}"), "starting the KDC")
}

fn end_signals() -> SigSet {
    [Signal::SIGINT, Signal::SIGTERM].into_iter().collect()
}

/// Time, peer, who, what, and what came of it.
fn log_request(request: &ServedRequest<'_>) {
    log(&format!("{} {request}", rfc3339(request.at.seconds())));
}

/// A reader who has gone away misses the line, and the KDC goes on.
fn log(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
