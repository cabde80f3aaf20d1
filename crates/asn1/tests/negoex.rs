//! The framing of NEGOEX.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

use orthros_asn1::DecodeErrorKind;
use orthros_asn1::negoex::NegoexMessage;

/// An offer of nothing (MS-NEGOEX section 2.2.6.3) and a token of a scheme (section 2.2.6.4).
fn messages() -> [NegoexMessage<'static>; 2] {
    let offer = NegoexMessage {
        message_type: 0,
        sequence_number: 0,
        conversation_id: *b"conversation: 16",
        fields: &[7; 56],
        payload: &[],
    };
    let token = NegoexMessage {
        message_type: 5,
        sequence_number: 1,
        fields: &[9; 24],
        payload: b"token",
        ..offer
    };
    [offer, token]
}

fn token() -> Vec<u8> {
    let mut token = Vec::new();
    for message in messages() {
        message.encode_into(&mut token).unwrap();
    }
    token
}

#[test]
fn a_token_of_two_messages_is_written_as_ms_negoex_says_and_read_again() {
    let token = token();
    assert_eq!(token[..8], *b"NEGOEXTS");
    assert_eq!(
        token[8..24],
        [0, 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 96, 0, 0, 0]
    );
    assert_eq!(
        token[96 + 8..96 + 24],
        [5, 0, 0, 0, 1, 0, 0, 0, 64, 0, 0, 0, 69, 0, 0, 0]
    );
    assert_eq!(NegoexMessage::decode_all(&token).unwrap(), messages());
}

#[test]
fn every_prefix_is_refused_but_the_first_message() {
    let token = token();
    for length in 0..token.len() {
        let outcome = NegoexMessage::decode_all(&token[..length]);
        match length {
            96 => assert_eq!(outcome.unwrap(), messages()[..1]),
            _ => assert!(outcome.unwrap_err().offset() <= length),
        }
    }
}

#[test]
fn defects_are_refused_with_their_place() {
    let second = 96;
    for (defect, at, octets, offset, kind) in [
        (
            "another signature",
            3,
            &[0][..],
            0,
            DecodeErrorKind::UnexpectedValue,
        ),
        (
            "another second signature",
            second,
            &[0],
            second,
            DecodeErrorKind::UnexpectedValue,
        ),
        (
            "message of 4 GiB",
            20,
            &[255; 4],
            20,
            DecodeErrorKind::LengthBeyondEnd,
        ),
        (
            "message of no octets",
            20,
            &[0],
            16,
            DecodeErrorKind::LengthBeyondEnd,
        ),
        (
            "header longer than its message",
            16,
            &[97],
            16,
            DecodeErrorKind::LengthBeyondEnd,
        ),
        (
            "header of 4 GiB",
            16,
            &[255; 4],
            16,
            DecodeErrorKind::LengthBeyondEnd,
        ),
        (
            "header shorter than any",
            16,
            &[39],
            16,
            DecodeErrorKind::Truncated,
        ),
        (
            "message longer than the token",
            second + 20,
            &[70],
            second + 20,
            DecodeErrorKind::LengthBeyondEnd,
        ),
    ] {
        let mut damaged = token();
        damaged[at..at + octets.len()].copy_from_slice(octets);
        let error = NegoexMessage::decode_all(&damaged).expect_err(defect);
        assert_eq!((error.offset(), error.kind()), (offset, kind), "{defect}");
    }
}

#[test]
fn flipped_bits_never_give_what_is_not_there() {
    let token = token();
    let (mut refused, mut read) = (0, 0);
    for bit in 0..token.len() * 8 {
        let mut damaged = token.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        match NegoexMessage::decode_all(&damaged) {
            Err(_) => refused += 1,
            Ok(messages) => {
                let mut written = Vec::new();
                for message in messages {
                    message.encode_into(&mut written).unwrap();
                }
                assert_eq!(written, damaged, "bit {bit}");
                read += 1;
            }
        }
    }
    assert!(
        refused > 100 && read > 1000,
        "{refused} refused, {read} read"
    );
}
