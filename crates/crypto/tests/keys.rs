//! Keys, checksums and the table behind them.
#![expect(
    clippy::cast_possible_truncation,
    reason = "a mistake here fails the test"
)]

mod reference;

use orthros_crypto::{
    ChecksumType, Enctype, IovBuffer, Key, KeyLengthError, KeyUsage, RandomError, RandomSource,
    SecretVec, StringToKeyError, TokenCipher, md5,
};

#[test]
fn numbers_and_names_lead_back_to_their_row() {
    for enctype in Enctype::ALL.iter().copied() {
        assert_eq!(Enctype::from_number(enctype.number()), Some(enctype));
        assert_eq!(Enctype::from_name(enctype.name()), Some(enctype));
        assert_eq!(
            Enctype::from_name(&enctype.name().to_uppercase()),
            Some(enctype)
        );
        let checksum_type = enctype.checksum_type();
        assert_eq!(
            ChecksumType::from_number(checksum_type.number()),
            Some(checksum_type)
        );
        assert_eq!(
            (checksum_type.enctype(), checksum_type.len()),
            (enctype, enctype.tag_len())
        );
    }
}

#[test]
fn mit_aliases_are_known_and_others_are_not() {
    let expected = [
        ("aes128-cts", 17),
        ("aes128-sha1", 17),
        ("aes256-cts", 18),
        ("aes256-sha1", 18),
        ("aes128-sha2", 19),
        ("aes256-sha2", 20),
        ("rc4-hmac", 23),
        ("arcfour-hmac-md5", 23),
        ("camellia128-cts", 25),
        ("camellia256-cts", 26),
    ];
    for (name, number) in expected {
        assert_eq!(Enctype::from_name(name).map(Enctype::number), Some(number));
    }
    assert_eq!(Enctype::from_name("aes"), None);
    assert_eq!(Enctype::from_number(24), None);
    assert_eq!(Enctype::from_name("arcfour-hmac-exp"), None);
    assert_eq!(ChecksumType::from_number(12), None);
}

#[test]
fn a_key_of_another_length_is_refused() {
    for enctype in Enctype::ALL.iter().copied() {
        for actual in [0, enctype.key_len() - 1, enctype.key_len() + 1] {
            let error = Key::new(enctype, &vec![1; actual]).unwrap_err();
            assert_eq!(error, KeyLengthError { enctype, actual });
        }
    }
}

#[test]
fn keys_differ_by_bytes_and_by_enctype() {
    let [aes128, sha256] = [17, 19].map(|number| Enctype::from_number(number).unwrap());
    let key = Key::new(aes128, &[1; 16]).unwrap();
    assert_eq!(key, key.clone());
    assert_ne!(key, Key::new(aes128, &[2; 16]).unwrap());
    assert_ne!(key, Key::new(sha256, &[1; 16]).unwrap());
}

#[test]
fn debug_shows_no_secrets() {
    let key = Key::new(Enctype::AES128_CTS_HMAC_SHA1_96, &[0xab; 16]).unwrap();
    let usage = KeyUsage::INITIATOR_SIGN;
    let secret = SecretVec::from(&[0xab; 16][..]);
    let texts = [
        (format!("{key:?}"), "Key(aes128-cts-hmac-sha1-96)"),
        (
            format!("{:?}", key.encryptor(usage)),
            "Encryptor(aes128-cts-hmac-sha1-96)",
        ),
        (
            format!("{:?}", key.decryptor(usage)),
            "Decryptor(aes128-cts-hmac-sha1-96)",
        ),
        (format!("{:?}", key.mac(usage)), "Mac(hmac-sha1-96-aes128)"),
        (format!("{secret:?}"), "SecretVec(16 bytes)"),
    ];
    for (text, expected) in texts {
        assert_eq!(text, expected);
    }
}

#[test]
fn iteration_counts_are_bounded_both_ways() {
    for enctype in Enctype::ALL
        .iter()
        .copied()
        .filter(|enctype| *enctype != Enctype::ARCFOUR_HMAC)
    {
        let least = if enctype.number() < 19 { 4096 } else { 32768 };
        for count in [0, 1, least - 1, 1 << 24, u32::MAX] {
            let params = count.to_be_bytes();
            let error = enctype
                .string_to_key(b"password", b"salt", Some(&params))
                .unwrap_err();
            let count = if count == 0 {
                1 << 32
            } else {
                u64::from(count)
            };
            let most = 0x00ff_ffff;
            assert_eq!(
                error,
                StringToKeyError::IterationCount {
                    enctype,
                    count,
                    least,
                    most
                }
            );
        }
        let default = enctype.string_to_key(b"password", b"salt", None).unwrap();
        let named = enctype.string_to_key(b"password", b"salt", Some(&least.to_be_bytes()));
        assert_eq!(named.unwrap(), default);
        let more = enctype.string_to_key(b"password", b"salt", Some(&(least + 1).to_be_bytes()));
        assert_ne!(more.unwrap(), default);
    }
}

#[test]
fn string_to_key_parameters_have_four_bytes() {
    for actual in [0, 3, 5] {
        let enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
        let error = enctype.string_to_key(b"password", b"salt", Some(&vec![0; actual]));
        assert_eq!(
            error.unwrap_err(),
            StringToKeyError::ParameterLength { actual }
        );
    }
}

#[test]
fn rc4_takes_no_string_to_key_parameters() {
    let enctype = Enctype::ARCFOUR_HMAC;
    let without = enctype.string_to_key(b"password", b"salt", None).unwrap();
    let empty = enctype.string_to_key(b"password", b"", Some(&[]));
    assert_eq!(empty.unwrap(), without);
    let error = enctype.string_to_key(b"password", b"salt", Some(&[0, 0, 16, 0]));
    assert_eq!(
        error.unwrap_err().to_string(),
        "arcfour-hmac has no string-to-key parameters, 4 bytes came"
    );
}

#[test]
fn a_password_of_rc4_is_characters_beyond_the_basic_plane_too() {
    let key = |password| Enctype::ARCFOUR_HMAC.string_to_key(password, b"", None);
    let error = key(b"pass\xffword").unwrap_err();
    let expected =
        "a password for a key of arcfour-hmac must be UTF-8, this one is not from byte 4 on";
    assert_eq!(error.to_string(), expected);
    key(b"\xed\xa0\x80").unwrap_err();
    let clef = "\u{1d11e}".as_bytes();
    let digest = <md4::Md4 as md4::Digest>::digest([0x34, 0xd8, 0x1e, 0xdd]);
    assert_eq!(key(clef).unwrap().as_bytes(), &digest[..]);
}

#[test]
fn the_pseudo_random_function_of_rc4_is_hmac_sha1() {
    let key = Key::new(Enctype::ARCFOUR_HMAC, &[3; 16]).unwrap();
    assert_eq!(
        key.prf(b"input")[..],
        reference::arcfour_prf(&[3; 16], b"input")
    );
}

#[test]
fn the_cipher_of_tokens_is_rc4_under_a_key_of_its_salt() {
    let key = Key::new(Enctype::ARCFOUR_HMAC, &[3; 16]).unwrap();
    let ciphers = [
        (TokenCipher::for_numbers(&key), [3; 16]),
        (TokenCipher::for_messages(&key), [0xf3; 16]),
    ];
    for (cipher, key) in ciphers {
        let (mut first, mut second) = (*b"confounder", *b"message");
        let buffers = &mut [
            IovBuffer::Data(&mut first),
            IovBuffer::AssociatedData(b"as it is"),
            IovBuffer::Data(&mut second),
        ];
        cipher.apply(b"salt", buffers);
        let keystream = reference::rc4(&reference::arcfour_token_key(&key, b"salt"));
        let plaintext = b"confoundermessage".iter().zip(keystream);
        let expected: Vec<u8> = plaintext.map(|(byte, key)| byte ^ key).collect();
        assert_eq!([&first[..], &second].concat(), expected);
    }
}

/// RFC 4757 section 3 and Windows differ in the usage of a TGS-REP under a subkey.
#[test]
fn a_tgs_rep_under_a_subkey_of_rc4_opens_with_both_usages_and_is_made_as_by_windows() {
    let key = Key::new(Enctype::ARCFOUR_HMAC, &[3; 16]).unwrap();
    let [eight, nine] = [8, 9].map(KeyUsage);
    let by_rfc = key.encrypt(eight, b"reply", &mut Counting(0)).unwrap();
    let by_windows = key.encrypt(nine, b"reply", &mut Counting(0)).unwrap();
    assert_ne!(by_rfc, by_windows);
    for ciphertext in [&by_rfc, &by_windows] {
        assert_eq!(&key.decrypt(nine, ciphertext).unwrap()[..], b"reply");
    }
    key.decrypt(eight, &by_windows).unwrap_err();
    for damaged in 0..by_rfc.len() {
        let mut ciphertext = by_rfc.clone();
        ciphertext[damaged] ^= 1;
        key.decrypt(nine, &ciphertext).unwrap_err();
    }
}

#[test]
fn pbkdf2_of_the_simplified_profile_equals_another_implementation() {
    // With the key length of one output block and of two, and passwords beyond a block.
    for enctype in &Enctype::ALL[..2] {
        for password in [vec![], vec![b'x'; 64], vec![b'y'; 200]] {
            let ours = enctype.string_to_key(&password, b"salt", None).unwrap();
            let mut temporary = vec![0; enctype.key_len()];
            pbkdf2::pbkdf2_hmac::<sha1::Sha1>(&password, b"salt", 4096, &mut temporary);
            assert_eq!(ours.as_bytes(), reference::dk(&temporary, b"kerberos"));
        }
    }
}

#[test]
fn checksums_equal_the_reference_however_the_data_is_cut() {
    for enctype in Enctype::ALL.iter().copied() {
        let key = Key::new(enctype, &vec![3; enctype.key_len()]).unwrap();
        let mac = key.mac(KeyUsage::ACCEPTOR_SIGN);
        for length in 0..=300 {
            let data: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let expected = reference::checksum(enctype, key.as_bytes(), 23, &data);
            let (first, second) = data.split_at(length / 3);
            let (second, third) = second.split_at(second.len() / 2);
            let tag = mac.sign(&[first, second, third]);
            assert_eq!(&tag[..], expected);
            mac.verify(&[&data], &expected).unwrap();
            assert_eq!(key.checksum(KeyUsage::ACCEPTOR_SIGN, &data), tag);
        }
    }
}

#[test]
fn wrong_checksums_are_refused() {
    for enctype in Enctype::ALL.iter().copied() {
        let key = Key::new(enctype, &vec![3; enctype.key_len()]).unwrap();
        let usage = KeyUsage::ACCEPTOR_SIGN;
        let tag = key.checksum(usage, b"data");
        for bit in 0..tag.len() * 8 {
            let mut damaged = tag.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            key.verify_checksum(usage, b"data", &damaged).unwrap_err();
        }
        for length in 0..tag.len() {
            key.verify_checksum(usage, b"data", &tag[..length])
                .unwrap_err();
        }
        let longer = [&tag[..], &[0]].concat();
        key.verify_checksum(usage, b"data", &longer).unwrap_err();
        key.verify_checksum(usage, b"date", &tag).unwrap_err();
        key.verify_checksum(KeyUsage::INITIATOR_SIGN, b"data", &tag)
            .unwrap_err();
        key.verify_checksum(usage, b"data", &tag).unwrap();
    }
}

#[test]
fn random_keys_and_confounders_come_from_the_source() {
    for enctype in Enctype::ALL.iter().copied() {
        let key = enctype.random_key(&mut Counting(0)).unwrap();
        let expected: Vec<u8> = (0..).take(enctype.key_len()).collect();
        assert_eq!(key.as_bytes(), expected);
        let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
        let one = key.encrypt(usage, b"plaintext", &mut Counting(0)).unwrap();
        let other = key.encrypt(usage, b"plaintext", &mut Counting(1)).unwrap();
        assert_ne!(one, other);
        assert_eq!(one.len(), enctype.ciphertext_len(9));
        for ciphertext in [one, other] {
            assert_eq!(&key.decrypt(usage, &ciphertext).unwrap()[..], b"plaintext");
        }
    }
}

#[test]
fn a_source_that_fails_gives_neither_key_nor_ciphertext() {
    let enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
    assert_eq!(enctype.random_key(&mut Failing).unwrap_err(), RandomError);
    let key = Key::new(enctype, &[1; 32]).unwrap();
    let error = key
        .encrypt(KeyUsage::AP_REP_ENC_PART, b"", &mut Failing)
        .unwrap_err();
    assert_eq!(error, RandomError);
}

#[test]
fn secrets_are_cut_at_both_ends() {
    let mut secret = SecretVec::from(vec![1, 2, 3, 4, 5]);
    secret.remove_prefix(2);
    assert_eq!(&secret[..], [3, 4, 5]);
    secret.truncate(1);
    assert_eq!(&secret[..], [3]);
    secret.truncate(9);
    secret.remove_prefix(9);
    assert_eq!(&secret[..], []);
    assert_ne!(SecretVec::zeroed(1), SecretVec::zeroed(2));
}

/// RFC 1321 appendix A.5.
#[test]
fn md5_of_parts_is_the_md5_of_the_whole() {
    let expected = 0xc3fc_d3d7_6192_e400_7dfb_496c_ca67_e13b_u128.to_be_bytes();
    assert_eq!(md5(&[b"abcdefghijklm", b"", b"nopqrstuvwxyz"]), expected);
}

struct Counting(u8);

impl RandomSource for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        for byte in out {
            *byte = self.0;
            self.0 += 1;
        }
        Ok(())
    }
}

struct Failing;

impl RandomSource for Failing {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}
