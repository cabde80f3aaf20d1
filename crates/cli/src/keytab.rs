//! `orthros keytab`: the keys of services, listed and changed under MIT's locks.

mod add;
mod list;
mod merge;
mod remove;

use std::ffi::{OsStr, OsString};
use std::fmt;

use clap::{Args, Subcommand};
use orthros_host::{Environment, KeytabError, KeytabHandle};
use orthros_types::keytab::{Keytab, KeytabEntry};

use crate::failure::{Failure, Outcome, While as _};
use crate::klist::enctype_name;

/// List and change the keys of a keytab
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the keys, as klist -k does
    List(list::Arguments),
    /// Put in keys that are made of a password, or one that is given
    Add(add::Arguments),
    /// Take keys out
    Remove(remove::Arguments),
    /// Put in the keys of other keytabs
    Merge(merge::Arguments),
}

/// The option that all of them have.
#[derive(Args, Debug)]
struct Target {
    /// The keytab, instead of the default one
    #[arg(short = 't', value_name = "KEYTAB")]
    keytab: Option<OsString>,
}

/// Runs `keytab`.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let environment = crate::environment()?;
    match &arguments.command {
        Command::List(arguments) => list::run(&environment, arguments),
        Command::Add(arguments) => add::run(&environment, arguments),
        Command::Remove(arguments) => remove::run(&environment, arguments),
        Command::Merge(arguments) => merge::run(&environment, arguments),
    }
}

impl Target {
    fn open(&self, environment: &Environment) -> Result<KeytabHandle, Failure> {
        named(environment, self.keytab.as_deref())
    }
}

/// The keytab of that name, or else the default one.
fn named(environment: &Environment, name: Option<&OsStr>) -> Result<KeytabHandle, Failure> {
    name.map_or_else(
        || environment.default_keytab(),
        |name| environment.keytab(name),
    )
    .while_doing("resolving the keytab")
}

/// Puts those of `entries` in that are not there yet. Where one contradicts a key that is there, nothing is changed:
/// which of the two is the KDC's is not known here, and a look-up would find the older one.
fn put(keytab: &KeytabHandle, entries: &[KeytabEntry]) -> Result<(), Failure> {
    let present = match keytab.read() {
        Err(KeytabError::Absent { .. }) => Keytab::default(),
        read => read.while_doing("reading the keytab")?,
    };
    let mut missing: Vec<&KeytabEntry> = Vec::new();
    for entry in entries {
        let known = present.entries().iter().chain(missing.iter().copied());
        match known.into_iter().find(|known| is_same_key(known, entry)) {
            None => missing.push(entry),
            Some(known) if known.key == entry.key => {}
            Some(_) => return Err(contradiction(keytab, entry)),
        }
    }
    for entry in missing {
        keytab.add(entry).while_doing("writing the keytab")?;
    }
    Ok(())
}

/// Whether both claim to be the key of one principal, version and enctype.
fn is_same_key(one: &KeytabEntry, other: &KeytabEntry) -> bool {
    one.principal == other.principal
        && one.kvno == other.kvno
        && one.key.enctype() == other.key.enctype()
}

fn contradiction(keytab: &KeytabHandle, entry: &KeytabEntry) -> Failure {
    Failure::new(
        format!(
            "keytab {} has another key for {}; remove it first, or choose another kvno",
            keytab.name(),
            Shown(entry)
        ),
        "adding keys",
    )
}

/// Whose key an entry is, of which version and enctype.
struct Shown<'a>(&'a KeytabEntry);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(entry) = self;
        let enctype = enctype_name(entry.key.enctype());
        write!(f, "{} of kvno {} ({enctype})", entry.principal, entry.kvno)
    }
}
