//! The examples, run as their reader would: as processes of their own, in the environment that variables name.

use std::env;
use std::path::PathBuf;

use crate::world::{PASSWORD, SERVICE, USER, World};
use orthros_testing::require_mit;

#[test]
fn the_quickstart_runs() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let mut quickstart = world.realm.command(example("quickstart"));
    let finished = world.realm.run(quickstart.arg(SERVICE), b"").unwrap();
    assert_eq!(
        finished.stdout,
        "alice@ORTHROS.TEST asks: who am I?\nthe server answers: you are alice@ORTHROS.TEST\n"
    );
}

#[test]
fn the_example_of_spnego_runs() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let mut spnego = world.realm.command(example("spnego"));
    let finished = world.realm.run(spnego.arg(SERVICE), b"").unwrap();
    let negotiated = "negotiated: 1.2.840.113554.1.2.2\n";
    assert!(finished.stdout.contains(negotiated), "{finished}");
    let said = "alice@ORTHROS.TEST says: hello\n";
    assert!(finished.stdout.contains(said), "{finished}");
}

#[test]
fn the_example_of_delegation_runs() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let mut delegation = world.realm.command(example("delegation"));
    let finished = world.realm.run(delegation.arg(SERVICE), b"").unwrap();
    assert_eq!(finished.stdout, "the back serves alice@ORTHROS.TEST\n");
}

/// Cargo builds the examples for a test run of all targets, beside the folder of this program.
fn example(name: &str) -> PathBuf {
    let tests = env::current_exe().unwrap();
    let example = tests
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join(name);
    let build = "cargo build -p orthros --examples";
    assert!(
        example.exists(),
        "{} is not there; `{build}` makes it",
        example.display()
    );
    example
}
