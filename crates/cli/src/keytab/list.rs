//! `orthros keytab list`.

use clap::Args;
use orthros_host::Environment;

use crate::failure::Outcome;
use crate::klist::{self, Columns};

/// List the keys, as klist -k does
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Show encryption types
    #[arg(short = 'e')]
    enctypes: bool,
    /// Show when each key was put into the keytab
    #[arg(long)]
    timestamps: bool,
    /// Print a JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: super::Target,
}

/// Runs `keytab list`.
pub(super) fn run(environment: &Environment, arguments: &Arguments) -> Outcome {
    let columns = Columns {
        enctypes: arguments.enctypes,
        flags: false,
        timestamps: arguments.timestamps,
    };
    klist::print_keytab(
        &arguments.target.open(environment)?,
        columns,
        arguments.json,
    )
}
