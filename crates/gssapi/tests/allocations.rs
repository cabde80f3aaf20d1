//! Messages in the caller's buffers do not allocate, and a first token no more than it is made of.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use allocation_counter::measure;
use orthros::{
    AcceptContext, Environment, InitContext, Iov, IovBuffer, Name, Protection, Receiver,
    SecurityContext, Sender, Step, Supplementary,
};
use orthros_krb5::ap::{ContextFlags, InitiatorOptions, initiate};
use orthros_krb5::crypto::Enctype;
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

#[test]
fn scattered_messages_do_not_allocate() {
    for enctype in Enctype::ALL {
        let (mut initiator, mut acceptor) = establish(*enctype);
        let (sender, receiver) = (initiator.sender(), acceptor.receiver());
        for (length, protection) in LENGTHS.iter().flat_map(|l| PROTECTIONS.map(|p| (*l, p))) {
            for with_trailer in [true, false] {
                let lengths = sender.iov_lengths(length, protection, with_trailer);
                let mut header = vec![0; lengths.header];
                let mut trailer = with_trailer.then(|| vec![0; lengths.trailer]);
                let mut message = vec![0x5a; length];
                let signed = [&[0x41; 20][..]; 13]
                    .map(IovBuffer::AssociatedData)
                    .into_iter();
                let mut pieces: Vec<_> = signed.chain([IovBuffer::Data(&mut message)]).collect();
                let allocations = measure(|| {
                    let iov = Iov {
                        header: &mut header,
                        buffers: &mut pieces,
                        trailer: trailer.as_deref_mut(),
                    };
                    sender.wrap_iov(iov, protection).unwrap();
                    let iov = Iov {
                        header: &mut header,
                        buffers: &mut pieces,
                        trailer: trailer.as_deref_mut(),
                    };
                    let unwrapped = receiver.unwrap_iov(iov, protection).unwrap();
                    unwrapped.in_sequence().unwrap();
                });
                assert_eq!(
                    allocations.count_total, 0,
                    "{enctype}, {length} octets, {protection:?}"
                );
            }
        }
    }
}

#[test]
fn associated_data_and_parts_do_not_allocate() {
    for enctype in Enctype::ALL {
        let (mut initiator, mut acceptor) = establish(*enctype);
        let (sender, receiver) = (initiator.sender(), acceptor.receiver());
        for protection in PROTECTIONS {
            let lengths = sender.iov_lengths(1000, protection, true);
            let mut token = vec![0x5a; lengths.header + 1000 + lengths.trailer];
            let mut mic = vec![0; sender.mic_len()];
            let parts = [&[0x41; 100][..]; 15];
            let allocations = measure(|| {
                sender
                    .wrap_aead_in_place(&mut token, &[7; 50], protection)
                    .unwrap();
                let unwrapped = receiver.unwrap_stream(&mut token, &[&[7; 50]], &[], protection);
                unwrapped.unwrap().in_sequence().unwrap();
                sender.get_mic_iov(&parts, &mut mic).unwrap();
                let verified = receiver.verify_mic_iov(&parts, &mic).unwrap();
                verified.in_sequence().unwrap();
            });
            assert_eq!(allocations.count_total, 0, "{enctype}, {protection:?}");
        }
    }
}

#[test]
fn a_token_or_message_of_its_own_is_one_allocation() {
    for enctype in Enctype::ALL {
        let (mut initiator, mut acceptor) = establish(*enctype);
        for (length, protection) in LENGTHS.iter().flat_map(|l| PROTECTIONS.map(|p| (*l, p))) {
            let message = vec![0x5a; length];
            let (mut token, mut unwrapped, mut mic) = (None, None, None);
            let wrap = measure(|| token = initiator.wrap(&message, protection).ok());
            let token = token.unwrap();
            let unwrap = measure(|| unwrapped = acceptor.unwrap(&token, protection).ok());
            assert_eq!(unwrapped.unwrap().in_sequence().unwrap(), message);
            let get_mic = measure(|| mic = initiator.get_mic(&message).ok());
            let verified = acceptor.verify_mic(&message, &mic.unwrap());
            verified.unwrap().in_sequence().unwrap();
            let counts = [wrap, unwrap, get_mic].map(|allocations| allocations.count_total);
            assert_eq!(counts, [1; 3], "{enctype}, {length} octets, {protection:?}");
        }
    }
}

/// What the facade adds to the token of the protocol crate is to be seen at a glance: the names of peer and service,
/// the credential, one look at the caches, the ticket out of it. What a process has once (its configuration, the name
/// of its default cache) and what copies share (principals, names) is not allocated for each context.
#[test]
fn a_first_token_with_a_ticket_at_hand_allocates_little_more_than_the_exchange() {
    for enctype in Enctype::ALL {
        let directory = tempfile::tempdir().unwrap();
        let realm = VirtualRealm::new(*enctype);
        let environment = environment(&realm, directory.path());
        let (ticket, random) = (realm.service_ticket(), &mut environment.random());
        let options = InitiatorOptions {
            flags: ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE,
            enctypes: environment.config().permitted_enctypes().unwrap(),
            ..InitiatorOptions::default()
        };
        let exchange = measure(|| drop(initiate(&ticket, &options, realm.now(), random).unwrap()));
        let facade = measure(|| {
            let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
            let builder = InitContext::builder(peer).environment(&environment);
            let _ = builder.build().unwrap().step(None).unwrap();
        });
        let added = facade.count_total - exchange.count_total;
        assert!(added <= 15, "{enctype}: {added} of {}", facade.count_total);
    }
}

/// With all that it has prepared for messages of both kinds, and its peer's names.
#[test]
fn an_established_context_has_two_kib_at_most() {
    for enctype in Enctype::ALL {
        let directory = tempfile::tempdir().unwrap();
        let environment = environment(&VirtualRealm::new(*enctype), directory.path());
        let (mut initiator, mut acceptor) = establish_in(&environment);
        exchange(initiator.sender(), acceptor.receiver());
        exchange(acceptor.sender(), initiator.receiver());
        for context in [initiator, acceptor] {
            let role = context.is_initiator();
            let freed = measure(|| drop(context)).bytes_current.unsigned_abs();
            let octets = u64::try_from(size_of::<SecurityContext>()).unwrap() + freed;
            assert!(
                octets <= 2048,
                "{enctype}, initiator: {role}, {octets} octets"
            );
        }
    }
}

/// A sealed message, and one with a MIC.
fn exchange(sender: &mut Sender, receiver: &mut Receiver) {
    let token = sender.wrap(b"sealed", Protection::CONFIDENTIALITY).unwrap();
    let unwrapped = receiver.unwrap(&token, Protection::CONFIDENTIALITY);
    unwrapped.unwrap().in_sequence().unwrap();
    let mic = sender.get_mic(b"signed").unwrap();
    let verified = receiver.verify_mic(b"signed", &mic).unwrap();
    verified.in_sequence().unwrap();
}

/// Both ends of a mutual context.
fn establish(enctype: Enctype) -> (SecurityContext, SecurityContext) {
    let directory = tempfile::tempdir().unwrap();
    establish_in(&environment(&VirtualRealm::new(enctype), directory.path()))
}

fn establish_in(environment: &Environment) -> (SecurityContext, SecurityContext) {
    let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
    let mut initiator = InitContext::builder(peer)
        .environment(environment)
        .build()
        .unwrap();
    let mut acceptor = AcceptContext::builder()
        .environment(environment)
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
