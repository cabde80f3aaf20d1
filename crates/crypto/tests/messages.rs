//! Every way to encrypt and decrypt gives the same, and what the RFCs say.
#![expect(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "a mistake here fails the test"
)]

mod reference;

use orthros_crypto::{
    DecryptError, Decryptor, Encryptor, Enctype, IntegrityError, IovBuffer, Key, KeyUsage,
    LengthError,
};
use proptest::prelude::*;
use reference::Part;

const USAGE: KeyUsage = KeyUsage::INITIATOR_SEAL;

#[test]
fn one_buffer_equals_the_two_pass_reference_for_every_length_up_to_300() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        for length in 0..=300 {
            let ciphertext = encrypted(&encryptor, length);
            assert_eq!(
                ciphertext,
                expected(enctype, length),
                "{enctype}, {length} bytes"
            );
            let mut buffer = ciphertext;
            let plaintext = decryptor.decrypt_in_place(&mut buffer).unwrap();
            assert_eq!(
                plaintext,
                &message(enctype, length)[enctype.confounder_len()..],
                "{enctype}, {length} bytes"
            );
        }
    }
}

#[test]
fn one_buffer_equals_the_two_pass_reference_around_the_strides_of_the_cipher() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        for stride in [1024, 2048, 3072, 16384] {
            for length in stride - 49..stride + 49 {
                let mut buffer = encrypted(&encryptor, length);
                assert_eq!(
                    buffer,
                    expected(enctype, length),
                    "{enctype}, {length} bytes"
                );
                let plaintext = decryptor.decrypt_in_place(&mut buffer).unwrap();
                assert_eq!(
                    plaintext,
                    &message(enctype, length)[enctype.confounder_len()..],
                    "{enctype}, {length} bytes"
                );
            }
        }
    }
}

#[test]
fn every_split_in_two_equals_one_buffer() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        for length in 0..=300 {
            let message = message(enctype, length);
            let ciphertext = encrypted(&encryptor, length);
            let (data, tag) = split(enctype, &ciphertext);
            for split in 0..=message.len() {
                let mut buffer = message.clone();
                let mut ours = vec![0; enctype.tag_len()];
                let (first, second) = buffer.split_at_mut(split);
                let buffers = &mut [IovBuffer::Data(first), IovBuffer::Data(second)];
                encryptor.encrypt_iov(buffers, &mut ours).unwrap();
                assert!(
                    buffer == data && ours == tag,
                    "{enctype}, {length} at {split}"
                );
                let (first, second) = buffer.split_at_mut(split);
                let buffers = &mut [IovBuffer::Data(first), IovBuffer::Data(second)];
                decryptor.decrypt_iov(buffers, tag).unwrap();
                assert!(buffer == message, "{enctype}, {length} at {split}");
            }
        }
    }
}

#[test]
fn every_split_in_three_equals_one_buffer() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 48, 67] {
            let message = message(enctype, length);
            let ciphertext = encrypted(&encryptor, length);
            let (data, tag) = split(enctype, &ciphertext);
            for (one, two) in pairs(message.len()) {
                let mut buffer = message.clone();
                let mut ours = vec![0; enctype.tag_len()];
                encryptor
                    .encrypt_iov(&mut in_three(&mut buffer, one, two), &mut ours)
                    .unwrap();
                assert!(
                    buffer == data && ours == tag,
                    "{enctype}, {length} at {one}, {two}"
                );
                decryptor
                    .decrypt_iov(&mut in_three(&mut buffer, one, two), tag)
                    .unwrap();
                assert!(buffer == message, "{enctype}, {length} at {one}, {two}");
            }
        }
    }
}

proptest! {
    /// Any number of buffers, some covered by the tag only.
    #[test]
    fn any_pieces_equal_the_two_pass_reference(
        enctype in proptest::sample::select(Enctype::ALL),
        parts in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..600)), 0..8),
        confounder in prop::collection::vec(any::<u8>(), 16..40),
        position in any::<prop::sample::Index>(),
    ) {
        let mut parts: Vec<Part> = parts;
        parts.insert(position.index(parts.len() + 1), (true, confounder));
        let key = key(enctype);
        let (encryptor, decryptor) = (key.encryptor(USAGE), key.decryptor(USAGE));
        let mut expected = parts.clone();
        let expected_tag = reference::encrypt(enctype, key.as_bytes(), USAGE.0, &mut expected);

        let mut ours = parts.clone();
        let mut tag = vec![0; enctype.tag_len()];
        encryptor.encrypt_iov(&mut buffers(&mut ours), &mut tag).unwrap();
        prop_assert_eq!(&ours, &expected);
        prop_assert_eq!(&tag, &expected_tag);
        decryptor.decrypt_iov(&mut buffers(&mut ours), &tag).unwrap();
        prop_assert_eq!(&ours, &parts);
    }
}

#[test]
fn every_flipped_bit_is_refused_and_no_plaintext_is_left() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        for length in [0, 1, 16, 17, 40, 100] {
            let ciphertext = encrypted(&encryptor, length);
            for bit in 0..ciphertext.len() * 8 {
                let mut damaged = ciphertext.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                let mut buffer = damaged.clone();
                let error = decryptor.decrypt_in_place(&mut buffer).unwrap_err();
                assert!(
                    matches!(error, DecryptError::Integrity(_)),
                    "{enctype}, {length}, {bit}"
                );
                let (data, tag) = split(enctype, &buffer);
                let (damaged, damaged_tag) = split(enctype, &damaged);
                assert_eq!(tag, damaged_tag);
                match enctype.number() {
                    19 | 20 => assert_eq!(data, damaged, "decrypted before it was verified"),
                    _ => assert!(data.iter().all(|byte| *byte == 0)),
                }
            }
        }
    }
}

#[test]
fn every_flipped_bit_in_a_piece_that_is_only_signed_is_refused() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        let (mut buffer, mut tag) = (message(enctype, 20), vec![0; enctype.tag_len()]);
        let header = *b"associated";
        let buffers = &mut [
            IovBuffer::AssociatedData(&header),
            IovBuffer::Data(&mut buffer),
        ];
        encryptor.encrypt_iov(buffers, &mut tag).unwrap();
        for bit in 0..header.len() * 8 {
            let (mut header, mut buffer) = (header, buffer.clone());
            header[bit / 8] ^= 1 << (bit % 8);
            let buffers = &mut [
                IovBuffer::AssociatedData(&header),
                IovBuffer::Data(&mut buffer),
            ];
            decryptor.decrypt_iov(buffers, &tag).unwrap_err();
        }
    }
}

#[test]
fn another_key_or_usage_is_refused() {
    for enctype in Enctype::ALL.iter().copied() {
        let ciphertext = encrypted(&key(enctype).encryptor(USAGE), 33);
        let other_key = Key::new(enctype, &vec![8; enctype.key_len()]).unwrap();
        for decryptor in [
            other_key.decryptor(USAGE),
            key(enctype).decryptor(KeyUsage::ACCEPTOR_SEAL),
        ] {
            decryptor
                .decrypt_in_place(&mut ciphertext.clone())
                .unwrap_err();
        }
    }
}

#[test]
fn what_is_too_short_is_refused_untouched() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        let needed = enctype.ciphertext_len(0);
        for actual in 0..needed {
            let mut buffer = vec![7; actual];
            let error = decryptor.decrypt_in_place(&mut buffer).unwrap_err();
            assert_eq!(error, DecryptError::TooShort { needed, actual });
            let error = encryptor.encrypt_in_place(&mut buffer).unwrap_err();
            assert_eq!(
                error,
                LengthError {
                    enctype,
                    needed,
                    actual
                }
            );
            assert!(buffer.iter().all(|byte| *byte == 7));
        }
    }
}

#[test]
fn pieces_of_wrong_lengths_are_refused_untouched() {
    for enctype in Enctype::ALL.iter().copied() {
        let (encryptor, decryptor) = ciphers(enctype);
        let tag_len = enctype.tag_len();
        let least = enctype.confounder_len();
        let lengths = [
            (least - 1, tag_len),
            (least, tag_len - 1),
            (least, tag_len + 1),
            (least, 0),
        ];
        for (data_len, len) in lengths {
            let (mut data, mut tag) = (vec![7; data_len], vec![7; len]);
            let (needed, actual) = if data_len < least {
                (least, data_len)
            } else {
                (tag_len, len)
            };
            let error = encryptor.encrypt_iov(&mut [IovBuffer::Data(&mut data)], &mut tag);
            assert_eq!(
                error,
                Err(LengthError {
                    enctype,
                    needed,
                    actual
                })
            );
            let error = decryptor.decrypt_iov(&mut [IovBuffer::Data(&mut data)], &tag);
            if data_len < least {
                assert_eq!(error, Err(DecryptError::TooShort { needed, actual }));
            } else {
                assert_eq!(error, Err(DecryptError::Integrity(IntegrityError)));
            }
            assert!(data.iter().chain(&tag).all(|byte| *byte == 7));
        }
        encryptor
            .encrypt_iov(&mut [], &mut vec![0; tag_len])
            .unwrap_err();
        decryptor
            .decrypt_iov(&mut [], &vec![0; tag_len])
            .unwrap_err();
    }
}

fn key(enctype: Enctype) -> Key {
    let bytes: Vec<u8> = (1..).take(enctype.key_len()).collect();
    Key::new(enctype, &bytes).unwrap()
}

fn ciphers(enctype: Enctype) -> (Encryptor, Decryptor) {
    let key = key(enctype);
    (key.encryptor(USAGE), key.decryptor(USAGE))
}

/// A confounder and `length` bytes after it, no two places alike.
fn message(enctype: Enctype, length: usize) -> Vec<u8> {
    let byte = |at: usize| (at * 167 + at / 251) as u8;
    (0..enctype.confounder_len() + length).map(byte).collect()
}

fn encrypted(encryptor: &Encryptor, length: usize) -> Vec<u8> {
    let enctype = encryptor.enctype();
    let mut buffer = join(
        enctype,
        &message(enctype, length),
        &vec![0; enctype.tag_len()],
    );
    encryptor.encrypt_in_place(&mut buffer).unwrap();
    buffer
}

fn expected(enctype: Enctype, length: usize) -> Vec<u8> {
    let mut parts = [(true, message(enctype, length))];
    let tag = reference::encrypt(enctype, key(enctype).as_bytes(), USAGE.0, &mut parts);
    join(enctype, &parts[0].1, &tag)
}

/// A ciphertext, with its tag where the enctype has it.
fn join(enctype: Enctype, data: &[u8], tag: &[u8]) -> Vec<u8> {
    match enctype.number() {
        23 => [tag, data].concat(),
        _ => [data, tag].concat(),
    }
}

/// What of a ciphertext is encrypted, and its tag.
fn split(enctype: Enctype, ciphertext: &[u8]) -> (&[u8], &[u8]) {
    match enctype.number() {
        23 => {
            let (tag, data) = ciphertext.split_at(enctype.tag_len());
            (data, tag)
        }
        _ => ciphertext.split_at(ciphertext.len() - enctype.tag_len()),
    }
}

fn pairs(length: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..=length).flat_map(move |one| (one..=length).map(move |two| (one, two)))
}

fn in_three(buffer: &mut [u8], one: usize, two: usize) -> [IovBuffer<'_>; 3] {
    let (first, rest) = buffer.split_at_mut(one);
    let (second, third) = rest.split_at_mut(two - one);
    [first, second, third].map(IovBuffer::Data)
}

fn buffers(parts: &mut [Part]) -> Vec<IovBuffer<'_>> {
    let buffers = parts.iter_mut().map(|(is_data, bytes)| match is_data {
        true => IovBuffer::Data(bytes),
        false => IovBuffer::AssociatedData(bytes),
    });
    buffers.collect()
}
