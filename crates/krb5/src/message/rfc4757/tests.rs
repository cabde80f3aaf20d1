//! Tokens as RFC 4757 lays them out, and as peers with another taste do: padded, in other names and damaged.

use alloc::vec;
use alloc::vec::Vec;

use orthros_crypto::{Enctype, IovBuffer, KeyUsage, TokenCipher};

use super::extend;
use super::header::framing_len;
use crate::MalformedTokenError;
use crate::ap::{ContextFlags, Mechanism};
use crate::message::tests::{ALL, acceptor, head, initiator, key};
use crate::message::{Iov, MessageError, Role};
use crate::sequence::SequenceStatus;
use orthros_testing::random::{NoRandom, SeededRandom};

const RC4: Enctype = Enctype::ARCFOUR_HMAC;

/// The framing of tokens that are shorter than 128 bytes.
fn framed(mechanism: Mechanism, inner: &[u8]) -> Vec<u8> {
    orthros_asn1::gss::frame(mechanism.oid(), &[inner])
}

/// What a peer with another taste sends, with these bytes as its padding. A sealed one has the number 1000.
fn foreign_token(sealed: bool, message: &[u8], padding: &[u8], mechanism: Mechanism) -> Vec<u8> {
    let algorithm = if sealed { [0x10, 0] } else { [0xff; 2] };
    let head = [&[2, 1, 0x11, 0], &algorithm[..], &[0xff, 0xff]].concat();
    let mut body = [b"confound", message, padding].concat();
    let tag = key(RC4).checksum(KeyUsage(13), &[&head[..], &body].concat());
    let mut number = [0, 0, 0x03, 0xe8, 0, 0, 0, 0];
    let buffers = &mut [IovBuffer::Data(&mut number)];
    TokenCipher::for_numbers(&key(RC4)).apply(&tag[..8], buffers);
    if sealed {
        let buffers = &mut [IovBuffer::Data(&mut body)];
        TokenCipher::for_messages(&key(RC4)).apply(&1000_u32.to_be_bytes(), buffers);
    }
    framed(mechanism, &[&head[..], &number, &tag[..8], &body].concat())
}

#[test]
fn tokens_are_laid_out_as_rfc_4757_has_them() {
    let mut sender = initiator(RC4);
    let framing = |length| {
        let oid = Mechanism::Krb5.oid();
        [&[0x60, length, 0x06, 9], oid].concat()
    };
    let mic = sender.get_mic_vec(b"message").unwrap();
    assert_eq!(mic[..13], framing(35));
    assert_eq!(mic[13..21], [1, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(mic.len(), 13 + 24);
    let mut random = SeededRandom::new(3);
    let signed = sender.wrap_vec(false, b"message", &mut random).unwrap();
    assert_eq!(signed[..13], framing(51));
    assert_eq!(signed[13..21], [2, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(signed[45..], *b"message\x01");
    let sealed = sender.wrap_vec(true, b"message", &mut random).unwrap();
    assert_eq!(sealed[13..21], [2, 1, 0x11, 0, 0x10, 0, 0xff, 0xff]);
    assert_eq!(sealed.len(), signed.len());
    assert_ne!(sealed[45..], signed[45..]);
}

#[test]
fn a_peer_s_token_opens_with_any_padding_of_rfc_1964_and_by_any_name_of_kerberos() {
    for sealed in [false, true] {
        for mechanism in Mechanism::ALL {
            for count in 1..=8 {
                let padding = vec![count; count.into()];
                let token = foreign_token(sealed, b"message", &padding, mechanism);
                let opened = acceptor(RC4).unwrap_vec(&token).unwrap();
                assert_eq!(
                    (&opened.message[..], opened.sealed),
                    (&b"message"[..], sealed)
                );
                assert_eq!(opened.sequence, SequenceStatus::InOrder);
            }
        }
    }
}

#[test]
fn padding_that_does_not_say_its_length_is_refused() {
    for padding in [&[0][..], &[9; 9], &[1, 2], &[8], &[255]] {
        let token = foreign_token(true, b"seven", padding, Mechanism::Krb5);
        assert_eq!(
            acceptor(RC4).unwrap_vec(&token),
            Err(MalformedTokenError::Padding.into()),
            "{padding:?}"
        );
    }
}

#[test]
fn framing_that_counts_other_bytes_or_names_another_mechanism_is_refused() {
    let token = foreign_token(true, b"message", &[1], Mechanism::Krb5);
    let longer = [&token[..], b"x"].concat();
    let spnego = orthros_asn1::gss::frame(&[0x2b, 6, 1, 5, 5, 2], &[&token[13..]]);
    let long_form = [&[0x60, 0x81], &token[1..]].concat();
    for damaged in [&longer, &spnego, &long_form, &token[13..].to_vec()] {
        let refused = acceptor(RC4).unwrap_vec(damaged);
        assert_eq!(refused, Err(MalformedTokenError::MessageFraming.into()));
        let refused = acceptor(RC4).verify_mic(b"", damaged);
        assert_eq!(refused, Err(MalformedTokenError::MessageFraming.into()));
    }
}

#[test]
fn other_algorithms_filler_and_kinds_are_refused_by_name() {
    let token = foreign_token(true, b"message", &[1], Mechanism::Krb5);
    for (at, byte, error) in [
        (13, 1, MalformedTokenError::MessageTokenId([1, 1])),
        (15, 0, MalformedTokenError::SignatureAlgorithm([0, 0])),
        (17, 2, MalformedTokenError::SealAlgorithm([2, 0])),
        (19, 0, MalformedTokenError::Filler),
    ] {
        let mut damaged = token.clone();
        damaged[at] = byte;
        assert_eq!(acceptor(RC4).unwrap_vec(&damaged), Err(error.into()));
    }
    let mut mic = initiator(RC4).get_mic_vec(b"").unwrap();
    mic[17..19].copy_from_slice(&[0x10, 0]);
    assert_eq!(
        acceptor(RC4).verify_mic(b"", &mic),
        Err(MalformedTokenError::SealedMic.into())
    );
}

#[test]
fn tokens_of_rfc_4121_are_refused() {
    let mut sender = initiator(Enctype::AES256_CTS_HMAC_SHA1_96);
    let token = sender
        .wrap_vec(true, b"message", &mut SeededRandom::new(1))
        .unwrap();
    let refused = acceptor(RC4).unwrap_vec(&token);
    assert_eq!(refused, Err(MalformedTokenError::MessageFraming.into()));
}

#[test]
fn wrap_size_limit_is_exact_where_the_framing_grows() {
    let mut sender = initiator(RC4);
    for confidential in [false, true] {
        for output_len in (100..400).chain(65_500..65_700) {
            let limit = sender.wrap_size_limit(output_len, confidential).unwrap();
            assert!(sender.wrap_len(limit, confidential).unwrap() <= output_len);
            assert!(sender.wrap_len(limit + 1, confidential).unwrap() > output_len);
            let (mut output, message) = (vec![0; output_len], vec![7; limit]);
            let random = &mut SeededRandom::new(4);
            let length = sender
                .wrap(confidential, &message, &mut output, random)
                .unwrap();
            assert_eq!(Some(length), sender.wrap_len(limit, confidential));
            output.truncate(length);
        }
    }
    assert_eq!(sender.wrap_size_limit(45, true), None);
    assert_eq!(sender.wrap_size_limit(46, true), Some(0));
}

#[test]
fn a_buffer_that_no_token_is_as_long_as_is_refused_and_unharmed() {
    // One byte more than with a framing whose length has one byte, one less than with one that has two.
    let mut buffer = vec![7; 130];
    let refused = initiator(RC4).wrap_in_place(true, &mut buffer, &mut SeededRandom::new(1));
    assert!(matches!(refused, Err(MessageError::BufferTooShort { .. })));
    assert!(buffer.iter().all(|byte| *byte == 7));
}

#[test]
fn framing_is_what_the_codec_of_context_tokens_writes() {
    for length in (0..300).chain([65_500, 65_536, 1 << 20]) {
        for mechanism in Mechanism::ALL {
            let expected = framed(mechanism, &vec![0; length]);
            assert_eq!(framing_len(mechanism, length), expected.len() - length);
            let mut token = vec![0; expected.len()];
            super::header::write_framing(&mut token, mechanism, length).unwrap();
            assert_eq!(token, expected);
            let read = super::header::read_framing(&token, token.len());
            assert_eq!(read, Ok(expected.len() - length));
        }
    }
}

#[test]
fn numbers_of_32_bits_go_on_beyond_their_end() {
    for (received, expected, number) in [
        (5, 5, 5),
        (0, u64::from(u32::MAX), 1 << 32),
        (u32::MAX.into(), 1 << 32, u64::from(u32::MAX)),
        (7, 3 << 32, (3 << 32) + 7),
        (0x8000_0003, (1 << 32) + 2, 0x8000_0003),
    ] {
        assert_eq!(
            extend(received, expected),
            number,
            "{received} at {expected}"
        );
    }
    // The acceptor begins with the last number: its second token is zero on the wire.
    let mut left = head(Role::Acceptor, RC4, false, ALL);
    let mut right = head(Role::Initiator, RC4, false, ALL);
    let mut tokens: Vec<_> = (0..3)
        .map(|_| left.sender().get_mic_vec(b"").unwrap())
        .collect();
    let last = tokens.pop().unwrap();
    for token in tokens {
        let verified = right.receiver().verify_mic(b"", &token);
        assert_eq!(verified, Ok(SequenceStatus::InOrder));
        let again = right.receiver().verify_mic(b"", &token);
        assert_eq!(again, Ok(SequenceStatus::Duplicate));
    }
    let verified = right.receiver().verify_mic(b"", &last);
    assert_eq!(verified, Ok(SequenceStatus::InOrder));
}

#[test]
fn the_side_that_a_token_says_it_is_of_is_one_of_the_two() {
    let token = initiator(RC4).get_mic_vec(b"message").unwrap();
    for at in 25..29 {
        let mut damaged = token.clone();
        damaged[at] ^= 0xff;
        let refused = acceptor(RC4).verify_mic(b"message", &damaged);
        assert_eq!(refused, Err(MessageError::Integrity));
    }
}

#[test]
fn scattered_tokens_have_their_padding_in_the_trailer_and_none_in_dce_style() {
    let dce = ALL | ContextFlags::DCE_STYLE;
    for (flags, header, trailer) in [(ALL, 45, 1), (dce, 45, 0)] {
        let mut sender = head(Role::Initiator, RC4, true, flags);
        let lengths = sender.sender().iov_lengths(7, true, true);
        assert_eq!(
            (lengths.header, lengths.padding, lengths.trailer),
            (header, 0, trailer)
        );
    }
    let mut sender = head(Role::Initiator, RC4, true, ALL);
    let lengths = sender.sender().iov_lengths(200, true, true);
    assert_eq!(lengths.header, 46);
    let mut sender = head(Role::Initiator, RC4, true, dce);
    assert_eq!(sender.sender().iov_lengths(200, true, false).header, 45);
}

#[test]
fn a_scattered_token_without_a_buffer_for_its_padding_is_refused_and_unharmed() {
    let mut sender = initiator(RC4);
    let mut message = *b"message";
    let lengths = sender.iov_lengths(message.len(), true, false);
    let iov = Iov {
        header: &mut vec![0; lengths.header],
        buffers: &mut [IovBuffer::Data(&mut message)],
        trailer: None,
    };
    let refused = sender.wrap_iov(true, iov, &mut SeededRandom::new(1));
    assert_eq!(
        refused,
        Err(MessageError::BufferLength {
            buffer: "trailer",
            expected: 1,
            actual: 0
        })
    );
    assert_eq!(message, *b"message");
}

#[test]
fn without_randomness_no_token_is_wrapped_as_each_has_a_confounder() {
    let mut sender = initiator(RC4);
    for confidential in [false, true] {
        let refused = sender.wrap_vec(confidential, b"message", &mut NoRandom);
        assert!(matches!(refused, Err(MessageError::Random(_))));
    }
    assert_eq!(sender.sequence_number(), 1000);
}

#[test]
fn nothing_of_a_sealed_token_that_is_refused_stays_decrypted() {
    let mut token = foreign_token(true, b"message", &[1], Mechanism::Krb5);
    *token.last_mut().unwrap() ^= 1;
    let refused = acceptor(RC4).unwrap_in_place(&mut token);
    assert_eq!(refused, Err(MessageError::Integrity));
    assert!(token[37..].iter().all(|byte| *byte == 0));
}

/// Each kind of token, and what it is of.
fn tokens() -> [Vec<u8>; 3] {
    let mut sender = initiator(RC4);
    let random = &mut SeededRandom::new(6);
    [
        sender.get_mic_vec(b"message").unwrap(),
        sender.wrap_vec(false, b"message", random).unwrap(),
        sender.wrap_vec(true, b"message", random).unwrap(),
    ]
}

#[test]
fn a_token_that_is_cut_is_refused_whether_its_framing_says_so_or_not() {
    let mut receiver = acceptor(RC4);
    for token in tokens() {
        for length in 0..token.len() {
            let cut = &token[..length];
            let refused = receiver.unwrap_vec(cut).unwrap_err();
            assert_eq!(refused, MalformedTokenError::MessageFraming.into());
            let refused = receiver.verify_mic(b"message", cut).unwrap_err();
            assert_eq!(refused, MalformedTokenError::MessageFraming.into());
        }
        let inner = &token[13..];
        for length in 0..inner.len() {
            let cut = framed(Mechanism::Krb5, &inner[..length]);
            receiver.unwrap_vec(&cut).unwrap_err();
            receiver.verify_mic(b"message", &cut).unwrap_err();
        }
    }
    // None of them has moved the window.
    let [mic, signed, sealed] = tokens();
    let verified = receiver.verify_mic(b"message", &mic);
    assert_eq!(verified, Ok(SequenceStatus::InOrder));
    for token in [signed, sealed] {
        let opened = receiver.unwrap_vec(&token).unwrap();
        assert_eq!(opened.sequence, SequenceStatus::InOrder);
    }
}

#[test]
fn a_wrap_token_without_room_for_confounder_and_padding_is_too_short() {
    for token in &tokens()[1..] {
        for length in 0..33 {
            let cut = framed(Mechanism::Krb5, &token[13..13 + length]);
            let refused = acceptor(RC4).unwrap_vec(&cut).unwrap_err();
            let expected = MalformedTokenError::MessageTooShort {
                length: cut.len(),
                least: 46,
            };
            assert_eq!(refused, expected.into(), "{length}");
        }
    }
}

#[test]
fn a_framing_whose_length_is_no_der_or_beyond_all_memory_is_refused() {
    for token in tokens() {
        for length in [
            &[0x80][..],
            &[0x81, 0x23],
            &[0x82, 0, 0x23],
            &[0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0x23],
            &[0xff],
        ] {
            let lying = [&[0x60], length, &token[2..]].concat();
            let refused = acceptor(RC4).unwrap_vec(&lying);
            assert_eq!(refused, Err(MalformedTokenError::MessageFraming.into()));
            let refused = acceptor(RC4).verify_mic(b"message", &lying);
            assert_eq!(refused, Err(MalformedTokenError::MessageFraming.into()));
        }
    }
}

#[test]
fn a_token_that_comes_back_is_told_from_a_peer_s() {
    let mut ours = head(Role::Initiator, RC4, false, ALL);
    let random = &mut SeededRandom::new(6);
    let mic = ours.sender().get_mic_vec(b"message").unwrap();
    let refused = ours.receiver().verify_mic(b"message", &mic);
    assert_eq!(refused, Err(MessageError::Reflected));
    for confidential in [false, true] {
        let sender = ours.sender();
        let token = sender.wrap_vec(confidential, b"message", random).unwrap();
        let refused = ours.receiver().unwrap_vec(&token);
        assert_eq!(refused, Err(MessageError::Reflected));
    }
}

#[test]
fn tokens_of_rc4_are_refused_where_those_of_rfc_4121_are_expected() {
    let aes = Enctype::AES256_CTS_HMAC_SHA1_96;
    let [mic, signed, sealed] = tokens();
    for token in [signed, sealed] {
        acceptor(aes).unwrap_vec(&token).unwrap_err();
    }
    acceptor(aes).verify_mic(b"message", &mic).unwrap_err();
}

/// A sealed token of several buffers, header before message before trailer.
fn scattered(flags: ContextFlags) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut sender = head(Role::Initiator, RC4, false, flags);
    let sender = sender.sender();
    let lengths = sender.iov_lengths(7, true, true);
    let (mut header, mut trailer) = (vec![0; lengths.header], vec![0; lengths.trailer]);
    let mut message = b"message".to_vec();
    let iov = Iov {
        header: &mut header,
        buffers: &mut [IovBuffer::Data(&mut message)],
        trailer: (!trailer.is_empty()).then_some(&mut trailer),
    };
    sender
        .wrap_iov(true, iov, &mut SeededRandom::new(9))
        .unwrap();
    (header, message, trailer)
}

#[test]
fn tokens_of_dce_style_and_others_are_not_taken_for_one_another() {
    let dce = ALL | ContextFlags::DCE_STYLE;
    let (header, message, _) = scattered(dce);
    // As one buffer the framing counts less than is there.
    let whole = [&header[..], &message].concat();
    let refused = acceptor(RC4).unwrap_vec(&whole);
    assert_eq!(refused, Err(MalformedTokenError::MessageFraming.into()));
    for (made, read) in [(dce, ALL), (ALL, dce)] {
        for has_trailer in [false, true] {
            let (mut header, mut message, mut trailer) = scattered(made);
            trailer.resize(1, 1);
            let before = message.clone();
            let mut receiver = head(Role::Acceptor, RC4, false, read);
            let iov = Iov {
                header: &mut header,
                buffers: &mut [IovBuffer::Data(&mut message)],
                trailer: has_trailer.then_some(&mut trailer),
            };
            let refused = receiver.receiver().unwrap_iov(iov).unwrap_err();
            assert!(matches!(refused, MessageError::Defective(_)), "{refused:?}");
            // Nothing was decrypted.
            assert_eq!(message, before);
        }
    }
}
