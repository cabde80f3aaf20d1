//! Known answers, by source.

use crate::derive::derive;
use crate::vectors::records;
use crate::{Key, KeyUsage};

#[test]
fn mit_ciphertexts_decrypt() {
    for case in records(include_str!("../../../vectors/mit-crypto/decrypt.txt")) {
        let key = Key::new(case.enctype(), &case.hex("key")).unwrap();
        let usage = KeyUsage(case.number("usage"));
        let plaintext = key.decrypt(usage, &case.hex("ciphertext")).unwrap();
        assert_eq!(&plaintext[..], case.hex("plaintext"));
    }
}

#[test]
fn mit_checksums_match() {
    for case in records(include_str!("../../../vectors/mit-crypto/checksum.txt")) {
        let key = Key::new(case.enctype(), &case.hex("key")).unwrap();
        let mac = key.mac(KeyUsage(case.number("usage")));
        assert_eq!(
            mac.checksum_type().number(),
            case.number::<i32>("checksum_type")
        );
        assert_eq!(
            &mac.sign(&[&case.hex("plaintext")])[..],
            case.hex("checksum")
        );
    }
}

#[test]
fn mit_pseudo_random_outputs_match() {
    for case in records(include_str!("../../../vectors/mit-crypto/prf.txt")) {
        let key = Key::new(case.enctype(), &case.hex("key")).unwrap();
        assert_eq!(&key.prf(&case.hex("input"))[..], case.hex("output"));
    }
}

#[test]
fn mit_derived_keys_match() {
    for case in records(include_str!("../../../vectors/mit-crypto/derive.txt")) {
        let derived = case.hex("derived");
        let key = case.hex("key");
        let ours = derive(case.enctype(), &key, &case.hex("constant"), derived.len());
        assert_eq!(ours.as_ref(), derived);
    }
}
