//! `orthros klist`: what a credential cache or a keytab holds.

mod json;
mod table;
#[cfg(test)]
mod tests;

use core::fmt::Display;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use orthros_host::{Cache, Environment, KeytabHandle};
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, Principal, Timestamp};

use crate::failure::{Failure, Outcome, While};
use crate::output;
pub(crate) use table::{Columns, enctype_name};

/// List the tickets of a credential cache or the keys of a keytab
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// List a credential cache (the default)
    #[arg(short = 'c', conflicts_with = "keytab")]
    cache: bool,
    /// List a keytab
    #[arg(short = 'k')]
    keytab: bool,
    /// List the caches of the collection and whose they are
    #[arg(short = 'l', conflicts_with_all = ["keytab", "all", "silent"])]
    list: bool,
    /// List the tickets of all caches of the collection
    #[arg(short = 'A', conflicts_with = "keytab")]
    all: bool,
    /// Show encryption types
    #[arg(short = 'e')]
    enctypes: bool,
    /// Show ticket flags
    #[arg(short = 'f', conflicts_with = "keytab")]
    flags: bool,
    /// Show when each key was put into the keytab
    #[arg(short = 't', requires = "keytab")]
    timestamps: bool,
    /// Print nothing: exit with 0 if the cache holds a ticket that is still good, with 1 if not
    #[arg(short = 's', conflicts_with_all = ["keytab", "json"])]
    silent: bool,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
    /// The cache or keytab, instead of the default one
    name: Option<OsString>,
}

/// Runs `klist`.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = if arguments.silent {
        // A script asks a question; a configuration that can't be read is a "no".
        match Environment::process() {
            Ok(environment) => environment,
            Err(_) => return Ok(ExitCode::FAILURE),
        }
    } else {
        crate::environment()?
    };
    if arguments.keytab {
        return list_keytab(&environment, arguments);
    }
    let caches = caches(&environment, arguments);
    if arguments.silent {
        let is_good = |cache: &Cache| holds_good_tickets(cache, environment.now());
        return Ok(exit_code(
            caches.is_ok_and(|caches| caches.iter().any(is_good)),
        ));
    }
    let caches = caches?;
    match &caches[..] {
        [cache] if !arguments.all && !arguments.list => list_cache(cache, arguments),
        caches if arguments.list => list_collection(caches, arguments, environment.now()),
        caches => list_all(caches, arguments),
    }
}

/// The caches to look at: one, or all of a collection.
fn caches(environment: &Environment, arguments: &Arguments) -> Result<Vec<Cache>, Failure> {
    let name = arguments.name.as_deref();
    if !arguments.all && !arguments.list {
        return crate::cache(environment, name).map(|cache| vec![cache]);
    }
    crate::collection(environment, name)?
        .caches()
        .while_doing("listing the credential caches")
}

fn list_cache(cache: &Cache, arguments: &Arguments) -> Outcome {
    let contents = contents(cache)?;
    if arguments.json {
        output::json(&json::cache(&cache.name().to_string(), &contents))?;
    } else {
        output::text(&table(cache, &contents, arguments))?;
    }
    // As with MIT's: what can be read is shown first.
    match contents.damage {
        Some(damage) => Err(damaged(cache.name(), damage)),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn damaged(name: impl Display, damage: impl Display) -> Failure {
    Failure::new(format!("a part of {name} can't be read: {damage}"), "")
}

/// Every cache that can be read; the others are named on standard error. As with MIT's, one is enough for success.
fn list_all(caches: &[Cache], arguments: &Arguments) -> Outcome {
    let mut tables = Vec::new();
    let mut documents = Vec::new();
    for cache in caches {
        match contents(cache) {
            Ok(contents) => {
                if let Some(damage) = contents.damage {
                    let _ = output::failure(&damaged(cache.name(), damage), "klist");
                }
                documents.push(json::cache(&cache.name().to_string(), &contents));
                tables.push(table(cache, &contents, arguments));
            }
            Err(failure) => drop(output::failure(&failure, "klist")),
        }
    }
    let code = exit_code(!documents.is_empty());
    if arguments.json {
        output::json(&documents.into())?;
    } else {
        output::text(&tables.join("\n"))?;
    }
    Ok(code)
}

/// The clients of the caches; caches without one are left out.
fn list_collection(caches: &[Cache], arguments: &Arguments, now: Timestamp) -> Outcome {
    let mut text = table::collection_head();
    let mut documents = Vec::new();
    for cache in caches {
        let Ok(contents) = cache.contents() else {
            continue;
        };
        let name = cache.name().to_string();
        let expired = !are_good(&contents, now);
        documents.push(json::cache_of_collection(&name, &contents, expired));
        text.push_str(&table::cache_of_collection(&name, &contents, expired));
    }
    let code = exit_code(!documents.is_empty());
    if arguments.json {
        output::json(&documents.into())?;
    } else {
        output::text(&text)?;
    }
    Ok(code)
}

fn contents(cache: &Cache) -> Result<Arc<CacheContents>, Failure> {
    let contents = cache.contents();
    contents.while_doing("")
}

fn table(cache: &Cache, contents: &CacheContents, arguments: &Arguments) -> String {
    let columns = columns(arguments);
    let mut text = table::cache_head(&cache.name().to_string(), &contents.principal);
    for credential in contents.tickets() {
        text.push_str(&table::ticket(credential, &contents.principal, columns));
    }
    text
}

fn exit_code(succeeds: bool) -> ExitCode {
    if succeeds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn holds_good_tickets(cache: &Cache, now: Timestamp) -> bool {
    let contents = cache.contents();
    contents.is_ok_and(|contents| are_good(&contents, now))
}

fn are_good(contents: &CacheContents, now: Timestamp) -> bool {
    let tickets: Vec<_> = contents.tickets().collect();
    is_good(&contents.principal, &tickets, now)
}

fn list_keytab(environment: &Environment, arguments: &Arguments) -> Outcome {
    let keytab = arguments
        .name
        .as_ref()
        .map_or_else(
            || environment.default_keytab(),
            |name| environment.keytab(name),
        )
        .while_doing("resolving the keytab")?;
    print_keytab(&keytab, columns(arguments), arguments.json)
}

/// Prints the keys of a keytab, as a table or as a JSON document.
pub(crate) fn print_keytab(keytab: &KeytabHandle, columns: Columns, as_json: bool) -> Outcome {
    let read = keytab.read().while_doing("reading the keytab")?;
    if let Some(damage) = read.damage() {
        let _ = output::failure(&damaged(keytab.name(), damage), "klist");
    }
    let name = keytab.name().to_string();
    if as_json {
        return output::json(&json::keytab(&name, read.entries()));
    }
    let mut text = table::keytab_head(&name, columns);
    for entry in read.entries() {
        text.push_str(&table::key(entry, columns));
    }
    output::text(&text)
}

fn columns(arguments: &Arguments) -> Columns {
    Columns {
        enctypes: arguments.enctypes,
        flags: arguments.flags,
        timestamps: arguments.timestamps,
    }
}

/// MIT's rule: a cache with tickets of the local ticket-granting service is as good as those; any other, as good as
/// its best ticket.
fn is_good(owner: &Principal, tickets: &[&Credential], now: Timestamp) -> bool {
    let is_local =
        |server: &Principal| server.is_local_ticket_granting() && server.realm() == owner.realm();
    let is_current = |ticket: &&Credential| ticket.times.endtime > now;
    let (granting, others): (Vec<&Credential>, Vec<_>) =
        tickets.iter().partition(|ticket| is_local(&ticket.server));
    let counted = if granting.is_empty() {
        others
    } else {
        granting
    };
    counted.iter().any(is_current)
}
