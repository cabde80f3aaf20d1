//! The cipher of GSS-API tokens under arcfour-hmac, which is none of RFC 3961's.

use core::fmt;

use crate::profile::TokenKey;
use crate::{IovBuffer, Key};

/// The cipher of GSS-API tokens (RFC 4757 sections 7.2 and 7.3): RC4 without a tag, under a key made of a [`Key`] and
/// of bytes that the token has in the clear.
///
/// It protects nothing by itself: the token's checksum does, and its sequence number keeps a keystream from being used
/// twice.
pub struct TokenCipher(TokenKey);

impl TokenCipher {
    /// The cipher of sequence numbers (section 7.2).
    #[must_use]
    pub fn for_numbers(key: &Key) -> Self {
        Self(TokenKey::for_numbers(key.as_bytes()))
    }

    /// The cipher of messages (section 7.3), which has another key than that of sequence numbers.
    #[must_use]
    pub fn for_messages(key: &Key) -> Self {
        Self(TokenKey::for_messages(key.as_bytes()))
    }

    /// Encrypts or decrypts what lies in `buffers` in place, as one stream, under the key that `salt` makes.
    /// Associated data stays as it is.
    pub fn apply(&self, salt: &[u8], buffers: &mut [IovBuffer<'_>]) {
        self.0.apply(salt, buffers);
    }
}

impl fmt::Debug for TokenCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCipher(arcfour-hmac)")
    }
}
