//! arcfour-hmac (RFC 4757): keys are derived with HMAC-MD5, the tag is of the plaintext and stands before it, and each
//! message has an RC4 key of its own, which its tag makes.

use core::str::{self, Utf8Error};

use aes::cipher::array::Array;
use md4::{Digest as _, Md4};
use md5::Md5;
use rc4::{KeyInit as _, Rc4, StreamCipher as _};
use sha1::Sha1;
use zeroize::Zeroize as _;

use super::{Checksum, Columns, EncryptionProfile};
use crate::cbc::Mode;
use crate::derived::Derived;
use crate::hash::{Digest, padded};
use crate::hmac::HmacKey;
use crate::integrity::verify;
use crate::keyed::{DecryptionKeys, EncryptionKeys};
use crate::running_mac::{ChecksumMac, MacKey as _, RunningMac as _};
use crate::scatter::{Position, mac_rest, wipe};
use crate::{IntegrityError, IovBuffer, KeyUsage, SecretVec};

/// arcfour-hmac.
pub(crate) struct Rc4Hmac;

impl EncryptionProfile for Rc4Hmac {
    const COLUMNS: Columns = Columns {
        number: 23,
        name: "arcfour-hmac",
        aliases: &["rc4-hmac", "arcfour-hmac-md5"],
        key_len: KEY_LEN,
        confounder_len: 8,
        tag_len: MD5_LEN,
        tag_comes_first: true,
        checksum: Checksum {
            number: -138,
            name: "hmac-md5-rc4",
        },
        default_iterations: None,
    };

    type Keys<M: Mode> = UsageKeys;
    type Checksum = SignatureKey;

    fn keys<M: Mode>(key: &[u8], usage: KeyUsage) -> UsageKeys {
        let key = HmacKey::<Md5>::new(key);
        // RFC 4757 section 3 has usage 8 where Windows has 9: what is encrypted is Windows', and both are taken, as by
        // MIT krb5.
        let of_rfc4757 = (usage == KeyUsage::TGS_REP_ENC_PART_SUBKEY)
            .then(|| usage_key(&key, KeyUsage::TGS_REP_ENC_PART_SESSION_KEY));
        UsageKeys {
            key: usage_key(&key, usage),
            of_rfc4757,
        }
    }

    fn checksum(key: &[u8], usage: KeyUsage) -> SignatureKey {
        SignatureKey::new(key, usage)
    }

    #[cfg(test)]
    fn derive(key: &[u8], constant: &[u8], _: usize) -> Derived {
        derive(&HmacKey::new(key), constant)
    }

    /// MD4 of the password in UTF-16, the least significant byte first (section 2). There is no salt.
    fn string_to_key(
        password: &[u8],
        _salt: &[u8],
        _iterations: u32,
    ) -> Result<Derived, Utf8Error> {
        let password = str::from_utf8(password)?;
        let mut hash = Md4::new();
        for unit in password.encode_utf16() {
            hash.update(unit.to_le_bytes());
        }
        let mut digest = hash.finalize();
        let key = derived(&digest);
        digest.as_mut_slice().zeroize();
        Ok(key)
    }

    /// HMAC-SHA1, which is MIT krb5's and Heimdal's: RFC 4757 has none.
    fn prf(key: &[u8], input: &[u8]) -> SecretVec {
        let mut mac = HmacKey::<Sha1>::new(key).sign(&[input]);
        let mut output = SecretVec::from(&mac[..]);
        mac.zeroize();
        output.truncate(SHA1_LEN);
        output
    }
}

/// K1 of a usage (section 5), which serves both directions: RC4 encrypts as it decrypts.
pub(crate) struct UsageKeys {
    key: HmacKey<Md5>,
    /// What a peer may have used instead.
    of_rfc4757: Option<HmacKey<Md5>>,
}

impl EncryptionKeys for UsageKeys {
    fn encrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &mut [u8]) {
        let mac = mac(&self.key, buffers);
        for (byte, mac) in tag.iter_mut().zip(mac) {
            *byte = mac;
        }
        apply(derive(&self.key, tag), data(buffers));
    }
}

impl DecryptionKeys for UsageKeys {
    /// There is nothing to verify before it is decrypted; what fails is wiped.
    fn decrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &[u8]) -> Result<(), IntegrityError> {
        let verified = decrypt(&self.key, buffers, tag);
        let Some(other) = self.of_rfc4757.as_ref().filter(|_| verified.is_err()) else {
            return verified.inspect_err(|_| wipe(buffers));
        };
        // The ciphertext again.
        apply(derive(&self.key, tag), data(buffers));
        decrypt(other, buffers, tag).inspect_err(|_| wipe(buffers))
    }
}

/// Decrypts, and tells whether `tag` is of what came out.
fn decrypt(
    key: &HmacKey<Md5>,
    buffers: &mut [IovBuffer<'_>],
    tag: &[u8],
) -> Result<(), IntegrityError> {
    apply(derive(key, tag), data(buffers));
    verify(&mac(key, buffers), tag)
}

fn mac(key: &HmacKey<Md5>, buffers: &[IovBuffer<'_>]) -> Digest {
    let mut mac = key.start();
    mac_rest(buffers, Position::START, |bytes| mac.update(bytes));
    mac.finish()
}

/// The checksum `HMAC_MD5` of one key and usage (section 4): the key for signing, and the number of the usage.
pub(crate) struct SignatureKey {
    key: HmacKey<Md5>,
    usage: [u8; 4],
}

impl SignatureKey {
    pub(crate) fn new(key: &[u8], usage: KeyUsage) -> Self {
        Self {
            key: HmacKey::new(derive(&HmacKey::new(key), b"signaturekey\0").as_ref()),
            usage: message_type(usage).to_le_bytes(),
        }
    }

    /// The checksum of the concatenation of `parts`.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> [u8; MD5_LEN] {
        let mut hash = Md5::new();
        hash.update(self.usage);
        for part in parts {
            hash.update(part);
        }
        let mac = self.key.sign(&[&hash.finalize()]);
        let mut checksum = [0; MD5_LEN];
        for (byte, mac) in checksum.iter_mut().zip(mac) {
            *byte = mac;
        }
        checksum
    }
}

impl ChecksumMac for SignatureKey {
    fn checksum(&self, parts: &[&[u8]]) -> Digest {
        padded(&self.sign(parts))
    }
}

/// The key of a cipher of GSS-API tokens (RFC 4757 sections 7.2 and 7.3), of which each token makes its own.
pub(crate) struct TokenKey(HmacKey<Md5>);

impl TokenKey {
    /// That of sequence numbers (section 7.2).
    pub(crate) fn for_numbers(key: &[u8]) -> Self {
        Self(usage_key(&HmacKey::new(key), KeyUsage(0)))
    }

    /// That of messages (section 7.3).
    pub(crate) fn for_messages(key: &[u8]) -> Self {
        let mut local = derived(key);
        for byte in local.as_mut() {
            *byte ^= 0xf0;
        }
        Self::for_numbers(local.as_ref())
    }

    /// Encrypts or decrypts the buffers under the key that `salt` makes.
    pub(crate) fn apply(&self, salt: &[u8], buffers: &mut [IovBuffer<'_>]) {
        apply(derive(&self.0, salt), data(buffers));
    }
}

/// K1 of section 5: the key of a usage.
fn usage_key(key: &HmacKey<Md5>, usage: KeyUsage) -> HmacKey<Md5> {
    HmacKey::new(derive(key, &message_type(usage).to_le_bytes()).as_ref())
}

/// The message type T of section 3, which is Windows' number for a usage.
const fn message_type(usage: KeyUsage) -> u32 {
    match usage {
        KeyUsage::AS_REP_ENC_PART => 8,
        // Tokens that are only signed.
        KeyUsage::ACCEPTOR_SIGN => 13,
        KeyUsage(usage) => usage,
    }
}

/// HMAC-MD5, of which a key is made.
fn derive(key: &HmacKey<Md5>, constant: &[u8]) -> Derived {
    let mut mac = key.sign(&[constant]);
    let (key, _) = mac.split_at(KEY_LEN);
    let derived = derived(key);
    mac.zeroize();
    derived
}

fn derived(bytes: &[u8]) -> Derived {
    let mut derived = Derived::zeroed(bytes.len());
    for (place, byte) in derived.as_mut().iter_mut().zip(bytes) {
        *place = *byte;
    }
    derived
}

/// Adds the keystream of `key` to the buffers, one after the other.
fn apply<'b>(key: Derived, buffers: impl Iterator<Item = &'b mut [u8]>) {
    // RC4 takes a key's bytes again and again: one of 16 is the same as one of 32 that is it twice, which is the
    // length that the crate takes without a check.
    let mut twice = Array::default();
    for (place, byte) in twice.iter_mut().zip(key.as_ref().iter().cycle()) {
        *place = *byte;
    }
    let mut stream = Rc4::new(&twice);
    twice.as_mut_slice().zeroize();
    for bytes in buffers {
        stream.apply_keystream(bytes);
    }
}

/// What is encrypted of a message.
fn data<'s>(buffers: &'s mut [IovBuffer<'_>]) -> impl Iterator<Item = &'s mut [u8]> {
    buffers.iter_mut().filter_map(|buffer| match buffer {
        IovBuffer::Data(bytes) => Some(&mut **bytes),
        IovBuffer::AssociatedData(_) => None,
    })
}

const KEY_LEN: usize = 16;
const MD5_LEN: usize = 16;
const SHA1_LEN: usize = 20;
