//! The transcript hash.

use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroize as _;

use super::Group;
use crate::SecretVec;

/// The running hash of what was said, RFC 9588 section 6: it ties the keys to the messages.
///
/// It is updated twice: with the client's PA-SPAKE that has `SPAKESupport`, if one was sent, and the KDC's that
/// has `SPAKEChallenge`, both as they came; then with the client's public key. A support message that rejects a
/// challenge begins a new transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    group: Group,
    hash: SecretVec,
}

impl Transcript {
    /// One in which nothing was said.
    #[must_use]
    pub fn new(group: Group) -> Self {
        Self {
            group,
            hash: SecretVec::zeroed(hash_len(group)),
        }
    }

    /// The transcript whose hash [`as_bytes`](Self::as_bytes) gave; `None` if this can't be one.
    #[must_use]
    pub fn from_bytes(group: Group, hash: &[u8]) -> Option<Self> {
        (hash.len() == hash_len(group)).then(|| Self {
            group,
            hash: hash.into(),
        })
    }

    /// The hash as it is now.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.hash
    }

    /// Takes in the concatenation of `parts`.
    pub fn update(&mut self, parts: &[&[u8]]) {
        self.hash = hash(self.group, &[&[&*self.hash], parts].concat());
    }
}

/// The hash of the group, over the concatenation of `parts`.
pub(super) fn hash(group: Group, parts: &[&[u8]]) -> SecretVec {
    match group {
        Group::Edwards25519 | Group::P256 => digest::<Sha256>(parts),
        Group::P384 => digest::<Sha384>(parts),
        Group::P521 => digest::<Sha512>(parts),
    }
}

/// Bytes of the hash of the group.
pub(super) const fn hash_len(group: Group) -> usize {
    match group {
        Group::Edwards25519 | Group::P256 => 32,
        Group::P384 => 48,
        Group::P521 => 64,
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> SecretVec {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    let mut hash = digest.finalize();
    let bytes = hash.as_slice().into();
    hash.as_mut_slice().zeroize();
    bytes
}
