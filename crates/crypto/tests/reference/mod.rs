//! All families as their RFCs tell them, one pass after the other and with copies everywhere: what the
//! crate's results are compared with. Nothing of the crate is used but its names.
#![allow(dead_code, reason = "each test program uses its part of it")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a mistake here fails the test"
)]

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use camellia::{Camellia128, Camellia256};
use cmac::Cmac;
use hmac::digest::Digest as _;
use hmac::{EagerHash, Hmac, Mac};
use md5::Md5;
use orthros_crypto::Enctype;
use sha1::Sha1;
use sha2::{Sha256, Sha384};

/// A part of a message: whether it is encrypted, and its bytes.
pub(crate) type Part = (bool, Vec<u8>);

/// Encrypts the parts in place and gives the tag.
pub(crate) fn encrypt(enctype: Enctype, key: &[u8], usage: u32, parts: &mut [Part]) -> Vec<u8> {
    if enctype.number() == 23 {
        return arcfour(key, usage, parts);
    }
    let encryption_key = derive(enctype, key, usage, 0xaa);
    let integrity_key = derive(enctype, key, usage, 0x55);
    let plaintext = all(parts, false);
    let ciphertext = cbc_cts(enctype, &encryption_key, &all(parts, true));
    let mut rest = &ciphertext[..];
    for (_, bytes) in parts.iter_mut().filter(|part| part.0) {
        let (here, after) = rest.split_at(bytes.len());
        bytes.copy_from_slice(here);
        rest = after;
    }
    let signed = match enctype.number() {
        19 | 20 => [vec![0; 16], all(parts, false)].concat(),
        _ => plaintext,
    };
    let mut tag = mac(enctype, &integrity_key, &signed);
    tag.truncate(enctype.tag_len());
    tag
}

/// RFC 4757 section 5, with a cipher of its own.
fn arcfour(key: &[u8], usage: u32, parts: &mut [Part]) -> Vec<u8> {
    let k1 = hmac::<Md5>(key, &message_type(usage).to_le_bytes());
    let tag = hmac::<Md5>(&k1, &all(parts, false));
    let mut keystream = rc4(&hmac::<Md5>(&k1, &tag));
    for (_, bytes) in parts.iter_mut().filter(|part| part.0) {
        for byte in bytes {
            *byte ^= keystream.next().unwrap();
        }
    }
    tag
}

/// Windows' number for a usage (section 3).
fn message_type(usage: u32) -> u32 {
    match usage {
        3 => 8,
        23 => 13,
        usage => usage,
    }
}

/// The keystream of RC4.
pub(crate) fn rc4(key: &[u8]) -> impl Iterator<Item = u8> + use<> {
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0_usize;
    for i in 0..256 {
        j = (j + usize::from(state[i]) + usize::from(key[i % key.len()])) % 256;
        state.swap(i, j);
    }
    let (mut i, mut j) = (0, 0);
    core::iter::repeat_with(move || {
        i = (i + 1) % 256;
        j = (j + usize::from(state[i])) % 256;
        state.swap(i, j);
        state[(usize::from(state[i]) + usize::from(state[j])) % 256]
    })
}

/// The pseudo-random function that RC4 has in MIT krb5 and Heimdal.
pub(crate) fn arcfour_prf(key: &[u8], input: &[u8]) -> Vec<u8> {
    hmac::<Sha1>(key, input)
}

/// The key that RFC 4757 section 7 encrypts a part of a token with.
pub(crate) fn arcfour_token_key(key: &[u8], salt: &[u8]) -> Vec<u8> {
    hmac::<Md5>(&hmac::<Md5>(key, &[0; 4]), salt)
}

fn hmac<D: EagerHash>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<D> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// The checksum of `data`.
pub(crate) fn checksum(enctype: Enctype, key: &[u8], usage: u32, data: &[u8]) -> Vec<u8> {
    if enctype.number() == 23 {
        let digest = Md5::digest([&message_type(usage).to_le_bytes(), data].concat());
        return hmac::<Md5>(&hmac::<Md5>(key, b"signaturekey\0"), &digest);
    }
    let mut tag = mac(enctype, &derive(enctype, key, usage, 0x99), data);
    tag.truncate(enctype.tag_len());
    tag
}

fn all(parts: &[Part], only_encrypted: bool) -> Vec<u8> {
    let parts = parts.iter().filter(|part| part.0 || !only_encrypted);
    parts.flat_map(|part| part.1.clone()).collect()
}

fn mac(enctype: Enctype, key: &[u8], data: &[u8]) -> Vec<u8> {
    fn of<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(data);
        mac.finalize().into_bytes().to_vec()
    }
    match enctype.number() {
        17 | 18 => of::<Hmac<Sha1>>(key, data),
        19 => of::<Hmac<Sha256>>(key, data),
        20 => of::<Hmac<Sha384>>(key, data),
        25 => of::<Cmac<Camellia128>>(key, data),
        _ => of::<Cmac<Camellia256>>(key, data),
    }
}

fn derive(enctype: Enctype, key: &[u8], usage: u32, purpose: u8) -> Vec<u8> {
    let constant = [&usage.to_be_bytes()[..], &[purpose]].concat();
    match enctype.number() {
        17 | 18 => dk(key, &constant),
        19 | 20 if purpose == 0xaa => kdf_counter(enctype, key, &constant, enctype.key_len()),
        19 | 20 => kdf_counter(enctype, key, &constant, enctype.tag_len()),
        _ => kdf_feedback(enctype, key, &constant),
    }
}

/// KDF-HMAC-SHA2 of RFC 8009 section 3.
fn kdf_counter(enctype: Enctype, key: &[u8], constant: &[u8], length: usize) -> Vec<u8> {
    let bits = u32::try_from(8 * length).unwrap().to_be_bytes();
    let mut out = mac(
        enctype,
        key,
        &[&[0, 0, 0, 1], constant, &[0], &bits].concat(),
    );
    out.truncate(length);
    out
}

/// KDF-FEEDBACK-CMAC of RFC 6803 section 3, for a key as long as `key`.
fn kdf_feedback(enctype: Enctype, key: &[u8], constant: &[u8]) -> Vec<u8> {
    let bits = u32::try_from(8 * key.len()).unwrap().to_be_bytes();
    let mut block = vec![0; 16];
    let mut out = Vec::new();
    while out.len() < key.len() {
        let number = u32::try_from(out.len() / 16 + 1).unwrap().to_be_bytes();
        block = mac(
            enctype,
            key,
            &[&block[..], &number, constant, &[0], &bits].concat(),
        );
        out.extend_from_slice(&block);
    }
    out
}

/// DK of RFC 3961 section 5.1, for a key as long as `key`.
pub(crate) fn dk(key: &[u8], constant: &[u8]) -> Vec<u8> {
    let mut block = n_fold(constant);
    let mut out = Vec::new();
    while out.len() < key.len() {
        block = encrypt_block(false, key, block);
        out.extend_from_slice(&block);
    }
    out
}

/// 128-fold, bit by bit.
fn n_fold(input: &[u8]) -> [u8; 16] {
    let bit = |at: usize| input[at / 8] >> (7 - at % 8) & 1;
    let bits = input.len() * 8;
    let mut bytes = Vec::new();
    for copy in 0..16 / gcd(input.len(), 16) {
        let rotated = |at: usize| bit((at + 16 * bits - 13 * copy) % bits);
        let byte = |at: usize| (0..8).fold(0, |byte, next| byte << 1 | rotated(8 * at + next));
        bytes.extend((0..input.len()).map(byte));
    }
    let sum = bytes.chunks(16).fold(0_u128, |sum, chunk| {
        let (sum, carry) = sum.overflowing_add(u128::from_be_bytes(chunk.try_into().unwrap()));
        sum + u128::from(carry)
    });
    sum.to_be_bytes()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn encrypt_block(camellia: bool, key: &[u8], block: [u8; 16]) -> [u8; 16] {
    fn of<C: KeyInit + BlockCipherEncrypt>(key: &[u8], block: [u8; 16]) -> [u8; 16] {
        let cipher = C::new_from_slice(key).unwrap();
        let mut block = aes::cipher::Block::<C>::try_from(&block[..]).unwrap();
        cipher.encrypt_block(&mut block);
        block.as_slice().try_into().unwrap()
    }
    match (camellia, key.len()) {
        (false, 16) => of::<Aes128>(key, block),
        (false, _) => of::<Aes256>(key, block),
        (true, 16) => of::<Camellia128>(key, block),
        (true, _) => of::<Camellia256>(key, block),
    }
}

/// CBC with the last two blocks exchanged and cut (RFC 3962 section 5), initial vector zero.
fn cbc_cts(enctype: Enctype, key: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let camellia = matches!(enctype.number(), 25 | 26);
    let mut last = [0; 16];
    let mut blocks: Vec<[u8; 16]> = Vec::new();
    for chunk in plaintext.chunks(16) {
        for (byte, plain) in last.iter_mut().zip(chunk) {
            *byte ^= plain;
        }
        last = encrypt_block(camellia, key, last);
        blocks.push(last);
    }
    let count = blocks.len();
    if count > 1 {
        blocks.swap(count - 2, count - 1);
    }
    let mut ciphertext = blocks.concat();
    ciphertext.truncate(plaintext.len());
    ciphertext
}
