//! A process that forks: this test binary, started again, on its own and as the first process of a PID namespace.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::env;
use std::fs;
use std::process::{self, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fork::Fork;
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use orthros_host::{Environment, Randomness};
use orthros_krb5::crypto::{RandomError, RandomSource as _};
use orthros_testing::peers::{self, Missing};

/// Set in the process that a test starts: the file for what the child has drawn.
const CHILDS: &str = "ORTHROS_TEST_CHILDS_DRAW";
/// Set where that process is the first of its PID namespace, and the child is to be the first of another.
const FIRST: &str = "ORTHROS_TEST_FIRST";

/// Counts, and begins elsewhere in the child: what both have drawn, they had before the fork.
#[derive(Debug)]
struct Counter(AtomicU64);

impl Randomness for Counter {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        for chunk in out.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk
                .iter_mut()
                .zip(count)
                .for_each(|(place, octet)| *place = octet);
        }
        Ok(())
    }
}

/// Plays the process where it is started as one.
#[test]
fn program() {
    let Some(childs) = env::var_os(CHILDS) else {
        return;
    };
    let counter = Arc::new(Counter(AtomicU64::new(0)));
    let environment = Environment::builder().randomness(counter.clone()).build();
    let mut pool = environment.random_pool();
    let mut draw = || {
        let mut out = [0; 16];
        pool.fill(&mut out).unwrap();
        out
    };
    draw();
    let is_first = env::var_os(FIRST).is_some();
    if is_first {
        assert_eq!(process::id(), 1);
        unshare(CloneFlags::CLONE_NEWPID).unwrap();
    }
    match fork::fork().unwrap() {
        Fork::Child => {
            counter.0.store(1 << 32, Ordering::Relaxed);
            let drawn = draw();
            fs::write(&childs, [&process::id().to_be_bytes()[..], &drawn].concat()).unwrap();
            process::exit(0);
        }
        Fork::Parent(child) => {
            waitpid(Pid::from_raw(child), None).unwrap();
            let written = fs::read(&childs).unwrap();
            let (id, drawn) = written.split_at(4);
            assert_eq!(id == process::id().to_be_bytes(), is_first);
            assert_ne!(drawn, draw());
        }
    }
}

fn run(command: &mut Command) {
    let dir = tempfile::tempdir().unwrap();
    let command = command
        .arg(env::current_exe().unwrap())
        .args(["--exact", "program", "--nocapture"])
        .env(CHILDS, dir.path().join("drawn"));
    let outcome = command.output().unwrap();
    let shown = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{shown} {outcome:?}");
    assert!(dir.path().join("drawn").exists());
}

#[test]
fn a_forked_child_does_not_draw_what_its_parent_draws() {
    run(&mut Command::new("env"));
}

#[test]
fn the_first_process_of_a_new_pid_namespace_does_not_draw_what_its_parent_draws() {
    let mut unshare = Command::new("unshare");
    unshare.args(["--pid", "--fork"]);
    let mut possible = Command::new("unshare");
    possible.args(["--pid", "--fork", "true"]);
    if !possible.status().is_ok_and(|status| status.success()) {
        let missing = Missing {
            what: "the right to make PID namespaces".into(),
            how: "run the tests as root, outside of a container or in a privileged one",
        };
        let test = "the_first_process_of_a_new_pid_namespace_does_not_draw_what_its_parent_draws";
        return peers::skip(test, &missing);
    }
    run(unshare.env(FIRST, "1"));
}
