//! The examples, run as their reader would: as processes of their own. Most of them bring their realm along; what they
//! print is what they are to show.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::world::{PASSWORD, SERVICE, USER, World};
use orthros_testing::process::{Daemon, run};
use orthros_testing::require_mit;

/// What an example prints that needs no peer.
fn printed(name: &str) -> String {
    let mut command = Command::new(example(name));
    // It must not need anything of the user's, and change nothing.
    command.env_clear();
    let finished = run(&mut command, b"").unwrap();
    assert!(finished.status.success(), "{finished}");
    finished.stdout
}

#[test]
fn the_quickstart_runs_on_any_machine() {
    assert_eq!(
        printed("quickstart"),
        "alice@EXAMPLE.TEST asks: who am I?\nthe server answers: you are alice@EXAMPLE.TEST\n"
    );
}

#[test]
fn the_quickstart_runs_in_a_realm_that_is_there() {
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
fn the_examples_of_an_initiator_and_an_acceptor_talk_to_each_other() {
    require_mit!();
    let world = World::start();
    world.realm.kinit(USER, PASSWORD).unwrap();
    let port = orthros_testing::port::free_port().unwrap();
    let address = format!("127.0.0.1:{port}");
    let mut acceptor = world.realm.command(example("acceptor"));
    let acceptor = Daemon::start(acceptor.arg(&address), "listening").unwrap();
    let mut initiator = world.realm.command(example("initiator"));
    initiator.args([&*address, SERVICE, "hello there"]);
    let finished = world.realm.run(&mut initiator, b"").unwrap();
    assert_eq!(
        finished.stdout,
        "http/www.orthros.test@ORTHROS.TEST answers: 11 characters\n"
    );
    drop(acceptor);
}

#[test]
fn the_example_of_spnego_runs() {
    let printed = printed("spnego");
    for line in [
        "negotiated: 1.2.840.113554.1.2.2\n",
        "alice@EXAMPLE.TEST says: hello\n",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
}

#[test]
fn the_example_of_delegation_runs() {
    assert_eq!(
        printed("delegation"),
        "the back serves alice@EXAMPLE.TEST\n"
    );
}

#[test]
fn the_example_of_many_identities_runs() {
    assert_eq!(
        printed("identities"),
        "alice@RED.TEST at host/localhost@RED.TEST\n\
         bob@RED.TEST at host/localhost@RED.TEST\n\
         alice@BLUE.TEST at host/localhost@BLUE.TEST\n"
    );
}

#[test]
fn the_example_of_another_process_runs() {
    assert_eq!(
        printed("hand_over"),
        "one\nTWO\nTHREE\nback from the worker: alice@EXAMPLE.TEST\n"
    );
}

#[test]
fn the_example_of_user_to_user_runs() {
    assert_eq!(
        printed("user_to_user"),
        "alice meets bob@EXAMPLE.TEST\nbob meets alice@EXAMPLE.TEST\n"
    );
}

#[test]
fn the_example_of_sasl_runs() {
    let printed = printed("sasl");
    for line in [
        // 64 KiB without what a sealed message has more.
        "the longest message of the client has 65476 octets\n",
        "alice@EXAMPLE.TEST says: NOOP\n",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
}

/// Cargo builds the examples for a test run of all targets, next to the folder of this program.
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
