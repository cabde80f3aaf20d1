//! `orthros klist`: what a credential cache or a keytab holds.

mod json;
mod table;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use orthros_host::{Cache, Environment, KeytabFile};
use orthros_krb5::{Credential, Principal, Timestamp};

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
    let cache = crate::cache(&environment, arguments.name.as_deref());
    if arguments.silent {
        let contents = cache.ok().and_then(|cache| cache.contents().ok());
        let good = contents.is_some_and(|contents| {
            let tickets: Vec<_> = contents.tickets().collect();
            is_good(&contents.principal, &tickets, environment.now())
        });
        return Ok(if good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    list_cache(&cache?, arguments)
}

fn list_cache(cache: &Cache, arguments: &Arguments) -> Outcome {
    let contents = cache
        .contents()
        .map_err(|error| Failure::new(error.to_string(), ""))?;
    let name = cache.name().to_string();
    if arguments.json {
        return output::json(&json::cache(&name, &contents));
    }
    let columns = columns(arguments);
    let mut text = table::cache_head(&name, &contents.principal);
    for credential in contents.tickets() {
        text.push_str(&table::ticket(credential, &contents.principal, columns));
    }
    output::text(&text)
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
pub(crate) fn print_keytab(keytab: &KeytabFile, columns: Columns, as_json: bool) -> Outcome {
    let read = keytab.read().while_doing("reading the keytab")?;
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
