//! The client's long-term keys, and how the KDC says that a password becomes one (RFC 4120 sections 5.2.7.3 to
//! 5.2.7.5).

use alloc::vec::Vec;

use orthros_asn1::{EncryptionType, EtypeInfo, EtypeInfo2, Message, PaData, PaDataType};
use orthros_crypto::{Enctype, Key, SecretVec};
use orthros_types::Principal;

use crate::exchange::ClientSecret;
use crate::exchange::error::{ExchangeError, ExchangeMisuseError, malformed};
use crate::exchange::kdc_refusal::KdcRefusalError;
use crate::exchange::padata::find;
use crate::exchange::reply_error::ReplyError;

/// The keys of a client: those of a keytab, or what is made of a password.
///
/// Making one may be costly and the KDC has a say in the cost, so that it may happen a few times only.
pub(crate) struct ClientKeys {
    secret: ClientSecret,
    derivations: u32,
    /// Iterations of PBKDF2 that keys were made with.
    iterations: u64,
}

/// A key of the client, and how it was made.
pub(crate) struct ClientKey {
    key: Key,
    hint: KeyHint,
}

/// The client as it is asked for now, and how many requests that took: for errors.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) client: &'a Principal,
    pub(crate) requests: u32,
}

impl ClientKey {
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it is made in this way.
    pub(crate) fn is_of(&self, hint: &KeyHint) -> bool {
        self.hint == *hint
    }
}

impl ClientKeys {
    pub(crate) fn new(secret: ClientSecret) -> Self {
        Self {
            secret,
            derivations: 0,
            iterations: 0,
        }
    }

    /// Whether the password has to be asked for first.
    pub(crate) fn needs_password(&self) -> bool {
        matches!(self.secret, ClientSecret::Ask)
    }

    /// Whether the keys are made of a password, to say so in errors.
    pub(crate) fn is_password(&self) -> bool {
        !matches!(self.secret, ClientSecret::Keys(_))
    }

    /// Takes the password that was asked for.
    pub(crate) fn set_password(&mut self, password: &[u8]) {
        self.secret = ClientSecret::Password(SecretVec::from(password));
    }

    /// The key to preauthenticate with, as `hint` has it; without a hint one of the client's first encryption type.
    pub(crate) fn for_preauthentication(
        &mut self,
        asking: Asking<'_>,
        hint: &KeyHint,
        enctypes: &[Enctype],
    ) -> Result<ClientKey, ExchangeError> {
        let enctype = match (hint, enctypes) {
            (KeyHint::Entry { enctype, .. }, _) | (_, [enctype, ..]) => *enctype,
            (_, []) => return Err(ExchangeMisuseError::NoEnctypes.into()),
        };
        let salt = hint.salt_for(asking.client);
        Ok(ClientKey {
            key: self.derive(asking, enctype, &salt, hint.params())?,
            hint: hint.clone(),
        })
    }

    /// The key of a reply's encryption type. `used` is the one that the client has preauthenticated with, `padata`
    /// is what the reply says, and `named` the client by the name that it gives: the default salt is made of the
    /// canonical one.
    pub(crate) fn for_reply(
        &mut self,
        asking: Asking<'_>,
        used: Option<&ClientKey>,
        enctype: Enctype,
        padata: &[PaData],
        named: &Principal,
    ) -> Result<Key, ExchangeError> {
        // The KDC has just shown that it has this key.
        if let Some(used) = used.filter(|used| used.key.enctype() == enctype) {
            return Ok(used.key.clone());
        }
        let hint = match KeyHint::find(padata, &[enctype])? {
            KeyHint::Absent | KeyHint::NoneAcceptable => {
                used.map_or(KeyHint::Absent, |used| used.hint.clone())
            }
            said_anew => said_anew,
        };
        self.derive(asking, enctype, &hint.salt_for(named), hint.params())
    }

    fn derive(
        &mut self,
        asking: Asking<'_>,
        enctype: Enctype,
        salt: &[u8],
        params: Option<&[u8]>,
    ) -> Result<Key, ExchangeError> {
        match &self.secret {
            ClientSecret::Keys(keys) => {
                let key = keys.iter().find(|key| key.enctype() == enctype);
                key.cloned().ok_or_else(|| {
                    let client = asking.client.clone();
                    KdcRefusalError::KeyMissing { client, enctype }.into()
                })
            }
            ClientSecret::Password(password) => {
                let iterations = self.iterations.saturating_add(iterations(params));
                if self.derivations >= MAX_DERIVATIONS || iterations > MAX_ITERATIONS {
                    return Err(ReplyError::TooManyRequests(asking.requests).into());
                }
                self.derivations += 1;
                self.iterations = iterations;
                enctype
                    .string_to_key(password, salt, params)
                    .map_err(|error| ReplyError::KeyParameters(error).into())
            }
            ClientSecret::Ask => Err(ExchangeMisuseError::UnexpectedInput.into()),
        }
    }
}

/// What the preauthentication data of an error or of a reply say about the client's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyHint {
    /// The entry of ETYPE-INFO2, or of ETYPE-INFO where there is none, that is best for the client.
    Entry {
        enctype: Enctype,
        /// None: the default salt.
        salt: Option<Vec<u8>>,
        /// None: the encryption type's default.
        params: Option<Vec<u8>>,
    },
    /// They have only entries that were not asked for.
    NoneAcceptable,
    /// PW-SALT: a salt without an encryption type.
    Salt(Vec<u8>),
    /// Nothing.
    Absent,
}

impl KeyHint {
    /// Reads ETYPE-INFO2; where there is none ETYPE-INFO, which KDCs before RFC 4120 have, and has RC4 alone in these
    /// days (section 5.2.7.4); where there is neither PW-SALT.
    ///
    /// Of several entries the one is taken whose encryption type comes first in `enctypes`: the client's
    /// preference counts, as with MIT.
    pub(crate) fn find(padata: &[PaData], enctypes: &[Enctype]) -> Result<Self, ExchangeError> {
        let entries = if let Some(info) = find(padata, PaDataType::ETYPE_INFO2) {
            entries(EtypeInfo2::decode(info).map_err(malformed("ETYPE-INFO2"))?)
        } else if let Some(info) = find(padata, PaDataType::ETYPE_INFO) {
            entries_of_old_form(EtypeInfo::decode(info).map_err(malformed("ETYPE-INFO"))?)
        } else {
            return Ok(find(padata, PaDataType::PW_SALT)
                .map_or(Self::Absent, |salt| Self::Salt(salt.to_vec())));
        };
        let best = enctypes.iter().find_map(|enctype| {
            let is_of = |entry: &&HintEntry| entry.etype.0 == enctype.number();
            let entry = entries.iter().find(is_of)?;
            Some(Self::Entry {
                enctype: *enctype,
                salt: entry.salt.clone(),
                params: entry.params.clone(),
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

/// An entry of ETYPE-INFO2 or of ETYPE-INFO.
struct HintEntry {
    etype: EncryptionType,
    salt: Option<Vec<u8>>,
    params: Option<Vec<u8>>,
}

fn entries(info: EtypeInfo2) -> Vec<HintEntry> {
    let entries = info.into_iter().map(|entry| HintEntry {
        etype: entry.etype,
        salt: entry.salt.map(|salt| salt.0.to_vec()),
        params: entry.s2kparams.map(|params| params.0.to_vec()),
    });
    entries.collect()
}

/// The old form has no parameters.
fn entries_of_old_form(info: EtypeInfo) -> Vec<HintEntry> {
    let entries = info.into_iter().map(|entry| HintEntry {
        etype: entry.etype,
        salt: entry.salt.map(|salt| salt.0.to_vec()),
        params: None,
    });
    entries.collect()
}

/// How often PBKDF2 is iterated with these parameters. Those that are refused cost nothing: other than four bytes,
/// and more iterations than there may be for one key.
fn iterations(params: Option<&[u8]>) -> u64 {
    let Some(params) = params else {
        return DEFAULT_ITERATIONS;
    };
    let count = <[u8; 4]>::try_from(params).map_or(0, u32::from_be_bytes);
    Some(u64::from(count))
        .filter(|count| *count < MAX_ITERATIONS)
        .unwrap_or(0)
}

/// One for the timestamp, one for a reply in another encryption type, and as many in reserve.
const MAX_DERIVATIONS: u32 = 4;
/// All together as many as MIT takes for one key, which is some seconds' work: a forged error may cost the client
/// that once.
const MAX_ITERATIONS: u64 = 1 << 24;
/// The greatest default of any encryption type.
const DEFAULT_ITERATIONS: u64 = 32_768;
