//! What a peer can have a decoder do is bounded by the octets that it sends.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use allocation_counter::measure;
use common::{recode, references};
use orthros_asn1::{AnyValue, DecodeErrorKind, Message, MethodData, Ticket, limits};

#[test]
fn lengths_of_4_gib_allocate_nothing() {
    for [name, _, encoding] in references() {
        let identifier = u8::from_str_radix(&encoding[..2], 16).unwrap();
        for length in [&[0x84, 0xFF, 0xFF, 0xFF, 0xFF][..], &[0x85, 1, 0, 0, 0, 0]] {
            let octets = [&[identifier], length, &[0x30; 64]].concat();
            let error = recode(name)(&octets).unwrap_err();
            assert_eq!(error.kind(), DecodeErrorKind::LengthBeyondEnd, "{name}");
            let allocations = measure(|| drop(recode(name)(&octets)));
            assert!(allocations.bytes_max < 256, "{name}: {allocations:?}");
        }
    }
}

#[test]
fn a_length_of_4_gib_in_the_last_field_allocates_no_more_than_the_fields_before() {
    let padata = tlv(
        0x30,
        &[
            &tlv(0xA1, &[2, 1, 1])[..],
            &[0xA2, 6, 0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        ]
        .concat(),
    );
    let octets = tlv(0x30, &padata);
    let error = MethodData::decode(&octets).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::LengthBeyondEnd);
    assert_eq!(error.field(), Some("padata_value"));
    let allocations = measure(|| drop(MethodData::decode(&octets)));
    assert!(allocations.bytes_max < 512, "{allocations:?}");
}

#[test]
fn what_is_wrong_with_the_last_element_of_a_full_list_is_found_there() {
    let element = tlv(0x30, &[0xA1, 3, 2, 1, 1, 0xA2, 2, 4, 0]);
    let mut octets = tlv(0x30, &element.repeat(limits::PADATA));
    let length = octets.len();
    octets[length - 2] = 0x05;
    let error = MethodData::decode(&octets).unwrap_err();
    assert_eq!(error.offset(), length - 2);
    assert_eq!(error.path(), ["padata_value"]);
}

#[test]
fn values_in_values_are_refused_at_a_fixed_depth() {
    let deep = |wrap: &dyn Fn(&[u8]) -> Vec<u8>| {
        let mut octets = vec![];
        for _ in 0..5000 {
            octets = tlv(0x30, &octets);
        }
        wrap(&octets)
    };
    let error = AnyValue::new(&deep(&<[u8]>::to_vec)).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::TooDeep);
    // As an unknown field behind those of a ticket.
    let ticket = references()
        .into_iter()
        .find(|row| row[0] == "Ticket")
        .unwrap();
    let ticket = Ticket::decode(&common::hex(ticket[2]))
        .unwrap()
        .encode()
        .unwrap();
    let fields = common::values(common::values(&ticket)[0].1)[0].1;
    let octets = deep(&|nested| tlv(0x61, &tlv(0x30, &[fields, &tlv(0xA4, nested)].concat())));
    assert_eq!(
        Ticket::decode(&octets).unwrap_err().kind(),
        DecodeErrorKind::TooDeep
    );
}

/// A value with its length in as few octets as it takes.
fn tlv(identifier: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let significant = &length[length.iter().take_while(|octet| **octet == 0).count()..];
    let length = match significant {
        [] => vec![0],
        [short @ 0..0x80] => vec![*short],
        long => [&[0x80 | long.len().to_le_bytes()[0]], long].concat(),
    };
    [&[identifier], &length[..], contents].concat()
}
