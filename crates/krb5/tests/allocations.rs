//! Messages are protected and opened in the caller's buffer without allocating.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a wrong assumption should stop the test"
)]

use allocation_counter::measure;
use orthros_krb5::SequenceStatus;
use orthros_krb5::ap::{Acceptor, AcceptorName};
use orthros_krb5::crypto::Enctype;
use orthros_testing::random::SeededRandom;
use orthros_testing::virtual_realm::{Pair, VirtualRealm};
use orthros_types::{Duration, Freshness, ReplayCache, ReplayCacheError, ReplayRecord, Timestamp};

#[test]
fn wrapping_and_unwrapping_in_a_callers_buffer_does_not_allocate() {
    for enctype in Enctype::ALL.iter().copied() {
        let mut pair = VirtualRealm::new(enctype).establish();
        for length in LENGTHS {
            for confidential in [false, true] {
                let allocations = wrap_and_unwrap(&mut pair, length, confidential);
                assert_eq!(
                    allocations, 0,
                    "{enctype}, {length} octets, sealed: {confidential}"
                );
            }
        }
    }
}

fn wrap_and_unwrap(pair: &mut Pair, length: usize, confidential: bool) -> u64 {
    let sender = pair.initiator.messages.sender();
    let receiver = pair.acceptor.messages.receiver();
    let mut random = SeededRandom::new(2);
    let message = vec![7; length];
    let mut token = vec![0; sender.wrap_len(length, confidential).unwrap()];
    let counted = measure(|| {
        sender
            .wrap(confidential, &message, &mut token, &mut random)
            .unwrap();
        let opened = receiver.unwrap_in_place(&mut token).unwrap();
        assert_eq!(opened.message, message);
        assert_eq!(opened.sequence, SequenceStatus::InOrder);
        sender
            .wrap_in_place(confidential, &mut token, &mut random)
            .unwrap();
        assert!(receiver.unwrap_in_place(&mut token).is_ok());
    });
    counted.count_total
}

#[test]
fn opening_a_rotated_token_does_not_allocate() {
    // Those of RC4 are not rotated.
    let rotated = |enctype: &Enctype| *enctype != Enctype::ARCFOUR_HMAC;
    for enctype in Enctype::ALL.iter().copied().filter(rotated) {
        let mut pair = VirtualRealm::new(enctype).establish();
        let message = [7; 1000];
        let sender = pair.initiator.messages.sender();
        let mut token = sender
            .wrap_vec(true, &message, &mut SeededRandom::new(2))
            .unwrap();
        let (header, payload) = token.split_first_chunk_mut::<16>().unwrap();
        header[6..8].copy_from_slice(&28_u16.to_be_bytes());
        payload.rotate_right(28);
        let receiver = pair.acceptor.messages.receiver();
        let counted = measure(|| {
            assert_eq!(
                receiver.unwrap_in_place(&mut token).unwrap().message,
                message
            );
        });
        assert_eq!(counted.count_total, 0, "{enctype}");
    }
}

#[test]
fn mics_in_a_callers_buffer_do_not_allocate() {
    for enctype in Enctype::ALL.iter().copied() {
        let mut pair = VirtualRealm::new(enctype).establish();
        let sender = pair.acceptor.messages.sender();
        let receiver = pair.initiator.messages.receiver();
        for length in LENGTHS {
            let message = vec![7; length];
            let mut token = vec![0; sender.mic_len()];
            let counted = measure(|| {
                sender.get_mic(&message, &mut token).unwrap();
                let verified = receiver.verify_mic(&message, &token);
                assert_eq!(verified, Ok(SequenceStatus::InOrder));
            });
            assert_eq!(counted.count_total, 0, "{enctype}, {length} octets");
        }
    }
}

#[test]
fn an_accept_allocates_little() {
    for enctype in Enctype::ALL.iter().copied() {
        let realm = VirtualRealm::new(enctype);
        let keys = realm.keytab();
        let mut random = SeededRandom::new(4);
        let (token, awaiting) = realm.request(&mut random);
        let acceptor = Acceptor {
            keys: &keys,
            name: &AcceptorName::Any,
            replay_cache: &Forgetful,
            clock_skew: Duration::from_seconds(300),
            channel_bindings: None,
            require_channel_bindings: false,
            without_gss_checksum: false,
            permitted_enctypes: Enctype::ALL,
            realm_paths: None,
        };
        let mut accepted = None;
        let counted = measure(|| accepted = acceptor.accept(&token, realm.now(), &mut random).ok());
        let allocations = counted.count_total;
        println!("{enctype}: {allocations} allocations to accept");
        assert!(allocations <= MOST_TO_ACCEPT, "{enctype}: {allocations}");
        let reply = accepted.unwrap().token.unwrap();
        let mut initiator = None;
        let counted = measure(|| initiator = awaiting.step(&reply).ok());
        println!(
            "{enctype}: {} allocations to take the reply",
            counted.count_total
        );
        assert!(initiator.is_some());
    }
}

/// A replay cache that takes no memory.
struct Forgetful;

impl ReplayCache for Forgetful {
    fn check_and_store(
        &self,
        _record: &ReplayRecord,
        _now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        Ok(Freshness::Fresh)
    }
}

/// Allocations of an accept, from the token to the context and the answer.
const MOST_TO_ACCEPT: u64 = 45;

const LENGTHS: [usize; 6] = [0, 1, 64, 1000, 16384, 70000];
