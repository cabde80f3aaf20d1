//! The two orders of encryption and MAC, over prepared keys.

use aes::cipher::Key as CipherKey;
use aes::{Aes128, Aes256};
use subtle::ConstantTimeEq as _;

use crate::cbc::{Block, BlockCipher, Decrypting, Encrypting};
use crate::enctype::HashKind;
use crate::hash::{Digest, Hash, Sha1, Sha256, Sha384};
use crate::hmac::{Hmac, HmacKey};
use crate::scatter::{Position, mac_rest, run_rest, run_watched, wipe};
use crate::watch::{MacCiphertext, MacPlaintext, Unwatched};
use crate::{IntegrityError, Piece};

/// The keys of one enctype and usage, ready for messages.
pub(crate) enum Engine {
    Aes128Sha1(Keyed<Aes128, Sha1>),
    Aes256Sha1(Keyed<Aes256, Sha1>),
    Aes128Sha256(Keyed<Aes128, Sha256>),
    Aes256Sha384(Keyed<Aes256, Sha384>),
}

impl Engine {
    /// Encrypts the data in place and fills `tag`, which may be shorter than the HMAC.
    pub(crate) fn encrypt(&self, pieces: &mut [Piece<'_>], tag: &mut [u8]) {
        let mac = match self {
            Self::Aes128Sha1(keyed) => keyed.mac_and_encrypt(pieces),
            Self::Aes256Sha1(keyed) => keyed.mac_and_encrypt(pieces),
            Self::Aes128Sha256(keyed) => keyed.encrypt_then_mac(pieces),
            Self::Aes256Sha384(keyed) => keyed.encrypt_then_mac(pieces),
        };
        for (octet, mac) in tag.iter_mut().zip(mac) {
            *octet = mac;
        }
    }

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
        }
    }
}

/// Cipher and HMAC under the two keys that encryption takes: Ke and Ki.
pub(crate) struct Keyed<C, H: Hash> {
    cipher: C,
    integrity: HmacKey<H>,
}

impl<C: BlockCipher, H: Hash> Keyed<C, H> {
    pub(crate) fn new(encryption_key: &[u8], integrity_key: &[u8]) -> Self {
        Self {
            cipher: block_cipher(encryption_key),
            integrity: HmacKey::new(integrity_key),
        }
    }

    /// RFC 3961 section 5.3: the tag is of the plaintext.
    fn mac_and_encrypt(&self, pieces: &mut [Piece<'_>]) -> Digest {
        let mut chain = Block::default();
        let mut hmac = self.integrity.start();
        let watch = &mut MacPlaintext(&mut hmac);
        let at = run_watched::<Encrypting, C>(&self.cipher, &mut chain, pieces, watch);
        mac_rest(pieces, at, &mut hmac);
        run_rest::<Encrypting, C>(&self.cipher, &mut chain, pieces, at);
        hmac.finish()
    }

    /// RFC 3961 section 5.3: there is nothing to verify before it is decrypted; what fails is wiped.
    fn decrypt_and_verify(
        &self,
        pieces: &mut [Piece<'_>],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        let mut chain = Block::default();
        let mut hmac = self.integrity.start();
        let watch = &mut MacPlaintext(&mut hmac);
        let at = run_watched::<Decrypting, C>(&self.cipher, &mut chain, pieces, watch);
        run_rest::<Decrypting, C>(&self.cipher, &mut chain, pieces, at);
        mac_rest(pieces, at, &mut hmac);
        verify(&hmac.finish(), tag).inspect_err(|_| wipe(pieces))
    }

    /// RFC 8009 section 5: the tag is of the initial cipher state (zeros) and the ciphertext.
    fn encrypt_then_mac(&self, pieces: &mut [Piece<'_>]) -> Digest {
        let mut chain = Block::default();
        let mut hmac = self.start_with_cipher_state();
        let watch = &mut MacCiphertext(&mut hmac);
        let at = run_watched::<Encrypting, C>(&self.cipher, &mut chain, pieces, watch);
        run_rest::<Encrypting, C>(&self.cipher, &mut chain, pieces, at);
        mac_rest(pieces, at, &mut hmac);
        hmac.finish()
    }

    /// RFC 8009 section 5: nothing is decrypted that was not verified.
    fn verify_then_decrypt(
        &self,
        pieces: &mut [Piece<'_>],
        tag: &[u8],
    ) -> Result<(), IntegrityError> {
        let mut hmac = self.start_with_cipher_state();
        mac_rest(pieces, Position::START, &mut hmac);
        verify(&hmac.finish(), tag)?;
        let mut chain = Block::default();
        let at = run_watched::<Decrypting, C>(&self.cipher, &mut chain, pieces, &mut Unwatched);
        run_rest::<Decrypting, C>(&self.cipher, &mut chain, pieces, at);
        Ok(())
    }

    fn start_with_cipher_state(&self) -> Hmac<'_, H> {
        let mut hmac = self.integrity.start();
        hmac.update(&Block::default());
        hmac
    }
}

/// An HMAC under one key, of whichever hash the enctype has.
pub(crate) enum AnyHmac {
    Sha1(HmacKey<Sha1>),
    Sha256(HmacKey<Sha256>),
    Sha384(HmacKey<Sha384>),
}

impl AnyHmac {
    pub(crate) fn new(hash: HashKind, key: &[u8]) -> Self {
        match hash {
            HashKind::Sha1 => Self::Sha1(HmacKey::new(key)),
            HashKind::Sha256 => Self::Sha256(HmacKey::new(key)),
            HashKind::Sha384 => Self::Sha384(HmacKey::new(key)),
        }
    }

    /// The HMAC of the concatenation of `parts`; octets after the hash's length are zero.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Digest {
        match self {
            Self::Sha1(key) => key.sign(parts),
            Self::Sha256(key) => key.sign(parts),
            Self::Sha384(key) => key.sign(parts),
        }
    }
}

/// The cipher with this key, of which there are as many octets as it takes.
pub(crate) fn block_cipher<C: BlockCipher>(octets: &[u8]) -> C {
    let mut key = CipherKey::<C>::default();
    for (place, octet) in key.iter_mut().zip(octets) {
        *place = *octet;
    }
    let cipher = C::new(&key);
    zeroize::Zeroize::zeroize(key.as_mut_slice());
    cipher
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
