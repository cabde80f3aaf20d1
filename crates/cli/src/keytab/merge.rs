//! `orthros keytab merge`.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use orthros_host::Environment;

use crate::failure::{Outcome, While as _};

/// Put in the keys of other keytabs
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: super::Target,
    /// Where the keys come from
    #[arg(required = true, value_name = "FROM")]
    sources: Vec<OsString>,
}

/// Runs `keytab merge`. What the keytab has already is left as it is, so that doing it twice is doing it once.
pub(super) fn run(environment: &Environment, arguments: &Arguments) -> Outcome {
    let keytab = arguments.target.open(environment)?;
    let mut entries = Vec::new();
    for source in &arguments.sources {
        let source = super::named(environment, Some(source))?;
        entries.extend(source.read().while_doing("reading the keytab")?);
    }
    super::put(&keytab, &entries).map(|()| ExitCode::SUCCESS)
}
