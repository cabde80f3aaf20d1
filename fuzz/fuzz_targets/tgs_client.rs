//! A client that asks for a service ticket, and a KDC that has no key: whatever it answers, there is no ticket, and an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::REALM;
use orthros_krb5::{Principal, TgsExchange, TgsRequestOptions, TgsStep};
use orthros_testing::virtual_realm::SeededRandom;

fuzz_target!(|replies: Vec<Vec<u8>>| {
    let random = &mut SeededRandom::new(11);
    let mut tgt = REALM.service_ticket();
    tgt.server = Principal::local_ticket_granting(tgt.client.realm());
    let options = TgsRequestOptions::default();
    let mut exchange =
        TgsExchange::new(&tgt, REALM.service(), options).expect("the ticket is good");
    let mut step = exchange.step(None, REALM.now(), random);
    let mut requests = 0;
    let mut replies = replies.iter().cycle().take(64);
    while let Ok(wanted) = step {
        match wanted {
            TgsStep::Send(_) => requests += 1,
            TgsStep::Done(_) => panic!("a ticket from who has no key"),
        }
        assert!(requests <= 32, "the exchange has no end");
        let Some(reply) = replies.next() else {
            return;
        };
        step = exchange.step(Some(reply), REALM.now(), random);
    }
});
