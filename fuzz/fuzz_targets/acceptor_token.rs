//! Damaged first tokens at an acceptor: the client is the one of the ticket, or there is none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_crypto::Enctype;
use orthros_fuzz::damage::{self, Damage};
use orthros_fuzz::{Forgetful, REALM};
use orthros_types::Duration;
use orthros_krb5::ap::{Acceptor, AcceptorName};
use orthros_testing::random::SeededRandom;

fuzz_target!(|damages: Vec<Damage>| {
    let random = &mut SeededRandom::new(6);
    let (mut token, _) = REALM.request(random);
    damage::apply(&damages, &mut token);
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
    match acceptor.accept(&token, REALM.now(), random) {
        Ok(accepted) => assert_eq!(accepted.context.initiator, REALM.client()),
        Err(error) => {
            assert!(!damages.is_empty());
            assert!(!error.to_string().is_empty());
        }
    }
});
