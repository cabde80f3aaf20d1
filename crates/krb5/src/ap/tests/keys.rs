//! Which key opens a ticket, and what is said if none does.

use alloc::string::ToString;

use core::sync::atomic::{AtomicBool, Ordering};

use orthros_crypto::Enctype;

use super::super::*;
use super::world::{Issue, NOW, Service, key, keytab_entry, request, server, with_request};
use orthros_testing::random::SeededRandom;
use orthros_types::{
    Freshness, Principal, ReplayCache, ReplayCacheError, ReplayClient, ReplayRecord, Timestamp,
};

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn other(host: &str, realm: &str) -> Principal {
    Principal::host_based("host", host, realm)
}

#[test]
fn a_ticket_for_an_alias_opens_in_any_key_and_names_the_key_s_principal() {
    let mut issue = Issue::new(AES256);
    issue.server = other("alias.orthros.test", "ORTHROS.TEST");
    let service = Service::with_keys(alloc::vec![
        keytab_entry(
            other("else.orthros.test", "ORTHROS.TEST"),
            3,
            &key(AES256, 40)
        ),
        keytab_entry(server(), 9, &issue.service_key),
    ]);
    let accepted = service.accept(&request(&issue.credential())).unwrap();
    assert_eq!(accepted.context.acceptor, server());
}

/// Remembers nothing but whether the last client was foreign to the acceptor.
#[derive(Default)]
struct LastClient {
    is_foreign: AtomicBool,
}

impl ReplayCache for LastClient {
    fn check_and_store(
        &self,
        _: &ReplayRecord,
        _: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        Ok(Freshness::Fresh)
    }

    fn check_and_store_for(
        &self,
        client: ReplayClient<'_>,
        record: &ReplayRecord,
        now: Timestamp,
    ) -> Result<Freshness, ReplayCacheError> {
        self.is_foreign
            .store(client.is_foreign(), Ordering::Relaxed);
        self.check_and_store(record, now)
    }
}

#[test]
fn the_realm_outside_of_a_ticket_makes_no_foreign_client_one_of_the_acceptor_s_own() {
    let mut issue = Issue::new(AES256);
    issue.part.crealm = "ELSE.TEST".into();
    let token = request(&issue.credential());
    let claimed = with_request(&token, |request| {
        let mut ticket = request.ticket.value().clone();
        ticket.realm = "ELSE.TEST".into();
        request.ticket = orthros_asn1::Raw::new(ticket).unwrap();
    });
    let service = Service::new(AES256);
    for token in [token, claimed] {
        let cache = LastClient::default();
        let acceptor = Acceptor {
            replay_cache: &cache,
            ..service.acceptor()
        };
        let accepted = acceptor.accept(&token, NOW, &mut SeededRandom::new(4));
        assert_eq!(accepted.unwrap().context.acceptor, server());
        assert!(cache.is_foreign.load(Ordering::Relaxed));
    }
}

#[test]
fn every_key_of_a_rotated_principal_is_tried_when_the_ticket_has_no_kvno() {
    for place in 0..4 {
        let mut issue = Issue::new(AES256);
        issue.kvno = None;
        let entries = (0..4)
            .map(|index| {
                let key = if index == place {
                    issue.service_key.clone()
                } else {
                    key(AES256, 50 + u64::from(index))
                };
                keytab_entry(server(), index + 1, &key)
            })
            .collect();
        let service = Service::with_keys(entries);
        assert!(service.accept(&request(&issue.credential())).is_ok());
    }
}

#[test]
fn a_kvno_that_does_not_count_any_more_is_tolerated() {
    // 8-bit keytabs, RODCs, a restored KDC.
    let mut issue = Issue::new(AES256);
    issue.kvno = Some(0x8765_0103);
    let service = Service::new(AES256);
    assert!(service.accept(&request(&issue.credential())).is_ok());
}

#[test]
fn the_same_name_in_two_realms_is_two_principals() {
    let issue = Issue::new(AES256);
    let service = Service::with_keys(alloc::vec![
        keytab_entry(other("gate.orthros.test", "ELSE.TEST"), 3, &key(AES256, 41)),
        keytab_entry(server(), 3, &issue.service_key),
    ]);
    let accepted = service.accept(&request(&issue.credential())).unwrap();
    assert_eq!(accepted.context.acceptor.realm(), b"ORTHROS.TEST");
}

#[test]
fn a_named_acceptor_uses_no_other_key() {
    let issue = Issue::new(AES256);
    let token = request(&issue.credential());
    let accepts = |name: Principal| {
        let mut service = Service::new(AES256);
        service.name = AcceptorName::Principal(name);
        service.accept(&token).is_ok()
    };
    assert!(accepts(server()));
    assert!(accepts(other("", "")));
    assert!(accepts(other("gate.orthros.test", "")));
    assert!(accepts(other("", "ORTHROS.TEST")));
    assert!(!accepts(other("", "ELSE.TEST")));
    assert!(!accepts(other("else.orthros.test", "")));
    assert!(!accepts(Principal::host_based("HTTP", "", "")));
    // Only host-based names have parts that stand for any.
    assert!(!accepts(Principal::new("", ["host", ""])));
}

#[test]
fn what_is_missing_is_said_with_name_kvno_and_enctype() {
    let issue = Issue::new(AES256);
    let token = request(&issue.credential());
    let says = |service: &Service| match service.accept(&token).unwrap_err().into_parts().0 {
        ApError::NoKey(error) => (error.reason, error.to_string(), error.error_code().0),
        other => panic!("{other}"),
    };
    let ticket =
        "ticket for host/gate.orthros.test@ORTHROS.TEST kvno 3 enctype aes256-cts-hmac-sha1-96";
    let case = |entries, reason, text: &str, code| {
        let (actual, message, actual_code) = says(&Service::with_keys(entries));
        assert_eq!(actual, reason);
        assert_eq!(message, alloc::format!("{ticket}: {text}"));
        assert_eq!(actual_code, code);
    };
    case(
        alloc::vec![],
        KeyLookupReason::NoKeys,
        "there are no keys",
        45,
    );
    case(
        alloc::vec![keytab_entry(other("x", "Y"), 3, &key(AES256, 42))],
        KeyLookupReason::NoKeyOfServer,
        "there is no key for that principal",
        35,
    );
    case(
        alloc::vec![keytab_entry(server(), 2, &key(AES256, 42))],
        KeyLookupReason::NoKvno { newest: 2 },
        "the keys are out of date, the newest is of kvno 2",
        44,
    );
    case(
        alloc::vec![keytab_entry(server(), 4, &key(AES256, 42))],
        KeyLookupReason::NoKvno { newest: 4 },
        "the ticket is out of date, the newest key is of kvno 4",
        44,
    );
    case(
        alloc::vec![keytab_entry(server(), 3, &key(AES128, 42))],
        KeyLookupReason::NoEnctype,
        "there is no key of that enctype",
        44,
    );
    case(
        alloc::vec![keytab_entry(server(), 3, &key(AES256, 42))],
        KeyLookupReason::Integrity,
        "the key does not decrypt it",
        31,
    );
}

#[test]
fn a_named_acceptor_says_that_it_is_not_meant() {
    let token = request(&Issue::new(AES256).credential());
    let mut service = Service::new(AES256);
    service.name = AcceptorName::Principal(other("else", "ORTHROS.TEST"));
    let error = service.accept(&token).unwrap_err();
    let ApError::NoKey(lookup) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(lookup.reason, KeyLookupReason::NoKeyOfName);
    service.keys.push(keytab_entry(
        other("else", "ORTHROS.TEST"),
        3,
        &key(AES256, 43),
    ));
    let error = service.accept(&token).unwrap_err();
    let ApError::NoKey(lookup) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(lookup.reason, KeyLookupReason::OtherName);
}

#[test]
fn a_ticket_in_an_enctype_that_is_not_built_in_is_refused_by_name() {
    let issue = Issue::new(AES256);
    let token = with_request(&request(&issue.credential()), |request| {
        let mut ticket = request.ticket.value().clone();
        ticket.enc_part.etype = orthros_asn1::EncryptionType(16);
        request.ticket = orthros_asn1::Raw::new(ticket).unwrap();
    });
    let error = Service::new(AES256).accept(&token).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("enctype des3-cbc-sha1 (not supported)")
    );
}
