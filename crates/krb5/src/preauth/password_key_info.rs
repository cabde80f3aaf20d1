//! How a password becomes a key, for callers that make the key themselves.

use alloc::vec::Vec;

use orthros_asn1::PaData;
use orthros_crypto::{Enctype, Key, StringToKeyError};
use orthros_types::Principal;

use super::client_keys::KeyHint;
use crate::exchange::error::ExchangeError;

/// How a KDC makes a key of a client's password: an entry of ETYPE-INFO2 (RFC 4120 section 5.2.7.5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PasswordKeyInfo {
    /// The key's encryption type.
    pub enctype: Enctype,
    /// The salt.
    pub salt: Vec<u8>,
    /// Parameters of the string-to-key function; None: the encryption type's default.
    pub params: Option<Vec<u8>>,
}

impl PasswordKeyInfo {
    /// With the default salt of `client`, and the default parameters.
    pub(crate) fn by_default(enctype: Enctype, client: &Principal) -> Self {
        Self {
            enctype,
            salt: client.default_salt(),
            params: None,
        }
    }

    /// What preauthentication data say of each of these encryption types, in their order; nothing of those that they
    /// don't name.
    pub(crate) fn find(
        padata: &[PaData],
        enctypes: &[Enctype],
        client: &Principal,
    ) -> Result<Vec<Self>, ExchangeError> {
        let mut found = Vec::new();
        for enctype in enctypes {
            let hint = KeyHint::find(padata, &[*enctype])?;
            if matches!(hint, KeyHint::Entry { .. } | KeyHint::Salt(_)) {
                found.push(Self {
                    enctype: *enctype,
                    salt: hint.salt_for(client),
                    params: hint.params().map(<[u8]>::to_vec),
                });
            }
        }
        Ok(found)
    }

    /// The key of this password.
    ///
    /// # Errors
    ///
    /// [`StringToKeyError`] for parameters that are malformed, too weak, or too costly.
    pub fn key(&self, password: &[u8]) -> Result<Key, StringToKeyError> {
        self.enctype
            .string_to_key(password, &self.salt, self.params.as_deref())
    }
}
