//! `cargo xtask realm COMMAND ..`: a throw-away MIT realm to look at by hand.

use std::process::Command;

use orthros_testing::mit::Realm;

use crate::Failure;
use crate::cargo::line;

const PASSWORD: &str = "secret";
const SERVICE: &str = "host/localhost";

/// Runs a command, with the terminal as it is, in the world of a realm that ends with it.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<(), Failure> {
    let realm = Realm::builder()
        .user("alice", PASSWORD)
        .service(SERVICE)
        .start()?;
    eprintln!(
        "{} at {}: user alice with password {PASSWORD}, service {SERVICE}, files in {}",
        realm.name(),
        realm.kdc_address(),
        realm.directory().display()
    );
    succeed(realm.command(program).args(arguments))
}

fn succeed(command: &mut Command) -> Result<(), Failure> {
    let name = line(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Command(name)),
        Err(source) => Err(Failure::Start {
            command: name,
            source,
        }),
    }
}
