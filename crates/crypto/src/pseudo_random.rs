//! The pseudo-random functions of the enctypes.

use aes::{Aes128, Aes256};

use crate::cbc::{Block, BlockCipher};
use crate::derive::{derive, kdf_hmac};
use crate::enctype::{CipherKind, Family, HashKind};
use crate::engine::block_cipher;
use crate::hash::Sha1;
use crate::hmac::hash;
use crate::{Enctype, Key, SecretVec};

/// RFC 3961 section 5.3 (RFC 3962: 16 octets), or RFC 8009 section 5 (32 or 48 octets).
pub(crate) fn prf(enctype: Enctype, key: &[u8], input: &[u8]) -> SecretVec {
    let length = match enctype.profile().hash {
        HashKind::Sha1 => return simplified_prf(enctype, key, input),
        HashKind::Sha256 => 32,
        HashKind::Sha384 => 48,
    };
    debug_assert!(enctype.profile().family == Family::EncryptThenMac);
    SecretVec::from(kdf_hmac(enctype, key, b"prf", input, length).as_ref())
}

/// PRF+ of RFC 6113 section 5.1: `length` octets of PRF(1 | pepper), PRF(2 | pepper), and so on.
pub(crate) fn prf_plus(key: &Key, pepper: &[u8], length: usize) -> SecretVec {
    let mut out = SecretVec::zeroed(length);
    let mut rest: &mut [u8] = &mut out;
    for counter in 1..=u8::MAX {
        let block = key.prf(&[&[counter], pepper].concat());
        let (here, after) = rest.split_at_mut(rest.len().min(block.len()));
        for (octet, block) in here.iter_mut().zip(block.iter()) {
            *octet = *block;
        }
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    out
}

/// E(DK(key, "prf"), H(input) cut to whole blocks).
fn simplified_prf(enctype: Enctype, key: &[u8], input: &[u8]) -> SecretVec {
    let key = derive(enctype, key, b"prf", enctype.key_len());
    let hash = hash::<Sha1>(input);
    let mut block = Block::default();
    for (octet, hash) in block.iter_mut().zip(hash) {
        *octet = hash;
    }
    match enctype.profile().cipher {
        CipherKind::Aes128 => encrypt_block::<Aes128>(key.as_ref(), &mut block),
        CipherKind::Aes256 => encrypt_block::<Aes256>(key.as_ref(), &mut block),
    }
    SecretVec::from(block.as_slice())
}

fn encrypt_block<C: BlockCipher>(key: &[u8], block: &mut Block) {
    let cipher: C = block_cipher(key);
    cipher.encrypt_block(block);
}
