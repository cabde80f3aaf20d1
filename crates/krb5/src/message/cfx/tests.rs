//! Tokens as RFC 4121 lays them out, and as peers with another taste do: rotated, filled and damaged.

use alloc::vec::Vec;

use orthros_crypto::{Enctype, KeyUsage};
use proptest::prelude::*;

use super::header::{HEADER_LEN, Header, TokenFlags, TokenKind};
use crate::MalformedTokenError;
use crate::message::tests::{ALL, acceptor, head, initiator, key};
use crate::message::{MessageError, Role};
use crate::sequence::SequenceStatus;
use orthros_testing::random::{NoRandom, SeededRandom};

/// Those whose tokens are RFC 4121's.
pub(in crate::message) fn enctypes() -> impl Iterator<Item = Enctype> {
    let all = Enctype::ALL.iter().copied();
    all.filter(|enctype| *enctype != Enctype::ARCFOUR_HMAC)
}

/// The token a peer with another taste would send: filler bytes and any rotation.
pub(in crate::message) fn foreign_token(
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
        let plaintext = [
            message,
            &alloc::vec![b'f'; filler.into()],
            &header.to_bytes(),
        ]
        .concat();
        let mut body = key
            .encrypt(
                KeyUsage::INITIATOR_SEAL,
                &plaintext,
                &mut SeededRandom::new(1),
            )
            .unwrap();
        let length = body.len();
        body.rotate_right(usize::from(rotation) % length);
        [&header.with_counts(filler, rotation).to_bytes()[..], &body].concat()
    } else {
        let header = Header::wrap(flags, 1000);
        let tag = key
            .mac(KeyUsage::INITIATOR_SEAL)
            .sign(&[message, &header.to_bytes()]);
        let mut body = [message, tag.as_ref()].concat();
        let length = body.len();
        body.rotate_right(usize::from(rotation) % length);
        let extra_count = u16::try_from(tag.as_ref().len()).unwrap();
        let header = header.with_counts(extra_count, rotation);
        [&header.to_bytes()[..], &body].concat()
    }
}

#[test]
fn empty_messages_are_rotated_and_filled_as_others() {
    for enctype in enctypes() {
        for (filler, rotation) in [(0, 0), (0, 28), (16, 28), (16, 44), (1, 0xffff)] {
            for confidential in [false, true] {
                let token = foreign_token(enctype, confidential, b"", filler, rotation);
                let opened = acceptor(enctype).unwrap_vec(&token).unwrap();
                assert_eq!((opened.message, opened.sealed), (Vec::new(), confidential));
            }
        }
    }
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
        .wrap_vec(true, b"message", &mut SeededRandom::new(3))
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
fn every_rotation_is_undone() {
    for enctype in enctypes() {
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
fn filler_bytes_are_taken_off() {
    for enctype in enctypes() {
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
    let header = Header::wrap(flags, 1000).with_counts(4, 0).to_bytes();
    let plaintext = [&b"abc"[..], &header].concat();
    let body = key
        .encrypt(
            KeyUsage::INITIATOR_SEAL,
            &plaintext,
            &mut SeededRandom::new(6),
        )
        .unwrap();
    let mut token = [&header[..], &body].concat();
    assert_eq!(
        acceptor(Enctype::ALL[0]).unwrap_in_place(&mut token),
        Err(MalformedTokenError::ExtraCount(4).into())
    );
    assert!(token[HEADER_LEN..].iter().all(|byte| *byte == 0));
}

#[test]
fn an_inner_header_that_differs_is_refused() {
    let key = key(Enctype::ALL[0]);
    let flags = TokenFlags(TokenFlags::ACCEPTOR_SUBKEY | TokenFlags::SEALED);
    let outer = Header::wrap(flags, 1000);
    let other_flags = TokenFlags(flags.0 | 0x80);
    let mut mic = outer.to_bytes();
    mic[0] = 4;
    for inner in [
        Header::wrap(flags, 1001).to_bytes(),
        Header::wrap(other_flags, 1000).to_bytes(),
        outer.with_counts(1, 0).to_bytes(),
        mic,
    ] {
        let plaintext = [&b"message"[..], &inner].concat();
        let body = key
            .encrypt(
                KeyUsage::INITIATOR_SEAL,
                &plaintext,
                &mut SeededRandom::new(7),
            )
            .unwrap();
        let token = [&outer.to_bytes()[..], &body].concat();
        assert_eq!(
            acceptor(Enctype::ALL[0]).unwrap_vec(&token),
            Err(MalformedTokenError::InnerHeader.into())
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
                &mut SeededRandom::new(8),
            )
            .unwrap();
        let token = [&Header::wrap(flags, 1000).to_bytes()[..], &body].concat();
        assert!(matches!(
            acceptor(Enctype::ALL[0]).unwrap_vec(&token),
            Err(MessageError::Defective(
                MalformedTokenError::MessageTooShort { .. }
            ))
        ));
    }
}

#[test]
fn reserved_flags_are_ignored() {
    let flags = TokenFlags(0xf8 | TokenFlags::ACCEPTOR_SUBKEY);
    let header = Header::mic(flags, 1000).to_bytes();
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
    let header = Header::mic(flags, 1000).to_bytes();
    let tag = key(Enctype::ALL[0])
        .mac(KeyUsage::INITIATOR_SIGN)
        .sign(&[b"message", &header]);
    let token = [&header[..], tag.as_ref()].concat();
    assert_eq!(
        acceptor(Enctype::ALL[0]).verify_mic(b"message", &token),
        Err(MalformedTokenError::SealedMic.into())
    );
}

#[test]
fn a_token_in_another_key_than_agreed_is_refused() {
    for (ours, theirs) in [(true, false), (false, true)] {
        let mut sender = head(Role::Initiator, Enctype::ALL[0], theirs, ALL);
        let mut receiver = head(Role::Acceptor, Enctype::ALL[0], ours, ALL);
        let mic = sender.sender().get_mic_vec(b"message").unwrap();
        assert_eq!(
            receiver.receiver().verify_mic(b"message", &mic),
            Err(MalformedTokenError::AcceptorSubkeyFlag.into())
        );
    }
}

#[test]
fn a_sealed_token_of_eight_bytes_is_refused() {
    let token = [5, 4, 6, 0xff, 0, 0, 0, 0];
    assert!(matches!(
        acceptor(Enctype::ALL[0]).unwrap_vec(&token),
        Err(MessageError::Defective(
            MalformedTokenError::MessageTooShort { length: 8, .. }
        ))
    ));
}

#[test]
fn a_wrap_token_is_no_mic_token() {
    let mut sender = initiator(Enctype::ALL[0]);
    let mic = sender.get_mic_vec(b"").unwrap();
    assert_eq!(
        acceptor(Enctype::ALL[0]).unwrap_vec(&mic),
        Err(MalformedTokenError::MessageTokenId([4, 4]).into())
    );
}

#[test]
fn headers_survive_a_round_trip() {
    let header = Header::wrap(TokenFlags(7), 0x0102_0304_0506_0708).with_counts(0x0a0b, 0x0c0d);
    let bytes = header.to_bytes();
    assert_eq!(
        bytes,
        [
            5, 4, 7, 0xff, 0x0a, 0x0b, 0x0c, 0x0d, 1, 2, 3, 4, 5, 6, 7, 8
        ]
    );
    assert_eq!(Header::parse(TokenKind::Wrap, &bytes), Ok(header));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let with_header = [&[5, 4, 6, 0xff][..], &bytes].concat();
        for token in [bytes, with_header] {
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
