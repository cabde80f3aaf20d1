//! The pseudo-random functions of the enctypes.

use crate::cbc::Block;
use crate::derive::{derive, kdf_hmac};
use crate::enctype::{CONFOUNDER_LEN, Family, HashKind};
use crate::engine::{AnyCipher, AnyMac};
use crate::hash::{Hash as _, Sha1, Sha256, Sha384};
use crate::hmac::hash;
use crate::{Enctype, Key, SecretVec};

/// RFC 3961 section 5.3 (RFC 3962: 16 octets), RFC 6803 section 6 (16 octets), or RFC 8009 section 5
/// (32 or 48 octets).
pub(crate) fn prf(enctype: Enctype, key: &[u8], input: &[u8]) -> SecretVec {
    match enctype.profile().family {
        Family::Simplified => simplified_prf(enctype, key, input),
        Family::FeedbackCmac => cmac_prf(enctype, key, input),
        Family::EncryptThenMac => {
            let length = match enctype.profile().hash {
                HashKind::Sha1 => Sha1::OUTPUT,
                HashKind::Sha256 => Sha256::OUTPUT,
                HashKind::Sha384 => Sha384::OUTPUT,
            };
            SecretVec::from(kdf_hmac(enctype, key, b"prf", input, length).as_ref())
        }
    }
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
    AnyCipher::new(enctype.profile().cipher, key.as_ref()).encrypt_block(&mut block);
    SecretVec::from(block.as_slice())
}

/// CMAC(DK(key, "prf"), input).
fn cmac_prf(enctype: Enctype, key: &[u8], input: &[u8]) -> SecretVec {
    let key = derive(enctype, key, b"prf", enctype.key_len());
    let mut mac = SecretVec::from(&AnyMac::new(enctype.profile(), key.as_ref()).sign(&[input])[..]);
    mac.truncate(CONFOUNDER_LEN);
    mac
}
