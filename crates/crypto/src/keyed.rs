//! The two orders of encryption and MAC, over prepared keys.

use crate::block::{Block, BlockCipher, block_cipher};
use crate::cbc::{Cbc, Decrypting, Encrypting};
use crate::hash::Digest;
use crate::integrity::verify;
use crate::mac_observer::{MacCiphertext, MacPlaintext, NoMac};
use crate::running_mac::{MacKey, RunningMac as _};
use crate::scatter::{Position, mac_rest, run_observed, run_rest, wipe};
use crate::{IntegrityError, IovBuffer};

/// The keys of one usage, ready to encrypt messages.
pub(crate) trait EncryptionKeys {
    /// Encrypts the data in place and fills `tag`, which may be shorter than the MAC.
    fn encrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &mut [u8]);
}

/// The keys of one usage, ready to decrypt messages.
pub(crate) trait DecryptionKeys {
    /// Decrypts the data in place if `tag` is right; else no plaintext is left.
    fn decrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &[u8]) -> Result<(), IntegrityError>;
}

/// Ke and Ki where the tag is of the plaintext (RFC 3961 section 5.3, RFC 6803 section 5).
pub(crate) struct MacOfPlaintext<C, K> {
    cipher: C,
    integrity: K,
}

impl<C: BlockCipher, K: MacKey> MacOfPlaintext<C, K> {
    pub(crate) fn new(encryption_key: &[u8], integrity_key: &[u8]) -> Self {
        Self {
            cipher: block_cipher(encryption_key),
            integrity: K::new(integrity_key),
        }
    }
}

impl<C: Cbc<Encrypting>, K: MacKey> EncryptionKeys for MacOfPlaintext<C, K> {
    fn encrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &mut [u8]) {
        let mut chain = Block::default();
        let mut mac = self.integrity.start();
        let observer = &mut MacPlaintext(&mut mac);
        let at = run_observed(&self.cipher, &mut chain, buffers, observer);
        mac_rest(buffers, at, |bytes| mac.update(bytes));
        run_rest(&self.cipher, &mut chain, buffers, at);
        truncate(&mac.finish(), tag);
    }
}

impl<C: Cbc<Decrypting>, K: MacKey> DecryptionKeys for MacOfPlaintext<C, K> {
    /// There is nothing to verify before it is decrypted; what fails is wiped.
    fn decrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &[u8]) -> Result<(), IntegrityError> {
        let mut chain = Block::default();
        let mut mac = self.integrity.start();
        let observer = &mut MacPlaintext(&mut mac);
        let at = run_observed(&self.cipher, &mut chain, buffers, observer);
        run_rest(&self.cipher, &mut chain, buffers, at);
        mac_rest(buffers, at, |bytes| mac.update(bytes));
        verify(&mac.finish(), tag).inspect_err(|_| wipe(buffers))
    }
}

/// Ke and Ki where the tag is of the initial cipher state and the ciphertext (RFC 8009 section 5).
pub(crate) struct MacOfCiphertext<C, K> {
    cipher: C,
    integrity: K,
}

impl<C: BlockCipher, K: MacKey> MacOfCiphertext<C, K> {
    pub(crate) fn new(encryption_key: &[u8], integrity_key: &[u8]) -> Self {
        Self {
            cipher: block_cipher(encryption_key),
            integrity: K::new(integrity_key),
        }
    }

    /// The MAC begins with the initial cipher state, zeros.
    fn start_with_cipher_state(&self) -> K::Running<'_> {
        let mut mac = self.integrity.start();
        mac.update(&Block::default());
        mac
    }
}

impl<C: Cbc<Encrypting>, K: MacKey> EncryptionKeys for MacOfCiphertext<C, K> {
    fn encrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &mut [u8]) {
        let mut chain = Block::default();
        let mut mac = self.start_with_cipher_state();
        let observer = &mut MacCiphertext(&mut mac);
        let at = run_observed(&self.cipher, &mut chain, buffers, observer);
        run_rest(&self.cipher, &mut chain, buffers, at);
        mac_rest(buffers, at, |bytes| mac.update(bytes));
        truncate(&mac.finish(), tag);
    }
}

impl<C: Cbc<Decrypting>, K: MacKey> DecryptionKeys for MacOfCiphertext<C, K> {
    /// Nothing is decrypted that was not verified.
    fn decrypt(&self, buffers: &mut [IovBuffer<'_>], tag: &[u8]) -> Result<(), IntegrityError> {
        let mut mac = self.start_with_cipher_state();
        mac_rest(buffers, Position::START, |bytes| mac.update(bytes));
        verify(&mac.finish(), tag)?;
        let mut chain = Block::default();
        let at = run_observed(&self.cipher, &mut chain, buffers, &mut NoMac);
        run_rest(&self.cipher, &mut chain, buffers, at);
        Ok(())
    }
}

/// Fills `tag` with the beginning of `mac`.
fn truncate(mac: &Digest, tag: &mut [u8]) {
    for (byte, mac) in tag.iter_mut().zip(mac) {
        *byte = *mac;
    }
}
