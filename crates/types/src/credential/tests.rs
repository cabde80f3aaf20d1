//! Which credentials a query finds, and what entries of a cache mean.

use alloc::format;
use alloc::vec;

use orthros_asn1::{AdType, EncryptionType};
use orthros_crypto::Enctype;

use super::*;

fn principal(text: &str) -> Principal {
    Principal::parse(text, None).unwrap()
}

fn credential(server: &str, enctype: i32, endtime: u32) -> Credential {
    Credential {
        client: principal("u@R"),
        server: principal(server),
        session_key: KeyBlock::new(EncryptionType(enctype), vec![0xAB; 16]),
        times: TicketTimes {
            authtime: Timestamp::from_u32(100),
            starttime: None,
            endtime: Timestamp::from_u32(endtime),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::FORWARDABLE,
        addresses: vec![],
        authorization_data: vec![],
        ticket: vec![1, 2, 3],
        second_ticket: vec![],
    }
}

#[test]
fn a_service_ticket_serves_until_its_last_second() {
    let (client, server) = (principal("u@R"), principal("h/a@R"));
    let ticket = credential("h/a@R", 18, 200);
    for (now, expected) in [(199, true), (200, true), (201, false)] {
        let query = CredentialQuery::service(&client, &server, Timestamp::from_u32(now));
        assert_eq!(query.matches(&ticket), expected, "at {now}");
    }
}

#[test]
fn every_field_of_a_query_can_refuse() {
    let good = credential("h/a@R", 18, 200);
    let (client, server) = (principal("u@R"), principal("h/a@R"));
    let query = CredentialQuery::service(&client, &server, Timestamp::EPOCH);
    assert!(query.matches(&good));

    let other = principal("v@R");
    let stranger = principal("h/a@S");
    let data = [AuthorizationDataEntry {
        ad_type: AdType(1),
        ad_data: vec![].into(),
    }];
    for refusing in [
        CredentialQuery {
            client: Some(&other),
            ..query.clone()
        },
        CredentialQuery {
            server: Some(&stranger),
            ..query.clone()
        },
        CredentialQuery {
            renewable_at: Some(Timestamp::from_u32(1)),
            ..query.clone()
        },
        CredentialQuery {
            enctype: Some(EncryptionType(17)),
            ..query.clone()
        },
        CredentialQuery {
            flags: TicketFlags::from_bits_retain(1),
            ..query.clone()
        },
        CredentialQuery {
            authorization_data: Some(&data),
            ..query.clone()
        },
        CredentialQuery {
            user_to_user: true,
            ..query.clone()
        },
        CredentialQuery {
            second_ticket: Some(&[1]),
            ..query.clone()
        },
    ] {
        assert!(!refusing.matches(&good), "{refusing:?}");
    }
}

#[test]
fn a_user_to_user_ticket_is_found_only_by_who_asks_for_one() {
    let mut ticket = credential("h/a@R", 18, 200);
    ticket.is_skey = true;
    let any = CredentialQuery::default();
    assert!(!any.matches(&ticket));
    let asking = CredentialQuery {
        user_to_user: true,
        ..any
    };
    assert!(asking.matches(&ticket));
}

#[test]
fn the_preferred_enctype_wins_and_the_first_of_equals() {
    let cache = [
        credential("h/a@R", 23, 1),
        credential("h/a@R", 17, 2),
        credential("h/a@R", 18, 3),
        credential("h/a@R", 18, 4),
    ];
    let aes256 = Enctype::AES256_CTS_HMAC_SHA1_96;
    let aes128 = Enctype::AES128_CTS_HMAC_SHA1_96;
    let query = CredentialQuery::default();
    assert_eq!(
        query.best(&cache, &[aes256, aes128]),
        Selection::Found(&cache[2])
    );
    assert_eq!(
        query.best(&cache, &[aes128, aes256]),
        Selection::Found(&cache[1])
    );
    assert_eq!(
        query.best(&cache, &[Enctype::AES256_CTS_HMAC_SHA384_192]),
        Selection::NoSupportedEnctype
    );
    assert_eq!(query.best(&cache[..0], &[aes256]), Selection::NotFound);
    assert_eq!(query.first(&cache), Some(&cache[0]));
}

#[test]
fn a_removed_entry_is_matched_by_no_query_and_keeps_its_length() {
    let mut entry = Credential::config(principal("u@R"), "fast_avail", None, b"yes".to_vec());
    let before = entry.server.realm().len();
    entry.mark_removed();
    assert!(entry.is_removed());
    assert!(!entry.is_config());
    assert_eq!(entry.server.realm().len(), before);
    assert!(!CredentialQuery::default().matches(&entry));
}

#[test]
fn config_entries_say_what_they_are_about() {
    let tgs = principal("krbtgt/R@R");
    let entry = Credential::config(principal("u@R"), "pa_type", Some(&tgs), b"2".to_vec());
    assert!(entry.is_config() && !entry.is_removed());
    assert_eq!(
        entry.as_config(),
        Some(ConfigEntry {
            key: b"pa_type",
            principal: Some(b"krbtgt/R@R"),
            value: b"2"
        })
    );
    let whole = Credential::config(principal("u@R"), "refresh_time", None, b"9".to_vec());
    assert_eq!(whole.as_config().unwrap().principal, None);
    assert_eq!(credential("h/a@R", 18, 1).as_config(), None);
}

#[test]
fn only_the_clients_own_realm_has_the_local_tgt() {
    assert!(credential("krbtgt/R@R", 18, 1).is_local_ticket_granting());
    assert!(!credential("krbtgt/S@R", 18, 1).is_local_ticket_granting());
    assert!(!credential("krbtgt/S@S", 18, 1).is_local_ticket_granting());
}

#[test]
fn lifetimes_are_told_against_the_given_time() {
    let times = TicketTimes {
        authtime: Timestamp::from_u32(100),
        starttime: Some(Timestamp::from_u32(150)),
        endtime: Timestamp::from_u32(200),
        renew_till: Some(Timestamp::from_u32(300)),
    };
    let at = Timestamp::from_u32;
    assert_eq!(times.remaining(at(180)).seconds(), 20);
    assert_eq!(times.remaining(at(500)).seconds(), 0);
    assert!(times.is_expired(at(200)) && !times.is_expired(at(199)));
    assert!(times.is_postdated(at(149)) && !times.is_postdated(at(150)));
    assert!(times.is_renewable(at(299)) && !times.is_renewable(at(300)));
}

#[test]
fn debug_does_not_show_the_session_key() {
    let shown = format!("{:?}", credential("h/a@R", 18, 1));
    assert!(!shown.contains("171") && !shown.contains("ab"), "{shown}");
}
