//! `orthros kdc`: a realm in the foreground.

mod address;
mod delegation;
mod files;
mod log;
mod spake;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use nix::sys::signal::{SigSet, Signal};
use orthros_kdc::server::{
    Limits, Realm, RealmBuilder, RealmError, Server, ServerBuilder, ServerError,
};
use orthros_kdc::{DurableStore, RealmPolicy, Store as _};
use orthros_krb5::crypto::spake::Group;
use orthros_krb5::crypto::{Enctype, SecretVec};
use orthros_types::Principal;

use crate::failure::{Failure, Outcome, While as _};
use crate::local_time::rfc3339;
use crate::{names, output, password};
use address::Place;
use delegation::Delegation;
use log::Log;

/// Run a KDC in the foreground, until SIGINT or SIGTERM
#[derive(Args, Debug)]
#[command(
    after_help = "Standard output says where it listens, standard error has a line for each request. SIGINT and SIGTERM end it; \
                  SIGHUP changes nothing, as there is no configuration to read again and no log to open again."
)]
pub(crate) struct Arguments {
    /// The realm's name; a store that has the principals of another one is not opened
    #[arg(long, value_name = "REALM")]
    realm: String,
    /// Address and port to listen on by UDP and TCP; without a port 88, with port 0 one of the system's choice.
    /// 0.0.0.0 stands for all addresses of IPv4, [::] for those of IPv6 and IPv4. Or the path of a Unix domain socket,
    /// for clients of this host: the umask says which users may connect (022: this one alone, 000: all). May be given
    /// several times
    #[arg(long, value_name = "ADDRESS[:PORT]|/PATH", required = true, value_parser = address::kdc)]
    listen: Vec<Place>,
    /// Where passwords are changed; if left out, the same addresses, port 464 where the KDC has 88, else one of the
    /// system's choice, and the same paths with .kpasswd behind them. May be given several times
    #[arg(long, value_name = "ADDRESS[:PORT]|/PATH", value_parser = address::password)]
    listen_for_passwords: Vec<Place>,
    /// Keep the principals in this file, made where there is none; in memory if left out
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Add a user where the store has none of that name; one that is there keeps its password. The password is asked
    /// for where it is not given, as arguments can be read by others
    #[arg(long = "user", value_name = "NAME[=PASSWORD]")]
    users: Vec<String>,
    /// Add a service, such as HTTP/localhost, with random keys, where the store has none of that name; one that is
    /// there keeps its keys
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// Enctypes of keys and tickets, the best first, with commas between them; if left out all but RC4, and those of
    /// AES with SHA-1 for keys of passwords. Keys that a store has already stay as they are
    #[arg(long, value_name = "ENCTYPES", value_delimiter = ',', value_parser = names::enctype)]
    enctypes: Vec<Enctype>,
    /// Groups for SPAKE preauthentication with commas between them: edwards25519, P-256, P-384, P-521; or none, which
    /// leaves encrypted timestamps. If left out edwards25519
    #[arg(long, value_name = "GROUPS", value_parser = spake::groups)]
    spake_preauth_groups: Option<spake::Groups>,
    /// Challenge clients in this one of the groups before they have said which ones they have: it saves them a round
    #[arg(long, value_name = "GROUP", value_parser = names::spake_group)]
    spake_preauth_kdc_challenge: Option<Group>,
    /// Let a service pass on its clients to another one (constrained delegation), by tickets that they gave
    /// it. May be given several times
    #[arg(long = "delegate", value_name = "SERVICE=TARGET", value_parser = delegation::to)]
    delegations: Vec<Delegation>,
    /// Let a service act for users towards the target, by the target's account (resource-based constrained
    /// delegation): for any user, but where --delegate gives the service targets of its own. May be given several
    /// times
    #[arg(long = "delegate-from", value_name = "TARGET=SERVICE", value_parser = delegation::from)]
    delegations_from: Vec<Delegation>,
    /// With --delegate: let a service do so for any user, also for those who gave it no ticket (protocol transition)
    #[arg(long = "protocol-transition", value_name = "SERVICE")]
    transitions: Vec<String>,
    /// Write the keys of the services named here to this keytab, in the place of what it is
    #[arg(long, value_name = "FILE")]
    keytab_out: Option<PathBuf>,
    /// Write a krb5.conf for the realm's clients to this file, in the place of what it is
    #[arg(long, value_name = "FILE")]
    krb5_conf_out: Option<PathBuf>,
    /// Threads that answer requests for tickets; changes of passwords have one of their own
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
    /// Log nothing
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the KDC. Standard output says where it listens; standard error has a line for each request.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let preparing = "preparing for signals";
    fatal_otherwise().thread_block().while_doing(preparing)?;
    let (builder, notes) = builder(arguments)?;
    let mut server = server(arguments);
    // Before there are threads, which inherit it: the signals are waited for, and reach no thread in the middle of
    // something.
    let awaited = awaited_signals();
    awaited.thread_block().while_doing(preparing)?;
    let log = if arguments.quiet {
        None
    } else {
        Some(Log::start(own_stderr()?).while_doing("starting the log")?)
    };
    if let Some((log, _)) = &log {
        for note in &notes {
            log.line(note);
        }
        let log = log.clone();
        server = server.on_request(move |request| {
            // Time, peer, who, what, and what came of it.
            log.line(&format!("{} {request}", rfc3339(request.at.seconds())));
        });
    }
    let realm = builder
        .server(server)
        .start()
        .map_err(|error| explained(&error))?;
    write_files(arguments, &realm)?;
    output::line(&format!(
        "KDC for {} on {}, password changes on {}",
        realm.name(),
        listed(realm.addresses(), realm.paths()),
        listed(realm.password_addresses(), realm.password_paths())
    ));
    let signal = wait_for_the_end(&awaited, log.as_ref().map(|(log, _)| log))?;
    realm.stop();
    if let Some((log, writer)) = log {
        log.line(&format!("kdc: stopped by {signal}"));
        drop(log);
        writer.finish();
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the KDC listens, and what it spends on its peers.
fn server(arguments: &Arguments) -> ServerBuilder {
    let mut limits = Limits::default();
    limits.threads = arguments.threads.into();
    let mut server = Server::builder().limits(limits);
    for place in &arguments.listen {
        server = match place {
            Place::Address(address) => server.listen(*address),
            Place::Path(path) => server.listen_at(path),
        };
    }
    let passwords = arguments.listen_for_passwords.iter().cloned();
    let next_to = arguments.listen.iter().map(Place::next_to);
    let is_said = !arguments.listen_for_passwords.is_empty();
    for place in passwords.chain(next_to.filter(|_| !is_said)) {
        server = match place {
            Place::Address(address) => server.listen_for_passwords(address),
            Place::Path(path) => server.listen_for_passwords_at(path),
        };
    }
    server
}

/// The realm that is to be, and what the administrator should know of it.
fn builder(arguments: &Arguments) -> Result<(RealmBuilder, Vec<String>), Failure> {
    let mut builder = Realm::builder(&arguments.realm);
    let mut policy = RealmPolicy::new(arguments.realm.as_bytes());
    if !arguments.enctypes.is_empty() {
        policy.enctypes.clone_from(&arguments.enctypes);
        builder = builder.password_enctypes(arguments.enctypes.clone());
    }
    let groups = arguments.spake_preauth_groups.as_ref();
    spake::apply(&mut policy, groups, arguments.spake_preauth_kdc_challenge)?;
    builder = builder.policy(policy);
    for service in &arguments.services {
        builder = builder.service(service);
    }
    let store = arguments.store.as_deref();
    let store = store.map(|path| open_store(path, &arguments.realm));
    let store = store.transpose()?.map(Arc::new);
    let mut notes = Vec::new();
    for user in &arguments.users {
        if let Some(known) = known_user(user, &arguments.realm, store.as_deref())? {
            notes.push(format!(
                "kdc: {known} is in the store already and keeps its password"
            ));
            continue;
        }
        let (name, password) = name_and_password(user, &arguments.realm)?;
        builder = builder.user(name, &*password);
    }
    if let Some(store) = store {
        builder = builder.store(store);
    }
    let builder = delegation::allow(
        builder,
        &arguments.delegations,
        &arguments.delegations_from,
        &arguments.transitions,
    );
    Ok((builder, notes))
}

fn open_store(path: &Path, realm: &str) -> Result<DurableStore, Failure> {
    DurableStore::open_or_create(path, realm).while_doing("opening the store")
}

/// The user as the store has it, whose password is not asked for then.
fn known_user(
    user: &str,
    realm: &str,
    store: Option<&DurableStore>,
) -> Result<Option<Principal>, Failure> {
    let name = user.split_once('=').map_or(user, |(name, _)| name);
    // What is no name is refused with the others, when the realm is put together.
    let (Some(store), Ok(name)) = (store, Principal::parse(name, Some(realm.as_bytes()))) else {
        return Ok(None);
    };
    let known = store.find(&name).while_doing("reading the store")?;
    Ok(known.map(|known| known.principal.clone()))
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

/// Standard error without the process' lock on it: where a write stands still, nothing else waits for it.
fn own_stderr() -> Result<File, Failure> {
    let stderr = io::stderr().as_fd().try_clone_to_owned();
    let stderr = stderr.while_doing("opening standard error")?;
    Ok(stderr.into())
}

fn listed(addresses: &[SocketAddr], paths: &[PathBuf]) -> String {
    let addresses = addresses.iter().map(SocketAddr::to_string);
    let paths = paths.iter().map(|path| path.display().to_string());
    addresses.chain(paths).collect::<Vec<_>>().join(" and ")
}

/// Says what to do about a port that only some may listen on, and about a principal that is not there.
fn explained(error: &RealmError) -> Failure {
    let hint = match error {
        RealmError::Server(ServerError::Listen {
            address, error: io, ..
        }) if io.kind() == ErrorKind::PermissionDenied && address.port() < 1024 => {
            "; ports below 1024 are for root or CAP_NET_BIND_SERVICE, port 0 is for all"
        }
        RealmError::NoPrincipal { .. } => "; --service adds a service",
        _ => "",
    };
    Failure::new(format!("{error}{hint}"), "starting the KDC")
}

/// Waits for a signal that ends it, and says which.
fn wait_for_the_end(awaited: &SigSet, log: Option<&Log>) -> Result<Signal, Failure> {
    loop {
        match awaited.wait().while_doing("waiting for a signal")? {
            Signal::SIGHUP => {
                if let Some(log) = log {
                    log.line("kdc: SIGHUP changes nothing: there is nothing to read or open again");
                }
            }
            signal => return Ok(signal),
        }
    }
}

/// SIGHUP too: MIT's KDC opens its log again then, and what rotates logs sends it to all daemons.
fn awaited_signals() -> SigSet {
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]
        .into_iter()
        .collect()
}

/// The limit on a file's size is an error of the write that meets it, and no reason to end.
fn fatal_otherwise() -> SigSet {
    [Signal::SIGXFSZ].into_iter().collect()
}
