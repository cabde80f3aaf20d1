//! Damage under valid checksums: by who knows the key, so that no MAC stands between it and the decoders.

use alloc::vec::Vec;

use orthros_asn1::{ApReq, Message};
use orthros_crypto::{Enctype, KeyUsage};

use super::super::*;
use super::world::{Issue, Service, client, request, with_request};
use crate::testing::SeededRandom;

const ENCTYPE: Enctype = Enctype::AES128_CTS_HMAC_SHA256_128;

#[test]
fn flipped_bits_in_a_resealed_authenticator_name_no_other_client() {
    let issue = Issue::new(ENCTYPE);
    let token = request(&issue.credential());
    let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
    let (_, _, message) = mechanism::unframe(&token).unwrap();
    let sealed = ApReq::decode(message).unwrap().authenticator;
    let plaintext = issue.session_key.decrypt(usage, &sealed.cipher).unwrap();
    let outcomes = flipped(&plaintext, |damaged| {
        let token = with_request(&token, |request| {
            request.authenticator =
                wire::seal(&issue.session_key, usage, damaged, &mut SeededRandom(6)).unwrap();
        });
        Service::new(ENCTYPE).accept(&token)
    });
    assert!(outcomes.refused > 400, "{outcomes:?}");
    assert!(outcomes.accepted > 100, "{outcomes:?}");
}

#[test]
fn flipped_bits_in_a_resealed_ticket_name_no_client_that_the_authenticator_does_not() {
    let issue = Issue::new(ENCTYPE);
    let plaintext = issue.part.encode().unwrap();
    let outcomes = flipped(&plaintext, |damaged| {
        let token = request(&issue.credential_of(damaged));
        Service::new(ENCTYPE).accept(&token)
    });
    assert!(outcomes.refused > 400, "{outcomes:?}");
    assert!(outcomes.accepted > 100, "{outcomes:?}");
}

/// What became of damaged plaintexts.
#[derive(Debug, Default)]
struct Outcomes {
    refused: usize,
    accepted: usize,
}

/// Has each bit of `plaintext` flipped in turn. Whoever is accepted is the client.
fn flipped(plaintext: &[u8], accept: impl Fn(&[u8]) -> Result<Accepted, AcceptError>) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for bit in 0..plaintext.len() * 8 {
        let mut damaged = Vec::from(plaintext);
        damaged[bit / 8] ^= 1 << (bit % 8);
        match accept(&damaged) {
            Err(_) => outcomes.refused += 1,
            Ok(accepted) => {
                assert_eq!(accepted.context.initiator, client(), "bit {bit}");
                outcomes.accepted += 1;
            }
        }
    }
    outcomes
}
