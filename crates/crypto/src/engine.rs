//! The orders of encryption and MAC, over prepared keys.

use aes::cipher::{BlockCipherEncrypt as _, Key as CipherKey};
use aes::{Aes128Enc, Aes256Enc};
use camellia::{Camellia128, Camellia256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

use crate::cbc::{Block, BlockCipher, Cbc, Decrypting, Encrypting, Mode};
use crate::cmac::CmacKey;
use crate::enctype::{CipherKind, HashKind, Profile};
use crate::hash::{Digest, Sha1, Sha256, Sha384};
use crate::hmac::HmacKey;
use crate::running_mac::{MacKey, RunningMac as _};
use crate::scatter::{Position, mac_rest, run_rest, run_watched, wipe};
use crate::watch::{MacCiphertext, MacPlaintext, Unwatched};
use crate::{Enctype, IntegrityError, Piece};

/// The keys of one enctype and usage, ready for messages in one direction.
pub(crate) enum Engine<M: Mode> {
    Aes128Sha1(Keyed<M::Aes128, HmacKey<Sha1>>),
    Aes256Sha1(Keyed<M::Aes256, HmacKey<Sha1>>),
    Aes128Sha256(Keyed<M::Aes128, HmacKey<Sha256>>),
    Aes256Sha384(Keyed<M::Aes256, HmacKey<Sha384>>),
    Camellia128(Keyed<Camellia128, CmacKey<Camellia128>>),
    Camellia256(Keyed<Camellia256, CmacKey<Camellia256>>),
}

impl<M: Mode> Engine<M> {
    /// Ke and Ki of the enctype with this profile.
    pub(crate) fn new(profile: &Profile, encryption_key: &[u8], integrity_key: &[u8]) -> Self {
        let (ke, ki) = (encryption_key, integrity_key);
        match (profile.cipher, profile.hash) {
            (CipherKind::Aes128, HashKind::Sha1) => Self::Aes128Sha1(Keyed::new(ke, ki)),
            (CipherKind::Aes256, HashKind::Sha1) => Self::Aes256Sha1(Keyed::new(ke, ki)),
            (CipherKind::Aes128, _) => Self::Aes128Sha256(Keyed::new(ke, ki)),
            (CipherKind::Aes256, _) => Self::Aes256Sha384(Keyed::new(ke, ki)),
            (CipherKind::Camellia128, _) => Self::Camellia128(Keyed::new(ke, ki)),
            (CipherKind::Camellia256, _) => Self::Camellia256(Keyed::new(ke, ki)),
        }
    }

    pub(crate) const fn enctype(&self) -> Enctype {
        match self {
            Self::Aes128Sha1(_) => Enctype::AES128_CTS_HMAC_SHA1_96,
            Self::Aes256Sha1(_) => Enctype::AES256_CTS_HMAC_SHA1_96,
            Self::Aes128Sha256(_) => Enctype::AES128_CTS_HMAC_SHA256_128,
            Self::Aes256Sha384(_) => Enctype::AES256_CTS_HMAC_SHA384_192,
            Self::Camellia128(_) => Enctype::CAMELLIA128_CTS_CMAC,
            Self::Camellia256(_) => Enctype::CAMELLIA256_CTS_CMAC,
        }
    }
}

impl Engine<Encrypting> {
    /// Encrypts the data in place and fills `tag`, which may be shorter than the MAC.
    pub(crate) fn encrypt(&self, pieces: &mut [Piece<'_>], tag: &mut [u8]) {
        let mac = match self {
            Self::Aes128Sha1(keyed) => keyed.mac_and_encrypt(pieces),
            Self::Aes256Sha1(keyed) => keyed.mac_and_encrypt(pieces),
            Self::Aes128Sha256(keyed) => keyed.encrypt_then_mac(pieces),
            Self::Aes256Sha384(keyed) => keyed.encrypt_then_mac(pieces),
            Self::Camellia128(keyed) => keyed.mac_and_encrypt(pieces),
            Self::Camellia256(keyed) => keyed.mac_and_encrypt(pieces),
        };
        for (octet, mac) in tag.iter_mut().zip(mac) {
            *octet = mac;
        }
    }
}

impl Engine<Decrypting> {
    /// Decrypts the data in place if `tag` is right.
    pub(crate) fn decrypt(
        &self,
        pieces: &mut [Piece<'_>],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        match self {
            Self::Aes128Sha1(keyed) => keyed.decrypt_and_verify(pieces, tag),
            Self::Aes256Sha1(keyed) => keyed.decrypt_and_verify(pieces, tag),
            Self::Aes128Sha256(keyed) => keyed.verify_then_decrypt(pieces, tag),
            Self::Aes256Sha384(keyed) => keyed.verify_then_decrypt(pieces, tag),
            Self::Camellia128(keyed) => keyed.decrypt_and_verify(pieces, tag),
            Self::Camellia256(keyed) => keyed.decrypt_and_verify(pieces, tag),
        }
    }
}

/// Cipher and MAC under the two keys that encryption takes: Ke and Ki.
pub(crate) struct Keyed<C, K> {
    cipher: C,
    integrity: K,
}

impl<C: BlockCipher, K: MacKey> Keyed<C, K> {
    fn new(encryption_key: &[u8], integrity_key: &[u8]) -> Self {
        Self {
            cipher: block_cipher(encryption_key),
            integrity: K::new(integrity_key),
        }
    }

    /// RFC 8009 section 5: the MAC begins with the initial cipher state, zeros.
    fn start_with_cipher_state(&self) -> K::Running<'_> {
        let mut mac = self.integrity.start();
        mac.update(&Block::default());
        mac
    }
}

impl<C: Cbc<Encrypting>, K: MacKey> Keyed<C, K> {
    /// RFC 3961 section 5.3, RFC 6803 section 5: the tag is of the plaintext.
    fn mac_and_encrypt(&self, pieces: &mut [Piece<'_>]) -> Digest {
        let mut chain = Block::default();
        let mut mac = self.integrity.start();
        let watch = &mut MacPlaintext(&mut mac);
        let at = run_watched(&self.cipher, &mut chain, pieces, watch);
        mac_rest(pieces, at, |octets| mac.update(octets));
        run_rest(&self.cipher, &mut chain, pieces, at);
        mac.finish()
    }

    /// RFC 8009 section 5: the tag is of the initial cipher state and the ciphertext.
    fn encrypt_then_mac(&self, pieces: &mut [Piece<'_>]) -> Digest {
        let mut chain = Block::default();
        let mut mac = self.start_with_cipher_state();
        let watch = &mut MacCiphertext(&mut mac);
        let at = run_watched(&self.cipher, &mut chain, pieces, watch);
        run_rest(&self.cipher, &mut chain, pieces, at);
        mac_rest(pieces, at, |octets| mac.update(octets));
        mac.finish()
    }
}

impl<C: Cbc<Decrypting>, K: MacKey> Keyed<C, K> {
    /// RFC 3961 section 5.3, RFC 6803 section 5: there is nothing to verify before it is decrypted; what fails is wiped.
    fn decrypt_and_verify(
        &self,
        pieces: &mut [Piece<'_>],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        let mut chain = Block::default();
        let mut mac = self.integrity.start();
        let watch = &mut MacPlaintext(&mut mac);
        let at = run_watched(&self.cipher, &mut chain, pieces, watch);
        run_rest(&self.cipher, &mut chain, pieces, at);
        mac_rest(pieces, at, |octets| mac.update(octets));
        verify(&mac.finish(), tag).inspect_err(|_| wipe(pieces))
    }

    /// RFC 8009 section 5: nothing is decrypted that was not verified.
    fn verify_then_decrypt(
        &self,
        pieces: &mut [Piece<'_>],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        let mut mac = self.start_with_cipher_state();
        mac_rest(pieces, Position::START, |octets| mac.update(octets));
        verify(&mac.finish(), tag)?;
        let mut chain = Block::default();
        let at = run_watched(&self.cipher, &mut chain, pieces, &mut Unwatched);
        run_rest(&self.cipher, &mut chain, pieces, at);
        Ok(())
    }
}

/// The MAC of one enctype under one key.
pub(crate) enum AnyMac {
    Aes128Sha1(HmacKey<Sha1>),
    Aes256Sha1(HmacKey<Sha1>),
    Aes128Sha256(HmacKey<Sha256>),
    Aes256Sha384(HmacKey<Sha384>),
    Camellia128(CmacKey<Camellia128>),
    Camellia256(CmacKey<Camellia256>),
}

impl AnyMac {
    pub(crate) fn new(profile: &Profile, key: &[u8]) -> Self {
        match (profile.cipher, profile.hash) {
            (CipherKind::Aes128, HashKind::Sha1) => Self::Aes128Sha1(HmacKey::new(key)),
            (CipherKind::Aes256, HashKind::Sha1) => Self::Aes256Sha1(HmacKey::new(key)),
            (CipherKind::Aes128, _) => Self::Aes128Sha256(HmacKey::new(key)),
            (CipherKind::Aes256, _) => Self::Aes256Sha384(HmacKey::new(key)),
            (CipherKind::Camellia128, _) => Self::Camellia128(CmacKey::new(key)),
            (CipherKind::Camellia256, _) => Self::Camellia256(CmacKey::new(key)),
        }
    }

    pub(crate) const fn enctype(&self) -> Enctype {
        match self {
            Self::Aes128Sha1(_) => Enctype::AES128_CTS_HMAC_SHA1_96,
            Self::Aes256Sha1(_) => Enctype::AES256_CTS_HMAC_SHA1_96,
            Self::Aes128Sha256(_) => Enctype::AES128_CTS_HMAC_SHA256_128,
            Self::Aes256Sha384(_) => Enctype::AES256_CTS_HMAC_SHA384_192,
            Self::Camellia128(_) => Enctype::CAMELLIA128_CTS_CMAC,
            Self::Camellia256(_) => Enctype::CAMELLIA256_CTS_CMAC,
        }
    }

    /// The MAC of the concatenation of `parts`; octets after its length are zero.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Digest {
        match self {
            Self::Aes128Sha1(key) | Self::Aes256Sha1(key) => key.sign(parts),
            Self::Aes128Sha256(key) => key.sign(parts),
            Self::Aes256Sha384(key) => key.sign(parts),
            Self::Camellia128(key) => key.sign(parts),
            Self::Camellia256(key) => key.sign(parts),
        }
    }
}

/// A block cipher under one key, of whichever kind the enctype has, for encryption only.
pub(crate) enum AnyCipher {
    Aes128(Aes128Enc),
    Aes256(Aes256Enc),
    Camellia128(Camellia128),
    Camellia256(Camellia256),
}

impl AnyCipher {
    pub(crate) fn new(kind: CipherKind, key: &[u8]) -> Self {
        match kind {
            CipherKind::Aes128 => Self::Aes128(block_cipher(key)),
            CipherKind::Aes256 => Self::Aes256(block_cipher(key)),
            CipherKind::Camellia128 => Self::Camellia128(block_cipher(key)),
            CipherKind::Camellia256 => Self::Camellia256(block_cipher(key)),
        }
    }

    pub(crate) fn encrypt_block(&self, block: &mut Block) {
        match self {
            Self::Aes128(cipher) => cipher.encrypt_block(block),
            Self::Aes256(cipher) => cipher.encrypt_block(block),
            Self::Camellia128(cipher) => cipher.encrypt_block(block),
            Self::Camellia256(cipher) => cipher.encrypt_block(block),
        }
    }
}

/// The cipher with this key, of which there are as many octets as it takes.
pub(crate) fn block_cipher<C: BlockCipher>(octets: &[u8]) -> C {
    let mut key = cipher_key::<C>(octets);
    let cipher = C::new(&key);
    key.as_mut_slice().zeroize();
    cipher
}

pub(crate) fn cipher_key<C: BlockCipher>(octets: &[u8]) -> CipherKey<C> {
    let mut key = CipherKey::<C>::default();
    for (place, octet) in key.iter_mut().zip(octets) {
        *place = *octet;
    }
    key
}

/// Compares `tag` with as much of `mac`, in constant time. The caller has checked the tag's length.
pub(crate) fn verify(mac: &Digest, tag: &[u8]) -> Result<(), IntegrityError> {
    let mac = mac.get(..tag.len()).unwrap_or_default();
    if mac.ct_eq(tag).into() {
        Ok(())
    } else {
        Err(IntegrityError)
    }
}
