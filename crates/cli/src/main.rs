//! The `orthros` program: Kerberos at the command line without a C library.
//!
//! One file a subcommand. A subcommand parses its arguments, calls `orthros-host` or the GSS-API facade,
//! prints, and returns how it ended; nothing here knows the protocol.
#![forbid(unsafe_code)]
// These panic where a reader has gone away; `output` does not.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod demo;
mod failure;
mod gss_sample;
mod kdc;
mod kdestroy;
mod keytab;
mod kinit;
mod klist;
mod kpasswd;
mod kswitch;
mod kvno;
mod local_time;
mod mit_text;
mod names;
mod output;
mod password;

use std::ffi::OsStr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use failure::{Failure, While as _};
use orthros_host::{Cache, CacheCollection, Environment};
use orthros_types::Principal;

/// Kerberos 5 in pure Rust: tickets, caches, keytabs and GSS-API samples.
#[derive(Debug, Parser)]
#[command(name = "orthros", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a realm on loopback, and show tickets, contexts, messages and refusals in it
    Demo(demo::Arguments),
    /// Get a ticket-granting ticket and put it into a credential cache
    Kinit(kinit::Arguments),
    /// List the tickets of a credential cache or the keys of a keytab
    Klist(klist::Arguments),
    /// Get service tickets and print the key version they are encrypted with
    Kvno(kvno::Arguments),
    /// Change a password
    Kpasswd(kpasswd::Arguments),
    /// Destroy a credential cache
    Kdestroy(kdestroy::Arguments),
    /// Make a credential cache the primary one of its collection
    Kswitch(kswitch::Arguments),
    /// Run a KDC in the foreground
    Kdc(kdc::Arguments),
    /// List and change the keys of a keytab
    Keytab(keytab::Arguments),
    /// Establish a GSS-API context and send a message (MIT's gss-sample protocol)
    GssClient(gss_sample::client::Arguments),
    /// Accept GSS-API contexts and sign what arrives (MIT's gss-sample protocol)
    GssServer(gss_sample::server::Arguments),
}

/// The process' own environment, as MIT's programs would find it. Of options that sound as if they protected
/// something, and do nothing here, the user is told.
fn environment() -> Result<Environment, Failure> {
    let environment = Environment::process().while_doing("reading the configuration")?;
    for unknown in environment.config().unknown_protections() {
        output::note(&format!("orthros: warning: {unknown}"));
    }
    Ok(environment)
}

/// The credential cache of that name, or else the default one.
fn cache(environment: &Environment, name: Option<&OsStr>) -> Result<Cache, Failure> {
    name.map_or_else(
        || environment.default_cache(),
        |name| environment.cache(name),
    )
    .while_doing("resolving the credential cache")
}

/// The caches that this name stands for, or else the default one's.
fn collection(environment: &Environment, name: Option<&OsStr>) -> Result<CacheCollection, Failure> {
    name.map_or_else(
        || environment.cache_collection(),
        |name| environment.cache_collection_of(name),
    )
    .while_doing("resolving the credential cache")
}

/// The principal's cache in the default collection, if there is one.
fn cache_of(environment: &Environment, client: &Principal) -> Result<Option<Cache>, Failure> {
    collection(environment, None)?
        .find(client)
        .while_doing(format!("searching for a cache of {client}"))
}

/// The cache in the default collection of the principal that a user named.
fn cache_of_name(environment: &Environment, name: &str) -> Result<Cache, Failure> {
    let client = names::principal(environment, name)?;
    let what = || {
        Failure::new(
            format!("no cache of {client} is in the collection"),
            "searching for it",
        )
    };
    cache_of(environment, &client)?.ok_or_else(what)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (name, outcome) = match arguments.command {
        Command::Demo(arguments) => ("demo", demo::run(&arguments)),
        Command::Kinit(arguments) => ("kinit", kinit::run(&arguments)),
        Command::Klist(arguments) => ("klist", klist::run(&arguments)),
        Command::Kvno(arguments) => ("kvno", kvno::run(&arguments)),
        Command::Kpasswd(arguments) => ("kpasswd", kpasswd::run(&arguments)),
        Command::Kdestroy(arguments) => ("kdestroy", kdestroy::run(&arguments)),
        Command::Kswitch(arguments) => ("kswitch", kswitch::run(&arguments)),
        Command::Kdc(arguments) => ("kdc", kdc::run(&arguments)),
        Command::Keytab(arguments) => ("keytab", keytab::run(&arguments)),
        Command::GssClient(arguments) => ("gss-client", gss_sample::client::run(&arguments)),
        Command::GssServer(arguments) => ("gss-server", gss_sample::server::run(&arguments)),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => output::failure(&failure, name),
    }
}
