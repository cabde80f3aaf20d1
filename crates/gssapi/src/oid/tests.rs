//! Object identifiers between arcs, text and bytes.

use super::{Oid, ParseOidError};

const KRB5_DER: &[u8] = &[
    0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02,
];

#[test]
fn the_kerberos_mechanism_has_the_octets_of_rfc_4121() {
    assert_eq!(Oid::KRB5.to_der(), KRB5_DER);
    assert_eq!(Oid::from_der(KRB5_DER), Ok(Oid::KRB5));
    assert_eq!(Oid::KRB5.octets(), &KRB5_DER[2..]);
}

#[test]
fn the_mechanisms_identifiers_are_those_of_their_documents() {
    for (oid, arcs) in [
        (Oid::KRB5, "1.2.840.113554.1.2.2"),
        (Oid::KRB5_USER_TO_USER, "1.2.840.113554.1.2.2.3"),
        (Oid::SPNEGO, "1.3.6.1.5.5.2"),
    ] {
        assert_eq!(arcs.parse(), Ok(oid));
        assert_eq!(Oid::from_octets(oid.octets()), Ok(oid));
    }
}

#[test]
fn both_notations_read_the_same_and_dots_are_shown() {
    for text in [
        "1.2.840.113554.1.2.2",
        "{1 2 840 113554 1 2 2}",
        " { 1 2 840 113554  1 2 2 } ",
    ] {
        assert_eq!(text.parse(), Ok(Oid::KRB5), "{text}");
    }
    assert_eq!(Oid::KRB5.to_string(), "1.2.840.113554.1.2.2");
    assert_eq!(format!("{:?}", Oid::KRB5), "Oid(1.2.840.113554.1.2.2)");
}

#[test]
fn ill_formed_text_is_refused_for_its_reason() {
    for (text, error) in [
        ("", ParseOidError::NotANumber),
        ("{}", ParseOidError::TooFewArcs),
        ("1", ParseOidError::TooFewArcs),
        ("1..2", ParseOidError::NotANumber),
        ("1.2.", ParseOidError::NotANumber),
        ("1.+2", ParseOidError::NotANumber),
        ("1.two", ParseOidError::NotANumber),
        ("{1 2", ParseOidError::NotANumber),
        ("1 2 3", ParseOidError::NotANumber),
        ("3.1", ParseOidError::FirstArcs),
        ("1.40", ParseOidError::FirstArcs),
        (
            "1.2.340282366920938463463374607431768211456",
            ParseOidError::ArcTooLarge,
        ),
    ] {
        assert_eq!(text.parse::<Oid>(), Err(error), "{text:?}");
    }
    let long = "1.2".to_owned() + &".16384".repeat(21);
    assert_eq!(long.parse::<Oid>(), Err(ParseOidError::TooLong));
}

#[test]
fn ill_formed_octets_are_refused_for_their_reason() {
    for (octets, error) in [
        (&[][..], ParseOidError::NotMinimal),
        (&[0x2A, 0x86], ParseOidError::NotMinimal),
        (&[0x2A, 0x80, 0x01], ParseOidError::NotMinimal),
        (&[0x01; 64], ParseOidError::TooLong),
    ] {
        assert_eq!(Oid::from_octets(octets), Err(error), "{octets:02X?}");
    }
    let mut large = vec![0xFF; 19];
    large.push(0x7F);
    assert_eq!(Oid::from_octets(&large), Err(ParseOidError::ArcTooLarge));
    for encoding in [
        &[][..],
        &[0x06],
        &[0x06, 0x02, 0x2A],
        &[0x05, 0x01, 0x2A],
        &[0x06, 0x01, 0x2A, 0x00],
    ] {
        assert_eq!(
            Oid::from_der(encoding),
            Err(ParseOidError::NotDer),
            "{encoding:02X?}"
        );
    }
}

#[test]
fn the_largest_arc_survives_octets_and_text() {
    let uuid = Oid::from_arcs(&[2, 25, u128::MAX]).expect("three arcs");
    assert_eq!(Oid::from_octets(uuid.octets()), Ok(uuid));
    assert_eq!(uuid.to_string().parse(), Ok(uuid));
    assert_eq!(uuid.arcs().collect::<Vec<_>>(), [2, 25, u128::MAX]);
    assert_eq!(
        Oid::from_arcs(&[2, u128::MAX]),
        Err(ParseOidError::ArcTooLarge)
    );
}

#[test]
fn arcs_above_39_are_possible_under_two_alone() {
    let oid = Oid::new(&[2, 999, 3]);
    assert_eq!(oid.octets(), [0x88, 0x37, 0x03]);
    assert_eq!(oid.arcs().collect::<Vec<_>>(), [2, 999, 3]);
}
