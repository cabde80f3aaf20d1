//! Damage under valid checksums: by who knows the key, so that no MAC stands between it and the decoders.

use alloc::vec::Vec;

use orthros_asn1::{ApRep, ApReq, EncApRepPart, KerberosTime, KrbCred, Message};
use orthros_crypto::{Enctype, KeyUsage};

use super::super::*;
use super::world::{Issue, NOW, Service, client, mutual, request, with_request};
use crate::wire;
use orthros_testing::random::SeededRandom;

const ENCTYPE: Enctype = Enctype::AES128_CTS_HMAC_SHA256_128;

#[test]
fn flipped_bits_in_a_resealed_authenticator_name_no_other_client() {
    let issue = Issue::new(ENCTYPE);
    let token = request(&issue.credential());
    let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
    let (_, _, message) = token::unframe(&token).unwrap();
    let sealed = ApReq::decode(message).unwrap().authenticator;
    let plaintext = issue.session_key.decrypt(usage, &sealed.cipher).unwrap();
    let outcomes = flipped(&plaintext, |damaged| {
        let token = with_request(&token, |request| {
            request.authenticator = wire::encrypt(
                &issue.session_key,
                usage,
                damaged,
                &mut SeededRandom::new(6),
            )
            .unwrap();
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

/// The acceptor's time is the initiator's, or it proves nothing; its subkey and its number are its own.
#[test]
fn flipped_bits_in_a_resealed_reply_prove_no_other_request() {
    let issue = Issue::new(ENCTYPE);
    let usage = KeyUsage::AP_REP_ENC_PART;
    let mut outcomes = Outcomes::default();
    let mut bit = 0;
    loop {
        let (token, waiting) = mutual(&issue.credential());
        let reply = Service::new(ENCTYPE).accept(&token).unwrap().token.unwrap();
        let (mechanism, token_id, message) = token::unframe(&reply).unwrap();
        let mut reply = ApRep::decode(message).unwrap();
        let sealed = issue.session_key.decrypt(usage, &reply.enc_part.cipher);
        let mut damaged = sealed.unwrap().to_vec();
        if bit == damaged.len() * 8 {
            break;
        }
        damaged[bit / 8] ^= 1 << (bit % 8);
        let random = &mut SeededRandom::new(6);
        reply.enc_part = wire::encrypt(&issue.session_key, usage, &damaged, random).unwrap();
        let token = token::frame(mechanism, token_id, &reply.encode().unwrap());
        match waiting.step(&token) {
            Err(_) => outcomes.refused += 1,
            Ok(_) => {
                let part = EncApRepPart::decode(&damaged).unwrap();
                let time = KerberosTime::from_seconds(NOW.seconds()).unwrap();
                assert_eq!(part.ctime, time, "bit {bit}");
                outcomes.accepted += 1;
            }
        }
        bit += 1;
    }
    assert!(outcomes.refused > 200, "{outcomes:?}");
    assert!(outcomes.accepted > 100, "{outcomes:?}");
}

#[test]
fn flipped_bits_in_resealed_delegated_tickets_change_what_they_say_or_are_refused() {
    let issue = Issue::new(ENCTYPE);
    let sent = issue.credential();
    let (key, usage) = (&issue.session_key, KeyUsage::KRB_CRED_ENC_PART);
    let one = core::slice::from_ref(&sent);
    let message = delegation::seal(one, key, NOW, &mut SeededRandom::new(9)).unwrap();
    let message = KrbCred::decode(&message).unwrap();
    let plaintext = key.decrypt(usage, &message.enc_part.cipher).unwrap();
    let mut outcomes = Outcomes::default();
    for bit in 0..plaintext.len() * 8 {
        let mut damaged = plaintext.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut message = message.clone();
        message.enc_part = wire::encrypt(key, usage, &damaged, &mut SeededRandom::new(6)).unwrap();
        match delegation::open(&message.encode().unwrap(), key, None) {
            Err(_) => outcomes.refused += 1,
            Ok(tickets) => {
                // The ticket itself is outside, and nothing here makes another of it.
                assert_eq!(tickets.len(), 1, "bit {bit}");
                assert_eq!(tickets[0].ticket, sent.ticket, "bit {bit}");
                outcomes.accepted += 1;
            }
        }
    }
    assert!(outcomes.refused > 400, "{outcomes:?}");
    assert!(outcomes.accepted > 400, "{outcomes:?}");
}

/// What became of damaged plaintexts.
#[derive(Debug, Default)]
struct Outcomes {
    refused: usize,
    accepted: usize,
}

/// Has each bit of `plaintext` flipped in turn. What is accepted is the client.
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
