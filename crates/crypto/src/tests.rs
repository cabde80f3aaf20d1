//! Known answers, by source.

use alloc::vec;

use aes::{Aes128Dec, Aes128Enc};
use sha1::Sha1;

use crate::block::{Block, block_cipher};
use crate::cmac::CmacKey;
use crate::n_fold::{fold_usage, n_fold};
use crate::pbkdf2::pbkdf2;
use crate::running_mac::MacKey as _;
use crate::scatter::{Position, run_rest};
use crate::vectors::{Record, records};
use crate::{Enctype, IntegrityError, IovBuffer, Key, KeyUsage};

#[test]
fn rfc3961_n_fold() {
    for case in records(include_str!("../../../vectors/rfc3961/n-fold.txt")) {
        let (input, output) = (case.hex("input"), case.hex("output"));
        let folded = match output.len() {
            7 => n_fold::<7>(&input).to_vec(),
            8 => n_fold::<8>(&input).to_vec(),
            16 => n_fold::<16>(&input).to_vec(),
            21 => n_fold::<21>(&input).to_vec(),
            24 => n_fold::<24>(&input).to_vec(),
            length => n_fold::<32>(&input)[..length].to_vec(),
        };
        assert_eq!(folded, output);
    }
}

#[test]
fn usages_are_folded_as_any_other_bytes() {
    for usage in (0..2000_u32).chain([0xffff_ffff, 0x8000_0001, 0x0102_0304]) {
        for purpose in [0x99, 0xaa, 0x55, 0, 0xff] {
            let [a, b, c, d] = usage.to_be_bytes();
            let constant = [a, b, c, d, purpose];
            assert_eq!(fold_usage(constant), n_fold(&constant), "{constant:x?}");
        }
    }
}

#[test]
fn rfc3962_ciphertext_stealing_both_ways() {
    for case in records(include_str!("../../../vectors/rfc3962/cbc-cts.txt")) {
        let forwards: Aes128Enc = block_cipher(&case.hex("key"));
        let backwards: Aes128Dec = block_cipher(&case.hex("key"));
        let (plaintext, ciphertext) = (case.hex("plaintext"), case.hex("ciphertext"));
        let mut buffer = plaintext.clone();
        let mut chain = Block::default();
        let buffers = &mut [IovBuffer::Data(&mut buffer)];
        run_rest(&forwards, &mut chain, buffers, Position::START);
        assert_eq!(buffer, ciphertext);
        let mut chain = Block::default();
        let buffers = &mut [IovBuffer::Data(&mut buffer)];
        run_rest(&backwards, &mut chain, buffers, Position::START);
        assert_eq!(buffer, plaintext);
    }
}

#[test]
fn rfc3962_string_to_key() {
    for case in records(include_str!("../../../vectors/rfc3962/string-to-key.txt")) {
        let (password, salt, iterations) = (
            case.hex("string"),
            case.hex("salt"),
            case.number("iterations"),
        );
        let expected = case.hex("pbkdf2");
        let mut out = vec![0; expected.len()];
        pbkdf2::<Sha1>(&password, &[&salt], iterations, &mut out);
        assert_eq!(out, expected);
        let key = case
            .enctype()
            .row()
            .string_to_key(&password, &salt, iterations)
            .unwrap();
        assert_eq!(key.as_ref(), case.hex("key"));
    }
}

#[test]
fn rfc8009_string_to_key() {
    for case in records(include_str!("../../../vectors/rfc8009/string-to-key.txt")) {
        let iterations: u32 = case.number("iterations");
        let params = iterations.to_be_bytes();
        let (password, salt) = (case.hex("string"), case.hex("salt"));
        let key = case
            .enctype()
            .string_to_key(&password, &salt, Some(&params))
            .unwrap();
        assert_eq!(key.as_bytes(), case.hex("key"));
        assert_eq!(
            case.enctype()
                .string_to_key(&password, &salt, None)
                .unwrap(),
            key
        );
    }
}

#[test]
fn rfc4493_cmac_however_the_message_is_cut() {
    for case in records(include_str!("../../../vectors/rfc4493/cmac.txt")) {
        let key = CmacKey::<Aes128Enc>::new(&case.hex("key"));
        let (message, mac) = (case.hex("message"), case.hex("mac"));
        // Miri would take minutes for all.
        let step = if cfg!(miri) { 15 } else { 1 };
        for cut in (0..=message.len()).step_by(step) {
            let (first, second) = message.split_at(cut);
            assert_eq!(key.sign(&[first, &[], second])[..16], mac, "cut at {cut}");
        }
    }
}

#[test]
fn rfc6070_pbkdf2() {
    for case in records(include_str!("../../../vectors/rfc6070/pbkdf2.txt")) {
        let (password, salt) = (case.hex("string"), case.hex("salt"));
        let expected = case.hex("output");
        let mut out = vec![0; expected.len()];
        pbkdf2::<Sha1>(&password, &[&salt], case.number("iterations"), &mut out);
        assert_eq!(out, expected);
    }
}

#[test]
fn rfc6803_string_to_key() {
    for case in records(include_str!("../../../vectors/rfc6803/string-to-key.txt")) {
        let (password, salt) = (case.hex("string"), case.hex("salt"));
        let row = case.enctype().row();
        let key = row.string_to_key(&password, &salt, case.number("iterations"));
        assert_eq!(key.unwrap().as_ref(), case.hex("key"));
    }
}

#[test]
fn rfc4757_string_to_key_with_any_salt() {
    string_to_key_matches(include_str!("../../../vectors/rfc4757/string-to-key.txt"));
}

#[test]
fn heimdal_string_to_key() {
    string_to_key_matches(include_str!(
        "../../../vectors/heimdal-crypto/string-to-key.txt"
    ));
}

/// Of enctypes without parameters.
fn string_to_key_matches(file: &'static str) {
    for case in records(file) {
        for salt in [&b""[..], b"EXAMPLE.ORGalice"] {
            let made = case
                .enctype()
                .string_to_key(&case.hex("string"), salt, None);
            assert_eq!(made.unwrap().as_bytes(), case.hex("key"));
        }
    }
}

#[test]
fn rfc6803_encryption_and_decryption() {
    ciphertexts_match(include_str!("../../../vectors/rfc6803/encrypt.txt"));
}

#[test]
fn rfc6803_derived_keys() {
    derived_keys_match(include_str!("../../../vectors/rfc6803/derive.txt"));
}

#[test]
fn rfc6803_checksums() {
    checksums_match(include_str!("../../../vectors/rfc6803/checksum.txt"));
}

#[test]
fn rfc8009_encryption_and_decryption() {
    ciphertexts_match(include_str!("../../../vectors/rfc8009/encrypt.txt"));
}

#[test]
fn rfc8009_derived_keys() {
    derived_keys_match(include_str!("../../../vectors/rfc8009/derive.txt"));
}

#[test]
fn rfc8009_checksums() {
    checksums_match(include_str!("../../../vectors/rfc8009/checksum.txt"));
}

#[test]
fn rfc8009_pseudo_random_function() {
    pseudo_random_outputs_match(include_str!("../../../vectors/rfc8009/prf.txt"));
}

#[test]
fn mit_ciphertexts_decrypt() {
    for case in records(include_str!("../../../vectors/mit-crypto/decrypt.txt")) {
        let usage = KeyUsage(case.number("usage"));
        let plaintext = key(&case).decrypt(usage, &case.hex("ciphertext")).unwrap();
        assert_eq!(&plaintext[..], case.hex("plaintext"));
    }
}

#[test]
fn mit_hmac_md5() {
    let file = include_str!("../../../vectors/mit-crypto/hmac-md5.txt");
    for case in records(file) {
        let (key, usage) = (key(&case), KeyUsage(case.number("usage")));
        let (data, tag) = (case.hex("plaintext"), case.hex("checksum"));
        assert_eq!(key.hmac_md5(usage, &data)[..], tag);
        key.verify_hmac_md5(usage, &data, &tag).unwrap();
        let other = key.verify_hmac_md5(usage, b"other", &tag);
        assert_eq!(other, Err(IntegrityError));
    }
}

#[test]
fn mit_checksums() {
    checksums_match(include_str!("../../../vectors/mit-crypto/checksum.txt"));
}

#[test]
fn mit_pseudo_random_function() {
    pseudo_random_outputs_match(include_str!("../../../vectors/mit-crypto/prf.txt"));
}

#[test]
fn mit_derived_keys() {
    derived_keys_match(include_str!("../../../vectors/mit-crypto/derive.txt"));
}

#[test]
fn mit_string_to_key_with_its_refusals() {
    for case in records(include_str!(
        "../../../vectors/mit-crypto/string-to-key.txt"
    )) {
        let (password, salt, params) = (case.hex("string"), case.hex("salt"), case.hex("params"));
        if case.find("refused").is_some() {
            case.enctype()
                .string_to_key(&password, &salt, Some(&params))
                .unwrap_err();
            continue;
        }
        let iterations = u32::from_be_bytes(params.try_into().unwrap());
        let row = case.enctype().row();
        let made = row.string_to_key(&password, &salt, iterations);
        assert_eq!(made.unwrap().as_ref(), case.hex("key"));
    }
}

#[test]
fn mit_combined_keys() {
    for case in records(include_str!("../../../vectors/mit-crypto/cf2.txt")) {
        let key = |name| {
            let string = case.text(name).as_bytes();
            case.enctype().string_to_key(string, string, None).unwrap()
        };
        let [pepper1, pepper2] = ["pepper1", "pepper2"].map(|name| case.text(name).as_bytes());
        let combined = key("key1_from_string").fx_cf2(pepper1, &key("key2_from_string"), pepper2);
        assert_eq!(combined.as_bytes(), case.hex("key"));
    }
}

fn key(case: &Record) -> Key {
    Key::new(case.enctype(), &case.hex("key")).unwrap()
}

fn checksums_match(file: &'static str) {
    for case in records(file) {
        let mac = key(&case).mac(KeyUsage(case.number("usage")));
        assert_eq!(
            mac.checksum_type().number(),
            case.number::<i32>("checksum_type")
        );
        let plaintext = case.hex("plaintext");
        assert_eq!(&mac.sign(&[&plaintext])[..], case.hex("checksum"));
        mac.verify(&[&plaintext], &case.hex("checksum")).unwrap();
    }
}

fn pseudo_random_outputs_match(file: &'static str) {
    for case in records(file) {
        assert_eq!(&key(&case).prf(&case.hex("input"))[..], case.hex("output"));
    }
}

fn derived_keys_match(file: &'static str) {
    for case in records(file) {
        let derived = case.hex("derived");
        let row = case.enctype().row();
        let ours = row.derive(&case.hex("key"), &case.hex("constant"), derived.len());
        assert_eq!(ours.as_ref(), derived);
    }
}

fn ciphertexts_match(file: &'static str) {
    for case in records(file) {
        let (key, usage) = (key(&case), KeyUsage(case.number("usage")));
        let plaintext = case.hex("plaintext");
        let mut buffer = [case.hex("confounder"), plaintext.clone()].concat();
        buffer.resize(case.enctype().ciphertext_len(plaintext.len()), 0);
        let encrypted = key.encryptor(usage).encrypt_in_place(&mut buffer);
        encrypted.unwrap();
        assert_eq!(buffer, case.hex("ciphertext"));
        let decrypted = key.decryptor(usage).decrypt_in_place(&mut buffer);
        assert_eq!(decrypted.unwrap(), plaintext);
        assert_eq!(buffer[..16], case.hex("confounder"));
    }
}

#[test]
fn the_tag_of_a_ciphertext_is_found_and_one_too_short_has_none() {
    for enctype in Enctype::ALL.iter().copied() {
        let mut ciphertext = vec![1; enctype.ciphertext_len(9)];
        let (data, tag) = enctype.split_tag(&mut ciphertext).unwrap();
        assert_eq!(data.len(), enctype.confounder_len() + 9);
        tag.fill(2);
        let tag = vec![2; enctype.tag_len()];
        assert_eq!(enctype.tag(&ciphertext), Some(&tag[..]));
        assert_eq!(enctype.tag(&tag[1..]), None);
    }
}
