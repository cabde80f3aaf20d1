//! Answers to an initiator that waits for mutual authentication: only the acceptor's own is taken.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_crypto::Enctype;
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::{Forgetful, REALM};
use orthros_types::Duration;
use orthros_krb5::ap::{Acceptor, AcceptorName};
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
enum Input {
    Noise(Vec<u8>),
    Damaged(Vec<Damage>),
}

fuzz_target!(|input: Input| {
    let random = &mut SeededRandom::new(8);
    let (token, awaiting) = REALM.request(random);
    let reply = match &input {
        Input::Noise(octets) => octets.clone(),
        Input::Damaged(damages) => {
            let acceptor = Acceptor {
                keys: &REALM.keytab(),
                name: &AcceptorName::Any,
                replay_cache: &Forgetful,
                clock_skew: Duration::from_seconds(300),
                channel_bindings: None,
                require_channel_bindings: false,
                without_gss_checksum: false,
                permitted_enctypes: Enctype::ALL,
                realm_paths: None,
            };
            let accepted = acceptor.accept(&token, REALM.now(), random);
            let mut reply = accepted
                .expect("the request is good")
                .token
                .expect("it is mutual");
            damage::apply(damages, &mut reply);
            reply
        }
    };
    match (awaiting.step(&reply), input) {
        (Ok(context), Input::Damaged(_)) => assert_eq!(context.acceptor, REALM.service()),
        (Ok(_), Input::Noise(_)) => panic!("noise is an acceptor"),
        (Err(error), _) => assert!(!error.to_string().is_empty()),
    }
});
