//! Encodings that others publish, and encodings with one thing wrong each.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use common::{hex, recode, references, rows};

#[test]
fn reference_encodings_come_out_as_they_went_in() {
    for [name, contents, encoding] in references() {
        let octets = hex(encoding);
        assert_eq!(recode(name)(&octets), Ok(octets), "{name}, {contents}");
    }
}

#[test]
fn what_mit_must_accept_is_accepted_and_written_as_it_should_be() {
    accepts(include_str!("../../../vectors/mit-asn1/accepted.tsv"));
}

#[test]
fn each_relaxation_accepts_what_it_is_for_and_writes_what_it_should_be() {
    accepts(include_str!("../../../vectors/der/accepted.tsv"));
    accepts(include_str!("../../../vectors/der/extended.tsv"));
    accepts(include_str!("../../../vectors/rfc4178/accepted.tsv"));
}

#[test]
fn what_mit_must_refuse_is_refused() {
    refuses(include_str!("../../../vectors/mit-asn1/refused.tsv"));
}

#[test]
fn each_defect_is_refused_with_its_place_and_field() {
    refuses(include_str!("../../../vectors/der/refused.tsv"));
    refuses(include_str!("../../../vectors/rfc4178/refused.tsv"));
}

#[test]
fn every_prefix_of_a_reference_encoding_is_refused_at_its_end_or_before() {
    for [name, contents, encoding] in references() {
        let octets = hex(encoding);
        for length in 0..octets.len() {
            let error = recode(name)(&octets[..length]).expect_err(contents);
            assert!(error.offset() <= length, "{name}, {contents}: {error}");
        }
    }
}

fn accepts(text: &str) {
    for [relaxation, name, encoding, canonical] in rows(text) {
        let recoded = recode(name)(&hex(encoding));
        assert_eq!(recoded, Ok(hex(canonical)), "{name}, {relaxation}");
    }
}

fn refuses(text: &str) {
    for [defect, name, expected, encoding] in rows(text) {
        let error = recode(name)(&hex(encoding)).expect_err(defect);
        assert_eq!(error.to_string(), expected, "{name}, {defect}");
    }
}
