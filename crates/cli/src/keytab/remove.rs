//! `orthros keytab remove`.

use std::cell::RefCell;
use std::process::ExitCode;

use clap::Args;
use orthros_host::{Environment, KeytabHandle};
use orthros_krb5::crypto::Enctype;
use orthros_types::keytab::KeytabEntry;
use orthros_types::{EncryptionType, Principal};

use super::Shown;
use crate::failure::{Failure, Outcome, While as _};
use crate::{names, output};

/// Take keys out
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Only of this key version number
    #[arg(short = 'k', value_name = "KVNO", conflicts_with = "old")]
    kvno: Option<u32>,
    /// Only of this enctype
    #[arg(short = 'e', value_name = "ENCTYPE", value_parser = names::enctype)]
    enctype: Option<Enctype>,
    /// All but those of the newest key version number
    #[arg(long)]
    old: bool,
    #[command(flatten)]
    target: super::Target,
    /// Whose keys they are
    principal: String,
}

/// Runs `keytab remove`, and says what was removed.
pub(super) fn run(environment: &Environment, arguments: &Arguments) -> Outcome {
    let principal = names::principal(environment, &arguments.principal)?;
    let keytab = arguments.target.open(environment)?;
    let enctype = arguments.enctype;
    let wanted = Wanted {
        enctype: enctype.map(|enctype| EncryptionType(enctype.number())),
        kvno: arguments.kvno,
        newest: newest(&keytab, &principal, arguments)?,
        principal,
    };
    let removed = RefCell::new(String::new());
    keytab
        .remove(|entry| {
            let is_wanted = wanted.matches(entry);
            if is_wanted {
                let line = format!("removed from {}: {}\n", keytab.name(), Shown(entry));
                removed.borrow_mut().push_str(&line);
            }
            is_wanted
        })
        .while_doing("removing keys")?;
    let removed = removed.into_inner();
    if removed.is_empty() && !arguments.old {
        return Err(nothing(&keytab, &wanted));
    }
    output::text(&removed).map(|_| ExitCode::SUCCESS)
}

/// Which keys to remove: those for which all of this holds.
struct Wanted {
    principal: Principal,
    kvno: Option<u32>,
    enctype: Option<EncryptionType>,
    /// The version to keep.
    newest: Option<u32>,
}

impl Wanted {
    fn matches(&self, entry: &KeytabEntry) -> bool {
        entry.principal == self.principal
            && self.kvno.is_none_or(|kvno| kvno == entry.kvno)
            && self.newest.is_none_or(|newest| newest != entry.kvno)
            && self
                .enctype
                .is_none_or(|enctype| enctype == entry.key.enctype())
    }
}

/// The version that `--old` keeps.
fn newest(
    keytab: &KeytabHandle,
    principal: &Principal,
    arguments: &Arguments,
) -> Result<Option<u32>, Failure> {
    if !arguments.old {
        return Ok(None);
    }
    let newest = keytab.find(principal, None, None);
    newest
        .map(|entry| Some(entry.kvno))
        .while_doing("removing keys")
}

/// What was looked for, and what is there instead.
fn nothing(keytab: &KeytabHandle, wanted: &Wanted) -> Failure {
    let doing = "removing keys";
    match keytab.find(&wanted.principal, wanted.kvno, wanted.enctype) {
        Err(error) => Failure::new(error.to_string(), doing),
        // `find` takes a kvno of 0, and the low octet of an old writer, for others.
        Ok(other) => Failure::new(
            format!("keytab {} has {} instead", keytab.name(), Shown(&other)),
            doing,
        ),
    }
}
