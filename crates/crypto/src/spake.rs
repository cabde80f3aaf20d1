//! What SPAKE preauthentication computes (RFC 9588): group arithmetic, transcript hash and derived keys.
//!
//! Client and KDC both know the initial key, the client's long-term key. Each draws a [`PrivateScalar`] and sends an
//! element of the [`Group`], its public key, which the initial key is mixed into. Of its own scalar and the
//! other's element each [computes the keys](Keys) K'\[n\]: the same ones on both sides if the initial key was the
//! same. Whatever goes over the wire, a password can only be guessed by taking part, once for each guess.
//!
//! | | KDC | client |
//! |---|---|---|
//! | multiplier | w = PRF+(initial key, `"SPAKEsecret"` and group) | the same |
//! | private scalar | x | y |
//! | public key | T = xG + wM | S = yG + wN |
//! | shared element | K = x(S - wN) | K = y(T - wM) |
//!
//! ```
//! use orthros_crypto::spake::{ElementError, Group, Keys, Party, PrivateScalar, Transcript};
//! use orthros_crypto::{Key, RandomSource};
//!
//! fn agree(key: &Key, random: &mut dyn RandomSource) -> Result<(), Box<dyn core::error::Error>> {
//!     let group = Group::Edwards25519;
//!     let kdc = PrivateScalar::draw(group, Party::Kdc, random)?;
//!     let client = PrivateScalar::draw(group, Party::Client, random)?;
//!     let (challenge, response) = (kdc.public_key(key)?, client.public_key(key)?);
//!     // Real messages have more around the public keys, which the transcript covers, too.
//!     let mut transcript = Transcript::new(group);
//!     transcript.update(&[&challenge]);
//!     transcript.update(&[&response]);
//!     let of_client = Keys::agree(&client, key, &challenge, transcript.clone())?;
//!     let of_kdc = Keys::agree(&kdc, key, &response, transcript)?;
//!     assert_eq!(of_client.derive(0, b"KDC-REQ-BODY"), of_kdc.derive(0, b"KDC-REQ-BODY"));
//!     Ok(())
//! }
//! # struct Counting(u8);
//! # impl RandomSource for Counting {
//! #     fn fill(&mut self, out: &mut [u8]) -> Result<(), orthros_crypto::RandomError> {
//! #         out.fill(self.0);
//! #         self.0 += 1;
//! #         Ok(())
//! #     }
//! # }
//! # let key = orthros_crypto::Enctype::AES256_CTS_HMAC_SHA1_96.random_key(&mut Counting(1)).unwrap();
//! # agree(&key, &mut Counting(2)).unwrap();
//! ```
//!
//! Everything secret is multiplied, reduced and hashed in constant time, and zeroized when it is dropped.

mod arithmetic;
mod edwards25519;
mod keys;
mod nist;
mod private_scalar;
#[cfg(test)]
mod tests;
mod transcript;

use thiserror::Error;

pub use keys::Keys;
pub use private_scalar::PrivateScalar;
pub use transcript::Transcript;

/// A group of RFC 9588 section 12.2.2 (and of the IANA registry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// The twisted Edwards curve of Ed25519, with SHA-256. What each implementation has.
    Edwards25519,
    /// NIST P-256, with SHA-256.
    P256,
    /// NIST P-384, with SHA-384.
    P384,
    /// NIST P-521, with SHA-512.
    P521,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Edwards25519, Self::P256, Self::P384, Self::P521];

    /// The group of this number.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.number() == number)
    }

    /// The group that krb5.conf calls so; in either case of letters.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|group| group.name().eq_ignore_ascii_case(name))
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Edwards25519 => 1,
            Self::P256 => 2,
            Self::P384 => 3,
            Self::P521 => 4,
        }
    }

    /// Its name, as `spake_preauth_groups` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edwards25519 => "edwards25519",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }
}

/// Which side of the exchange: it decides between M and N.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// The one that sends T, and knows x.
    Kdc,
    /// The one that sends S, and knows y.
    Client,
}

impl Party {
    const fn other(self) -> Self {
        match self {
            Self::Kdc => Self::Client,
            Self::Client => Self::Kdc,
        }
    }
}

/// Bytes that no honest party sends as its public key: they encode no element of the group, or one that leaves
/// nothing of the private scalar in the shared element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the public key of a party to SPAKE in the group {group}", group = .0.name())]
pub struct ElementError(pub Group);
