//! Requests to a KDC, to its ticket ports and to its password port: an error or nothing, and never a ticket for who showed
//! no key.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use orthros_crypto::Enctype;
use orthros_fuzz::REALM;
use orthros_kdc::{
    Kdc, MemoryStore, PrincipalEntry, PrincipalFlags, PrincipalKey, RealmPolicy, Source, Store,
    Transport,
};
use orthros_krb5::Principal;
use orthros_testing::virtual_realm::SeededRandom;

static KDC: LazyLock<Kdc> = LazyLock::new(|| {
    let random = &mut SeededRandom::new(12);
    let store = MemoryStore::new();
    let realm = REALM.client().realm().to_vec();
    let granting = Principal::local_ticket_granting(realm.as_slice());
    for principal in [REALM.client(), REALM.service(), granting] {
        let key = PrincipalKey::random(1, Enctype::AES256_CTS_HMAC_SHA1_96, random);
        let key = key.expect("seeded randomness does not fail");
        let mut entry = PrincipalEntry::new(principal, vec![key]);
        entry.flags |= PrincipalFlags::REQUIRES_PREAUTH;
        store.put(entry).expect("memory takes it");
    }
    Kdc::new(RealmPolicy::new(realm), Arc::new(store))
});

fuzz_target!(|data: &[u8]| {
    let random = &mut SeededRandom::new(13);
    let source = Source {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        transport: Transport::Datagram,
    };
    let answer = KDC.handle(data, &source, REALM.now(), random);
    assert!(
        answer
            .reply
            .is_none_or(|reply| reply.first() == Some(&KRB_ERROR)),
        "a ticket: {}",
        answer.record
    );
    let answer = KDC.change_password(data, &source, REALM.now(), random);
    assert!(!answer.record.to_string().is_empty());
});

const KRB_ERROR: u8 = 0x7e;
