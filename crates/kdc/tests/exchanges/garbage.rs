//! Requests with something wrong in them anywhere: an answer or none, never a ticket for another client, and no panic.

use orthros_asn1::{ApReq, AsRep, KdcOptions, KrbError, Message as _, TgsRep};
use orthros_crypto::KeyUsage;
use orthros_testing::random::SeededRandom;

use crate::support::{Armor, AsAsk, TgsAsk, World, name};

/// Every octet changed in three ways, and every length.
fn spoiled(request: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let changed = (0..request.len()).flat_map(move |at| {
        [0x01, 0x80, 0xFF].map(|mask| {
            let mut spoiled = request.to_vec();
            spoiled[at] ^= mask;
            spoiled
        })
    });
    let cut = (0..request.len()).map(|length| request[..length].to_vec());
    changed.chain(cut)
}

/// What came of spoiled requests: silence, errors, tickets.
fn outcomes(world: &World, request: &[u8], is_good: impl Fn(&[u8]) -> bool) -> [usize; 3] {
    let mut outcomes = [0; 3];
    for spoiled in spoiled(request) {
        match world.answer(&spoiled).reply {
            None => outcomes[0] += 1,
            Some(reply) if KrbError::decode(&reply).is_ok() => outcomes[1] += 1,
            Some(reply) => {
                assert!(is_good(&reply), "a ticket for {spoiled:02x?}");
                outcomes[2] += 1;
            }
        }
    }
    outcomes
}

#[test]
fn a_spoiled_as_request_is_dropped_refused_or_another_request_of_the_same_client() {
    let world = World::new();
    let request = AsAsk::new(&world, "alice").encode();
    let [dropped, refused, granted] = outcomes(&world, &request, |reply| {
        AsRep::decode(reply)
            .is_ok_and(|AsRep(reply)| reply.cname.name_string == name("alice").name_string)
    });
    assert!(dropped > 0 && refused > 0 && granted > 0);
}

#[test]
fn a_spoiled_tgs_request_is_dropped_or_refused_wherever_something_covers_it() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt);
    let good = ask.open(&world.reply(&ask.encode(&world)));
    let [dropped, refused, _] = outcomes(&world, &ask.encode(&world), |reply| {
        TgsRep::decode(reply).is_ok_and(|TgsRep(reply)| {
            reply.cname == good.cname && reply.ticket.sname == good.ticket.sname
        })
    });
    assert!(dropped > 0 && refused > 0);
}

/// By a client that has the session key of its ticket, and can say with it what it likes. The client of the new
/// ticket is that of the header ticket.
#[test]
fn flipped_bits_in_a_resealed_authenticator_of_a_tgs_request_get_nobody_elses_ticket() {
    let world = World::new();
    let tgt = world.tgt("bob", KdcOptions::empty());
    let ask = TgsAsk::new(&tgt);
    let body = ask.body();
    let ap_req = ApReq::decode(&ask.ap_req(&world, &body)).unwrap();
    let usage = KeyUsage::TGS_REQ_AUTHENTICATOR;
    let plaintext = tgt.key.decrypt(usage, &ap_req.authenticator.cipher);
    let plaintext = plaintext.unwrap();
    let (mut refused, mut granted) = (0, 0);
    for bit in 0..plaintext.len() * 8 {
        let mut damaged = plaintext.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let mut ap_req = ap_req.clone();
        let sealed = tgt.key.encrypt(usage, &damaged, &mut SeededRandom::new(9));
        ap_req.authenticator.cipher = sealed.unwrap().into();
        let request = ask.frame(&ap_req.encode().unwrap(), body.clone());
        match world.answer(&request).reply {
            Some(reply) if TgsRep::decode(&reply).is_ok() => {
                let TgsRep(reply) = TgsRep::decode(&reply).unwrap();
                let part = world.open(&reply.ticket);
                let client = (&part.crealm, &part.cname);
                assert_eq!(client, (&tgt.crealm, &tgt.cname), "bit {bit}");
                granted += 1;
            }
            _ => refused += 1,
        }
    }
    // A subkey's bits and those of microseconds are the client's to choose.
    assert!(refused > 600 && granted > 100, "{refused}, {granted}");
}

#[test]
fn a_spoiled_armored_request_gets_no_ticket_but_the_one_it_asks_for() {
    let world = World::new();
    let armor = Armor::new(&world.tgt("bob", KdcOptions::empty()));
    let key = world.entry("alice").keys[0].key.clone();
    let ask = AsAsk::bare("alice").padata(armor.challenge(&world, &key));
    let request = armor.as_req(&world, &ask);
    let [dropped, refused, _] = outcomes(&world, &request, |reply| {
        AsRep::decode(reply).is_ok_and(|AsRep(reply)| reply.cname == name("alice"))
    });
    assert!(dropped > 0 && refused > 0);
}

#[test]
fn spoiled_requests_for_passwords_change_none() {
    let world = World::new();
    let before = world.entry("alice");
    let noise: Vec<u8> = (0..=255).cycle().take(700).collect();
    for length in 0..noise.len() {
        let random = &mut SeededRandom::new(1);
        let mut framed = noise[..length].to_vec();
        let length = u16::try_from(length).unwrap().to_be_bytes();
        for (octet, length) in framed
            .iter_mut()
            .zip(length.into_iter().chain([0, 1, 0, 9]))
        {
            *octet = length;
        }
        let answer = world
            .kdc
            .change_password(&framed, &world.source, world.now, random);
        assert!(!matches!(
            answer.record.outcome,
            orthros_kdc::Outcome::Granted
        ));
    }
    assert_eq!(world.entry("alice").keys.len(), before.keys.len());
}
