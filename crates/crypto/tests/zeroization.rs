//! What a secret leaves behind in memory when it is dropped: nothing.
//!
//! The memory is read as a file, so that what is there after the drop can be seen without unsafe code.
#![cfg(all(target_os = "linux", not(miri)))]
#![expect(clippy::unwrap_used, reason = "a mistake here fails the test")]

use std::fs::File;
use std::hint::black_box;
use std::mem::size_of;
use std::os::unix::fs::FileExt;
use std::ptr::from_ref;

use orthros_crypto::{Enctype, Key, KeyUsage, RandomError, RandomSource, SecretVec};

#[test]
fn keys_are_gone_however_they_came() {
    for enctype in Enctype::ALL.iter().copied() {
        let made = Key::new(enctype, &vec![0xA5; enctype.key_len()]).unwrap();
        let drawn = enctype.random_key(&mut Fixed).unwrap();
        let from_password = enctype.string_to_key(b"password", b"salt", None).unwrap();
        let combined = made.fx_cf2(b"one", &drawn, b"two");
        for key in [made, drawn, from_password, combined] {
            let secret = key.as_bytes().to_vec();
            let address = key.as_bytes().as_ptr().addr();
            let clone = key.clone();
            // Where a key stands there is none of its bytes, so that it may be moved.
            let (before, _) = around_drop(|| key);
            assert!(!before.windows(8).any(|window| secret.starts_with(window)));
            assert_eq!(memory(address, secret.len()), secret, "{enctype}");
            drop(black_box(clone));
            // The allocator may have put something of its own there.
            let left = memory(address, secret.len());
            let part = secret.get(..8).unwrap();
            assert!(!left.windows(8).any(|window| window == part), "{left:02x?}");
        }
    }
}

#[test]
fn key_schedules_and_mac_states_are_gone() {
    for enctype in Enctype::ALL.iter().copied() {
        let key = Key::new(enctype, &vec![0xA5; enctype.key_len()]).unwrap();
        let encryptor = around_drop(|| key.encryptor(KeyUsage::INITIATOR_SEAL));
        let decryptor = around_drop(|| key.decryptor(KeyUsage::INITIATOR_SEAL));
        for (before, after) in [encryptor, decryptor] {
            // RC4's schedule is made for each message: what stays is the state of an HMAC alone.
            let least = if enctype == Enctype::ARCFOUR_HMAC {
                non_zero(&after) + LEAST_SECRET
            } else {
                7 * NOT_SECRET
            };
            assert!(non_zero(&before) > least, "{enctype}: nothing was there");
            assert!(non_zero(&after) <= NOT_SECRET, "{enctype}: {after:02x?}");
        }
        let (before, after) = around_drop(|| key.mac(KeyUsage::INITIATOR_SIGN));
        assert!(
            non_zero(&before) >= non_zero(&after) + LEAST_SECRET,
            "{enctype}: nothing was there"
        );
        assert!(non_zero(&after) <= NOT_SECRET, "{enctype}: {after:02x?}");
    }
}

#[test]
fn decrypted_bytes_are_gone_and_so_are_those_cut_off() {
    let secret = SecretVec::from(&[0xA5; 256][..]);
    let (address, length) = (secret.as_ptr().addr(), secret.len());
    assert_eq!(memory(address, length), [0xA5; 256]);
    drop(black_box(secret));
    // The allocator may have put something of its own there.
    let left = memory(address, length);
    assert!(
        left.windows(8).all(|window| window != [0xA5; 8]),
        "{left:02x?}"
    );

    let mut secret = SecretVec::from(&[0xA5; 256][..]);
    let address = secret.as_ptr().addr();
    black_box(&mut secret).remove_prefix(200);
    black_box(&mut secret).truncate(40);
    assert_eq!(memory(address, 40), [0xA5; 40]);
    assert_eq!(memory(address + 40, 216), [0; 216]);
}

/// What is in memory where the value that `make` gives stands, before and after it is dropped there.
fn around_drop<T>(make: impl FnOnce() -> T) -> (Vec<u8>, Vec<u8>) {
    clear_stack();
    around_drop_on_clear_stack(make)
}

#[inline(never)]
fn around_drop_on_clear_stack<T>(make: impl FnOnce() -> T) -> (Vec<u8>, Vec<u8>) {
    let mut slot = Some(make());
    let address = from_ref(black_box(&slot)).addr();
    let before = memory(address, size_of::<Option<T>>());
    *black_box(&mut slot) = None;
    let after = memory(address, size_of::<Option<T>>());
    black_box(&slot);
    (before, after)
}

/// Writes zeros where the next calls have their variables: a variant that is smaller than its enum moves
/// together with what lay next to it.
#[inline(never)]
fn clear_stack() {
    black_box([0_u8; 64 * 1024]);
}

fn memory(address: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let memory = File::open("/proc/self/mem").unwrap();
    let offset = address.try_into().unwrap();
    memory.read_exact_at(&mut bytes, offset).unwrap();
    bytes
}

fn non_zero(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte != 0).count()
}

struct Fixed;

impl RandomSource for Fixed {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill(0x5A);
        Ok(())
    }
}

/// Bytes that may stay: the reference to the enctype, the choice among variants, and the pointers that calls
/// left beside a small variant. The least secret has 32 bytes, the least HMAC's state 40.
const NOT_SECRET: usize = 28;

/// The least MAC has a key of 16 bytes, of which few are zero.
const LEAST_SECRET: usize = 14;
