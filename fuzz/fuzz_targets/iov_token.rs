//! Tokens in several buffers, with data that is only signed, on a live context: what comes out is what went in, or
//! nothing does.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_crypto::{Enctype, IovBuffer};
use orthros_fuzz::damage::Damage;
use orthros_fuzz::realm;
use orthros_krb5::message::{Iov, Receiver, Sender};
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    enctype: u8,
    confidential: bool,
    kind: Kind,
    /// Each with whether it is only signed.
    pieces: Vec<(bool, Vec<u8>)>,
    /// Each with the buffer that it is to.
    damages: Vec<(u8, Damage)>,
}

#[derive(Arbitrary, Debug)]
enum Kind {
    Scattered { with_trailer: bool },
    Aead,
    Mic,
}

fuzz_target!(|input: Input| {
    let mut pair = realm(input.enctype).establish();
    let (sender, receiver) = (
        pair.initiator.messages.sender(),
        pair.acceptor.messages.receiver(),
    );
    match input.kind {
        Kind::Scattered { with_trailer } => scattered(&input, with_trailer, sender, receiver),
        Kind::Aead => aead(&input, sender, receiver),
        Kind::Mic => mic(&input, sender, receiver),
    }
});

fn scattered(input: &Input, with_trailer: bool, sender: &mut Sender, receiver: &mut Receiver) {
    // Tokens of RC4 have their padding there.
    let with_trailer = with_trailer || is_rc4(sender);
    let data = input.pieces.iter().filter(|(is_associated, _)| !is_associated);
    let message_len = data.map(|(_, octets)| octets.len()).sum();
    let lengths = sender.iov_lengths(message_len, input.confidential, with_trailer);
    let mut token = Token {
        header: vec![0; lengths.header],
        pieces: input.pieces.clone(),
        trailer: with_trailer.then(|| vec![0; lengths.trailer]),
    };
    let random = &mut SeededRandom::new(5);
    let wrapped = token.with_iov(|iov| sender.wrap_iov(input.confidential, iov, random));
    wrapped.expect("every message can be wrapped");
    let genuine = token.clone();
    for (buffer, damage) in &input.damages {
        damage.apply(token.buffer(*buffer));
    }
    let is_genuine = token == genuine;
    match token.with_iov(|iov| receiver.unwrap_iov(iov)) {
        Ok(unwrapped) => {
            assert_eq!(token.message(), message(&input.pieces));
            assert_eq!(unwrapped.sealed, input.confidential);
        }
        Err(error) => assert!(!is_genuine, "{error}"),
    }
}

/// The message is the pieces that are not only signed; those are associated.
fn aead(input: &Input, sender: &mut Sender, receiver: &mut Receiver) {
    let of = |is_associated| {
        let pieces = input
            .pieces
            .iter()
            .filter(move |piece| piece.0 == is_associated);
        pieces
            .flat_map(|piece| piece.1.clone())
            .collect::<Vec<u8>>()
    };
    let (message, associated) = (of(false), of(true));
    let lengths = sender.iov_lengths(message.len(), input.confidential, true);
    let mut token = [
        &vec![0; lengths.header],
        &message,
        &vec![0; lengths.trailer],
    ]
    .map(Vec::as_slice)
    .concat();
    let random = &mut SeededRandom::new(5);
    sender
        .wrap_aead_in_place(input.confidential, &associated, &mut token, random)
        .expect("every message can be wrapped");
    let (mut told, genuine) = (associated.clone(), token.clone());
    for (buffer, damage) in &input.damages {
        damage.apply(if buffer % 2 == 0 {
            &mut token
        } else {
            &mut told
        });
    }
    let is_genuine = token == genuine && told == associated;
    match receiver.unwrap_stream(&mut token, &[&told], &[]) {
        Ok(unwrapped) => {
            assert_eq!(
                [&told, &*unwrapped.message].concat(),
                [associated, message].concat()
            );
            assert_eq!(unwrapped.sealed, input.confidential);
        }
        Err(error) => assert!(!is_genuine, "{error}"),
    }
}

/// All pieces are signed, and it does not matter how they are cut.
fn mic(input: &Input, sender: &mut Sender, receiver: &mut Receiver) {
    let pieces: Vec<&[u8]> = input
        .pieces
        .iter()
        .map(|piece| piece.1.as_slice())
        .collect();
    let message = message(&input.pieces);
    let mut genuine = vec![0; sender.mic_len()];
    sender
        .get_mic_iov(&pieces, &mut genuine)
        .expect("every message can be signed");
    let mut token = genuine.clone();
    for (_, damage) in &input.damages {
        damage.apply(&mut token);
    }
    let verified = receiver.verify_mic_iov(&[&message], &token);
    // Nothing covers the sequence numbers of RC4.
    if !is_rc4(sender) || token == genuine {
        assert_eq!(verified.is_ok(), token == genuine, "{verified:?}");
    }
    assert_eq!(
        receiver.verify_mic(&message, &token).is_ok(),
        verified.is_ok()
    );
}

fn is_rc4(sender: &Sender) -> bool {
    sender.key().enctype() == Enctype::ARCFOUR_HMAC
}

fn message(pieces: &[(bool, Vec<u8>)]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| piece.1.clone()).collect()
}

#[derive(Clone, PartialEq)]
struct Token {
    header: Vec<u8>,
    pieces: Vec<(bool, Vec<u8>)>,
    trailer: Option<Vec<u8>>,
}

impl Token {
    fn with_iov<R>(&mut self, act: impl FnOnce(Iov<'_, '_>) -> R) -> R {
        let pieces = self.pieces.iter_mut().map(|(is_associated, octets)| {
            if *is_associated {
                IovBuffer::AssociatedData(octets)
            } else {
                IovBuffer::Data(octets)
            }
        });
        act(Iov {
            header: &mut self.header,
            buffers: &mut pieces.collect::<Vec<_>>(),
            trailer: self.trailer.as_deref_mut(),
        })
    }

    /// One of the buffers, whatever the number.
    fn buffer(&mut self, number: u8) -> &mut Vec<u8> {
        let mut buffers = vec![&mut self.header];
        buffers.extend(self.trailer.as_mut());
        buffers.extend(self.pieces.iter_mut().map(|piece| &mut piece.1));
        let place = usize::from(number) % buffers.len();
        buffers.swap_remove(place)
    }

    fn message(&self) -> Vec<u8> {
        message(&self.pieces)
    }
}
