//! RFC 9588's known answers, and public keys that are none.

use alloc::vec;
use alloc::vec::Vec;

use super::arithmetic::{Arithmetic, private_scalar, public_key};
use super::edwards25519::Edwards25519;
use super::nist::{P256, P384, P521};
use super::private_scalar::multiplier;
use super::*;
use crate::vectors::{Record, records};
use crate::{Enctype, Key, RandomError, RandomSource};

/// The cases of the RFC, in enctypes that there are.
fn cases() -> Vec<(Record, Group, Key)> {
    let records = records(include_str!("../../../../vectors/rfc9588/spake.txt"));
    let known = records.into_iter().filter_map(|case| {
        let enctype = Enctype::from_number(case.number("enctype"))?;
        let group = Group::from_number(case.number("group")).unwrap();
        let key = Key::new(enctype, &case.hex("key")).unwrap();
        Some((case, group, key))
    });
    known.collect()
}

/// A private scalar of the RFC, in the form of this crate: for edwards25519 it is divided by the cofactor.
fn scalar(group: Group, party: Party, bytes: &[u8]) -> PrivateScalar {
    let mut bytes = bytes.to_vec();
    if group == Group::Edwards25519 {
        let mut carry = 0;
        for byte in bytes.iter_mut().rev() {
            (*byte, carry) = (*byte >> 3 | carry << 5, *byte & 7);
        }
        assert_eq!(carry, 0, "RFC 9588's private scalars are multiples of 8");
    }
    PrivateScalar::from_bytes(group, party, &bytes).unwrap()
}

/// Counts up, as no random source should.
struct Counter(u8);

impl RandomSource for Counter {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        for byte in out {
            self.0 = self.0.wrapping_mul(13).wrapping_add(7);
            *byte = self.0;
        }
        Ok(())
    }
}

/// Gives one byte only.
struct Constant(u8);

impl RandomSource for Constant {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill(self.0);
        Ok(())
    }
}

fn key() -> Key {
    Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[5; 32]).unwrap()
}

#[test]
fn rfc9588_multipliers_and_public_keys() {
    for (case, group, key) in cases() {
        assert_eq!(*multiplier(&key, group), case.hex("w"));
        for (party, private, public) in [(Party::Kdc, "x", "t"), (Party::Client, "y", "s")] {
            let scalar = scalar(group, party, &case.hex(private));
            let computed = scalar.public_key(&key).unwrap();
            assert_eq!(computed, case.hex(public), "{group:?} {public}");
        }
    }
    let groups: Vec<Group> = cases().iter().map(|(_, group, _)| *group).collect();
    assert!(Group::ALL.iter().all(|group| groups.contains(group)));
}

#[test]
fn rfc9588_both_parties_derive_its_keys() {
    for (case, group, key) in cases() {
        let mut transcript = Transcript::new(group);
        let support = case.find("support").map(|_| case.hex("support"));
        transcript.update(&[&support.unwrap_or_default(), &case.hex("challenge")]);
        transcript.update(&[&case.hex("s")]);
        assert_eq!(transcript.as_bytes(), case.hex("transcript"));
        for (party, private, public) in [(Party::Kdc, "x", "s"), (Party::Client, "y", "t")] {
            let scalar = scalar(group, party, &case.hex(private));
            let transcript = transcript.clone();
            let keys = Keys::agree(&scalar, &key, &case.hex(public), transcript).unwrap();
            assert_eq!(*keys.shared, case.hex("k"));
            for (n, name) in (0..).zip(["k0", "k1", "k2", "k3"]) {
                let derived = keys.derive(n, &case.hex("body"));
                assert_eq!(derived.as_bytes(), case.hex(name), "{group:?} {name}");
            }
        }
    }
}

#[test]
fn drawn_scalars_agree_in_each_group_and_only_with_the_same_initial_key() {
    let other = Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[6; 32]).unwrap();
    for group in Group::ALL {
        let random = &mut Counter(1);
        let kdc = PrivateScalar::draw(group, Party::Kdc, random).unwrap();
        let client = PrivateScalar::draw(group, Party::Client, random).unwrap();
        let t = kdc.public_key(&key()).unwrap();
        let agree = |scalar: &PrivateScalar, key: &Key, public: &[u8]| {
            let keys = Keys::agree(scalar, key, public, Transcript::new(group)).unwrap();
            keys.derive(0, b"body")
        };
        for (guess, agrees) in [(key(), true), (other.clone(), false)] {
            let s = client.public_key(&guess).unwrap();
            let same = agree(&kdc, &key(), &s) == agree(&client, &guess, &t);
            assert_eq!(same, agrees, "{group:?}");
        }
    }
}

#[test]
fn each_part_of_the_input_makes_other_keys() {
    let group = Group::Edwards25519;
    let random = &mut Counter(3);
    let kdc = PrivateScalar::draw(group, Party::Kdc, random).unwrap();
    let client = PrivateScalar::draw(group, Party::Client, random).unwrap();
    let s = client.public_key(&key()).unwrap();
    let with = |said: &[u8]| {
        let mut transcript = Transcript::new(group);
        transcript.update(&[said]);
        Keys::agree(&kdc, &key(), &s, transcript).unwrap()
    };
    let keys = [
        with(b"said").derive(0, b"body"),
        with(b"said").derive(1, b"body"),
        with(b"said").derive(0, b"other body"),
        with(b"something else").derive(0, b"body"),
    ];
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key), "{index}");
    }
}

#[test]
fn what_is_no_element_of_the_group_is_refused() {
    for group in Group::ALL {
        let client = PrivateScalar::draw(group, Party::Client, &mut Counter(1)).unwrap();
        let kdc = PrivateScalar::draw(group, Party::Kdc, &mut Counter(2)).unwrap();
        let good = kdc.public_key(&key()).unwrap();
        let agree = |public: &[u8]| {
            Keys::agree(&client, &key(), public, Transcript::new(group)).map(|_| ())
        };
        assert_eq!(agree(&good), Ok(()));
        let longer = [&good[..], &[0]].concat();
        for defect in [&[][..], &[0], &good[1..], &longer, &vec![0xff; good.len()]] {
            assert_eq!(
                agree(defect),
                Err(ElementError(group)),
                "{group:?} {defect:x?}"
            );
        }
        if group == Group::Edwards25519 {
            continue;
        }
        // Forms of a point that are as long, or stand for the same one, and the identity.
        for first in (0..=255).filter(|first| !matches!(first, 2 | 3)) {
            let mut other = good.clone();
            other[0] = first;
            assert_eq!(agree(&other), Err(ElementError(group)), "{group:?} {first}");
        }
        assert!(agree(&vec![0; good.len()]).is_err());
    }
}

#[test]
fn half_of_all_coordinates_have_no_point() {
    for group in Group::ALL {
        let client = PrivateScalar::draw(group, Party::Client, &mut Counter(1)).unwrap();
        let mut encoding = client.public_key(&key()).unwrap();
        let at = encoding.len() / 2;
        let mut refused = 0;
        for byte in 0..=255 {
            encoding[at] = byte;
            let agreed = Keys::agree(&client, &key(), &encoding, Transcript::new(group));
            refused += u32::from(agreed.is_err());
        }
        assert!((80..176).contains(&refused), "{group:?}: {refused}");
    }
}

/// The points of edwards25519 whose order divides 8, and other encodings of them.
const SMALL_ORDER: [&str; 12] = [
    // The identity, the point of order 2, those of order 4 and of order 8.
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    // Not reduced, or of the sign of a zero: refused as encodings.
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// A public key of the KDC that is a small-order point below its mask, made by one who knows the initial key.
fn masked_small_order(encoding: &str) -> Option<Vec<u8>> {
    let small = Edwards25519::element(&hex(encoding))?;
    let w = Edwards25519::scalar(&multiplier(&key(), Group::Edwards25519)).unwrap();
    let mask = Edwards25519::multiply(&Edwards25519::element(Edwards25519::M).unwrap(), &w);
    Some(Edwards25519::encoding(&Edwards25519::add(&small, &mask)))
}

#[test]
fn a_small_order_point_below_the_mask_is_refused() {
    let client = PrivateScalar::draw(Group::Edwards25519, Party::Client, &mut Counter(1)).unwrap();
    let mut points = 0;
    for public in SMALL_ORDER.into_iter().filter_map(masked_small_order) {
        let transcript = Transcript::new(Group::Edwards25519);
        let agreed = Keys::agree(&client, &key(), &public, transcript);
        assert_eq!(agreed.map(|_| ()), Err(ElementError(Group::Edwards25519)));
        points += 1;
    }
    assert_eq!(points, 8);
}

#[test]
fn what_a_public_key_has_of_small_order_makes_no_difference() {
    let group = Group::Edwards25519;
    let client = PrivateScalar::draw(group, Party::Client, &mut Counter(1)).unwrap();
    let kdc = PrivateScalar::draw(group, Party::Kdc, &mut Counter(2)).unwrap();
    let good = kdc.public_key(&key()).unwrap();
    let agree = |public: &[u8]| {
        let keys = Keys::agree(&client, &key(), public, Transcript::new(group)).unwrap();
        keys.derive(0, b"")
    };
    let element = Edwards25519::element(&good).unwrap();
    for small in &SMALL_ORDER[..8] {
        let small = Edwards25519::element(&hex(small)).unwrap();
        let with = Edwards25519::encoding(&Edwards25519::add(&element, &small));
        assert!(agree(&with) == agree(&good));
    }
}

#[test]
fn the_identity_below_the_mask_is_refused_in_the_groups_of_prime_order() {
    fn check<A: Arithmetic>(group: Group) {
        let w = multiplier(&key(), group);
        let mask = A::multiply(&A::element(A::N).unwrap(), &A::scalar(&w).unwrap());
        let kdc = PrivateScalar::draw(group, Party::Kdc, &mut Counter(1)).unwrap();
        let mask = A::encoding(&mask);
        let agreed = Keys::agree(&kdc, &key(), &mask, Transcript::new(group));
        assert_eq!(agreed.map(|_| ()), Err(ElementError(group)));
    }
    check::<Edwards25519>(Group::Edwards25519);
    check::<P256>(Group::P256);
    check::<P384>(Group::P384);
    check::<P521>(Group::P521);
}

#[test]
fn a_source_that_gives_zeros_hides_nothing_and_is_refused() {
    for group in Group::ALL {
        let drawn = PrivateScalar::draw(group, Party::Kdc, &mut Constant(0));
        assert!(drawn.is_err(), "{group:?}");
        assert!(PrivateScalar::draw(group, Party::Kdc, &mut Constant(1)).is_ok());
    }
}

#[test]
fn noise_counts_whole() {
    fn check<A: Arithmetic>() {
        let draw = |noise: &[u8]| private_scalar::<A>(noise).unwrap();
        let length = 2 * A::SCALAR_LEN;
        let zeros = vec![0; length];
        let mut scalars = Vec::new();
        for at in 0..length {
            let mut noise = zeros.clone();
            noise[at] = 1;
            let scalar = draw(&noise).to_vec();
            assert!(!scalars.contains(&scalar), "{at}");
            scalars.push(scalar);
        }
        assert!(private_scalar::<A>(&zeros[1..]).is_none());
        assert!(public_key::<A>(Party::Kdc, &[1], &scalars[0]).is_none());
    }
    check::<Edwards25519>();
    check::<P256>();
    check::<P384>();
    check::<P521>();
}

#[test]
fn groups_have_the_numbers_and_names_of_the_registry() {
    for group in Group::ALL {
        assert_eq!(Group::from_number(group.number()), Some(group));
        assert_eq!(Group::from_name(&group.name().to_uppercase()), Some(group));
    }
    assert_eq!(Group::from_number(0), None);
    assert_eq!(Group::from_name("P-192"), None);
}

#[test]
fn debug_shows_no_secrets() {
    let scalar = PrivateScalar::draw(Group::P256, Party::Kdc, &mut Counter(1)).unwrap();
    assert_eq!(alloc::format!("{scalar:?}"), "PrivateScalar(P-256, Kdc)");
}
