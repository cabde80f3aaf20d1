//! Contexts that move to another process in the middle of a stream of messages, and a peer that notices nothing.

use std::env;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::cell::Role;
use crate::heads::{Heads, Request, World};
use orthros::{Environment, Protection, SecurityContext, Supplementary};
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::require_python_gssapi;

const SEALED: Protection = Protection::CONFIDENTIALITY;

/// The `take_over` example, which Cargo builds for a test run of all targets, with a context of ours.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Worker {
    fn start(context: SecurityContext, world: &World) -> Self {
        let tests = env::current_exe().unwrap();
        let target = tests.ancestors().nth(2).unwrap();
        let example = target.join("examples").join("take_over");
        let build = "cargo build -p orthros --examples";
        assert!(
            example.exists(),
            "{example:?} is not there; `{build}` makes it"
        );
        let mut child = Command::new(example)
            .env("KRB5_CONFIG", world.krb5_conf())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut worker = Self {
            input: child.stdin.take().unwrap(),
            output: child.stdout.take().unwrap(),
            child,
        };
        worker.send(&context.export().unwrap());
        worker
    }

    fn answer(&mut self, token: &[u8]) -> Vec<u8> {
        self.send(token);
        self.receive()
    }

    /// The context back.
    fn stop(mut self, environment: &Environment) -> SecurityContext {
        let token = self.answer(b"");
        assert!(self.child.wait().unwrap().success());
        SecurityContext::import_in(&token, environment).unwrap()
    }

    fn send(&mut self, frame: &[u8]) {
        let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
        self.input.write_all(&length).unwrap();
        self.input.write_all(frame).unwrap();
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 4];
        self.output.read_exact(&mut length).unwrap();
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
        let mut frame = vec![0; length];
        self.output.read_exact(&mut frame).unwrap();
        frame
    }
}

/// One message each way, in order.
fn exchange(ours: &mut SecurityContext, heads: &mut Heads) {
    let token = ours.wrap(b"to MIT", SEALED).unwrap();
    assert_eq!(heads.peer.unwrap(&token).unwrap().0, b"to MIT");
    let token = heads.peer.wrap(true, b"from MIT").unwrap();
    let unwrapped = ours.unwrap(&token, SEALED).unwrap();
    assert_eq!(unwrapped.in_sequence().unwrap(), b"from MIT");
}

#[test]
fn a_context_moves_to_another_process_and_back_and_mit_notices_nothing() {
    require_python_gssapi!();
    let world = World::start();
    for enctype in DEFAULT_ENCTYPES {
        let mut heads = world.heads(enctype);
        for role in Role::ALL {
            let mut ours = heads.establish(role, Request::default());
            assert!(ours.is_transferable());
            exchange(&mut ours, &mut heads);
            let overtaken = heads.peer.wrap(true, b"overtaken").unwrap();
            let token = heads.peer.wrap(true, b"overtaking").unwrap();
            let first = ours.unwrap(&token, SEALED).unwrap();
            assert_eq!(first.supplementary, Supplementary::GAP_TOKEN);
            let (names, lifetime) = (names(&ours), ours.lifetime());

            let mut worker = Worker::start(ours, &world);
            for number in 0..3_u8 {
                let request = heads.peer.wrap(true, &[b'a' + number]).unwrap();
                let answer = worker.answer(&request);
                let answer = heads.peer.unwrap(&answer).unwrap();
                assert_eq!(answer, (vec![b'A' + number], true));
            }
            let mut ours = worker.stop(heads.environment());
            assert_eq!(self::names(&ours), names);
            assert_eq!(ours.lifetime(), lifetime);
            let late = ours.unwrap(&overtaken, SEALED).unwrap();
            assert_eq!(late.supplementary, Supplementary::UNSEQ_TOKEN);
            let again = ours.unwrap(&overtaken, SEALED).unwrap();
            assert_eq!(again.supplementary, Supplementary::DUPLICATE_TOKEN);
            exchange(&mut ours, &mut heads);
        }
    }
}

#[test]
fn we_notice_nothing_of_a_context_that_mit_moves() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    for role in Role::ALL {
        let mut ours = heads.establish(role, Request::default());
        exchange(&mut ours, &mut heads);
        let token = heads.peer.field("export", &[]).unwrap();
        heads.peer.call("take", &[&token]).unwrap();
        exchange(&mut ours, &mut heads);
    }
}

fn names(context: &SecurityContext) -> [String; 2] {
    let names = [context.initiator_name(), context.acceptor_name()];
    names.map(ToString::to_string)
}
