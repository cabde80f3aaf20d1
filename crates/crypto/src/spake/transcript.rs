//! The transcript hash.

use super::Group;
use super::keys::{hash, hash_len};
use crate::SecretVec;

/// The running hash of what was said, RFC 9588 section 6: it ties the keys to the messages.
///
/// It is updated twice: with the client's PA-SPAKE that has `SPAKESupport`, if one was sent, and the KDC's that
/// has `SPAKEChallenge`, both as they came; then with the client's public key. A support message that rejects a challenge
/// begins a new transcript.
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
