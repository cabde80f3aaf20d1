//! Where this acceptor is stricter than MIT krb5 by default.

use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use orthros_asn1::{
    AdAndOr, AdType, AuthorizationData, AuthorizationDataEntry, Checksum, CksumType, Message as _,
};
use orthros_crypto::{Enctype, KeyUsage};

use super::super::*;
use super::world::{Issue, NOW, Service, key, request, with_authenticator};
use orthros_testing::random::SeededRandom;
use orthros_types::Principal;

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const UNKNOWN: AdType = AdType(-7);

fn entry(ad_type: AdType, data: &[u8]) -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type,
        ad_data: data.into(),
    }
}

fn within(ad_type: AdType, data: &AuthorizationData) -> AuthorizationDataEntry {
    entry(ad_type, &data.encode().unwrap())
}

fn either(condition_count: i32, elements: AuthorizationData) -> AuthorizationDataEntry {
    let data = AdAndOr {
        condition_count,
        elements,
    };
    entry(AdType::AND_OR, &data.encode().unwrap())
}

/// What becomes of this authorization data in the ticket, and in the authenticator.
fn outcomes(data: &AuthorizationData) -> [Result<Accepted, AcceptError>; 2] {
    let mut issue = Issue::new(AES256);
    let plain = request(&issue.credential());
    let in_authenticator = with_authenticator(&issue, &plain, |authenticator| {
        authenticator.authorization_data = Some(data.clone());
    });
    issue.part.authorization_data = Some(data.clone());
    let in_ticket = request(&issue.credential());
    [in_ticket, in_authenticator].map(|token| Service::new(AES256).accept(&token))
}

#[test]
fn unknown_critical_authorization_data_is_refused_in_ticket_and_authenticator() {
    let pac = entry(AdType::WIN2K_PAC, b"pac");
    for data in [
        vec![entry(UNKNOWN, b"only on weekdays")],
        vec![pac.clone(), entry(UNKNOWN, b"")],
        vec![entry(AdType::FX_FAST_ARMOR, b"")],
        vec![either(2, vec![pac.clone(), entry(UNKNOWN, b"")])],
        vec![either(1, vec![entry(UNKNOWN, b""), entry(AdType(-8), b"")])],
        vec![entry(AdType::AND_OR, b"no encoding")],
        vec![entry(AdType::KDC_ISSUED, b"no encoding")],
    ] {
        for refused in outcomes(&data) {
            let error = refused.unwrap_err();
            let text = error.to_string();
            assert!(text.contains("authorization data of type"), "{text}");
        }
    }
    let [refused, _] = outcomes(&vec![entry(UNKNOWN, b"")]);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "ticket of alice@ORTHROS.TEST has critical authorization data of type -7, which this acceptor does not know"
    );
}

#[test]
fn known_authorization_data_and_what_may_be_ignored_are_accepted() {
    let unknown = || vec![entry(UNKNOWN, b"")];
    for data in [
        vec![within(AdType::IF_RELEVANT, &unknown())],
        vec![entry(AdType::IF_RELEVANT, b"no encoding")],
        vec![entry(AdType::WIN2K_PAC, b"pac")],
        vec![within(AdType::MANDATORY_FOR_KDC, &unknown())],
        vec![entry(AdType::INITIAL_VERIFIED_CAS, b"")],
        vec![entry(AdType::ETYPE_NEGOTIATION, b"0\0")],
        vec![entry(AdType::AP_OPTIONS, &[0; 4])],
        vec![entry(AdType::TARGET_PRINCIPAL, b"")],
        vec![entry(AdType::KERB_AUTH_DATA_TOKEN_RESTRICTIONS, b"")],
        vec![entry(AdType::KERB_LOCAL, b"")],
        vec![entry(AdType::SIGNTICKET, b"")],
        vec![either(
            1,
            vec![entry(UNKNOWN, b""), entry(AdType::WIN2K_PAC, b"")],
        )],
    ] {
        for accepted in outcomes(&data) {
            accepted.unwrap();
        }
    }
}

#[test]
fn authorization_data_that_is_nested_without_end_is_refused() {
    let mut data = vec![entry(AdType::WIN2K_PAC, b"")];
    for _ in 0..9 {
        data = vec![either(1, data)];
    }
    for refused in outcomes(&data) {
        assert!(refused.is_err());
    }
}

#[test]
fn a_delegated_ticket_of_another_client_delegates_nothing_and_the_context_stands() {
    let issue = Issue::new(AES256);
    let credential = issue.credential();
    let mut admin = credential.clone();
    admin.client = Principal::new("ORTHROS.TEST", ["admin"]);
    for delegation in [
        vec![admin.clone()],
        vec![credential.clone(), admin.clone()],
        vec![admin, credential.clone()],
    ] {
        let options = InitiatorOptions {
            delegation: &delegation,
            ..super::world::options(ContextFlags::MUTUAL)
        };
        let begun = initiate(&credential, &options, NOW, &mut SeededRandom::new(10)).unwrap();
        let accepted = Service::new(AES256).accept(&begun.token).unwrap();
        let context = accepted.context;
        assert!(context.delegated.is_empty());
        assert!(!context.info.flags.contains(ContextFlags::DELEG));
        let defect = context.delegation_error.unwrap();
        assert_eq!(
            defect.to_string(),
            "alice@ORTHROS.TEST delegated a ticket of admin@ORTHROS.TEST"
        );
    }
}

#[test]
fn a_ticket_that_is_sealed_in_an_enctype_that_is_not_permitted_is_refused() {
    let mut issue = Issue::new(AES256);
    issue.service_key = key(AES128, 2);
    let entry = super::world::keytab_entry(super::world::server(), 3, &issue.service_key);
    let token = request(&issue.credential());
    let mut service = Service::with_keys(vec![entry]);
    assert!(service.accept(&token).is_ok());
    service.permitted = &[AES256];
    let error = service.accept(&token).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ticket for host/gate.orthros.test@ORTHROS.TEST is sealed in aes128-cts-hmac-sha1-96, which permitted_enctypes does not allow"
    );
}

/// A request as `krb5_mk_req` makes them, and one with a checksum over nothing, as Samba's.
fn plain_requests(issue: &Issue) -> [Vec<u8>; 2] {
    let token = request(&issue.credential());
    let missing = with_authenticator(issue, &token, |authenticator| authenticator.cksum = None);
    let over_nothing = with_authenticator(issue, &token, |authenticator| {
        let key = &issue.session_key;
        let tag = key.checksum(KeyUsage::AP_REQ_AUTHENTICATOR_CHECKSUM, b"");
        authenticator.cksum = Some(Checksum {
            cksumtype: CksumType(key.enctype().checksum_type().number()),
            checksum: tag.as_ref().into(),
        });
    });
    [missing, over_nothing]
}

#[test]
fn an_ap_req_without_the_gss_checksum_is_refused_unless_the_acceptor_allows_it() {
    let issue = Issue::new(AES256);
    for token in plain_requests(&issue) {
        let mut service = Service::new(AES256);
        let error = service.accept(&token).unwrap_err();
        assert!(error.to_string().contains("RFC 4121"), "{error}");
        assert_eq!(service.store.len(), 0);
        service.without_gss_checksum = true;
        let context = service.accept(&token).unwrap().context;
        assert!(context.delegated.is_empty());
        assert!(!context.info.flags.contains(ContextFlags::CHANNEL_BOUND));
    }
}

#[test]
fn an_ap_req_without_the_gss_checksum_is_never_bound_to_a_channel() {
    let issue = Issue::new(AES256);
    for token in plain_requests(&issue) {
        let mut service = Service::new(AES256);
        service.without_gss_checksum = true;
        service.bindings = Some(orthros_types::ChannelBindings {
            application_data: b"channel".to_vec(),
            ..orthros_types::ChannelBindings::default()
        });
        service.require_bindings = true;
        let error = service.accept(&token).unwrap_err();
        assert_eq!(error.to_string(), "channel bindings do not match");
    }
}
