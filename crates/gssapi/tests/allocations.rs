//! Messages in the caller's buffers do not allocate.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use allocation_counter::measure;
use orthros::krb5::crypto::Enctype;
use orthros::{AcceptContext, InitContext, Name, Protection, SecurityContext, Step, Supplementary};
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;

#[test]
fn messages_in_the_callers_buffers_do_not_allocate() {
    for enctype in Enctype::ALL {
        let (mut initiator, mut acceptor) = establish(*enctype);
        let (sender, receiver) = (initiator.sender(), acceptor.receiver());
        for (length, protection) in LENGTHS.iter().flat_map(|l| PROTECTIONS.map(|p| (*l, p))) {
            let message = vec![0x5a; length];
            let mut token = vec![0; sender.wrap_len(length, protection).unwrap()];
            let allocations = measure(|| {
                sender.wrap_into(&message, protection, &mut token).unwrap();
                let unwrapped = receiver.unwrap_in_place(&mut token, protection).unwrap();
                assert_eq!(unwrapped.message, message);
                assert_eq!(unwrapped.supplementary, Supplementary::empty());
                sender.wrap_in_place(&mut token, protection).unwrap();
                let _ = receiver.unwrap_in_place(&mut token, protection).unwrap();
            });
            assert_eq!(
                allocations.count_total, 0,
                "{enctype}, {length} octets, {protection:?}"
            );
        }
    }
}

#[test]
fn mics_in_the_callers_buffers_do_not_allocate() {
    for enctype in Enctype::ALL {
        let (mut initiator, mut acceptor) = establish(*enctype);
        let (sender, receiver) = (acceptor.sender(), initiator.receiver());
        for length in LENGTHS {
            let message = vec![0x5a; length];
            let mut token = vec![0; sender.mic_len()];
            let allocations = measure(|| {
                sender.get_mic_into(&message, &mut token).unwrap();
                receiver
                    .verify_mic(&message, &token)
                    .unwrap()
                    .in_sequence()
                    .unwrap();
            });
            assert_eq!(allocations.count_total, 0, "{enctype}, {length} octets");
        }
    }
}

/// Both ends of a mutual context.
fn establish(enctype: Enctype) -> (SecurityContext, SecurityContext) {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&VirtualRealm::new(enctype), directory.path());
    let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
    let mut initiator = InitContext::builder(peer)
        .environment(&environment)
        .build()
        .unwrap();
    let mut acceptor = AcceptContext::builder()
        .environment(&environment)
        .build()
        .unwrap();
    let Step::Continue(request) = initiator.step(None).unwrap() else {
        panic!("the initiator does not wait for an answer");
    };
    let (accepted, reply) = done(acceptor.step(&request).unwrap());
    let (initiated, _) = done(initiator.step(reply.as_deref()).unwrap());
    (initiated, accepted)
}

fn done(step: Step) -> (SecurityContext, Option<Vec<u8>>) {
    match step {
        Step::Done { context, token } => (context, token),
        Step::Continue(_) => panic!("one round trip is not enough"),
    }
}

const PROTECTIONS: [Protection; 2] = [Protection::CONFIDENTIALITY, Protection::INTEGRITY];
const LENGTHS: [usize; 6] = [0, 1, 64, 1000, 16384, 70000];
