//! Kerberos V5 encryption and checksum profiles (RFC 3961, 3962, 4757, 6803, 8009).
//!
//! A [`Key`] belongs to an [`Enctype`], a row of one table. For each [`KeyUsage`] it makes an [`Encryptor`] and a
//! [`Decryptor`] (confidentiality and integrity) or a [`Mac`] (integrity alone): these hold what RFC 3961 derives
//! from the key, prepared once, and then work on the caller's bytes in place without allocating.
//!
//! | enctype | number | key | confounder | tag | checksum |
//! |---|---|---|---|---|---|
//! | [`Enctype::AES128_CTS_HMAC_SHA1_96`] | 17 | 16 | 16 | 12 | 15 |
//! | [`Enctype::AES256_CTS_HMAC_SHA1_96`] | 18 | 32 | 16 | 12 | 16 |
//! | [`Enctype::AES128_CTS_HMAC_SHA256_128`] | 19 | 16 | 16 | 16 | 19 |
//! | [`Enctype::AES256_CTS_HMAC_SHA384_192`] | 20 | 32 | 16 | 24 | 20 |
//! | [`Enctype::ARCFOUR_HMAC`] | 23 | 16 | 8 | 16 | -138 |
//! | [`Enctype::CAMELLIA128_CTS_CMAC`] | 25 | 16 | 16 | 16 | 17 |
//! | [`Enctype::CAMELLIA256_CTS_CMAC`] | 26 | 32 | 16 | 16 | 18 |
//!
//! ```
//! use orthros_crypto::{Enctype, KeyUsage, RandomError, RandomSource};
//!
//! fn seal(password: &[u8], random: &mut dyn RandomSource) -> Result<(), Box<dyn core::error::Error>> {
//!     let key = Enctype::AES256_CTS_HMAC_SHA1_96.string_to_key(password, b"EXAMPLE.ORGalice", None)?;
//!     let sealed = key.encrypt(KeyUsage::AS_REP_ENC_PART, b"a reply", random)?;
//!     assert_eq!(&*key.decrypt(KeyUsage::AS_REP_ENC_PART, &sealed)?, b"a reply");
//!     assert!(key.decrypt(KeyUsage::AP_REP_ENC_PART, &sealed).is_err());
//!     Ok(())
//! }
//! # struct Fixed;
//! # impl RandomSource for Fixed {
//! #     fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
//! #         out.fill(7);
//! #         Ok(())
//! #     }
//! # }
//! # seal(b"password", &mut Fixed).unwrap();
//! ```
//!
//! [`spake`] has what SPAKE preauthentication (RFC 9588) computes of a key.
//!
//! # Secrets
//!
//! Keys, derived keys, key schedules and MAC states are zeroized on drop; for the schedules this is
//! a bound on the cipher's type, so that a build without it fails. `Debug` shows no bytes, and keys and tags
//! are compared in constant time. What the compiler copies when a value moves is out of reach: make an
//! [`Encryptor`] where it stays.
//!
//! # Cost
//!
//! A message costs no allocation and no derivation. CBC encryption is bound by latency, so the hash is interleaved
//! with the cipher: within the cipher's loop, a hash block or two are compressed for the few cipher blocks that they
//! cover, or their rounds stand between the cipher's blocks (SHA-512). This is why HMAC is the block-level one of its
//! crate, and that with SHA-384 one of our own. Camellia has no instructions of its own: its MAC is a pass before the
//! cipher's, and it is slower by an order of magnitude. Its tables, and RC4's permutation, are looked up by secret
//! bytes, which another program on the same processor may observe through the caches.
//!
//! The crate is `no_std` and has no source of time or randomness: the latter comes in as a [`RandomSource`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod block;
mod cbc;
mod checksum_type;
mod cmac;
mod decryptor;
mod derived;
mod digest;
mod encryptor;
mod enctype;
mod error;
mod hash;
mod hmac;
mod hmac_sha384;
mod integrity;
mod interleave;
mod iov_buffer;
mod key;
mod key_usage;
mod keyed;
mod mac;
mod mac_observer;
mod n_fold;
mod pbkdf2;
mod profile;
mod pseudo_random;
mod random;
mod running_mac;
mod scatter;
mod secret;
pub mod spake;
// Elsewhere there may be instructions for it, which only the hash crate has.
#[cfg(target_arch = "x86_64")]
mod sha512;
mod string_to_key;
mod token_cipher;

pub use checksum_type::ChecksumType;
pub use decryptor::Decryptor;
pub use digest::{md4, md5};
pub use encryptor::Encryptor;
pub use enctype::Enctype;
pub use error::{DecryptError, KeyLengthError, LengthError, StringToKeyError};
pub use integrity::IntegrityError;
pub use iov_buffer::IovBuffer;
pub use key::Key;
pub use key_usage::KeyUsage;
pub use mac::{Mac, Tag};
pub use random::{RandomError, RandomSource};
pub use secret::SecretVec;
pub use token_cipher::TokenCipher;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
