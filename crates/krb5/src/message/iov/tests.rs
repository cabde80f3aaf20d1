//! Scattered tokens between two ends, and what they look like whole.

use alloc::vec;
use alloc::vec::Vec;

use orthros_crypto::{Enctype, IovBuffer};
use proptest::prelude::*;

use super::super::cfx::tests::foreign_token;
use super::super::gather::ON_STACK;
use super::super::tests::{ALL, head};
use super::super::{MessageError, Receiver, Role, Sender};
use super::{Iov, IovLengths};
use crate::MalformedTokenError;
use crate::ap::ContextFlags;
use crate::sequence::SequenceStatus;
use orthros_testing::random::{NoRandom, SeededRandom};

const STYLES: [ContextFlags; 2] = [ALL, ALL.union(ContextFlags::DCE_STYLE)];

fn ends(enctype: Enctype, flags: ContextFlags) -> (Sender, Receiver) {
    let sender = head(Role::Initiator, enctype, true, flags).split().0;
    let receiver = head(Role::Acceptor, enctype, true, flags).split().1;
    (sender, receiver)
}

/// Sealed or not, with a trailer buffer or without, as far as the enctype has them: the padding of RFC 4757 needs a
/// trailer.
fn shapes(enctype: Enctype, flags: ContextFlags) -> impl Iterator<Item = (bool, bool)> {
    let all = [(true, true), (true, false), (false, true), (false, false)];
    let needs_trailer = enctype == Enctype::ARCFOUR_HMAC && flags == ALL;
    all.into_iter()
        .filter(move |(_, with_trailer)| *with_trailer || !needs_trailer)
}

/// A message in several buffers; associated data is marked.
type Message = Vec<(bool, Vec<u8>)>;

fn data(bytes: &[u8]) -> (bool, Vec<u8>) {
    (false, bytes.to_vec())
}

fn signed(bytes: &[u8]) -> (bool, Vec<u8>) {
    (true, bytes.to_vec())
}

fn buffers(message: &mut Message) -> Vec<IovBuffer<'_>> {
    let buffers = message.iter_mut().map(|(is_associated, bytes)| {
        if *is_associated {
            IovBuffer::AssociatedData(bytes)
        } else {
            IovBuffer::Data(bytes)
        }
    });
    buffers.collect()
}

/// A scattered token.
#[derive(Clone, Debug)]
struct Token {
    header: Vec<u8>,
    message: Message,
    trailer: Option<Vec<u8>>,
}

impl Token {
    fn wrap(sender: &mut Sender, sealed: bool, message: Message, with_trailer: bool) -> Self {
        let message_len = message
            .iter()
            .filter(|buffer| !buffer.0)
            .map(|buffer| buffer.1.len())
            .sum();
        let lengths = sender.iov_lengths(message_len, sealed, with_trailer);
        let mut token = Self {
            header: vec![0; lengths.header],
            message,
            trailer: with_trailer.then(|| vec![0; lengths.trailer]),
        };
        token.with_iov(|iov| {
            sender
                .wrap_iov(sealed, iov, &mut SeededRandom::new(1))
                .unwrap();
        });
        token
    }

    fn unwrap(&mut self, receiver: &mut Receiver) -> Result<bool, MessageError> {
        let unwrapped = self.with_iov(|iov| receiver.unwrap_iov(iov))?;
        assert_eq!(unwrapped.sequence, SequenceStatus::InOrder);
        Ok(unwrapped.sealed)
    }

    fn with_iov<R>(&mut self, act: impl FnOnce(Iov<'_, '_>) -> R) -> R {
        act(Iov {
            header: &mut self.header,
            buffers: &mut buffers(&mut self.message),
            trailer: self.trailer.as_deref_mut(),
        })
    }

    /// The token as it is sent in one buffer.
    fn whole(&self) -> Vec<u8> {
        let data = self.message.iter().filter(|buffer| !buffer.0);
        let data: Vec<u8> = data.flat_map(|buffer| buffer.1.clone()).collect();
        [
            &self.header,
            &data,
            self.trailer.as_deref().unwrap_or_default(),
        ]
        .concat()
    }
}

/// Messages whose buffers end within blocks and at their ends, with signed bytes in all places.
fn messages() -> Vec<Message> {
    let long = vec![0x5a; 5000];
    vec![
        vec![],
        vec![data(b"")],
        vec![data(b"one buffer")],
        vec![data(&long)],
        vec![data(b"two"), data(b"buffers")],
        vec![signed(b"only signed")],
        vec![signed(b"before"), data(b"between"), signed(b"behind")],
        vec![
            data(&long[..16]),
            signed(b"x"),
            data(&long[..33]),
            data(b""),
            signed(&long),
            data(&long[..4096]),
        ],
        (0..=ON_STACK).map(|_| data(b"of many")).collect(),
    ]
}

#[test]
fn scattered_messages_pass_with_every_enctype() {
    for enctype in Enctype::ALL.iter().copied() {
        for flags in STYLES {
            let (mut sender, mut receiver) = ends(enctype, flags);
            for message in messages() {
                for (sealed, with_trailer) in shapes(enctype, flags) {
                    let mut token = Token::wrap(&mut sender, sealed, message.clone(), with_trailer);
                    assert_eq!(token.unwrap(&mut receiver), Ok(sealed));
                    assert_eq!(token.message, message);
                }
            }
        }
    }
}

#[test]
fn a_scattered_token_sent_in_one_piece_is_opened_as_any_other() {
    for enctype in Enctype::ALL.iter().copied() {
        for flags in STYLES {
            // The framing of RFC 4757 counts its own buffer in DCE style.
            if enctype == Enctype::ARCFOUR_HMAC && flags != ALL {
                continue;
            }
            let (mut sender, mut receiver) = ends(enctype, flags);
            for (sealed, with_trailer) in shapes(enctype, flags) {
                let message = vec![data(b"a message"), data(b" in two buffers")];
                let token = Token::wrap(&mut sender, sealed, message, with_trailer).whole();
                let opened = receiver.unwrap_vec(&token).unwrap();
                assert_eq!(opened.message, b"a message in two buffers");
                assert_eq!(opened.sealed, sealed);
            }
        }
    }
}

#[test]
fn a_token_that_came_in_one_piece_is_opened_in_several() {
    for enctype in Enctype::ALL.iter().copied() {
        let (mut sender, mut receiver) = ends(enctype, ALL);
        for sealed in [true, false] {
            let whole = sender.wrap_vec(sealed, b"message", &mut SeededRandom::new(1));
            let whole = whole.unwrap();
            let (header, rest) = whole.split_at(receiver.iov_lengths(7, sealed, true).header);
            let (message, trailer) = rest.split_at(7);
            let mut token = Token {
                header: header.to_vec(),
                message: vec![data(&message[..3]), data(&message[3..])],
                trailer: Some(trailer.to_vec()),
            };
            assert_eq!(token.unwrap(&mut receiver), Ok(sealed));
            assert_eq!(token.message, [data(b"mes"), data(b"sage")]);
        }
    }
}

#[test]
fn counts_and_lengths_are_those_of_mit() {
    let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
    let counts = |flags, sealed, with_trailer| {
        let mut sender = ends(enctype, flags).0;
        let token = Token::wrap(&mut sender, sealed, vec![data(b"message")], with_trailer);
        let lengths = sender.iov_lengths(7, sealed, with_trailer);
        let count = |at: usize| u16::from_be_bytes([token.header[at], token.header[at + 1]]);
        (lengths.header, lengths.trailer, count(4), count(6))
    };
    let [plain, dce] = STYLES;
    assert_eq!(counts(plain, true, true), (32, 28, 0, 0));
    assert_eq!(counts(plain, true, false), (60, 0, 0, 28));
    assert_eq!(counts(dce, true, true), (32, 44, 16, 0));
    assert_eq!(counts(dce, true, false), (76, 0, 16, 28));
    for flags in STYLES {
        assert_eq!(counts(flags, false, true), (16, 12, 12, 0));
        assert_eq!(counts(flags, false, false), (28, 0, 12, 12));
    }
    let sender = ends(enctype, plain).0;
    let expected = IovLengths {
        header: 32,
        padding: 0,
        trailer: 28,
    };
    assert_eq!(sender.iov_lengths(7, true, true), expected);
}

#[test]
fn what_is_only_signed_can_not_be_changed() {
    for enctype in Enctype::ALL.iter().copied() {
        for (sealed, with_trailer) in shapes(enctype, ALL) {
            let (mut sender, mut receiver) = ends(enctype, ALL);
            let message = vec![signed(b"header"), data(b"message")];
            let mut token = Token::wrap(&mut sender, sealed, message, with_trailer);
            let sent = token.clone();
            token.message[0].1[3] ^= 1;
            assert_eq!(token.unwrap(&mut receiver), Err(MessageError::Integrity));
            if sealed {
                assert_eq!(token.message[1], data(&[0; 7]), "plaintext is left");
            }
            let mut moved = sent.clone();
            moved.message.swap(0, 1);
            assert_eq!(moved.unwrap(&mut receiver), Err(MessageError::Integrity));
            let mut missing = sent.clone();
            missing.message.remove(0);
            assert_eq!(missing.unwrap(&mut receiver), Err(MessageError::Integrity));
            assert_eq!(sent.clone().unwrap(&mut receiver), Ok(sealed));
        }
    }
}

#[test]
fn buffers_of_other_lengths_are_refused_and_the_message_is_left() {
    let (mut sender, mut receiver) = ends(Enctype::ALL[0], ALL);
    for (sealed, with_trailer) in [(true, true), (true, false), (false, true), (false, false)] {
        let lengths = sender.iov_lengths(7, sealed, with_trailer);
        for (header, trailer) in [(1, 0), (0, 1)] {
            let trailer = lengths.trailer + trailer;
            let mut token = Token {
                header: vec![0; lengths.header + header],
                message: vec![data(b"message")],
                trailer: with_trailer.then(|| vec![0; trailer]),
            };
            if !with_trailer && header == 0 {
                token.header.pop();
            }
            let refused =
                token.with_iov(|iov| sender.wrap_iov(sealed, iov, &mut SeededRandom::new(1)));
            assert!(matches!(refused, Err(MessageError::BufferLength { .. })));
            assert_eq!(token.message, [data(b"message")]);
        }
        let mut token = Token::wrap(&mut sender, sealed, vec![data(b"message")], with_trailer);
        let sent = token.clone();
        token.header.push(0);
        let refused = token.unwrap(&mut receiver).unwrap_err();
        assert!(matches!(
            refused,
            MessageError::Defective(MalformedTokenError::BufferLength { .. })
        ));
        assert_eq!(sent.clone().unwrap(&mut receiver), Ok(sealed));
    }
    assert_eq!(sender.sequence_number(), 1004);
}

#[test]
fn a_rotation_that_does_not_fit_the_buffers_is_refused() {
    let (mut sender, mut receiver) = ends(Enctype::ALL[0], ALL);
    for (with_trailer, rotation) in [(true, 28), (false, 0), (false, 27)] {
        let mut token = Token::wrap(&mut sender, true, vec![data(b"message")], with_trailer);
        token.header[6..8].copy_from_slice(&u16::to_be_bytes(rotation));
        assert_eq!(
            token.unwrap(&mut receiver),
            Err(MalformedTokenError::RightRotationCount(rotation).into())
        );
    }
}

#[test]
fn a_header_that_is_cut_off_is_refused() {
    let (mut sender, mut receiver) = ends(Enctype::ALL[0], ALL);
    let token = Token::wrap(&mut sender, true, vec![data(b"message")], false);
    for length in 0..token.header.len() {
        let mut cut = token.clone();
        cut.header.truncate(length);
        let refused = cut.unwrap(&mut receiver).unwrap_err();
        assert!(matches!(refused, MessageError::Defective(_)), "{length}");
    }
}

#[test]
fn associated_data_is_protected_and_not_sent() {
    for enctype in Enctype::ALL.iter().copied() {
        for flags in STYLES {
            let (mut sender, mut receiver) = ends(enctype, flags);
            for sealed in [true, false] {
                let lengths = sender.iov_lengths(7, sealed, true);
                let mut token = vec![0; lengths.header + 7 + lengths.trailer];
                token[lengths.header..][..7].copy_from_slice(b"message");
                let random = &mut SeededRandom::new(1);
                sender
                    .wrap_aead_in_place(sealed, b"associated", &mut token, random)
                    .unwrap();
                for wrong in [&b"associate"[..], b"", b"Associated"] {
                    let mut token = token.clone();
                    let refused = receiver.unwrap_stream(&mut token, &[wrong], &[]);
                    assert_eq!(refused, Err(MessageError::Integrity));
                }
                let parts: [&[u8]; 2] = [b"assoc", b"iated"];
                let opened = receiver.unwrap_stream(&mut token, &parts, &[]).unwrap();
                assert_eq!((&*opened.message, opened.sealed), (&b"message"[..], sealed));
                let too_short = &mut vec![0; lengths.header + lengths.trailer - 1];
                assert!(matches!(
                    sender.wrap_aead_in_place(sealed, b"", too_short, random),
                    Err(MessageError::BufferTooShort { .. })
                ));
            }
        }
    }
}

#[test]
fn a_mic_of_parts_is_that_of_the_whole() {
    for enctype in Enctype::ALL.iter().copied() {
        let (mut sender, mut receiver) = ends(enctype, ALL);
        let whole = sender.get_mic_vec(b"message in parts").unwrap();
        let parts: [&[u8]; 3] = [b"message", b"", b" in parts"];
        let verified = receiver.verify_mic_iov(&parts, &whole);
        assert_eq!(verified, Ok(SequenceStatus::InOrder));
        let many = vec![&b"x"[..]; 2 * ON_STACK];
        let mut token = vec![0; sender.mic_len()];
        let length = sender.get_mic_iov(&many, &mut token).unwrap();
        assert_eq!(length, token.len());
        let verified = receiver.verify_mic(&many.concat(), &token);
        assert_eq!(verified, Ok(SequenceStatus::InOrder));
        let refused = receiver.verify_mic_iov(&parts, &token);
        assert_eq!(refused, Err(MessageError::Integrity));
    }
}

#[test]
fn nothing_scattered_is_sealed_that_must_not_be() {
    let unsealed = ends(Enctype::ALL[0], ContextFlags::INTEG).0;
    let unsigned = ends(Enctype::ALL[0], ContextFlags::CONF);
    let mut token = Token {
        header: vec![0; 60],
        message: vec![data(b"message")],
        trailer: None,
    };
    for (mut sender, expected) in [
        (unsealed, MessageError::ConfidentialityNotNegotiated),
        (unsigned.0, MessageError::IntegrityNotNegotiated),
        (
            ends(Enctype::ALL[0], ALL).0,
            MessageError::Random(orthros_crypto::RandomError),
        ),
    ] {
        let refused = token.with_iov(|iov| sender.wrap_iov(true, iov, &mut NoRandom));
        assert_eq!(refused, Err(expected));
        assert_eq!(token.message, [data(b"message")]);
        assert_eq!(sender.sequence_number(), 1000);
    }
    let mut receiver = unsigned.1;
    let error = MessageError::IntegrityNotNegotiated;
    assert_eq!(token.unwrap(&mut receiver), Err(error.clone()));
    let refused = receiver.unwrap_stream(&mut [], &[], &[]);
    assert_eq!(refused, Err(error.clone()));
    assert_eq!(receiver.verify_mic_iov(&[], &[]), Err(error));
}

#[test]
fn every_flipped_bit_of_a_scattered_token_is_noticed() {
    for enctype in Enctype::ALL.iter().copied() {
        for (sealed, with_trailer) in shapes(enctype, STYLES[1]) {
            let (mut sender, mut receiver) = ends(enctype, STYLES[1]);
            let message = vec![data(b"mess"), signed(b"signed"), data(b"age")];
            let token = Token::wrap(&mut sender, sealed, message, with_trailer);
            for bit in 0..token.header.len() * 8 {
                let mut flipped = token.clone();
                flipped.header[bit / 8] ^= 1 << (bit % 8);
                let unwrapped = flipped.with_iov(|iov| receiver.unwrap_iov(iov));
                // Nothing covers the sequence number of RFC 4757, or the name in its framing.
                let uncovered = enctype == Enctype::ARCFOUR_HMAC
                    && (bit == 58 || !sealed && (21..25).contains(&(bit / 8)));
                assert!(unwrapped.is_err() || uncovered, "bit {bit} of the header");
            }
            for bit in 0..token.trailer.as_ref().map_or(0, Vec::len) * 8 {
                let mut flipped = token.clone();
                flipped.trailer.as_mut().unwrap()[bit / 8] ^= 1 << (bit % 8);
                assert!(
                    flipped.unwrap(&mut receiver).is_err(),
                    "bit {bit} of the trailer"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_token_in_one_piece_is_opened_as_a_stream(
        message in prop::collection::vec(any::<u8>(), 0..200),
        filler in 0u16..100,
        rotation: u16,
        sealed: bool,
    ) {
        let enctype = Enctype::ALL[2];
        let mut token = foreign_token(enctype, sealed, &message, filler, rotation);
        let mut receiver = ends(enctype, ALL).1;
        let opened = receiver.unwrap_stream(&mut token, &[], &[]).unwrap();
        prop_assert_eq!(&*opened.message, &message[..]);
        prop_assert_eq!(opened.sealed, sealed);
    }

    #[test]
    fn arbitrary_buffers_are_refused(
        header in prop::collection::vec(any::<u8>(), 0..80),
        trailer in prop::option::of(prop::collection::vec(any::<u8>(), 0..60)),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut receiver = ends(Enctype::ALL[1], STYLES[1]).1;
        for start in [&[][..], &[5, 4, 6, 0xff], &[5, 4, 4, 0xff, 0, 12, 0, 12]] {
            let mut token = Token {
                header: [start, &header].concat(),
                message: vec![data(&bytes)],
                trailer: trailer.clone(),
            };
            prop_assert!(token.unwrap(&mut receiver).is_err());
            prop_assert!(receiver.unwrap_stream(&mut token.whole(), &[&bytes], &[]).is_err());
        }
    }

    #[test]
    fn scattered_messages_of_any_shape_pass(
        message in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..70)), 0..20),
        sealed: bool,
        with_trailer: bool,
        dce: bool,
    ) {
        let (mut sender, mut receiver) = ends(Enctype::ALL[3], STYLES[usize::from(dce)]);
        let mut token = Token::wrap(&mut sender, sealed, message.clone(), with_trailer);
        prop_assert_eq!(token.unwrap(&mut receiver), Ok(sealed));
        prop_assert_eq!(token.message, message);
    }
}
