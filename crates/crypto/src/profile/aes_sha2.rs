//! aes128-cts-hmac-sha256-128 and aes256-cts-hmac-sha384-192 (RFC 8009): keys are derived with the HMAC, and the tag
//! is of the ciphertext.

use core::str::Utf8Error;

use sha2::{Sha256, Sha384};
use zeroize::Zeroize as _;

use super::{Checksum, Columns, EncryptionProfile};
use crate::block::{BLOCK, BlockCipher};
use crate::cbc::Mode;
use crate::derived::{Derived, Purpose, usage_constant};
use crate::hmac::HmacKey;
use crate::hmac_sha384::HmacSha384Key;
use crate::keyed::MacOfCiphertext;
use crate::pbkdf2::pbkdf2;
use crate::running_mac::{HmacHash, MacKey};
use crate::{KeyUsage, SecretVec};

/// aes128-cts-hmac-sha256-128.
pub(crate) struct Aes128Sha256;

impl EncryptionProfile for Aes128Sha256 {
    const COLUMNS: Columns = Columns {
        number: 19,
        name: "aes128-cts-hmac-sha256-128",
        aliases: &["aes128-sha2"],
        key_len: 16,
        confounder_len: BLOCK,
        tag_len: 16,
        tag_comes_first: false,
        checksum: Checksum {
            number: 19,
            name: "hmac-sha256-128-aes128",
        },
        default_iterations: Some(DEFAULT_ITERATIONS),
    };

    type Keys<M: Mode> = MacOfCiphertext<M::Aes128, HmacKey<Sha256>>;
    type Checksum = HmacKey<Sha256>;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M> {
        keys::<M::Aes128, Sha256>(key, usage, &Self::COLUMNS)
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> HmacKey<Sha256> {
        checksum::<Sha256>(key, usage, &Self::COLUMNS)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], length: usize) -> Derived {
        kdf_hmac_sha2(&HmacKey::<Sha256>::new(key), constant, &[], length)
    }

    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error> {
        Ok(string_to_key::<Sha256>(
            password,
            salt,
            iterations,
            &Self::COLUMNS,
        ))
    }

    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        prf::<Sha256>(key, input)
    }
}

/// aes256-cts-hmac-sha384-192.
pub(crate) struct Aes256Sha384;

impl EncryptionProfile for Aes256Sha384 {
    const COLUMNS: Columns = Columns {
        number: 20,
        name: "aes256-cts-hmac-sha384-192",
        aliases: &["aes256-sha2"],
        key_len: 32,
        confounder_len: BLOCK,
        tag_len: 24,
        tag_comes_first: false,
        checksum: Checksum {
            number: 20,
            name: "hmac-sha384-192-aes256",
        },
        default_iterations: Some(DEFAULT_ITERATIONS),
    };

    type Keys<M: Mode> = MacOfCiphertext<M::Aes256, HmacSha384Key>;
    type Checksum = HmacSha384Key;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M> {
        keys::<M::Aes256, Sha384>(key, usage, &Self::COLUMNS)
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> HmacSha384Key {
        checksum::<Sha384>(key, usage, &Self::COLUMNS)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], length: usize) -> Derived {
        kdf_hmac_sha2(&HmacSha384Key::new(key), constant, &[], length)
    }

    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error> {
        Ok(string_to_key::<Sha384>(
            password,
            salt,
            iterations,
            &Self::COLUMNS,
        ))
    }

    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        prf::<Sha384>(key, input)
    }
}

/// RFC 8009 section 4.
const DEFAULT_ITERATIONS: u32 = 32768;

fn keys<C: BlockCipher, H: HmacHash>(
    key: &[u8],
    usage: KeyUsage,
    columns: &Columns,
) -> MacOfCiphertext<C, H::HmacKey> {
    let kdf = H::HmacKey::new(key);
    let constant = usage_constant(usage, Purpose::Encryption);
    let encryption = kdf_hmac_sha2(&kdf, &constant, &[], columns.key_len);
    // Section 5: HMAC keys are as long as the tag.
    let constant = usage_constant(usage, Purpose::Integrity);
    let integrity = kdf_hmac_sha2(&kdf, &constant, &[], columns.tag_len);
    MacOfCiphertext::new(encryption.as_ref(), integrity.as_ref())
}

fn checksum<H: HmacHash>(key: &[u8], usage: KeyUsage, columns: &Columns) -> H::HmacKey {
    let constant = usage_constant(usage, Purpose::Checksum);
    let key = kdf_hmac_sha2(&H::HmacKey::new(key), &constant, &[], columns.tag_len);
    H::HmacKey::new(key.as_ref())
}

/// RFC 8009 section 4: the salt is prefixed by the enctype's name.
fn string_to_key<H: HmacHash>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    columns: &Columns,
) -> Derived {
    let mut temporary = Derived::zeroed(columns.key_len);
    let salt = [columns.name.as_bytes(), &[0], salt];
    pbkdf2::<H>(password, &salt, iterations, temporary.as_mut());
    let kdf = H::HmacKey::new(temporary.as_ref());
    kdf_hmac_sha2(&kdf, b"kerberos", &[], columns.key_len)
}

/// RFC 8009 section 5: as many bytes as the hash gives.
fn prf<H: HmacHash>(key: &[u8], input: &[u8]) -> SecretVec {
    let derived = kdf_hmac_sha2(&H::HmacKey::new(key), b"prf", input, H::OUTPUT);
    SecretVec::from(derived.as_ref())
}

/// KDF-HMAC-SHA2(key, label, context, length), RFC 8009 section 3. One HMAC is always enough.
fn kdf_hmac_sha2(key: &impl MacKey, label: &[u8], context: &[u8], length: usize) -> Derived {
    let mut derived = Derived::zeroed(length);
    let bits = derived.bits();
    let mut mac = key.sign(&[&1_u32.to_be_bytes(), label, &[0], context, &bits]);
    for (byte, mac) in derived.as_mut().iter_mut().zip(mac) {
        *byte = mac;
    }
    mac.zeroize();
    derived
}
