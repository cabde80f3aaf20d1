//! Authentication indicators: which of a ticket's an acceptor believes.

use alloc::string::String;
use alloc::vec::Vec;

use orthros_asn1::{
    AdAuthenticationIndicator, AdCammac, AdType, AuthorizationData, AuthorizationDataEntry,
    Checksum, CksumType, Message, Raw, VerifierMac,
};
use orthros_crypto::{Enctype, Key, KeyUsage};

use super::world::{Issue, Service, key, request};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn entry(ad_type: AdType, ad_data: &[u8]) -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type,
        ad_data: ad_data.into(),
    }
}

fn indicator(text: &str) -> AuthorizationData {
    let indicators = AdAuthenticationIndicator::from([String::from(text)]);
    let element = entry(
        AdType::AUTHENTICATION_INDICATOR,
        &indicators.encode().unwrap(),
    );
    Vec::from([element])
}

fn if_relevant(inner: AuthorizationData) -> AuthorizationData {
    Vec::from([entry(AdType::IF_RELEVANT, &inner.encode().unwrap())])
}

/// A container with a MAC in this key, over these elements, of which another one may be made.
fn container(
    elements: AuthorizationData,
    mac_key: &Key,
    change: impl FnOnce(&mut AdCammac),
) -> AuthorizationData {
    let elements = Raw::new(elements).unwrap();
    let mac = mac_key.checksum(KeyUsage::CAMMAC, elements.octets());
    let mut container = AdCammac {
        elements,
        kdc_verifier: None,
        svc_verifier: Some(VerifierMac {
            identifier: None,
            kvno: None,
            enctype: None,
            mac: Checksum {
                cksumtype: CksumType(mac_key.enctype().checksum_type().number()),
                checksum: mac.as_ref().into(),
            },
        }),
        other_verifiers: None,
    };
    change(&mut container);
    Vec::from([entry(AdType::CAMMAC, &container.encode().unwrap())])
}

/// What an acceptor of a ticket with this authorization data says.
fn accepted(data: AuthorizationData) -> Vec<String> {
    let mut issue = Issue::new(AES256);
    issue.part.authorization_data = Some(data);
    let token = request(&issue.credential());
    let accepted = Service::new(AES256).accept(&token).unwrap();
    accepted.context.info.authentication_indicators().into()
}

#[test]
fn the_kdcs_indicators_are_reported() {
    let service_key = key(AES256, 2);
    let vouched = || container(indicator("strong"), &service_key, |_| ());
    assert_eq!(accepted(vouched()), ["strong"]);
    assert_eq!(accepted(if_relevant(vouched())), ["strong"]);
    let twice = [if_relevant(vouched()), vouched()].concat();
    assert_eq!(accepted(twice), ["strong", "strong"]);
    assert!(accepted(Vec::new()).is_empty());
}

#[test]
fn an_indicator_that_the_kdc_does_not_vouch_for_is_ignored() {
    let (service_key, session_key) = (key(AES256, 2), key(AES256, 1));
    assert!(accepted(indicator("forged")).is_empty());
    assert!(accepted(if_relevant(indicator("forged"))).is_empty());
    let by_client = container(indicator("forged"), &session_key, |_| ());
    assert!(accepted(if_relevant(by_client)).is_empty());
    let without = container(indicator("forged"), &service_key, |c| c.svc_verifier = None);
    assert!(accepted(if_relevant(without)).is_empty());
    let for_the_kdc = container(indicator("forged"), &service_key, |c| {
        c.kdc_verifier = c.svc_verifier.take();
    });
    assert!(accepted(if_relevant(for_the_kdc)).is_empty());
}

#[test]
fn a_container_whose_elements_were_changed_is_ignored() {
    let service_key = key(AES256, 2);
    let changed = container(indicator("weak"), &service_key, |c| {
        c.elements = Raw::new(indicator("strong")).unwrap();
    });
    assert!(accepted(if_relevant(changed)).is_empty());
    let unkeyed = container(indicator("strong"), &service_key, |c| {
        let verifier = c.svc_verifier.as_mut().unwrap();
        verifier.mac.cksumtype = CksumType(7);
    });
    assert!(accepted(if_relevant(unkeyed)).is_empty());
}

#[test]
fn what_can_not_be_read_is_ignored() {
    let unreadable = Vec::from([entry(AdType::CAMMAC, b"\x30\x80")]);
    assert!(accepted(if_relevant(unreadable)).is_empty());
    assert!(accepted(Vec::from([entry(AdType::IF_RELEVANT, b"nonsense")])).is_empty());
    let garbage = Vec::from([entry(AdType::AUTHENTICATION_INDICATOR, b"\xff")]);
    assert!(accepted(container(garbage, &key(AES256, 2), |_| ())).is_empty());
}
