//! `orthros demo`: all that this is about, on one's own machine, in a moment.

mod account;
mod story;

use std::process::ExitCode;

use clap::Args;

use crate::failure::Outcome;
use crate::output;
use account::Account;

/// Start a realm, log in, authenticate both ways, seal and sign messages, and show what is refused
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Print a JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the demo: exit code 0 says that everything held.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut account = Account::default();
    // A step that fails is in the account; what needs it is left out.
    let is_complete = story::tell(&mut account).is_some();
    let holds = is_complete && account.holds();
    if arguments.json {
        output::json(&account.to_json(holds))?;
    } else {
        output::text(&account.to_text(holds))?;
    }
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
