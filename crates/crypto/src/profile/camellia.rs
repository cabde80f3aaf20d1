//! camellia128-cts-cmac and camellia256-cts-cmac (RFC 6803): keys are derived with CMAC in feedback mode, and the tag
//! is a CMAC of the plaintext.

use core::str::Utf8Error;

use camellia::{Camellia128, Camellia256};
use sha1::Sha1;
use zeroize::Zeroize as _;

use super::{Checksum, Columns, EncryptionProfile};
use crate::block::{BLOCK, EncryptingCipher};
use crate::cbc::Mode;
use crate::cmac::{CmacKey, ExpandedCmacKey};
use crate::derived::{Derived, Purpose, usage_constant};
use crate::keyed::MacOfPlaintext;
use crate::pbkdf2::pbkdf2;
use crate::running_mac::MacKey as _;
use crate::{KeyUsage, SecretVec};

/// camellia128-cts-cmac.
pub(crate) struct Camellia128Cmac;

impl EncryptionProfile for Camellia128Cmac {
    const COLUMNS: Columns = Columns {
        number: 25,
        name: "camellia128-cts-cmac",
        aliases: &["camellia128-cts"],
        key_len: 16,
        confounder_len: BLOCK,
        tag_len: 16,
        tag_comes_first: false,
        checksum: Checksum {
            number: 17,
            name: "cmac-camellia128",
        },
        default_iterations: Some(DEFAULT_ITERATIONS),
    };

    type Keys<M: Mode> = MacOfPlaintext<Camellia128, CmacKey<Camellia128>>;
    type Checksum = CmacKey<Camellia128>;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M> {
        keys(key, usage)
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> CmacKey<Camellia128> {
        checksum(key, usage)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], _: usize) -> Derived {
        kdf_feedback_cmac(&ExpandedCmacKey::<Camellia128>::new(key), constant)
    }

    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error> {
        Ok(string_to_key::<Camellia128>(
            password,
            salt,
            iterations,
            &Self::COLUMNS,
        ))
    }

    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        prf::<Camellia128>(key, input)
    }
}

/// camellia256-cts-cmac.
pub(crate) struct Camellia256Cmac;

impl EncryptionProfile for Camellia256Cmac {
    const COLUMNS: Columns = Columns {
        number: 26,
        name: "camellia256-cts-cmac",
        aliases: &["camellia256-cts"],
        key_len: 32,
        confounder_len: BLOCK,
        tag_len: 16,
        tag_comes_first: false,
        checksum: Checksum {
            number: 18,
            name: "cmac-camellia256",
        },
        default_iterations: Some(DEFAULT_ITERATIONS),
    };

    type Keys<M: Mode> = MacOfPlaintext<Camellia256, CmacKey<Camellia256>>;
    type Checksum = CmacKey<Camellia256>;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M> {
        keys(key, usage)
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> CmacKey<Camellia256> {
        checksum(key, usage)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], _: usize) -> Derived {
        kdf_feedback_cmac(&ExpandedCmacKey::<Camellia256>::new(key), constant)
    }

    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error> {
        Ok(string_to_key::<Camellia256>(
            password,
            salt,
            iterations,
            &Self::COLUMNS,
        ))
    }

    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        prf::<Camellia256>(key, input)
    }
}

/// RFC 6803 section 4.
const DEFAULT_ITERATIONS: u32 = 32768;

fn keys<C: EncryptingCipher>(key: &[u8], usage: KeyUsage) -> MacOfPlaintext<C, CmacKey<C>> {
    let kdf = ExpandedCmacKey::<C>::new(key);
    let encryption = usage_key(&kdf, usage, Purpose::Encryption);
    let integrity = usage_key(&kdf, usage, Purpose::Integrity);
    MacOfPlaintext::new(encryption.as_ref(), integrity.as_ref())
}

fn checksum<C: EncryptingCipher>(key: &[u8], usage: KeyUsage) -> CmacKey<C> {
    let kdf = ExpandedCmacKey::<C>::new(key);
    CmacKey::new(usage_key(&kdf, usage, Purpose::Checksum).as_ref())
}

/// RFC 6803 section 4: PBKDF2 with HMAC-SHA1, and the salt is prefixed by the enctype's name.
fn string_to_key<C: EncryptingCipher>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    columns: &Columns,
) -> Derived {
    let mut temporary = Derived::zeroed(columns.key_len);
    let salt = [columns.name.as_bytes(), &[0], salt];
    pbkdf2::<Sha1>(password, &salt, iterations, temporary.as_mut());
    let kdf = ExpandedCmacKey::<C>::new(temporary.as_ref());
    kdf_feedback_cmac(&kdf, b"kerberos")
}

/// CMAC(DK(key, "prf"), input) (RFC 6803 section 6).
fn prf<C: EncryptingCipher>(key: &[u8], input: &[u8]) -> SecretVec {
    let key = kdf_feedback_cmac(&ExpandedCmacKey::<C>::new(key), b"prf");
    let mut mac = SecretVec::from(&CmacKey::<C>::new(key.as_ref()).sign(&[input])[..]);
    mac.truncate(BLOCK);
    mac
}

/// The key for `purpose` of `usage`, as long as a protocol key.
fn usage_key<C: EncryptingCipher>(
    kdf: &ExpandedCmacKey<C>,
    usage: KeyUsage,
    purpose: Purpose,
) -> Derived {
    kdf_feedback_cmac(kdf, &usage_constant(usage, purpose))
}

/// KDF-FEEDBACK-CMAC, RFC 6803 section 3: each block is the CMAC of the one before and the constant.
fn kdf_feedback_cmac<C: EncryptingCipher>(cmac: &ExpandedCmacKey<C>, constant: &[u8]) -> Derived {
    let mut derived = Derived::zeroed(C::key_size());
    let bits = derived.bits();
    let mut block = [0; BLOCK];
    for (number, chunk) in (1_u32..).zip(derived.as_mut().chunks_mut(BLOCK)) {
        let mut mac = cmac.sign(&[&block, &number.to_be_bytes(), constant, &[0], &bits]);
        for (place, byte) in block.iter_mut().zip(mac) {
            *place = byte;
        }
        for (place, byte) in chunk.iter_mut().zip(mac) {
            *place = byte;
        }
        mac.zeroize();
    }
    block.zeroize();
    derived
}
