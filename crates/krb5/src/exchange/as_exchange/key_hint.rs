//! How the KDC says that a password becomes the client's key (RFC 4120 sections 5.2.7.3 to 5.2.7.5).

use alloc::vec::Vec;

use orthros_asn1::{EtypeInfo2, Message, PaData, PaDataType};
use orthros_crypto::Enctype;

use crate::exchange::ExchangeError;
use crate::exchange::error::malformed;
use crate::exchange::padata::find;
use orthros_types::Principal;

/// What the pre-authentication data of an error or of a reply say about the client's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyHint {
    /// The entry of ETYPE-INFO2 that is best for the client.
    Entry {
        enctype: Enctype,
        /// None: the default salt.
        salt: Option<Vec<u8>>,
        /// None: the encryption type's default.
        params: Option<Vec<u8>>,
    },
    /// ETYPE-INFO2 has only entries that were not asked for.
    NoneAcceptable,
    /// PW-SALT: a salt without an encryption type.
    Salt(Vec<u8>),
    /// Nothing.
    Absent,
}

impl KeyHint {
    /// Reads ETYPE-INFO2, or PW-SALT where there is none.
    ///
    /// Of several entries the one wins whose encryption type comes first in `enctypes`: the client's
    /// preference counts, as with MIT.
    pub(super) fn find(padata: &[PaData], enctypes: &[Enctype]) -> Result<Self, ExchangeError> {
        let Some(info) = find(padata, PaDataType::ETYPE_INFO2) else {
            return Ok(find(padata, PaDataType::PW_SALT)
                .map_or(Self::Absent, |salt| Self::Salt(salt.to_vec())));
        };
        let info = EtypeInfo2::decode(info).map_err(malformed("ETYPE-INFO2"))?;
        let best = enctypes.iter().find_map(|enctype| {
            let entry = info
                .iter()
                .find(|entry| entry.etype.0 == enctype.number())?;
            Some(Self::Entry {
                enctype: *enctype,
                salt: entry.salt.as_ref().map(|salt| salt.0.clone()),
                params: entry.s2kparams.as_ref().map(|params| params.0.clone()),
            })
        });
        Ok(best.unwrap_or(Self::NoneAcceptable))
    }

    /// The salt to use for this principal.
    pub(super) fn salt_for(&self, principal: &Principal) -> Vec<u8> {
        match self {
            Self::Entry {
                salt: Some(salt), ..
            }
            | Self::Salt(salt) => salt.clone(),
            _ => principal.default_salt(),
        }
    }

    /// The string-to-key parameters, if there are any.
    pub(super) fn params(&self) -> Option<&[u8]> {
        match self {
            Self::Entry { params, .. } => params.as_deref(),
            _ => None,
        }
    }
}
