//! The framing of GSS-API tokens.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

use orthros_asn1::DecodeErrorKind;
use orthros_asn1::gss::InitialContextToken;

/// The contents of the object identifier 1.2.840.113554.1.2.2.
const KRB5: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];

#[test]
fn a_token_is_written_as_rfc_2743_says() {
    let token = InitialContextToken {
        mechanism: KRB5,
        inner: &[0x01, 0x00, 0xAB],
    };
    let mut expected = vec![0x60, 0x0E, 0x06, 0x09];
    expected.extend_from_slice(KRB5);
    expected.extend_from_slice(&[0x01, 0x00, 0xAB]);
    assert_eq!(token.encode(), expected);
}

#[test]
fn tokens_of_every_form_of_length_survive() {
    for length in [
        0, 1, 0x73, 0x74, 0x75, 0xF2, 0xF3, 0xF4, 0xFFF3, 0xFFF4, 0xFFF5, 0x1_0000,
    ] {
        let inner = vec![0x5A; length];
        let token = InitialContextToken {
            mechanism: KRB5,
            inner: &inner,
        };
        let octets = token.encode();
        assert_eq!(InitialContextToken::decode(&octets), Ok(token), "{length}");
    }
}

#[test]
fn defects_are_refused_with_their_place() {
    let cases: &[(&str, &[u8], usize, DecodeErrorKind)] = &[
        ("nothing at all", &[], 0, DecodeErrorKind::Truncated),
        (
            "no framing",
            &[0x6E, 0x00],
            0,
            DecodeErrorKind::UnexpectedTag {
                expected: 0x60,
                found: 0x6E,
            },
        ),
        (
            "octet behind the token",
            &[0x60, 0x03, 0x06, 0x01, 0x2A, 0x00],
            5,
            DecodeErrorKind::UnexpectedValue,
        ),
        (
            "token cut off",
            &[0x60, 0x04, 0x06, 0x01, 0x2A],
            1,
            DecodeErrorKind::LengthBeyondEnd,
        ),
        (
            "mechanism longer than the token",
            &[0x60, 0x03, 0x06, 0x02, 0x2A],
            3,
            DecodeErrorKind::LengthBeyondEnd,
        ),
        (
            "no mechanism",
            &[0x60, 0x02, 0x04, 0x00],
            2,
            DecodeErrorKind::UnexpectedTag {
                expected: 0x06,
                found: 0x04,
            },
        ),
        (
            "length that is not minimal",
            &[0x60, 0x81, 0x03, 0x06, 0x01, 0x2A],
            1,
            DecodeErrorKind::LengthNotMinimal,
        ),
        (
            "indefinite length",
            &[0x60, 0x80, 0x06, 0x01, 0x2A, 0x00, 0x00],
            1,
            DecodeErrorKind::IndefiniteLength,
        ),
    ];
    for (defect, octets, offset, kind) in cases {
        let error = InitialContextToken::decode(octets).expect_err(defect);
        assert_eq!((error.offset(), error.kind()), (*offset, *kind), "{defect}");
    }
}
