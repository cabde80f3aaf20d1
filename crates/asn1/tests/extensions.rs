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
    checksum, encrypted_data, key, method_data, microseconds, name, reference, time,
};
use orthros_asn1::{
    AdCammac, AdType, AuthorizationDataEntry, Checksum, CksumType, EncryptionType,
    KrbFastArmoredRep, KrbFastFinished, KrbFastResponse, PaForUser, PaFxFastReply, PaS4uX509User,
    Raw, S4uUserId, S4uUserOptions, UInt32, Verifier, VerifierMac,
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
