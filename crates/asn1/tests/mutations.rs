//! Damaged encodings: never a panic, and nothing is accepted that is not DER or a relaxation.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use std::collections::BTreeMap;

use common::{hex, recode, references, tree, values};
use orthros_asn1::DecodeError;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn damaged_encodings_are_refused_or_what_they_should_be_but_for_the_relaxations(
        reference in any::<Index>(),
        damages in vec(damage(), 1..3),
    ) {
        let references = references();
        let [name, _, encoding] = reference.get(&references);
        let mut octets = hex(encoding);
        for damage in &damages {
            damage.apply(&mut octets);
        }
        refused_or_as_it_should_be(name, &octets)?;
    }

    #[test]
    fn other_values_are_refused_or_what_they_should_be_but_for_the_relaxations(
        reference in any::<Index>(),
        (target, edit) in tree::edit(),
    ) {
        let references = references();
        let [name, _, encoding] = reference.get(&references);
        let mut nodes = tree::parse(&hex(encoding));
        tree::apply(&mut nodes, &target, &edit);
        refused_or_as_it_should_be(name, &tree::write(&nodes))?;
    }

    #[test]
    fn octets_of_no_meaning_are_refused(octets in vec(any::<u8>(), 0..200)) {
        for [name, ..] in references() {
            // A SEQUENCE OF that happens to be empty is the only thing that noise spells.
            prop_assert!(recode(name)(&octets).is_err() || octets == [0x30, 0x00]);
        }
    }
}

#[test]
fn flipped_bits_are_met_early_and_late_in_every_message_or_are_of_no_consequence() {
    let mut counters = BTreeMap::<_, Counters>::new();
    for [name, contents, encoding] in references() {
        let octets = hex(encoding);
        let counters = counters.entry(name).or_default();
        for bit in 0..octets.len() * 8 {
            let mut damaged = octets.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            counters.count(octets.len(), recode(name)(&damaged).err());
            let outcome = refused_or_as_it_should_be(name, &damaged);
            assert!(
                outcome.is_ok(),
                "{name}, {contents}, bit {bit}: {outcome:?}"
            );
        }
    }
    let mut all = Counters::default();
    for (name, counters) in counters {
        assert!(
            counters.early > 0 && counters.accepted > 0,
            "{name}: {counters:?}"
        );
        all.early += counters.early;
        all.late += counters.late;
        all.accepted += counters.accepted;
    }
    // A decoder that only ever meets damage in one place is not tested behind it.
    assert!(
        all.early.min(all.late).min(all.accepted) > 10_000,
        "{all:?}"
    );
}

/// How far the decoder of a message came with damaged ones.
#[derive(Debug, Default)]
struct Counters {
    /// Refused in the first half.
    early: usize,
    /// Refused in the second half.
    late: usize,
    accepted: usize,
}

impl Counters {
    fn count(&mut self, length: usize, error: Option<DecodeError>) {
        match error {
            None => self.accepted += 1,
            Some(error) if error.offset() < length / 2 => self.early += 1,
            Some(_) => self.late += 1,
        }
    }
}

fn refused_or_as_it_should_be(name: &str, octets: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(written) = recode(name)(octets) {
        let again = recode(name)(&written);
        prop_assert_eq!(again.as_ref(), Ok(&written));
        prop_assert!(
            same_but_for_relaxations(octets, &written),
            "{:02x?}",
            octets
        );
    }
    Ok(())
}

/// A change to an encoding.
#[derive(Clone, Debug)]
enum Damage {
    Replace(Index, u8),
    Flip(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
    Repeat(Index, Index),
}

impl Damage {
    fn apply(&self, octets: &mut Vec<u8>) {
        if octets.is_empty() {
            return;
        }
        let length = octets.len();
        match self {
            Self::Replace(at, octet) => octets[at.index(length)] = *octet,
            Self::Flip(at, bit) => octets[at.index(length)] ^= 1 << bit,
            Self::Insert(at, octet) => octets.insert(at.index(length + 1), *octet),
            Self::Remove(at) => {
                octets.remove(at.index(length));
            }
            Self::Cut(at) => octets.truncate(at.index(length)),
            Self::Repeat(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                octets.extend_from_within(from.min(to)..from.max(to));
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    proptest::prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, octet)| Damage::Replace(at, octet)),
        (at(), 0_u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        (at(), any::<u8>()).prop_map(|(at, octet)| Damage::Insert(at, octet)),
        at().prop_map(Damage::Remove),
        at().prop_map(Damage::Cut),
        (at(), at()).prop_map(|(from, to)| Damage::Repeat(from, to)),
    ]
}

/// Whether `received` is `written`, or says the same in a way that a relaxation allows.
fn same_but_for_relaxations(received: &[u8], written: &[u8]) -> bool {
    if received == written {
        return true;
    }
    let (received, written) = (values(received), values(written));
    // Fields of a later version: tests/markers.rs shows behind which types.
    let additions = received.get(written.len()..).unwrap_or_default();
    let number = |value: &(u8, &[u8])| value.0 & !0x20;
    let last = written.last().map_or(0, number);
    additions.first().is_none_or(|first| number(first) > last)
        && additions.is_sorted_by(|a, b| number(a) < number(b))
        && additions.iter().all(|addition| addition.0 & 0xC0 == 0x80)
        && received.len() >= written.len()
        && received.iter().zip(&written).all(|(received, written)| {
            received.0 == written.0
                && match received.0 {
                    0x02 => low_32_bits(received.1) == low_32_bits(written.1),
                    0x03 => first_32_bits(received.1) == first_32_bits(written.1),
                    // OTPFlags, whose tag is implicit; other values under this one differ in no octet.
                    0x80 if received.1 != written.1 => {
                        written.1.len() == 5
                            && !received.1.is_empty()
                            && first_32_bits(received.1) == first_32_bits(written.1)
                    }
                    tag if tag & 0x20 != 0 => same_but_for_relaxations(received.1, written.1),
                    _ => received.1 == written.1,
                }
        })
}

fn low_32_bits(contents: &[u8]) -> u32 {
    let sign = if contents[0] & 0x80 == 0 { 0 } else { u32::MAX };
    contents
        .iter()
        .fold(sign, |bits, octet| bits << 8 | u32::from(*octet))
}

fn first_32_bits(contents: &[u8]) -> [u8; 4] {
    let mut bits = [0; 4];
    for (bit, octet) in bits.iter_mut().zip(&contents[1..]) {
        *bit = *octet;
    }
    bits
}
