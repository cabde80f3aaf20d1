//! The `orthros` program with MIT's programs on the other side, on a throw-away MIT realm.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails the test")]

mod contexts;
mod tickets;

use std::ffi::OsStr;
use std::process::Command;

use orthros_testing::mit::Realm;
use orthros_testing::process::Finished;

const PASSWORD: &str = "correct horse";
const SERVICE: &str = "host/localhost";

/// A realm of these enctypes with a user and a service.
fn realm(enctypes: &[&str]) -> Realm {
    Realm::builder()
        .enctypes(enctypes)
        .user("alice", PASSWORD)
        .service(SERVICE)
        .start()
        .unwrap()
}

/// Our program in the realm's world.
fn orthros<A: AsRef<OsStr>>(realm: &Realm, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = realm.command(env!("CARGO_BIN_EXE_orthros"));
    command.args(arguments);
    command
}

/// Runs a command that must succeed.
fn succeed(realm: &Realm, command: &mut Command, stdin: &str) -> Finished {
    let finished = realm.run(command, stdin.as_bytes()).unwrap();
    assert!(finished.status.success(), "{finished}");
    finished
}

/// Our kinit with the password.
fn kinit(realm: &Realm) {
    let stdin = format!("{PASSWORD}\n");
    succeed(realm, &mut orthros(realm, ["kinit", "alice"]), &stdin);
}
