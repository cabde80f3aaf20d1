//! Each field of an extension's message holds what was sent in it: MIT's reference encodings, read
//! field by field.
//!
//! The values are those of the sample objects in MIT krb5, src/tests/asn.1/ktest.c.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use common::samples::{
    checksum, encrypted_data, key, method_data, microseconds, name, reference, reference_with, time,
};
use orthros_asn1::{
    AdAuthenticationIndicator, AdCammac, AdType, AsReq, AuthorizationDataEntry, Checksum,
    CksumType, EncryptionType, IakerbFinished, IakerbHeader, KdcProxyMessage, KrbFastArmoredRep,
    KrbFastFinished, KrbFastResponse, Message, PaForUser, PaFxFastReply, PaS4uX509User, PaSpake,
    Raw, S4uUserId, S4uUserOptions, SpakeChallenge, SpakeGroup, SpakeResponse, SpakeSecondFactor,
    SpakeSecondFactorType, SpakeSupport, UInt32, Verifier, VerifierMac,
};

#[test]
fn krb_fast_response() {
    let expected = KrbFastResponse {
        padata: method_data(),
        strengthen_key: Some(key()),
        finished: Some(KrbFastFinished {
            timestamp: time(),
            usec: microseconds(),
            crealm: "ATHENA.MIT.EDU".into(),
            cname: name(),
            ticket_checksum: checksum(),
        }),
        nonce: UInt32(42),
    };
    assert_eq!(reference::<KrbFastResponse>("KrbFastResponse"), expected);
}

#[test]
fn pa_fx_fast_reply() {
    let expected = PaFxFastReply::ArmoredData(KrbFastArmoredRep {
        enc_fast_rep: encrypted_data(),
    });
    assert_eq!(reference::<PaFxFastReply>("PA-FX-FAST-REPLY"), expected);
}

#[test]
fn pa_for_user() {
    let expected = PaForUser {
        user_name: name(),
        user_realm: "ATHENA.MIT.EDU".into(),
        cksum: checksum(),
        auth_package: "krb5data".into(),
    };
    assert_eq!(reference::<PaForUser>("PA-FOR-USER"), expected);
}

#[test]
fn pa_s4u_x509_user() {
    let user_id = S4uUserId {
        nonce: UInt32(13_243_546),
        cname: Some(name()),
        crealm: "ATHENA.MIT.EDU".into(),
        subject_certificate: Some(b"pa_s4u_x509_user"[..].into()),
        options: Some(S4uUserOptions::from_bits_retain(0x8000_0000)),
    };
    let expected = PaS4uX509User {
        user_id: Raw::new(user_id).unwrap(),
        checksum: checksum(),
    };
    assert_eq!(reference::<PaS4uX509User>("PA-S4U-X509-USER"), expected);
}

#[test]
fn ad_cammac() {
    let element = |ad_type, ad_data: &[u8]| AuthorizationDataEntry {
        ad_type: AdType(ad_type),
        ad_data: ad_data.into(),
    };
    let mac = |octets: &[u8]| VerifierMac {
        identifier: Some(name()),
        kvno: Some(UInt32(5)),
        enctype: Some(EncryptionType::DES3_CBC_SHA1),
        mac: Checksum {
            cksumtype: CksumType::CRC32,
            checksum: octets.into(),
        },
    };
    let bare = VerifierMac {
        identifier: None,
        kvno: None,
        enctype: None,
        ..mac(b"cksum1")
    };
    let expected = AdCammac {
        elements: Raw::new(vec![element(1, b"ad1"), element(2, b"ad2")]).unwrap(),
        kdc_verifier: Some(mac(b"cksumkdc")),
        svc_verifier: Some(mac(b"cksumsvc")),
        other_verifiers: Some(vec![Verifier::Mac(bare), Verifier::Mac(mac(b"cksum2"))]),
    };
    assert_eq!(reference::<AdCammac>("AD-CAMMAC"), expected);
}

#[test]
fn kdc_proxy_message() {
    let message = reference::<KdcProxyMessage>("KDC-PROXY-MESSAGE");
    let request = AsReq::decode(&message.kerb_message).unwrap();
    assert_eq!(request.0.req_body.nonce, UInt32(42));
    assert_eq!(message.target_domain, Some("krb5data".into()));
    assert_eq!(message.dclocator_hint, None);
}

#[test]
fn iakerb_header_and_finished() {
    let header = IakerbHeader {
        target_realm: "krb5data".to_owned(),
        cookie: Some(b"krb5data"[..].into()),
    };
    assert_eq!(reference::<IakerbHeader>("IAKERB-HEADER"), header);
    let finished = IakerbFinished {
        gss_mic: checksum(),
    };
    assert_eq!(reference::<IakerbFinished>("IAKERB-FINISHED"), finished);
}

#[test]
fn pa_spake() {
    let second_factor = SpakeSecondFactor {
        factor_type: SpakeSecondFactorType(2),
        data: Some(b"fdata"[..].into()),
    };
    let no_factor = SpakeSecondFactor {
        factor_type: SpakeSecondFactorType::SF_NONE,
        data: None,
    };
    let support = SpakeSupport {
        groups: vec![SpakeGroup::EDWARDS25519, SpakeGroup::P_256],
    };
    let challenge = SpakeChallenge {
        group: SpakeGroup::EDWARDS25519,
        pubkey: b"T value"[..].into(),
        factors: vec![no_factor, second_factor.clone()],
    };
    let response = SpakeResponse {
        pubkey: b"S value"[..].into(),
        factor: encrypted_data(),
    };
    for (contents, expected) in [
        ("support", PaSpake::Support(support)),
        ("challenge", PaSpake::Challenge(challenge)),
        ("response", PaSpake::Response(response)),
        ("encdata", PaSpake::Encdata(encrypted_data())),
    ] {
        assert_eq!(reference_with::<PaSpake>("PA-SPAKE", contents), expected);
    }
    let factor = reference::<SpakeSecondFactor>("SPAKESecondFactor");
    assert_eq!(factor, second_factor);
}

#[test]
fn an_authentication_indicator_is_a_sequence_of_utf8_strings() {
    let octets = b"\x30\x0f\x0c\x06strong\x0c\x05\xc3\xa9t\xc3\xa9";
    let indicators = AdAuthenticationIndicator::decode(octets).unwrap();
    assert_eq!(indicators, ["strong", "\u{e9}t\u{e9}"]);
    assert_eq!(indicators.encode().unwrap(), octets);
    assert!(AdAuthenticationIndicator::decode(b"\x30\x03\x0c\x01\xff").is_err());
}
