//! KRB-SAFE, KRB-PRIV and KRB-CRED between two ends, and what neither takes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

mod credentials;
mod mit;

use orthros_asn1::{Checksum, CksumType, Exactly, KrbSafe, KrbSafeBody, Message as _, Raw, UInt32};
use orthros_krb5::crypto::{Enctype, Key, KeyUsage};
use orthros_krb5::message::Role;
use orthros_krb5::session::{SequenceNumbers, Session, SessionError, SessionOptions};
use orthros_testing::random::SeededRandom;
use orthros_testing::replay::EndlessReplays;
use orthros_types::{AddressType, Duration, HostAddress, Timestamp};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const SKEW: Duration = Duration::from_seconds(300);

fn random() -> SeededRandom {
    SeededRandom::new(1)
}

fn key(enctype: Enctype) -> Key {
    enctype.random_key(&mut random()).unwrap()
}

/// Two ends whose messages have numbers, the first of which are the last before they begin again.
fn numbered(key: &Key) -> (Session, Session) {
    let here = SequenceNumbers {
        own: u32::MAX,
        peer: 7,
    };
    let there = SequenceNumbers {
        own: 7,
        peer: u32::MAX,
    };
    let end = |role, sequence| Session::new(key.clone(), SessionOptions::numbered(role, sequence));
    (
        end(Role::Initiator, here).unwrap(),
        end(Role::Acceptor, there).unwrap(),
    )
}

fn timed(key: &Key) -> (Session, Session) {
    let end = |role| Session::new(key.clone(), SessionOptions::timed(role, SKEW)).unwrap();
    (end(Role::Initiator), end(Role::Acceptor))
}

fn address(last: u8) -> HostAddress {
    HostAddress {
        addr_type: AddressType(2),
        address: [192, 0, 2, last].as_slice().into(),
    }
}

#[test]
fn both_ends_tell_each_other_sealed_and_signed_messages_in_each_enctype() {
    for enctype in Enctype::ALL {
        let (mut here, mut there) = numbered(&key(*enctype));
        for content in [&b"one"[..], b"", b"three"] {
            let sealed = here.encrypt(content, NOW, &mut random()).unwrap();
            assert_eq!(&*there.decrypt(&sealed, NOW, None).unwrap(), content);
            let signed = there.sign(content, NOW).unwrap();
            assert_eq!(here.verify(&signed, NOW, None).unwrap(), content);
        }
    }
}

#[test]
fn a_message_that_is_repeated_lost_or_early_is_out_of_sequence_and_changes_nothing() {
    let (mut here, mut there) = numbered(&key(Enctype::AES256_CTS_HMAC_SHA1_96));
    let mut messages = (0..3).map(|_| here.encrypt(b"x", NOW, &mut random()).unwrap());
    let (first, second, third) = (
        messages.next().unwrap(),
        messages.next().unwrap(),
        messages.next().unwrap(),
    );
    there.decrypt(&first, NOW, None).unwrap();
    for wrong in [&first, &third] {
        let error = there.decrypt(wrong, NOW, None).unwrap_err();
        assert!(
            matches!(error, SessionError::OutOfSequence { expected: 0, .. }),
            "{error}"
        );
    }
    there.decrypt(&second, NOW, None).unwrap();
    there.decrypt(&third, NOW, None).unwrap();
}

#[test]
fn a_timed_message_is_taken_once_and_only_near_its_time() {
    let (mut here, mut there) = timed(&key(Enctype::AES128_CTS_HMAC_SHA256_128));
    let store = EndlessReplays::default();
    let signed = here.sign(b"x", NOW).unwrap();
    let late = NOW.saturating_add(Duration::from_seconds(301));
    let error = there.verify(&signed, late, Some(&store)).unwrap_err();
    assert!(matches!(error, SessionError::Skew { .. }), "{error}");
    there.verify(&signed, NOW, Some(&store)).unwrap();
    let error = there.verify(&signed, NOW, Some(&store)).unwrap_err();
    assert!(matches!(error, SessionError::Replayed), "{error}");
    let sealed = here.encrypt(b"x", NOW, &mut random()).unwrap();
    there.decrypt(&sealed, NOW, Some(&store)).unwrap();
    let error = there.decrypt(&sealed, NOW, Some(&store)).unwrap_err();
    assert!(matches!(error, SessionError::Replayed), "{error}");
}

#[test]
fn a_timed_message_is_not_taken_where_no_replay_cache_remembers_it() {
    let (mut here, mut there) = timed(&key(Enctype::AES128_CTS_HMAC_SHA1_96));
    let signed = here.sign(b"x", NOW).unwrap();
    let error = there.verify(&signed, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::Unprotected), "{error}");
}

#[test]
fn messages_without_time_and_number_are_not_made() {
    let mut options = SessionOptions::timed(Role::Initiator, SKEW);
    options.clock_skew = None;
    let made = Session::new(key(Enctype::AES128_CTS_HMAC_SHA1_96), options);
    assert!(matches!(made, Err(SessionError::Unprotected)));
}

#[test]
fn what_a_session_counts_on_has_to_be_in_the_message() {
    let key = key(Enctype::AES128_CTS_HMAC_SHA1_96);
    let (mut numbers, _) = numbered(&key);
    let (mut times, mut timed_peer) = timed(&key);
    let (_, mut numbered_peer) = numbered(&key);
    let timed_message = times.sign(b"x", NOW).unwrap();
    let error = numbered_peer.verify(&timed_message, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::SequenceMissing), "{error}");
    let numbered_message = numbers.sign(b"x", NOW).unwrap();
    let error = timed_peer.verify(&numbered_message, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::TimestampMissing), "{error}");
}

#[test]
fn a_message_of_ones_own_that_comes_back_is_refused() {
    let key = key(Enctype::AES128_CTS_HMAC_SHA1_96);
    let (mut here, _) = timed(&key);
    let signed = here.sign(b"x", NOW).unwrap();
    let error = here
        .verify(&signed, NOW, Some(&EndlessReplays::default()))
        .unwrap_err();
    assert!(matches!(error, SessionError::Sender), "{error}");
}

/// One end that has this address, and whose peer may be anywhere, or has the same.
fn on_one_host(sequence: Option<SequenceNumbers>, remote: Option<HostAddress>) -> Session {
    let options = SessionOptions {
        local_address: address(1),
        remote_address: remote,
        clock_skew: sequence.is_none().then_some(SKEW),
        sequence,
    };
    Session::new(key(Enctype::AES128_CTS_HMAC_SHA1_96), options).unwrap()
}

#[test]
fn a_message_of_ones_own_that_comes_back_is_refused_where_addresses_are_absent_or_equal() {
    let numbers = |own, peer| Some(SequenceNumbers { own, peer });
    for remote in [None, Some(address(1))] {
        // With equal numbers, with times, and where the peer's numbers are those of messages that were sent before.
        for (sequence, before) in [(numbers(5, 5), 0), (None, 0), (numbers(5, 8), 3)] {
            let store = EndlessReplays::default();
            let mut here = on_one_host(sequence, remote.clone());
            for _ in 0..before {
                here.sign(b"before", NOW).unwrap();
            }
            let refused = [
                here.sign(b"x", NOW),
                here.encrypt(b"x", NOW, &mut random()),
                here.encrypt_credentials(&[], NOW, &mut random()),
            ];
            let [signed, sealed, credentials] = refused.map(Result::unwrap);
            let errors = [
                here.verify(&signed, NOW, Some(&store)).map(drop),
                here.decrypt(&sealed, NOW, Some(&store)).map(drop),
                here.decrypt_credentials(&credentials, NOW, Some(&store))
                    .map(drop),
            ];
            for (index, error) in errors.into_iter().enumerate() {
                let error = error.unwrap_err();
                // Only the first one has the number that is waited for.
                let is_due = sequence.is_none() || index == 0;
                let is_reflected = matches!(error, SessionError::Reflected);
                assert_eq!(is_reflected, is_due, "{index}: {error}");
            }
        }
    }
}

#[test]
fn a_sealed_message_and_tickets_that_come_back_with_the_number_that_is_due_are_refused() {
    let numbers = Some(SequenceNumbers { own: 5, peer: 5 });
    let mut here = on_one_host(numbers, None);
    let sealed = here.encrypt(b"x", NOW, &mut random()).unwrap();
    let error = here.decrypt(&sealed, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::Reflected), "{error}");
    let mut here = on_one_host(numbers, None);
    let message = here.encrypt_credentials(&[], NOW, &mut random()).unwrap();
    let error = here.decrypt_credentials(&message, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::Reflected), "{error}");
}

#[test]
fn two_ends_of_one_address_tell_each_other_messages() {
    let numbers = Some(SequenceNumbers { own: 5, peer: 5 });
    for remote in [None, Some(address(1))] {
        for sequence in [numbers, None] {
            let ends = [(); 2].map(|()| on_one_host(sequence, remote.clone()));
            let [mut here, mut there] = ends;
            let (store, other_store) = (EndlessReplays::default(), EndlessReplays::default());
            for content in [&b"one"[..], b"two", b"three"] {
                let sealed = here.encrypt(content, NOW, &mut random()).unwrap();
                let opened = there.decrypt(&sealed, NOW, Some(&store)).unwrap();
                assert_eq!(&*opened, content);
                let answer = [content, b" too"].concat();
                let signed = there.sign(&answer, NOW).unwrap();
                let verified = here.verify(&signed, NOW, Some(&other_store)).unwrap();
                assert_eq!(verified, answer);
            }
        }
    }
}

#[test]
fn addresses_that_are_known_are_compared() {
    let key = key(Enctype::AES128_CTS_HMAC_SHA1_96);
    let end = |local, remote, own| {
        let numbers = SequenceNumbers { own, peer: own };
        let options = SessionOptions {
            local_address: address(local),
            remote_address: Some(address(remote)),
            ..SessionOptions::numbered(Role::Initiator, numbers)
        };
        Session::new(key.clone(), options).unwrap()
    };
    let message = end(1, 2, 5).sign(b"x", NOW).unwrap();
    end(2, 1, 5).verify(&message, NOW, None).unwrap();
    let error = end(2, 3, 5).verify(&message, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::Sender), "{error}");
    let error = end(9, 1, 5).verify(&message, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::Receiver), "{error}");
}

#[test]
fn every_flipped_bit_of_a_message_is_noticed() {
    let key = key(Enctype::AES256_CTS_HMAC_SHA384_192);
    let sealed = numbered(&key).0.encrypt(b"x", NOW, &mut random()).unwrap();
    let signed = numbered(&key).0.sign(b"x", NOW).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut spoilt = sealed.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        assert!(
            numbered(&key).1.decrypt(&spoilt, NOW, None).is_err(),
            "{bit}"
        );
    }
    for bit in 0..signed.len() * 8 {
        let mut spoilt = signed.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        assert!(
            numbered(&key).1.verify(&spoilt, NOW, None).is_err(),
            "{bit}"
        );
    }
}

#[test]
fn a_key_of_another_kind_opens_nothing() {
    let key128 = key(Enctype::AES128_CTS_HMAC_SHA1_96);
    let (mut here, _) = numbered(&key128);
    let (_, mut there) = numbered(&key(Enctype::AES128_CTS_HMAC_SHA256_128));
    let sealed = here.encrypt(b"x", NOW, &mut random()).unwrap();
    let error = there.decrypt(&sealed, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::Integrity(_)), "{error}");
    let signed = here.sign(b"x", NOW).unwrap();
    let error = there.verify(&signed, NOW, None).unwrap_err();
    assert!(matches!(error, SessionError::ChecksumType(_)), "{error}");
}

#[test]
fn a_checksum_over_the_body_alone_is_understood_too() {
    let key = key(Enctype::AES256_CTS_HMAC_SHA1_96);
    let body = Raw::new(KrbSafeBody {
        user_data: b"x".as_slice().into(),
        timestamp: None,
        usec: None,
        seq_number: Some(UInt32(7)),
        s_address: address(1),
        r_address: None,
    })
    .unwrap();
    let checksum = key.checksum(KeyUsage::KRB_SAFE_CHECKSUM, body.octets());
    let message = KrbSafe {
        pvno: Exactly,
        msg_type: Exactly,
        safe_body: body,
        cksum: Checksum {
            cksumtype: CksumType(key.enctype().checksum_type().number()),
            checksum: checksum.as_ref().into(),
        },
    };
    let (mut here, _) = numbered(&key);
    assert_eq!(
        here.verify(&message.encode().unwrap(), NOW, None).unwrap(),
        b"x"
    );
}

#[test]
fn garbage_is_malformed() {
    let (mut here, _) = numbered(&key(Enctype::AES128_CTS_HMAC_SHA1_96));
    for garbage in [&b""[..], b"\x75\x00", b"\x74\x80", b"hello"] {
        let opened = here.decrypt(garbage, NOW, None).unwrap_err();
        assert!(matches!(opened, SessionError::Malformed { .. }), "{opened}");
        let verified = here.verify(garbage, NOW, None).unwrap_err();
        assert!(
            matches!(verified, SessionError::Malformed { .. }),
            "{verified}"
        );
    }
}
