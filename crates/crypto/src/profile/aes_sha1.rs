//! aes128-cts-hmac-sha1-96 and aes256-cts-hmac-sha1-96 (RFC 3962), in the simplified profile of RFC 3961 section 5.3:
//! keys are derived with the cipher, and the tag is of the plaintext.

use core::str::Utf8Error;

use aes::{Aes128Enc, Aes256Enc};
use sha1::Sha1;
use zeroize::Zeroize as _;

use super::{Checksum, Columns, EncryptionProfile};
use crate::block::{BLOCK, Block, BlockCipher, EncryptingCipher, block_cipher};
use crate::cbc::Mode;
use crate::derived::{Derived, Purpose, usage_constant};
use crate::hash::Hash as _;
use crate::hmac::HmacKey;
use crate::keyed::MacOfPlaintext;
use crate::n_fold::{fold_usage, n_fold};
use crate::pbkdf2::pbkdf2;
use crate::running_mac::MacKey as _;
use crate::{KeyUsage, SecretVec};

/// aes128-cts-hmac-sha1-96.
pub(crate) struct Aes128;

impl EncryptionProfile for Aes128 {
    const COLUMNS: Columns = Columns {
        number: 17,
        name: "aes128-cts-hmac-sha1-96",
        aliases: &["aes128-cts", "aes128-sha1"],
        key_len: 16,
        confounder_len: BLOCK,
        tag_len: 12,
        tag_comes_first: false,
        checksum: Checksum {
            number: 15,
            name: "hmac-sha1-96-aes128",
        },
        default_iterations: Some(DEFAULT_ITERATIONS),
    };

    type Keys<M: Mode> = MacOfPlaintext<M::Aes128, HmacKey<Sha1>>;
    type Checksum = HmacKey<Sha1>;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M> {
        keys(&Dk::<Aes128Enc>::new(key), usage)
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> HmacKey<Sha1> {
        checksum(&Dk::<Aes128Enc>::new(key), usage)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], _: usize) -> Derived {
        Dk::<Aes128Enc>::new(key).derive(n_fold(constant))
    }

    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error> {
        Ok(string_to_key::<Aes128Enc>(password, salt, iterations))
    }

    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        prf::<Aes128Enc>(key, input)
    }
}

/// aes256-cts-hmac-sha1-96.
pub(crate) struct Aes256;

impl EncryptionProfile for Aes256 {
    const COLUMNS: Columns = Columns {
        number: 18,
        name: "aes256-cts-hmac-sha1-96",
        aliases: &["aes256-cts", "aes256-sha1"],
        key_len: 32,
        confounder_len: BLOCK,
        tag_len: 12,
        tag_comes_first: false,
        checksum: Checksum {
            number: 16,
            name: "hmac-sha1-96-aes256",
        },
        default_iterations: Some(DEFAULT_ITERATIONS),
    };

    type Keys<M: Mode> = MacOfPlaintext<M::Aes256, HmacKey<Sha1>>;
    type Checksum = HmacKey<Sha1>;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> Self::Keys<M> {
        keys(&Dk::<Aes256Enc>::new(key), usage)
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> HmacKey<Sha1> {
        checksum(&Dk::<Aes256Enc>::new(key), usage)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], _: usize) -> Derived {
        Dk::<Aes256Enc>::new(key).derive(n_fold(constant))
    }

    fn string_to_key(password: &[u8], salt: &[u8], iterations: u32) -> Result<Derived, Utf8Error> {
        Ok(string_to_key::<Aes256Enc>(password, salt, iterations))
    }

    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        prf::<Aes256Enc>(key, input)
    }
}

/// RFC 3962 section 4.
const DEFAULT_ITERATIONS: u32 = 4096;

/// The derivation function DK of RFC 3961 section 5.1, which for AES is DR, under one key.
struct Dk<C>(C);

impl<C: EncryptingCipher> Dk<C> {
    fn new(key: &[u8]) -> Self {
        Self(block_cipher(key))
    }

    /// The key for `purpose` of `usage`, as long as a protocol key.
    fn usage_key(&self, usage: KeyUsage, purpose: Purpose) -> Derived {
        self.derive(fold_usage(usage_constant(usage, purpose)))
    }

    /// The key of a constant that has been folded to a block.
    fn derive(&self, folded: [u8; BLOCK]) -> Derived {
        let mut block = Block::from(folded);
        let mut derived = Derived::zeroed(C::key_size());
        for chunk in derived.as_mut().chunks_mut(BLOCK) {
            self.0.encrypt_block(&mut block);
            for (byte, random) in chunk.iter_mut().zip(&block) {
                *byte = *random;
            }
        }
        block.as_mut_slice().zeroize();
        derived
    }
}

fn keys<C, E>(dk: &Dk<E>, usage: KeyUsage) -> MacOfPlaintext<C, HmacKey<Sha1>>
where
    C: BlockCipher,
    E: EncryptingCipher,
{
    let encryption = dk.usage_key(usage, Purpose::Encryption);
    let integrity = dk.usage_key(usage, Purpose::Integrity);
    MacOfPlaintext::new(encryption.as_ref(), integrity.as_ref())
}

fn checksum<E: EncryptingCipher>(dk: &Dk<E>, usage: KeyUsage) -> HmacKey<Sha1> {
    HmacKey::new(dk.usage_key(usage, Purpose::Checksum).as_ref())
}

/// RFC 3962 section 4.
fn string_to_key<C: EncryptingCipher>(password: &[u8], salt: &[u8], iterations: u32) -> Derived {
    let mut temporary = Derived::zeroed(C::key_size());
    pbkdf2::<Sha1>(password, &[salt], iterations, temporary.as_mut());
    Dk::<C>::new(temporary.as_ref()).derive(n_fold(b"kerberos"))
}

/// E(DK(key, "prf"), H(input) cut to whole blocks) (RFC 3961 section 5.3).
fn prf<C: EncryptingCipher>(key: &[u8], input: &[u8]) -> SecretVec {
    let key = Dk::<C>::new(key).derive(n_fold(b"prf"));
    let hash = Sha1::hash(input);
    let mut block = Block::default();
    for (byte, hash) in block.iter_mut().zip(hash) {
        *byte = hash;
    }
    block_cipher::<C>(key.as_ref()).encrypt_block(&mut block);
    SecretVec::from(block.as_slice())
}
