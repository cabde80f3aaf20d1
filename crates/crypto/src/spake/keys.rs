//! From the shared element to keys.

use core::fmt;

use super::private_scalar::multiplier;
use super::transcript::{hash, hash_len};
use super::{ElementError, Group, PrivateScalar, Transcript};
use crate::{Key, SecretVec};

/// What both parties know at the end of an exchange, RFC 9588 section 7: the keys K'\[n\] follow from it.
pub struct Keys {
    initial_key: Key,
    group: Group,
    multiplier: SecretVec,
    pub(super) shared: SecretVec,
    transcript: Transcript,
}

impl Keys {
    /// Ends an exchange: takes the other party's public key, and the whole transcript. Two multiplications.
    ///
    /// # Errors
    ///
    /// [`ElementError`] if `public` is no public key of the group. One that was made with another initial key is no
    /// error: it gives other keys.
    pub fn agree(
        private: &PrivateScalar,
        initial_key: &Key,
        public: &[u8],
        transcript: Transcript,
    ) -> Result<Self, ElementError> {
        let group = private.group();
        let multiplier = multiplier(initial_key, group);
        let shared = private.shared_element(&multiplier, public)?;
        Ok(Self {
            initial_key: initial_key.clone(),
            group,
            multiplier,
            shared,
            transcript,
        })
    }

    /// The key K'\[`n`\] for a request with this body, in the enctype of the initial key: 0 is the reply key, 1 that
    /// of the client's second factor.
    #[must_use]
    pub fn derive(&self, n: u32, kdc_req_body: &[u8]) -> Key {
        let enctype = self.initial_key.enctype();
        let mut seed = SecretVec::zeroed(enctype.key_len());
        let length = hash_len(self.group);
        for (block, counter) in seed.chunks_mut(length).zip(1_u8..) {
            let hash = hash(
                self.group,
                &[
                    b"SPAKEkey",
                    &self.group.number().to_be_bytes(),
                    &enctype.number().to_be_bytes(),
                    &self.multiplier,
                    &self.shared,
                    self.transcript.as_bytes(),
                    kdc_req_body,
                    &n.to_be_bytes(),
                    &[counter],
                ],
            );
            for (byte, hashed) in block.iter_mut().zip(hash.iter()) {
                *byte = *hashed;
            }
        }
        // Any bytes are a key of the enctypes that there are.
        let derived = Key::from_derived(enctype, &seed);
        self.initial_key.fx_cf2(b"SPAKE", &derived, b"keyderiv")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}
