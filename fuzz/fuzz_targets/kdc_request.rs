//! Requests to a KDC, to its ticket ports and to its password port: an error or nothing, and never a ticket for who
//! showed no key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros_fuzz::realm::{KDC, SOURCE};
use orthros_fuzz::tickets::at;
use orthros_kdc::{Outcome, Source, Transport};
use orthros_testing::random::SeededRandom;

fuzz_target!(|data: &[u8]| {
    let random = &mut SeededRandom::new(13);
    let source = Source {
        transport: Transport::Datagram,
        ..SOURCE
    };
    let answer = KDC.handle(data, &source, at(0), random);
    let is_error = |reply: Vec<u8>| reply.first() == Some(&KRB_ERROR);
    assert!(
        answer.reply.is_none_or(is_error),
        "a ticket: {}",
        answer.record
    );
    let answer = KDC.change_password(data, &source, at(0), random);
    assert!(matches!(answer.record.outcome, Outcome::Refused(_)));
    assert!(!answer.record.to_string().is_empty());
});

const KRB_ERROR: u8 = 0x7e;
