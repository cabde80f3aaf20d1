//! A client that asks for an initial ticket, and any reply: a ticket is the one that was asked for, as its KDC sealed
//! it, and there is an end.
#![no_main]

use libfuzzer_sys::{arbitrary::Arbitrary, fuzz_target};
use orthros_fuzz::realm::{Answer, Conversation, TGT, client_key, ticket_granting};
use orthros_fuzz::tickets::{Client, at};
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, FastArmor, FastUse};
use orthros_types::Duration;
use orthros_testing::random::SeededRandom;

#[derive(Arbitrary, Debug)]
struct Input {
    /// Whether there is armor, and whether it must be used.
    armored: Option<bool>,
    canonicalize: bool,
    answers: Vec<Answer>,
}

fuzz_target!(|input: Input| {
    let random = &mut SeededRandom::new(10);
    let service = ticket_granting().principal;
    let mut options = AsRequestOptions::new(Client::Alice.principal());
    options.canonicalize = input.canonicalize;
    options.armor = input.armored.map(|is_required| FastArmor {
        ticket: TGT.clone(),
        usage: if is_required {
            FastUse::Required
        } else {
            FastUse::Preferred
        },
        kdc_offset: Duration::ZERO,
    });
    // A key, as a password would have the fuzzer wait for string-to-key.
    let secret = ClientSecret::Keys(vec![client_key()]);
    let mut exchange = AsExchange::new(options, secret).expect("the options are good");
    let mut conversation = Conversation::new(&input.answers);
    let mut step = exchange.step(AsInput::Begin, at(0), random);
    loop {
        let request = match step {
            Ok(AsStep::Send(request)) => request,
            Ok(AsStep::Done(ticket)) => {
                // Nothing but armor protects the name that a KDC has for a client.
                if !input.canonicalize || input.armored == Some(true) {
                    assert_eq!(ticket.credential.client, Client::Alice.principal());
                }
                return conversation.check(&ticket.credential, &service);
            }
            Ok(AsStep::NeedPassword { .. }) => panic!("there is a key"),
            Err(error) => return assert!(!error.to_string().is_empty()),
        };
        let Some(reply) = conversation.answer(request.message) else {
            return;
        };
        step = exchange.step(AsInput::Reply(reply), at(0), random);
    }
});
