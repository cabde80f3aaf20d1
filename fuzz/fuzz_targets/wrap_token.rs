//! Damaged Wrap tokens on a live context: what comes out is what went in, or nothing does.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::realm;
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    enctype: u8,
    message: Vec<u8>,
    confidential: bool,
    damages: Vec<Damage>,
}

fuzz_target!(|input: Input| {
    let mut pair = realm(input.enctype).establish();
    let random = &mut SeededRandom::new(5);
    let sender = pair.initiator.messages.sender();
    let token = sender.wrap_vec(input.confidential, &input.message, random);
    let mut token = token.expect("every message can be wrapped");
    damage::apply(&input.damages, &mut token);
    let receiver = pair.acceptor.messages.receiver();
    match receiver.unwrap_vec(&token) {
        Ok(unwrapped) => {
            assert_eq!(&*unwrapped.message, &input.message);
            assert_eq!(unwrapped.sealed, input.confidential);
        }
        Err(_) => assert!(!input.damages.is_empty()),
    }
});
