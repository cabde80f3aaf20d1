//! One-time passwords and PKINIT: each field holds what was sent in it.
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
    checksum, encrypted_data, key, microseconds, name, reference, reference_with, time,
};
use orthros_asn1::{
    AlgorithmIdentifier, AnyValue, AuthPack, BitString, DhRepInfo, EncryptionType,
    ExternalPrincipalIdentifier, KdcDhKeyInfo, KdfAlgorithmId, Krb5PrincipalName, Message,
    ObjectIdentifier, Octets, OtherInfo, OtpFlags, OtpFormat, OtpTokenInfo, PaChecksum2,
    PaOtpChallenge, PaOtpEncRequest, PaOtpRequest, PaPkAsRep, PaPkAsReq, PkAuthenticator,
    PkinitSuppPubInfo, ReplyKeyPack, SecretOctets, SecretString, UInt32,
};

#[test]
fn pa_otp_challenge() {
    let expected = PaOtpChallenge {
        nonce: octets(b"maxnonce"),
        otp_service: Some("testservice".into()),
        otp_token_info: vec![bare_token(), token()],
        salt: Some("keysalt".into()),
        s2kparams: Some(octets(b"1234")),
    };
    assert_eq!(reference::<PaOtpChallenge>("PA-OTP-CHALLENGE"), expected);
}

#[test]
fn otp_token_info() {
    assert_eq!(reference::<OtpTokenInfo>("OTP-TOKENINFO"), token());
    let bare = reference_with::<OtpTokenInfo>("OTP-TOKENINFO", "optionals NULL");
    assert_eq!(bare, bare_token());
}

#[test]
fn pa_otp_request() {
    let expected = PaOtpRequest {
        flags: OtpFlags::NEXT_OTP | OtpFlags::COMBINE,
        nonce: Some(octets(b"nonce")),
        enc_data: encrypted_data(),
        hash_alg: Some(sha256()),
        iteration_count: Some(1000),
        otp_value: Some(SecretOctets::new(b"frogs".to_vec())),
        otp_pin: Some(SecretString::new("myfirstpin".into())),
        otp_challenge: Some(octets(b"hark!")),
        otp_time: Some(time()),
        otp_counter: Some(octets(b"346")),
        otp_format: Some(OtpFormat::ALPHANUMERIC),
        otp_token_id: Some(octets(b"yourtoken")),
        otp_alg_id: Some("urn:ietf:params:xml:ns:keyprov:pskc:hotp".into()),
        otp_vendor: Some("Examplecorp".into()),
    };
    assert_eq!(reference::<PaOtpRequest>("PA-OTP-REQUEST"), expected);
    let expected = PaOtpEncRequest {
        nonce: octets(DATA),
    };
    assert_eq!(reference::<PaOtpEncRequest>("PA-OTP-ENC-REQUEST"), expected);
}

#[test]
fn pa_pk_as_req() {
    let certifier = ExternalPrincipalIdentifier {
        subject_name: Some(octets(DATA)),
        issuer_and_serial_number: Some(octets(DATA)),
        subject_key_identifier: Some(octets(DATA)),
    };
    let expected = PaPkAsReq {
        signed_auth_pack: octets(DATA),
        trusted_certifiers: Some(vec![certifier]),
        kdc_pk_id: Some(octets(DATA)),
    };
    assert_eq!(reference::<PaPkAsReq>("PA-PK-AS-REQ"), expected);
}

#[test]
fn auth_pack() {
    let expected = AuthPack {
        pk_authenticator: PkAuthenticator {
            cusec: microseconds(),
            ctime: time(),
            nonce: UInt32(42),
            pa_checksum: Some(octets(DATA)),
            freshness_token: Some(octets(DATA)),
            pa_checksum2: Some(PaChecksum2 {
                checksum: octets(DATA),
                algorithm_identifier: kerberos(Some(b"\x04\x06params")),
            }),
        },
        client_public_value: Some(AnyValue::new(b"\x04\x06pvalue").unwrap()),
        supported_cms_types: Some(vec![kerberos(Some(b"\x04\x06params")), kerberos(None)]),
        client_dh_nonce: Some(octets(DATA)),
        supported_kdfs: Some(vec![kdf()]),
    };
    assert_eq!(reference::<AuthPack>("AuthPack"), expected);
}

#[test]
fn pa_pk_as_rep() {
    let expected = PaPkAsRep::DhInfo(DhRepInfo {
        dh_signed_data: octets(DATA),
        server_dh_nonce: Some(octets(DATA)),
        kdf: Some(kdf()),
    });
    assert_eq!(
        reference_with::<PaPkAsRep>("PA-PK-AS-REP", "dhInfo"),
        expected
    );
    let expected = PaPkAsRep::EncKeyPack(octets(DATA));
    assert_eq!(
        reference_with::<PaPkAsRep>("PA-PK-AS-REP", "encKeyPack"),
        expected
    );
}

#[test]
fn what_a_kdc_signs_and_envelopes() {
    let expected = KdcDhKeyInfo {
        subject_public_key: BitString(DATA.to_vec()),
        nonce: UInt32(42),
        dh_key_expiration: Some(time()),
    };
    assert_eq!(reference::<KdcDhKeyInfo>("KDCDHKeyInfo"), expected);
    let expected = ReplyKeyPack {
        reply_key: key(),
        as_checksum: checksum(),
    };
    assert_eq!(reference::<ReplyKeyPack>("ReplyKeyPack"), expected);
}

#[test]
fn what_a_reply_key_is_derived_with() {
    let party = Krb5PrincipalName {
        realm: "ATHENA.MIT.EDU".into(),
        principal_name: name(),
    };
    assert_eq!(reference::<Krb5PrincipalName>("KRB5PrincipalName"), party);
    let party = Octets(party.encode().unwrap());
    let expected = OtherInfo {
        algorithm_id: kerberos(None),
        party_u_info: party.clone(),
        party_v_info: party,
        supp_pub_info: Some(octets(DATA)),
        supp_priv_info: None,
    };
    assert_eq!(reference::<OtherInfo>("OtherInfo"), expected);
    let expected = PkinitSuppPubInfo {
        enctype: EncryptionType(20),
        as_req: octets(DATA),
        pk_as_rep: octets(DATA),
    };
    assert_eq!(
        reference::<PkinitSuppPubInfo>("PkinitSuppPubInfo"),
        expected
    );
}

#[test]
fn pins_and_values_are_not_shown() {
    let request = reference::<PaOtpRequest>("PA-OTP-REQUEST");
    let shown = format!("{request:?}");
    assert!(shown.contains("SecretOctets(5 octets)"), "{shown}");
    assert!(shown.contains("SecretString(10 octets)"), "{shown}");
    assert!(
        !shown.contains("frogs") && !shown.contains("myfirstpin"),
        "{shown}"
    );
}

fn bare_token() -> OtpTokenInfo {
    OtpTokenInfo {
        flags: OtpFlags::empty(),
        otp_vendor: None,
        otp_challenge: None,
        otp_length: None,
        otp_format: None,
        otp_token_id: None,
        otp_alg_id: None,
        supported_hash_alg: None,
        iteration_count: None,
    }
}

fn token() -> OtpTokenInfo {
    OtpTokenInfo {
        flags: OtpFlags::from_bits_retain(0x7700_0000),
        otp_vendor: Some("Examplecorp".into()),
        otp_challenge: Some(octets(b"hark!")),
        otp_length: Some(10),
        otp_format: Some(OtpFormat::ALPHANUMERIC),
        otp_token_id: Some(octets(b"yourtoken")),
        otp_alg_id: Some("urn:ietf:params:xml:ns:keyprov:pskc:hotp".into()),
        supported_hash_alg: Some(vec![sha256(), sha1()]),
        iteration_count: Some(1000),
    }
}

/// 2.16.840.1.101.3.4.2.1
fn sha256() -> AlgorithmIdentifier {
    algorithm(
        &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
        None,
    )
}

/// 1.3.14.3.2.26
fn sha1() -> AlgorithmIdentifier {
    algorithm(&[0x2B, 0x0E, 0x03, 0x02, 0x1A], None)
}

/// 1.2.840.113554.1.2.2
fn kerberos(parameters: Option<&[u8]>) -> AlgorithmIdentifier {
    let contents = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
    algorithm(&contents, parameters)
}

fn algorithm(contents: &[u8], parameters: Option<&[u8]>) -> AlgorithmIdentifier {
    AlgorithmIdentifier {
        algorithm: ObjectIdentifier::new(contents).unwrap(),
        parameters: parameters.map(|parameters| AnyValue::new(parameters).unwrap()),
    }
}

fn kdf() -> KdfAlgorithmId {
    KdfAlgorithmId {
        kdf_id: ObjectIdentifier::new(DATA).unwrap(),
    }
}

fn octets(octets: &[u8]) -> Octets {
    octets.into()
}

/// What most fields of the samples hold.
const DATA: &[u8] = b"krb5data";
