//! Messages are protected and opened in the caller's buffer without allocating.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use allocation_counter::measure;
use orthros_krb5::SequenceStatus;
use orthros_krb5::ap::{Acceptor, AcceptorName, GssFlags, Initiated, InitiatorOptions, initiate};
use orthros_krb5::crypto::Enctype;
use orthros_krb5::message::MessageProtection;
use orthros_krb5::{Duration, Freshness, ReplayRecord, ReplayStore, ReplayStoreError, Timestamp};
use orthros_testing::virtual_realm::{SeededRandom, VirtualRealm};

struct Forgetful;

impl ReplayStore for Forgetful {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayStoreError> {
        Ok(Freshness::Fresh)
    }
}

/// Both heads of a mutual context.
fn pair(enctype: Enctype) -> (MessageProtection, MessageProtection) {
    let realm = VirtualRealm::new(enctype);
    let options = InitiatorOptions {
        flags: GssFlags::MUTUAL | GssFlags::REPLAY | GssFlags::SEQUENCE,
        ..InitiatorOptions::default()
    };
    let mut random = SeededRandom::new(1);
    let initiation = initiate(&realm.service_ticket(), &options, realm.now(), &mut random).unwrap();
    let acceptor = Acceptor {
        keys: &realm.keytab(),
        name: &AcceptorName::Any,
        replay_store: &Forgetful,
        clock_skew: Duration::from_seconds(300),
        channel_bindings: None,
        require_channel_bindings: false,
    };
    let accepted = acceptor
        .accept(&initiation.token, realm.now(), &mut random)
        .unwrap();
    let Initiated::AwaitingReply(next) = initiation.next else {
        panic!("a mutual context waits");
    };
    let initiator = next.step(&accepted.token.unwrap()).unwrap();
    (initiator.messages, accepted.context.messages)
}

#[test]
fn no_call_on_a_callers_buffer_allocates() {
    for enctype in Enctype::ALL.iter().copied() {
        let (mut left, mut right) = pair(enctype);
        let mut random = SeededRandom::new(2);
        let message = vec![7; 16_384];
        let mut token = vec![0; 17_000];
        let counted = measure(|| {
            for confidential in [false, true] {
                let sender = left.sender();
                let length = sender
                    .wrap(confidential, &message, &mut token, &mut random)
                    .unwrap();
                let opened = right
                    .receiver()
                    .unwrap_in_place(token.get_mut(..length).unwrap())
                    .unwrap();
                assert_eq!(opened.message, message);
                sender
                    .wrap_in_place(confidential, &mut token, &mut random)
                    .unwrap();
                assert!(right.receiver().unwrap_in_place(&mut token).is_ok());
            }
            let length = left.sender().get_mic(&message, &mut token).unwrap();
            let mic = token.get(..length).unwrap();
            let verified = right.receiver().verify_mic(&message, mic);
            assert_eq!(verified, Ok(SequenceStatus::InOrder));
        });
        assert_eq!(counted.count_total, 0, "{enctype}");
    }
}
