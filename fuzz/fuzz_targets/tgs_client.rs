//! A client that asks for a service ticket, and any reply: a ticket is the one that was asked for, as its KDC sealed
//! it, and there is an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::realm::{Answer, Conversation, TGT};
use orthros_fuzz::tickets::{Client, at, gate};
use orthros_krb5::{TgsExchange, TgsRequestOptions, TgsStep};
use orthros_testing::random::SeededRandom;

fuzz_target!(|answers: Vec<Answer>| {
    let random = &mut SeededRandom::new(11);
    let service = gate().principal;
    let mut exchange = TgsExchange::new(&TGT, service.clone(), TgsRequestOptions::default())
        .expect("the ticket is good");
    let mut conversation = Conversation::new(&answers);
    let mut step = exchange.step(None, at(0), random);
    loop {
        let request = match step {
            Ok(TgsStep::Send(request)) => request,
            Ok(TgsStep::Done(ticket)) => {
                assert_eq!(ticket.credential.client, Client::Alice.principal());
                return conversation.check(&ticket.credential, &service);
            }
            Err(error) => return assert!(!error.to_string().is_empty()),
        };
        let Some(reply) = conversation.answer(request.message) else {
            return;
        };
        step = exchange.step(Some(reply), at(0), random);
    }
});
