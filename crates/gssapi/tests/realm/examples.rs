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
