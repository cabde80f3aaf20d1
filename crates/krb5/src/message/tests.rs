//! Message tokens between two ends: whole, damaged and out of order.

use alloc::vec::Vec;

use orthros_crypto::{Enctype, Key};

use super::*;
use crate::ap::{ContextFlags, Mechanism};
use crate::sequence::SequenceStatus;
use orthros_testing::random::{NoRandom, SeededRandom};

pub(super) const ALL: ContextFlags = ContextFlags::REPLAY
    .union(ContextFlags::SEQUENCE)
    .union(ContextFlags::CONF)
    .union(ContextFlags::INTEG);

pub(super) fn key(enctype: Enctype) -> Key {
    enctype
        .random_key(&mut SeededRandom::new(
            u64::try_from(enctype.number()).unwrap(),
        ))
        .unwrap()
}

/// One head of a context whose both initial sequence numbers are known.
pub(super) fn head(
    role: Role,
    enctype: Enctype,
    acceptor_subkey: bool,
    flags: ContextFlags,
) -> MessageProtection {
    let (send_sequence, receive_sequence) = match role {
        Role::Initiator => (1000, u32::MAX),
        Role::Acceptor => (u32::MAX, 1000),
    };
    MessageProtection::new(Agreement {
        role,
        key: key(enctype),
        acceptor_subkey,
        flags,
        mechanism: Mechanism::Krb5,
        send_sequence,
        receive_sequence,
    })
}

pub(super) fn initiator(enctype: Enctype) -> Sender {
    head(Role::Initiator, enctype, true, ALL).split().0
}

pub(super) fn acceptor(enctype: Enctype) -> Receiver {
    head(Role::Acceptor, enctype, true, ALL).split().1
}

#[test]
fn halves_go_to_two_threads() {
    fn is_send<T: Send + 'static>(_: &T) {}
    let (sender, receiver) = head(Role::Initiator, Enctype::ALL[0], true, ALL).split();
    is_send(&sender);
    is_send(&receiver);
}

#[test]
fn messages_pass_in_both_directions_with_every_enctype() {
    for enctype in Enctype::ALL.iter().copied() {
        for subkey in [false, true] {
            let mut left = head(Role::Initiator, enctype, subkey, ALL);
            let mut right = head(Role::Acceptor, enctype, subkey, ALL);
            for confidential in [false, true] {
                for length in [0, 1, 15, 16, 17, 100, 5000] {
                    let message = alloc::vec![0x5a; length];
                    pass(&mut left, &mut right, confidential, &message);
                    pass(&mut right, &mut left, confidential, &message);
                }
            }
        }
    }
}

#[test]
fn messages_of_sixteen_mebibytes_pass() {
    let message = alloc::vec![0x5a; 16 << 20];
    for enctype in Enctype::ALL.iter().copied() {
        let mut left = head(Role::Initiator, enctype, true, ALL);
        let mut right = head(Role::Acceptor, enctype, true, ALL);
        for confidential in [false, true] {
            pass(&mut left, &mut right, confidential, &message);
        }
    }
}

#[track_caller]
fn pass(
    from: &mut MessageProtection,
    to: &mut MessageProtection,
    confidential: bool,
    message: &[u8],
) {
    let mic = from.sender().get_mic_vec(message).unwrap();
    let verified = to.receiver().verify_mic(message, &mic);
    assert_eq!(verified, Ok(SequenceStatus::InOrder));
    let token = from
        .sender()
        .wrap_vec(confidential, message, &mut SeededRandom::new(2))
        .unwrap();
    let expected_len = from.sender().wrap_len(message.len(), confidential);
    assert_eq!(Some(token.len()), expected_len);
    let opened = to.receiver().unwrap_vec(&token).unwrap();
    assert_eq!(opened.message, message);
    assert_eq!(opened.sealed, confidential);
    assert_eq!(opened.sequence, SequenceStatus::InOrder);
}

#[test]
fn wrap_size_limit_is_exact() {
    for enctype in Enctype::ALL.iter().copied() {
        let mut sender = initiator(enctype);
        for confidential in [false, true] {
            let smallest = sender.wrap_len(0, confidential).unwrap();
            assert_eq!(sender.wrap_size_limit(smallest - 1, confidential), None);
            for output_len in smallest..smallest + 70 {
                let limit = sender.wrap_size_limit(output_len, confidential).unwrap();
                let mut output = alloc::vec![0; output_len];
                let fits = alloc::vec![1; limit];
                let mut random = SeededRandom::new(4);
                assert_eq!(
                    sender.wrap(confidential, &fits, &mut output, &mut random),
                    Ok(output_len)
                );
                let too_long = alloc::vec![1; limit + 1];
                assert_eq!(
                    sender.wrap(confidential, &too_long, &mut output, &mut random),
                    Err(MessageError::BufferTooShort {
                        needed: output_len + 1,
                        available: output_len
                    })
                );
            }
        }
    }
}

#[test]
fn a_message_wraps_and_unwraps_in_the_same_buffer() {
    for confidential in [false, true] {
        let mut sender = initiator(Enctype::AES128_CTS_HMAC_SHA256_128);
        let mut receiver = acceptor(Enctype::AES128_CTS_HMAC_SHA256_128);
        let (header, trailer) = (
            sender.wrap_header_len(8, confidential),
            sender.wrap_trailer_len(8, confidential),
        );
        let mut buffer = [
            &alloc::vec![0; header][..],
            b"in place",
            &alloc::vec![0; trailer],
        ]
        .concat();
        sender
            .wrap_in_place(confidential, &mut buffer, &mut SeededRandom::new(5))
            .unwrap();
        let opened = receiver.unwrap_in_place(&mut buffer).unwrap();
        assert_eq!(opened.message, b"in place");
        assert_eq!(opened.sealed, confidential);
        let mut short = alloc::vec![0; header + trailer - 1];
        assert!(matches!(
            sender.wrap_in_place(confidential, &mut short, &mut SeededRandom::new(5)),
            Err(MessageError::BufferTooShort { .. })
        ));
    }
}

#[test]
fn a_token_of_our_own_sent_back_is_refused() {
    let mut head = head(Role::Initiator, Enctype::ALL[0], true, ALL);
    let mic = head.sender().get_mic_vec(b"message").unwrap();
    assert_eq!(
        head.receiver().verify_mic(b"message", &mic),
        Err(MessageError::Reflected)
    );
    for confidential in [false, true] {
        let token = head
            .sender()
            .wrap_vec(confidential, b"message", &mut SeededRandom::new(9))
            .unwrap();
        assert_eq!(
            head.receiver().unwrap_vec(&token),
            Err(MessageError::Reflected)
        );
    }
}

#[test]
fn replayed_and_missing_tokens_are_reported_as_negotiated() {
    for flags in [
        ContextFlags::empty(),
        ContextFlags::REPLAY,
        ContextFlags::SEQUENCE,
    ] {
        let flags = flags | ContextFlags::INTEG | ContextFlags::CONF;
        let mut sender = head(Role::Initiator, Enctype::ALL[0], true, flags);
        let mut receiver = head(Role::Acceptor, Enctype::ALL[0], true, flags);
        let tokens: Vec<_> = (0..3)
            .map(|_| {
                let mut random = SeededRandom::new(10);
                sender.sender().wrap_vec(true, b"m", &mut random).unwrap()
            })
            .collect();
        let statuses: Vec<_> = [0, 2, 1, 1]
            .iter()
            .map(|index| receiver.receiver().unwrap_vec(&tokens[*index]))
            .map(|opened| opened.unwrap().sequence)
            .collect();
        use SequenceStatus::{Duplicate, Gap, InOrder, Unsequenced};
        let expected = if flags.contains(ContextFlags::REPLAY) {
            [InOrder, InOrder, InOrder, Duplicate]
        } else if flags.contains(ContextFlags::SEQUENCE) {
            [InOrder, Gap, Unsequenced, Unsequenced]
        } else {
            [InOrder; 4]
        };
        assert_eq!(statuses, expected);
    }
}

#[test]
fn a_token_that_fails_does_not_move_the_window() {
    let mut sender = initiator(Enctype::ALL[0]);
    let mut receiver = acceptor(Enctype::ALL[0]);
    let token = sender.get_mic_vec(b"message").unwrap();
    assert_eq!(
        receiver.verify_mic(b"another", &token),
        Err(MessageError::Integrity)
    );
    assert_eq!(
        receiver.verify_mic(b"message", &token),
        Ok(SequenceStatus::InOrder)
    );
}

#[test]
fn nothing_is_protected_without_integrity() {
    let mut left = head(Role::Initiator, Enctype::ALL[0], true, ContextFlags::CONF);
    let error = MessageError::IntegrityNotNegotiated;
    assert_eq!(left.sender().get_mic_vec(b""), Err(error.clone()));
    let wrapped = left
        .sender()
        .wrap_vec(true, b"", &mut SeededRandom::new(11));
    assert_eq!(wrapped, Err(error.clone()));
    assert_eq!(left.receiver().verify_mic(b"", b""), Err(error.clone()));
    assert_eq!(left.receiver().unwrap_vec(b""), Err(error));
}

#[test]
fn sealing_that_was_not_negotiated_is_refused() {
    let mut left = head(Role::Initiator, Enctype::ALL[0], true, ContextFlags::INTEG);
    assert_eq!(
        left.sender()
            .wrap_vec(true, b"", &mut SeededRandom::new(12)),
        Err(MessageError::ConfidentialityNotNegotiated)
    );
    assert_eq!(left.sender().sequence_number(), 1000);
    assert!(left.sender().wrap_vec(false, b"", &mut NoRandom).is_ok());
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let mut sender = initiator(Enctype::ALL[0]);
    assert!(matches!(
        sender.wrap_vec(true, b"message", &mut NoRandom),
        Err(MessageError::Random(_))
    ));
    assert_eq!(sender.sequence_number(), 1000);
}

#[test]
fn every_truncation_is_refused() {
    for enctype in Enctype::ALL.iter().copied() {
        let mut sender = initiator(enctype);
        let mic = sender.get_mic_vec(b"some message").unwrap();
        for length in 0..mic.len() {
            let refused = acceptor(enctype).verify_mic(b"some message", &mic[..length]);
            assert!(refused.is_err(), "MIC token of {length} bytes");
        }
        for confidential in [false, true] {
            let token = sender
                .wrap_vec(confidential, b"some message", &mut SeededRandom::new(13))
                .unwrap();
            for length in 0..token.len() {
                let refused = acceptor(enctype).unwrap_vec(&token[..length]);
                assert!(refused.is_err(), "Wrap token of {length} bytes");
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    use SequenceStatus::InOrder;
    for enctype in Enctype::ALL.iter().copied() {
        let mut sender = initiator(enctype);
        let mic = sender.get_mic_vec(b"message").unwrap();
        for (bit, flipped) in flips(&mic) {
            let verified = acceptor(enctype).verify_mic(b"message", &flipped);
            assert!(
                verified.is_err() || is_of_number(enctype, bit) && verified != Ok(InOrder),
                "{bit}"
            );
        }
        for confidential in [false, true] {
            let token = sender
                .wrap_vec(confidential, b"message", &mut SeededRandom::new(14))
                .unwrap();
            for (bit, flipped) in flips(&token) {
                let opened = acceptor(enctype).unwrap_vec(&flipped);
                assert!(
                    opened.is_err() || !confidential && is_of_number(enctype, bit),
                    "{flipped:02x?}"
                );
            }
        }
    }
}

/// The token with each of its bits flipped in turn, but for the one whose loss makes Microsoft's name of Kerberos of
/// the name in the framing of RFC 4757: peers go by either.
fn flips(token: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let bits = (0..token.len() * 8).filter(|bit| *bit != 58 || token.first() != Some(&0x60));
    bits.map(|bit| {
        let mut flipped = token.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

/// Whether this bit of a short token is one of a sequence number that nothing covers: RFC 4757 has such.
fn is_of_number(enctype: Enctype, bit: usize) -> bool {
    // Framing of 13 bytes, eight that the checksum covers.
    enctype == Enctype::ARCFOUR_HMAC && (21..25).contains(&(bit / 8))
}
