//! Message tokens between two ends: whole, rotated, damaged and out of order.

use alloc::vec::Vec;

use orthros_crypto::Enctype;
use proptest::prelude::*;

use super::header::{HEADER_LEN, Header, TokenFlags, TokenKind};
use super::*;
use crate::sequence::SequenceStatus;
use crate::testing::{NoRandom, SeededRandom};

pub(super) const ALL: GssFlags = GssFlags::REPLAY
    .union(GssFlags::SEQUENCE)
    .union(GssFlags::CONF)
    .union(GssFlags::INTEG);

pub(super) fn key(enctype: Enctype) -> Key {
    enctype
        .random_key(&mut SeededRandom(u64::try_from(enctype.number()).unwrap()))
        .unwrap()
}

/// One head of a context whose both initial sequence numbers are known.
pub(super) fn head(
    role: Role,
    enctype: Enctype,
    acceptor_subkey: bool,
    flags: GssFlags,
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

/// The token a peer with another taste would send: filler octets and any rotation.
pub(super) fn foreign_token(
    enctype: Enctype,
    confidential: bool,
    message: &[u8],
    filler: u16,
    rotation: u16,
) -> Vec<u8> {
    let key = key(enctype);
    let flags = TokenFlags(TokenFlags::ACCEPTOR_SUBKEY);
    if confidential {
        let flags = TokenFlags(flags.0 | TokenFlags::SEALED);
        let header = Header::wrap(flags, 1000).with_counts(filler, 0);
        let plaintext = [message, &alloc::vec![b'f'; filler.into()], &header.octets()].concat();
        let mut body = key
            .encrypt(KeyUsage::INITIATOR_SEAL, &plaintext, &mut SeededRandom(1))
            .unwrap();
        let length = body.len();
        body.rotate_right(usize::from(rotation) % length);
        [&header.with_counts(filler, rotation).octets()[..], &body].concat()
    } else {
        let header = Header::wrap(flags, 1000);
        let tag = key
            .mac(KeyUsage::INITIATOR_SEAL)
            .sign(&[message, &header.octets()]);
        let mut body = [message, tag.as_ref()].concat();
        let length = body.len();
        body.rotate_right(usize::from(rotation) % length);
        let extra_count = u16::try_from(tag.as_ref().len()).unwrap();
        let header = header.with_counts(extra_count, rotation);
        [&header.octets()[..], &body].concat()
    }
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

#[test]
fn empty_messages_are_rotated_and_filled_as_others() {
    for enctype in Enctype::ALL.iter().copied() {
        for (filler, rotation) in [(0, 0), (0, 28), (16, 28), (16, 44), (1, 0xffff)] {
            for confidential in [false, true] {
                let token = foreign_token(enctype, confidential, b"", filler, rotation);
                let opened = acceptor(enctype).unwrap_vec(&token).unwrap();
                assert_eq!((opened.message, opened.sealed), (Vec::new(), confidential));
            }
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
        .wrap_vec(confidential, message, &mut SeededRandom(2))
        .unwrap();
    let expected_len = from.sender().wrap_len(message.len(), confidential);
    assert_eq!(Some(token.len()), expected_len);
    let opened = to.receiver().unwrap_vec(&token).unwrap();
    assert_eq!(opened.message, message);
    assert_eq!(opened.sealed, confidential);
    assert_eq!(opened.sequence, SequenceStatus::InOrder);
}

#[test]
fn tokens_are_laid_out_as_rfc_4121_has_them() {
    let mut sender = initiator(Enctype::AES256_CTS_HMAC_SHA1_96);
    let mic = sender.get_mic_vec(b"message").unwrap();
    assert_eq!(mic[..8], [4, 4, 4, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(mic[8..16], 1000u64.to_be_bytes());
    assert_eq!(mic.len(), 16 + 12);
    let signed = sender.wrap_vec(false, b"message", &mut NoRandom).unwrap();
    assert_eq!(signed[..8], [5, 4, 4, 0xff, 0, 12, 0, 0]);
    assert_eq!(signed[8..16], 1001u64.to_be_bytes());
    assert_eq!(signed[16..23], *b"message");
    let sealed = sender
        .wrap_vec(true, b"message", &mut SeededRandom(3))
        .unwrap();
    assert_eq!(sealed[..8], [5, 4, 6, 0xff, 0, 0, 0, 0]);
    assert_eq!(sealed[8..16], 1002u64.to_be_bytes());
    let mut acceptor = head(Role::Acceptor, Enctype::ALL[0], false, ALL);
    let mic = acceptor.sender().get_mic_vec(b"").unwrap();
    assert_eq!(mic[2], 1);
    assert_eq!(mic[8..16], u64::from(u32::MAX).to_be_bytes());
    let next = acceptor.sender().get_mic_vec(b"").unwrap();
    assert_eq!(next[8..16], 0x1_0000_0000u64.to_be_bytes());
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
                let mut random = SeededRandom(4);
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
            sender.wrap_header_len(confidential),
            sender.wrap_trailer_len(confidential),
        );
        let mut buffer = [
            &alloc::vec![0; header][..],
            b"in place",
            &alloc::vec![0; trailer],
        ]
        .concat();
        sender
            .wrap_in_place(confidential, &mut buffer, &mut SeededRandom(5))
            .unwrap();
        let opened = receiver.unwrap_in_place(&mut buffer).unwrap();
        assert_eq!(opened.message, b"in place");
        assert_eq!(opened.sealed, confidential);
        let mut short = alloc::vec![0; header + trailer - 1];
        assert!(matches!(
            sender.wrap_in_place(confidential, &mut short, &mut SeededRandom(5)),
            Err(MessageError::BufferTooShort { .. })
        ));
    }
}

#[test]
fn every_rotation_is_undone() {
    for enctype in Enctype::ALL.iter().copied() {
        for confidential in [false, true] {
            for rotation in (0..150).chain([28, 255, 256, 4095, 0x7fff, 0xfffe, 0xffff]) {
                let token = foreign_token(enctype, confidential, b"rotated message", 0, rotation);
                let opened = acceptor(enctype).unwrap_vec(&token).unwrap();
                assert_eq!(opened.message, b"rotated message", "rotation {rotation}");
            }
        }
    }
}

#[test]
fn filler_octets_are_taken_off() {
    for enctype in Enctype::ALL.iter().copied() {
        for filler in [1, 15, 16, 17, 255, 5000] {
            for rotation in [0, 28, 300] {
                let token = foreign_token(enctype, true, b"filled", filler, rotation);
                let opened = acceptor(enctype).unwrap_vec(&token).unwrap();
                assert_eq!(opened.message, b"filled");
            }
        }
    }
}

#[test]
fn more_filler_than_there_is_is_refused() {
    // Authentic, but made by a peer that lies about its filler.
    let key = key(Enctype::ALL[0]);
    let flags = TokenFlags(TokenFlags::ACCEPTOR_SUBKEY | TokenFlags::SEALED);
    let header = Header::wrap(flags, 1000).with_counts(4, 0).octets();
    let plaintext = [&b"abc"[..], &header].concat();
    let body = key
        .encrypt(KeyUsage::INITIATOR_SEAL, &plaintext, &mut SeededRandom(6))
        .unwrap();
    let mut token = [&header[..], &body].concat();
    assert_eq!(
        acceptor(Enctype::ALL[0]).unwrap_in_place(&mut token),
        Err(TokenDefect::ExtraCount(4).into())
    );
    assert!(token[HEADER_LEN..].iter().all(|octet| *octet == 0));
}

#[test]
fn an_inner_header_that_differs_is_refused() {
    let key = key(Enctype::ALL[0]);
    let flags = TokenFlags(TokenFlags::ACCEPTOR_SUBKEY | TokenFlags::SEALED);
    let outer = Header::wrap(flags, 1000);
    let other_flags = TokenFlags(flags.0 | 0x80);
    let mut mic = outer.octets();
    mic[0] = 4;
    for inner in [
        Header::wrap(flags, 1001).octets(),
        Header::wrap(other_flags, 1000).octets(),
        outer.with_counts(1, 0).octets(),
        mic,
    ] {
        let plaintext = [&b"message"[..], &inner].concat();
        let body = key
            .encrypt(KeyUsage::INITIATOR_SEAL, &plaintext, &mut SeededRandom(7))
            .unwrap();
        let token = [&outer.octets()[..], &body].concat();
        assert_eq!(
            acceptor(Enctype::ALL[0]).unwrap_vec(&token),
            Err(TokenDefect::InnerHeader.into())
        );
    }
}

#[test]
fn a_sealed_token_without_room_for_the_inner_header_is_refused() {
    let key = key(Enctype::ALL[0]);
    let flags = TokenFlags(TokenFlags::ACCEPTOR_SUBKEY | TokenFlags::SEALED);
    for length in 0..16 {
        let body = key
            .encrypt(
                KeyUsage::INITIATOR_SEAL,
                &alloc::vec![0; length],
                &mut SeededRandom(8),
            )
            .unwrap();
        let token = [&Header::wrap(flags, 1000).octets()[..], &body].concat();
        assert!(matches!(
            acceptor(Enctype::ALL[0]).unwrap_vec(&token),
            Err(MessageError::Defective(TokenDefect::TooShort { .. }))
        ));
    }
}

#[test]
fn reserved_flags_are_ignored() {
    let flags = TokenFlags(0xf8 | TokenFlags::ACCEPTOR_SUBKEY);
    let header = Header::mic(flags, 1000).octets();
    let tag = key(Enctype::ALL[0])
        .mac(KeyUsage::INITIATOR_SIGN)
        .sign(&[b"message", &header]);
    let token = [&header[..], tag.as_ref()].concat();
    assert_eq!(
        acceptor(Enctype::ALL[0]).verify_mic(b"message", &token),
        Ok(SequenceStatus::InOrder)
    );
}

#[test]
fn a_sealed_flag_in_a_mic_token_is_refused() {
    let flags = TokenFlags(TokenFlags::SEALED | TokenFlags::ACCEPTOR_SUBKEY);
    let header = Header::mic(flags, 1000).octets();
    let tag = key(Enctype::ALL[0])
        .mac(KeyUsage::INITIATOR_SIGN)
        .sign(&[b"message", &header]);
    let token = [&header[..], tag.as_ref()].concat();
    assert_eq!(
        acceptor(Enctype::ALL[0]).verify_mic(b"message", &token),
        Err(TokenDefect::SealedMic.into())
    );
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
            .wrap_vec(confidential, b"message", &mut SeededRandom(9))
            .unwrap();
        assert_eq!(
            head.receiver().unwrap_vec(&token),
            Err(MessageError::Reflected)
        );
    }
}

#[test]
fn a_token_in_another_key_than_agreed_is_refused() {
    for (ours, theirs) in [(true, false), (false, true)] {
        let mut sender = head(Role::Initiator, Enctype::ALL[0], theirs, ALL);
        let mut receiver = head(Role::Acceptor, Enctype::ALL[0], ours, ALL);
        let mic = sender.sender().get_mic_vec(b"message").unwrap();
        assert_eq!(
            receiver.receiver().verify_mic(b"message", &mic),
            Err(TokenDefect::AcceptorSubkeyFlag.into())
        );
    }
}

#[test]
fn replayed_and_missing_tokens_are_reported_as_negotiated() {
    for flags in [GssFlags::empty(), GssFlags::REPLAY, GssFlags::SEQUENCE] {
        let flags = flags | GssFlags::INTEG | GssFlags::CONF;
        let mut sender = head(Role::Initiator, Enctype::ALL[0], true, flags);
        let mut receiver = head(Role::Acceptor, Enctype::ALL[0], true, flags);
        let tokens: Vec<_> = (0..3)
            .map(|_| {
                let mut random = SeededRandom(10);
                sender.sender().wrap_vec(true, b"m", &mut random).unwrap()
            })
            .collect();
        let statuses: Vec<_> = [0, 2, 1, 1]
            .iter()
            .map(|index| receiver.receiver().unwrap_vec(&tokens[*index]))
            .map(|opened| opened.unwrap().sequence)
            .collect();
        use SequenceStatus::{Duplicate, Gap, InOrder, Unsequenced};
        let expected = if flags.contains(GssFlags::REPLAY) {
            [InOrder, InOrder, InOrder, Duplicate]
        } else if flags.contains(GssFlags::SEQUENCE) {
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
    let mut left = head(Role::Initiator, Enctype::ALL[0], true, GssFlags::CONF);
    let error = MessageError::IntegrityNotNegotiated;
    assert_eq!(left.sender().get_mic_vec(b""), Err(error.clone()));
    let wrapped = left.sender().wrap_vec(true, b"", &mut SeededRandom(11));
    assert_eq!(wrapped, Err(error.clone()));
    assert_eq!(left.receiver().verify_mic(b"", b""), Err(error.clone()));
    assert_eq!(left.receiver().unwrap_vec(b""), Err(error));
}

#[test]
fn sealing_that_was_not_negotiated_is_refused() {
    let mut left = head(Role::Initiator, Enctype::ALL[0], true, GssFlags::INTEG);
    assert_eq!(
        left.sender().wrap_vec(true, b"", &mut SeededRandom(12)),
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
            assert!(refused.is_err(), "MIC token of {length} octets");
        }
        for confidential in [false, true] {
            let token = sender
                .wrap_vec(confidential, b"some message", &mut SeededRandom(13))
                .unwrap();
            for length in 0..token.len() {
                let refused = acceptor(enctype).unwrap_vec(&token[..length]);
                assert!(refused.is_err(), "Wrap token of {length} octets");
            }
        }
    }
}

#[test]
fn a_sealed_token_of_eight_octets_is_refused() {
    let token = [5, 4, 6, 0xff, 0, 0, 0, 0];
    assert!(matches!(
        acceptor(Enctype::ALL[0]).unwrap_vec(&token),
        Err(MessageError::Defective(TokenDefect::TooShort {
            length: 8,
            ..
        }))
    ));
}

#[test]
fn every_flipped_bit_is_noticed() {
    for enctype in Enctype::ALL.iter().copied() {
        let mut sender = initiator(enctype);
        let mic = sender.get_mic_vec(b"message").unwrap();
        for flipped in flips(&mic) {
            assert!(acceptor(enctype).verify_mic(b"message", &flipped).is_err());
        }
        for confidential in [false, true] {
            let token = sender
                .wrap_vec(confidential, b"message", &mut SeededRandom(14))
                .unwrap();
            for flipped in flips(&token) {
                let opened = acceptor(enctype).unwrap_vec(&flipped);
                assert!(opened.is_err(), "{flipped:02x?}");
            }
        }
    }
}

/// The token with each of its bits flipped in turn.
fn flips(token: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..token.len() * 8).map(|bit| {
        let mut flipped = token.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    })
}

#[test]
fn a_wrap_token_is_no_mic_token() {
    let mut sender = initiator(Enctype::ALL[0]);
    let mic = sender.get_mic_vec(b"").unwrap();
    assert_eq!(
        acceptor(Enctype::ALL[0]).unwrap_vec(&mic),
        Err(TokenDefect::TokenId([4, 4]).into())
    );
}

#[test]
fn headers_survive_a_round_trip() {
    let header = Header::wrap(TokenFlags(7), 0x0102_0304_0506_0708).with_counts(0x0a0b, 0x0c0d);
    let octets = header.octets();
    assert_eq!(
        octets,
        [
            5, 4, 7, 0xff, 0x0a, 0x0b, 0x0c, 0x0d, 1, 2, 3, 4, 5, 6, 7, 8
        ]
    );
    assert_eq!(Header::parse(TokenKind::Wrap, &octets), Ok(header));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_octets_are_refused(octets in prop::collection::vec(any::<u8>(), 0..100)) {
        let with_header = [&[5, 4, 6, 0xff][..], &octets].concat();
        for token in [octets, with_header] {
            prop_assert!(acceptor(Enctype::ALL[1]).unwrap_vec(&token).is_err());
            prop_assert!(acceptor(Enctype::ALL[1]).verify_mic(b"", &token).is_err());
        }
    }

    #[test]
    fn any_peer_s_counts_are_understood(
        message in prop::collection::vec(any::<u8>(), 0..200),
        filler in 0u16..100,
        rotation: u16,
        confidential: bool,
    ) {
        let enctype = Enctype::ALL[2];
        let token = foreign_token(enctype, confidential, &message, filler, rotation);
        let opened = acceptor(enctype).unwrap_vec(&token).unwrap();
        prop_assert_eq!(opened.message, message);
        prop_assert_eq!(opened.sealed, confidential);
    }
}
