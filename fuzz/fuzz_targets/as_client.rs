//! A client that asks for a first ticket, and a KDC that has no key: whatever it answers, there is no ticket, and an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_crypto::Enctype;
use orthros_fuzz::REALM;
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};
use orthros_testing::virtual_realm::SeededRandom;

fuzz_target!(|replies: Vec<Vec<u8>>| {
    let random = &mut SeededRandom::new(10);
    // A key, as a password would have the fuzzer wait for string-to-key.
    let key = Enctype::AES256_CTS_HMAC_SHA1_96.random_key(random);
    let key = key.expect("seeded randomness does not fail");
    let secret = ClientSecret::Keys(vec![key]);
    let mut exchange = AsExchange::new(AsRequestOptions::new(REALM.client()), secret)
        .expect("the options are good");
    let mut step = exchange.step(AsInput::Begin, REALM.now(), random);
    let mut requests = 0;
    let mut replies = replies.iter().cycle().take(64);
    while let Ok(wanted) = step {
        let input = match wanted {
            AsStep::Send(_) => {
                requests += 1;
                assert!(requests <= 32, "the exchange has no end");
                match replies.next() {
                    Some(reply) => AsInput::Reply(reply),
                    None => return,
                }
            }
            AsStep::NeedPassword { .. } => panic!("there is a key"),
            AsStep::Done(_) => panic!("a ticket from who has no key"),
        };
        step = exchange.step(input, REALM.now(), random);
    }
});
