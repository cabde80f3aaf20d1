//! Damaged MIC tokens on a live context: none is good for another message, and noise is good for none. Those of RC4
//! have sequence numbers and a framing that nothing covers.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_crypto::Enctype;
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::realm;

#[derive(Arbitrary, Debug)]
struct Input {
    enctype: u8,
    message: Vec<u8>,
    to_message: Vec<Damage>,
    to_token: Vec<Damage>,
}

fuzz_target!(|input: Input| {
    let mut pair = realm(input.enctype).establish();
    let sender = pair.initiator.messages.sender();
    let sender_enctype = sender.key().enctype();
    let genuine = sender.get_mic_vec(&input.message);
    let genuine = genuine.expect("every message can be signed");
    let (mut message, mut token) = (input.message.clone(), genuine.clone());
    damage::apply(&input.to_message, &mut message);
    damage::apply(&input.to_token, &mut token);
    let verified = pair
        .acceptor
        .messages
        .receiver()
        .verify_mic(&message, &token);
    let is_genuine = message == input.message && token == genuine;
    if sender_enctype == Enctype::ARCFOUR_HMAC && !is_genuine {
        assert!(verified.is_err() || message == input.message);
    } else {
        assert_eq!(verified.is_ok(), is_genuine, "{verified:?}");
    }
});
