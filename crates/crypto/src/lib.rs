//! Kerberos V5 encryption and checksum profiles (RFC 3961, 3962, 8009).
//!
//! A [`Key`] belongs to an [`Enctype`], a row of one table. For each [`KeyUsage`] it makes a [`Cipher`]
//! (confidentiality and integrity) or a [`Mac`] (integrity alone): these hold what RFC 3961 derives
//! from the key, prepared once, and then work on the caller's octets in place without allocating.
//!
//! | enctype | number | key | confounder | tag | checksum |
//! |---|---|---|---|---|---|
//! | [`Enctype::AES128_CTS_HMAC_SHA1_96`] | 17 | 16 | 16 | 12 | 15 |
//! | [`Enctype::AES256_CTS_HMAC_SHA1_96`] | 18 | 32 | 16 | 12 | 16 |
//! | [`Enctype::AES128_CTS_HMAC_SHA256_128`] | 19 | 16 | 16 | 16 | 19 |
//! | [`Enctype::AES256_CTS_HMAC_SHA384_192`] | 20 | 32 | 16 | 24 | 20 |
//!
//! The crate is `no_std`: randomness comes in as a [`RandomSource`]. Keys and everything derived from
//! them are zeroized on drop, their `Debug` shows no octets, and tags are compared in constant time.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod cbc;
mod checksum_type;
mod cipher;
mod derive;
mod digest;
mod enctype;
mod engine;
mod error;
mod hash;
mod hmac;
mod key;
mod key_usage;
mod mac;
mod piece;
mod pseudo_random;
mod random;
mod scatter;
mod secret;
mod string_to_key;

pub use self::cipher::Cipher;
pub use checksum_type::ChecksumType;
pub use digest::md5;
pub use enctype::Enctype;
pub use error::{DecryptError, IntegrityError, KeyLengthError, LengthError, StringToKeyError};
pub use key::Key;
pub use key_usage::KeyUsage;
pub use mac::{Mac, Tag};
pub use piece::Piece;
pub use random::{RandomError, RandomSource};
pub use secret::SecretVec;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
