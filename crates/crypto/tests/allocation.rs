//! What works in the caller's buffers does not allocate.

use allocation_counter::measure;
use orthros_crypto::{Enctype, IovBuffer, Key, KeyUsage};

#[test]
fn prepared_ciphers_and_macs_do_not_allocate() {
    for enctype in Enctype::ALL.iter().copied() {
        let key = Key::new(enctype, &vec![3; enctype.key_len()]).unwrap();
        let encryptor = key.encryptor(KeyUsage::INITIATOR_SEAL);
        let decryptor = key.decryptor(KeyUsage::INITIATOR_SEAL);
        let mac = key.mac(KeyUsage::INITIATOR_SIGN);
        for length in [0, 1, 100, 5000, 70000] {
            let mut buffer = vec![5; enctype.ciphertext_len(length)];
            let (mut data, mut tag) = (vec![5; 16 + length], vec![0; enctype.tag_len()]);
            let (first, second) = data.split_at_mut(9 + length / 2);
            let mut buffers = [
                IovBuffer::Data(first),
                IovBuffer::AssociatedData(b"header"),
                IovBuffer::Data(second),
            ];
            let allocations = measure(|| {
                encryptor.encrypt_in_place(&mut buffer).unwrap();
                decryptor.decrypt_in_place(&mut buffer).unwrap();
                encryptor.encrypt_iov(&mut buffers, &mut tag).unwrap();
                decryptor.decrypt_iov(&mut buffers, &tag).unwrap();
                let tag = mac.sign(&[b"part", &buffer]);
                mac.verify(&[b"part", &buffer], &tag).unwrap();
            });
            assert_eq!(allocations.count_total, 0, "{enctype}, {length} bytes");
        }
    }
}

#[test]
fn making_ciphers_and_macs_does_not_allocate() {
    for enctype in Enctype::ALL.iter().copied() {
        let key = Key::new(enctype, &vec![3; enctype.key_len()]).unwrap();
        let allocations = measure(|| {
            let _ = key.encryptor(KeyUsage::INITIATOR_SEAL);
            let _ = key.decryptor(KeyUsage::INITIATOR_SEAL);
            let _ = key.mac(KeyUsage::INITIATOR_SIGN);
        });
        assert_eq!(allocations.count_total, 0, "{enctype}");
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(vec![1_u8; 100])).count_total, 1);
}
