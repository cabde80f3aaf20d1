//! How much work a ticket can make before it has proved anything.

use alloc::vec::Vec;

use orthros_asn1::{Exactly, UInt32};
use orthros_crypto::Enctype;

use super::*;
use crate::ap::tests::world::{key, keytab_entry};
use orthros_testing::random::SeededRandom;
use orthros_types::keytab::{Keytab, KeytabEntry};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn service(number: u64) -> Principal {
    Principal::host_based("host", alloc::format!("h{number}"), "ORTHROS.TEST")
}

/// A ticket for `server`, sealed in `key`.
fn ticket(server: &Principal, kvno: Option<u32>, sealed_in: &Key) -> Ticket {
    let usage = KeyUsage::KDC_REP_TICKET;
    let mut enc_part =
        wire::encrypt(sealed_in, usage, &[7; 500], &mut SeededRandom::new(3)).unwrap();
    enc_part.kvno = kvno.map(UInt32);
    Ticket {
        tkt_vno: Exactly,
        realm: wire::realm(server),
        sname: wire::principal_name(server),
        enc_part,
    }
}

/// A thousand services, each with a key of its own.
fn thousand() -> Keytab {
    let entry = |number| keytab_entry(service(number), 3, &key(AES256, number));
    Keytab::new((1..=1000).map(entry).collect())
}

/// Whether it opens, and in how many keys it was tried.
fn search(keys: &Keytab, ticket: &Ticket) -> (bool, usize) {
    let mut search = Search::new(ticket, &AcceptorName::Any);
    let opened = search.open(SealedIn::LongTermKey, keys);
    (opened.is_some(), search.tried)
}

#[test]
fn noise_under_an_unknown_name_is_tried_in_few_of_a_thousand_keys() {
    let noise = ticket(&service(5000), Some(3), &key(AES256, 5000));
    assert_eq!(search(&thousand(), &noise), (false, MOST_KEYS_TRIED));
}

#[test]
fn noise_under_a_known_name_is_tried_in_few_of_a_thousand_keys() {
    for kvno in [None, Some(3), Some(4)] {
        let noise = ticket(&service(500), kvno, &key(AES256, 5000));
        assert_eq!(search(&thousand(), &noise), (false, MOST_KEYS_TRIED));
    }
}

#[test]
fn noise_is_tried_in_few_of_a_thousand_versions_of_a_key() {
    let entry = |kvno: u32| keytab_entry(service(1), kvno, &key(AES256, kvno.into()));
    let versions = Keytab::new((1..=1000).map(entry).collect());
    for kvno in [None, Some(3), Some(5000)] {
        let noise = ticket(&service(1), kvno, &key(AES256, 5000));
        assert_eq!(search(&versions, &noise), (false, MOST_KEYS_TRIED));
    }
    let same_kvno = |number: u64| keytab_entry(service(1), 3, &key(AES256, number));
    let copies = Keytab::new((1..=1000).map(same_kvno).collect());
    let noise = ticket(&service(1), Some(3), &key(AES256, 5000));
    assert_eq!(search(&copies, &noise), (false, MOST_KEYS_TRIED));
}

#[test]
fn the_key_that_a_ticket_asks_for_is_tried_first() {
    for number in [1, 500, 1000] {
        let wanted = ticket(&service(number), Some(3), &key(AES256, number));
        assert_eq!(search(&thousand(), &wanted), (true, 1));
    }
}

#[test]
fn without_a_kvno_the_newest_key_is_tried_first() {
    let entry = |kvno: u32| keytab_entry(service(1), kvno, &key(AES256, kvno.into()));
    let versions = Keytab::new((1..=1000).map(entry).collect());
    for (kvno, tried) in [(1000, 1), (999, 2)] {
        let newest = ticket(&service(1), None, &key(AES256, kvno));
        assert_eq!(search(&versions, &newest), (true, tried));
    }
}

/// As MIT has it: the name says which keys count, and not what the client has to call the service.
#[test]
fn a_named_acceptor_takes_a_ticket_under_another_name_that_its_key_opens() {
    let keys = Keytab::new(
        [(1, 1), (2, 1), (3, 3)]
            .map(|(number, seed)| keytab_entry(service(number), 3, &key(AES256, seed)))
            .into(),
    );
    let open = |named: u64, asked: u64, sealed_in: u64| {
        let name = AcceptorName::Principal(service(named));
        let ticket = ticket(&service(asked), Some(3), &key(AES256, sealed_in));
        open_ticket(&ticket, SealedIn::LongTermKey, &keys, &name)
    };
    for asked in [1, 2, 5000] {
        assert_eq!(open(1, asked, 1).unwrap().server, service(1), "{asked}");
    }
    let Err(ApError::NoKey(refused)) = open(1, 3, 3) else {
        panic!("another service's key is not this one's");
    };
    assert_eq!(refused.reason, KeyLookupReason::OtherName);
}

/// Once it was said that the key is not the KDC's.
#[test]
fn a_ticket_of_triple_des_is_told_from_one_in_a_wrong_key() {
    let des3 = EncryptionType(16);
    let mut entry = keytab_entry(service(1), 3, &key(AES256, 1));
    entry.key = KeyBlock::new(des3, alloc::vec![7; 16]);
    let mut ticket = ticket(&service(1), Some(3), &key(AES256, 1));
    ticket.enc_part.etype = des3;
    let keys = Keytab::new([entry].into());
    let opened = open_ticket(&ticket, SealedIn::LongTermKey, &keys, &AcceptorName::Any);
    let Err(ApError::NoKey(refused)) = opened else {
        panic!("triple DES is not built in");
    };
    assert_eq!(refused.reason, KeyLookupReason::EnctypeNotSupported);
    let text = alloc::string::ToString::to_string(&*refused);
    assert!(text.contains("des3-cbc-sha1 (not supported)"), "{text}");
    assert!(
        text.contains("no key of that enctype can be used"),
        "{text}"
    );
}

#[test]
fn an_alias_is_found_behind_many_names_that_share_a_key() {
    // As in a keytab of a computer in Active Directory: each name has the computer's key.
    let shared = |number| keytab_entry(service(number), 3, &key(AES256, 1));
    let own = |number| keytab_entry(service(number), 3, &key(AES256, number));
    let names: Vec<KeytabEntry> = (1..=900).map(shared).chain((901..=904).map(own)).collect();
    let alias = ticket(&service(5000), Some(3), &key(AES256, 904));
    assert_eq!(search(&Keytab::new(names), &alias), (true, 5));
}

#[test]
fn an_alias_is_tried_first_in_keys_of_its_kvno() {
    let mut entries: Vec<KeytabEntry> = thousand().entries().to_vec();
    let rare = keytab_entry(service(2000), 7, &key(AES256, 2000));
    entries.insert(300, rare);
    // The lowest octet counts: the rest is an RODC's.
    for kvno in [7, 0x8765_0007] {
        let alias = ticket(&service(5000), Some(kvno), &key(AES256, 2000));
        assert_eq!(search(&Keytab::new(entries.clone()), &alias), (true, 1));
    }
}
