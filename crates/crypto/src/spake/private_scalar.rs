//! The secret that a party draws for one exchange.

use alloc::vec::Vec;
use core::fmt;

use super::arithmetic::{Arithmetic, noise_len, private_scalar, public_key, shared_element};
use super::edwards25519::Edwards25519;
use super::nist::{P256, P384, P521};
use super::{ElementError, Group, Party};
use crate::pseudo_random::prf_plus;
use crate::{Key, RandomError, RandomSource, SecretVec};

/// The private scalar of one party in one exchange: x or y of RFC 9588 section 5.
///
/// It must be drawn anew for each exchange. A KDC that keeps no state gives its own to the client, in a cookie that
/// the client can't read.
#[derive(Clone)]
pub struct PrivateScalar {
    group: Group,
    party: Party,
    bytes: SecretVec,
}

impl PrivateScalar {
    /// Draws one. Each is as likely as any other.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when `random` fails, or gives what nothing can be hidden behind.
    pub fn draw(
        group: Group,
        party: Party,
        random: &mut dyn RandomSource,
    ) -> Result<Self, RandomError> {
        let bytes = match group {
            Group::Edwards25519 => draw::<Edwards25519>(random),
            Group::P256 => draw::<P256>(random),
            Group::P384 => draw::<P384>(random),
            Group::P521 => draw::<P521>(random),
        }?;
        Ok(Self {
            group,
            party,
            bytes,
        })
    }

    /// The scalar of bytes that [`as_bytes`](Self::as_bytes) gave; `None` if these can't be.
    #[must_use]
    pub fn from_bytes(group: Group, party: Party, bytes: &[u8]) -> Option<Self> {
        let expected = match group {
            Group::Edwards25519 => Edwards25519::SCALAR_LEN,
            Group::P256 => P256::SCALAR_LEN,
            Group::P384 => P384::SCALAR_LEN,
            Group::P521 => P521::SCALAR_LEN,
        };
        (bytes.len() == expected).then(|| Self {
            group,
            party,
            bytes: bytes.into(),
        })
    }

    /// Its group.
    #[must_use]
    pub const fn group(&self) -> Group {
        self.group
    }

    /// Whose it is.
    #[must_use]
    pub const fn party(&self) -> Party {
        self.party
    }

    /// Its bytes, in a form of this crate's own.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The public key to send: T or S. Two multiplications.
    ///
    /// # Errors
    ///
    /// [`ElementError`] if the group's own constant were none of its elements; a test shows that all are.
    pub fn public_key(&self, initial_key: &Key) -> Result<Vec<u8>, ElementError> {
        let w = multiplier(initial_key, self.group);
        let (party, private) = (self.party, &self.bytes);
        let public = match self.group {
            Group::Edwards25519 => public_key::<Edwards25519>(party, &w, private),
            Group::P256 => public_key::<P256>(party, &w, private),
            Group::P384 => public_key::<P384>(party, &w, private),
            Group::P521 => public_key::<P521>(party, &w, private),
        };
        public.ok_or(ElementError(self.group))
    }

    /// K: what both parties compute of their own scalar and the other's public key. Two multiplications.
    pub(super) fn shared_element(
        &self,
        w: &[u8],
        public: &[u8],
    ) -> Result<SecretVec, ElementError> {
        let (party, private) = (self.party, &self.bytes);
        let shared = match self.group {
            Group::Edwards25519 => shared_element::<Edwards25519>(party, w, private, public),
            Group::P256 => shared_element::<P256>(party, w, private, public),
            Group::P384 => shared_element::<P384>(party, w, private, public),
            Group::P521 => shared_element::<P521>(party, w, private, public),
        };
        shared.ok_or(ElementError(self.group))
    }
}

impl fmt::Debug for PrivateScalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateScalar({}, {:?})", self.group.name(), self.party)
    }
}

fn draw<A: Arithmetic>(random: &mut dyn RandomSource) -> Result<SecretVec, RandomError> {
    let mut noise = SecretVec::zeroed(noise_len::<A>());
    random.fill(&mut noise)?;
    private_scalar::<A>(&noise).ok_or(RandomError)
}

/// The bytes of the multiplier w, RFC 9588 section 4.1. They are hashed as they are, and reduced to be multiplied
/// with.
pub(super) fn multiplier(initial_key: &Key, group: Group) -> SecretVec {
    let length = match group {
        Group::Edwards25519 => Edwards25519::SCALAR_LEN,
        Group::P256 => P256::SCALAR_LEN,
        Group::P384 => P384::SCALAR_LEN,
        Group::P521 => P521::SCALAR_LEN,
    };
    let pepper = [b"SPAKEsecret".as_slice(), &group.number().to_be_bytes()].concat();
    prf_plus(initial_key, &pepper, length)
}
