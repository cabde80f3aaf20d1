//! Fields of a later version are passed over where the ASN.1 has an extension marker, and nowhere else.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use allocation_counter::measure;
use common::{hex, recode, references, rows, tree};
use orthros_asn1::{
    AdCammac, DecodeErrorKind, KrbFastResponse, Message, PaS4uX509User, PaSpake, Ticket, Verifier,
};

const EXTENDED: &str = include_str!("../../../vectors/der/extended.tsv");

#[test]
fn what_a_later_version_adds_is_passed_over() {
    for [addition, name, encoding, canonical] in rows(EXTENDED) {
        let recoded = recode(name)(&hex(encoding));
        assert_eq!(recoded, Ok(hex(canonical)), "{name}, {addition}");
    }
}

/// The table that the reader looks into and the ASN.1 above the types say the same.
#[test]
fn exactly_the_types_whose_asn_1_has_the_marker_are_extensible() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut with_marker = BTreeSet::new();
    for file in fs::read_dir(&source).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            with_marker.extend(sequences_with_the_marker(
                &fs::read_to_string(path).unwrap(),
            ));
        }
    }
    let table = fs::read_to_string(source.join("extensions.rs")).unwrap();
    let (_, table) = table.split_once("const MARKED: &[&str] = &[").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let table: BTreeSet<String> = table
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_eq!(with_marker, table);
    assert!(table.len() > 25);
}

/// The types without it have no room behind their fields: of all places in all reference encodings
/// the additions go into those of [`EXTENDED`] and of tickets and keys.
#[test]
fn an_addition_anywhere_else_is_refused() {
    let mut places = BTreeSet::new();
    for [name, _, encoding] in references() {
        let nodes = tree::parse(&hex(encoding));
        for (_, extended) in tree::each_with_a_value_behind(&nodes, &[0xBE, 2, 5, 0]) {
            if recode(name)(&extended).is_ok() {
                places.insert(name);
            }
        }
    }
    for [_, name, ..] in rows::<4>(EXTENDED) {
        places.remove(name);
    }
    // What has neither a ticket nor a key in it, nor a type with the marker, has no place. In OtherInfo
    // any value can be the parameters of an algorithm.
    let with_tickets_or_keys = [
        "AP-REQ",
        "AS-REP",
        "AS-REQ",
        "Authenticator",
        "EncAPRepPart",
        "EncKrbCredPart",
        "EncTGSRepPart",
        "EncTicketPart",
        "EncryptionKey",
        "KDC-REQ-BODY",
        "KRB-CRED",
        "OtherInfo",
        "TGS-REP",
        "TGS-REQ",
        "Ticket",
    ];
    assert_eq!(places, BTreeSet::from(with_tickets_or_keys));
}

#[test]
fn an_addition_stays_in_octets_that_a_checksum_covers() {
    let [.., encoding, _] = row("S4UUserID with an addition, kept where a checksum covers it");
    let user = PaS4uX509User::decode(&hex(encoding)).unwrap();
    assert!(user.user_id.octets().ends_with(&[0xA5, 2, 5, 0]));
    assert_eq!(user.encode().unwrap(), hex(encoding));
}

#[test]
fn a_verifier_of_another_kind_does_not_spoil_those_beside_it() {
    let [.., encoding, _] = row("verifier of an unknown alternative beside one that is known");
    let verifiers = AdCammac::decode(&hex(encoding))
        .unwrap()
        .other_verifiers
        .unwrap();
    let [Verifier::Unknown(unknown), Verifier::Mac(_)] = &verifiers[..] else {
        panic!("{verifiers:?}");
    };
    assert_eq!(unknown.octets(), [0xA0, 2, 5, 0]);
}

#[test]
fn an_unknown_alternative_of_a_message_is_named_as_such() {
    let error = PaSpake::decode(&[0xA9, 2, 5, 0]).unwrap_err();
    assert_eq!(
        error.kind(),
        DecodeErrorKind::UnknownAlternative { found: 0xA9 }
    );
}

#[test]
fn a_mass_of_additions_is_refused_at_the_first_that_has_no_number() {
    for (message, name) in [
        (response(), "KrbFastResponse"),
        (reference_octets("Ticket"), "Ticket"),
    ] {
        let nodes = tree::parse(&message);
        for addition in [&[0xA9, 0][..], &[0x89, 0], &[0xBF, 0x1F, 0]] {
            let mass = addition.repeat(100_000);
            let places = tree::each_with_a_value_behind(&nodes, &mass);
            let (_, octets) = places
                .into_iter()
                .find(|(path, _)| path.last() == Some(&0x30))
                .unwrap();
            let mut result = None;
            let allocations = measure(|| result = Some(recode(name)(&octets)));
            assert!(result.unwrap().is_err());
            assert!(allocations.bytes_max < 4096, "{allocations:?}");
        }
    }
}

#[test]
fn all_numbers_that_are_left_can_be_additions() {
    let fields = common::values(&response())[0].1.to_vec();
    let additions: Vec<u8> = (4..=30).flat_map(|number| [0x80 | number, 0]).collect();
    let nodes = tree::parse(&response());
    let places = tree::each_with_a_value_behind(&nodes, &additions);
    let (_, octets) = places
        .into_iter()
        .find(|(path, _)| path == &[0x30])
        .unwrap();
    assert!(octets.len() > fields.len() + additions.len());
    let response = KrbFastResponse::decode(&octets).unwrap();
    assert_eq!(
        response,
        KrbFastResponse::decode(&self::response()).unwrap()
    );
}

#[test]
fn what_a_ticket_has_behind_its_fields_stays_in_its_octets() {
    let ticket = reference_octets("Ticket");
    let nodes = tree::parse(&ticket);
    let places = tree::each_with_a_value_behind(&nodes, &[0xA9, 2, 5, 0]);
    let (_, octets) = places
        .into_iter()
        .find(|(path, _)| path == &[0x61, 0x30])
        .unwrap();
    let raw = orthros_asn1::Raw::<Ticket>::decode(&octets).unwrap();
    assert_eq!(raw.octets(), octets);
    assert_eq!(raw.value().encode().unwrap(), ticket);
}

/// The Rust names of the structs whose ASN.1, in the comment above, is a SEQUENCE with the marker.
fn sequences_with_the_marker(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut in_sequence, mut has_marker) = (false, false);
    for line in source.lines() {
        let text = line.strip_prefix("///").map(str::trim);
        match text {
            Some(text) if text.contains("::= ") => in_sequence = text.ends_with("SEQUENCE {"),
            Some("..." | "...,") => has_marker |= in_sequence,
            _ => {}
        }
        if let Some(declared) = line.strip_prefix("pub struct ") {
            let name = declared.split([' ', '(', '<', ';']).next().unwrap();
            if has_marker {
                names.insert(name.to_owned());
            }
        }
        if line.starts_with("pub ") {
            (in_sequence, has_marker) = (false, false);
        }
    }
    names
}

fn row(addition: &str) -> [&'static str; 4] {
    rows(EXTENDED)
        .into_iter()
        .find(|row| row[0] == addition)
        .unwrap()
}

fn response() -> Vec<u8> {
    reference_octets("KrbFastResponse")
}

fn reference_octets(name: &str) -> Vec<u8> {
    let row = references()
        .into_iter()
        .find(|row| row[..2] == [name, "all fields"]);
    hex(row.unwrap()[2])
}
