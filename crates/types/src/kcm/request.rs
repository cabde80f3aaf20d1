//! What a client asks of the daemon.

use core::fmt;

use orthros_crypto::SecretVec;

use super::{EncodeKcmError, KcmUuid};
use crate::bytes::{ByteOrder, ByteWriter, TooLarge};
use crate::ccache::{EncodeCacheError, encode_credential, encode_principal};
use crate::{Credential, Principal, Timestamp, ccache};

/// The operation that a request is for. Others than these are of no use to a client that gets its own tickets.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KcmOperation(
    /// Its opcode.
    pub u16,
);

/// A request. Caches are named by what stands behind `KCM:`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum KcmRequest<'a> {
    /// A name that no cache has yet.
    GenNew,
    /// Begins a cache anew.
    Initialize {
        /// Which cache.
        cache: &'a [u8],
        /// Whose it is to be.
        principal: &'a Principal,
    },
    /// Ends a cache.
    Destroy {
        /// Which cache.
        cache: &'a [u8],
    },
    /// Adds a credential.
    Store {
        /// To which cache.
        cache: &'a [u8],
        /// Which credential.
        credential: &'a Credential,
    },
    /// The default principal of a cache.
    GetPrincipal {
        /// Which cache.
        cache: &'a [u8],
    },
    /// The numbers of all credentials of a cache.
    GetCredUuidList {
        /// Which cache.
        cache: &'a [u8],
    },
    /// A credential by its number.
    GetCredByUuid {
        /// Of which cache.
        cache: &'a [u8],
        /// Which credential.
        uuid: KcmUuid,
    },
    /// Removes the credentials that agree with this one in all but the ticket.
    RemoveCred {
        /// From which cache.
        cache: &'a [u8],
        /// Which credential.
        credential: &'a Credential,
    },
    /// The numbers of all caches of the user.
    GetCacheUuidList,
    /// A cache's name by its number.
    GetCacheByUuid {
        /// Which cache.
        uuid: KcmUuid,
    },
    /// The name of the user's primary cache.
    GetDefaultCache,
    /// Makes a cache the primary one.
    SetDefaultCache {
        /// Which cache.
        cache: &'a [u8],
    },
    /// The KDC's clock less ours.
    GetKdcOffset {
        /// As noted in which cache.
        cache: &'a [u8],
    },
    /// Notes the KDC's clock less ours.
    SetKdcOffset {
        /// In which cache.
        cache: &'a [u8],
        /// The difference.
        seconds: i32,
    },
    /// All credentials of a cache at once: an extension of MIT's.
    GetCredList {
        /// Which cache.
        cache: &'a [u8],
    },
    /// Begins a cache anew with credentials in it, as one step: an extension of MIT's.
    Replace {
        /// Which cache.
        cache: &'a [u8],
        /// The KDC's clock less ours.
        seconds: i32,
        /// Whose it is to be.
        principal: &'a Principal,
        /// What is to be in it.
        credentials: &'a [Credential],
    },
}

impl<'a> KcmRequest<'a> {
    /// What it is for.
    #[must_use]
    pub fn operation(&self) -> KcmOperation {
        match self {
            Self::GenNew => KcmOperation::GEN_NEW,
            Self::Initialize { .. } => KcmOperation::INITIALIZE,
            Self::Destroy { .. } => KcmOperation::DESTROY,
            Self::Store { .. } => KcmOperation::STORE,
            Self::GetPrincipal { .. } => KcmOperation::GET_PRINCIPAL,
            Self::GetCredUuidList { .. } => KcmOperation::GET_CRED_UUID_LIST,
            Self::GetCredByUuid { .. } => KcmOperation::GET_CRED_BY_UUID,
            Self::RemoveCred { .. } => KcmOperation::REMOVE_CRED,
            Self::GetCacheUuidList => KcmOperation::GET_CACHE_UUID_LIST,
            Self::GetCacheByUuid { .. } => KcmOperation::GET_CACHE_BY_UUID,
            Self::GetDefaultCache => KcmOperation::GET_DEFAULT_CACHE,
            Self::SetDefaultCache { .. } => KcmOperation::SET_DEFAULT_CACHE,
            Self::GetKdcOffset { .. } => KcmOperation::GET_KDC_OFFSET,
            Self::SetKdcOffset { .. } => KcmOperation::SET_KDC_OFFSET,
            Self::GetCredList { .. } => KcmOperation::GET_CRED_LIST,
            Self::Replace { .. } => KcmOperation::REPLACE,
        }
    }

    /// The whole request as it is written to the socket, its length before it.
    ///
    /// # Errors
    ///
    /// Where the cache's name has a zero octet in it, or something is too large.
    pub fn encode(&self) -> Result<SecretVec, EncodeKcmError> {
        let cache = self.cache();
        if cache.is_some_and(|name| name.contains(&0)) {
            return Err(EncodeKcmError::Name);
        }
        let argument = self.argument()?;
        let name_length = cache.map_or(0, |name| name.len() + 1);
        let length = VERSION.len() + OPCODE + name_length + argument.len();
        let mut out = ByteWriter::with_capacity(LENGTH + length, ByteOrder::BigEndian);
        out.u32(length, "request").map_err(EncodeCacheError::from)?;
        out.bytes(&VERSION);
        out.bytes(&self.operation().0.to_be_bytes());
        if let Some(name) = cache {
            out.bytes(name);
            out.u8(0);
        }
        out.bytes(&argument);
        Ok(out.finish())
    }

    fn cache(&self) -> Option<&'a [u8]> {
        match *self {
            Self::GenNew
            | Self::GetCacheUuidList
            | Self::GetCacheByUuid { .. }
            | Self::GetDefaultCache => None,
            Self::Initialize { cache, .. }
            | Self::Destroy { cache }
            | Self::Store { cache, .. }
            | Self::GetPrincipal { cache }
            | Self::GetCredUuidList { cache }
            | Self::GetCredByUuid { cache, .. }
            | Self::RemoveCred { cache, .. }
            | Self::SetDefaultCache { cache }
            | Self::GetKdcOffset { cache }
            | Self::SetKdcOffset { cache, .. }
            | Self::GetCredList { cache }
            | Self::Replace { cache, .. } => Some(cache),
        }
    }

    /// What stands behind the cache's name.
    fn argument(&self) -> Result<SecretVec, EncodeCacheError> {
        match *self {
            Self::GenNew
            | Self::Destroy { .. }
            | Self::GetPrincipal { .. }
            | Self::GetCredUuidList { .. }
            | Self::GetCacheUuidList
            | Self::GetDefaultCache
            | Self::SetDefaultCache { .. }
            | Self::GetKdcOffset { .. }
            | Self::GetCredList { .. } => Ok(SecretVec::zeroed(0)),
            Self::Initialize { principal, .. } => encode_principal(principal),
            Self::Store { credential, .. } => {
                encode_credential(credential, ccache::CacheFormat::Version4)
            }
            Self::GetCredByUuid { uuid, .. } | Self::GetCacheByUuid { uuid } => {
                Ok(uuid.0.to_vec().into())
            }
            Self::RemoveCred { credential, .. } => Ok(matching(credential)?),
            Self::SetKdcOffset { seconds, .. } => Ok(seconds.to_be_bytes().to_vec().into()),
            Self::Replace {
                seconds,
                principal,
                credentials,
                ..
            } => replacement(seconds, principal, credentials),
        }
    }
}

/// How a credential has to be that is to be removed: Heimdal's flags, and the fields that they are about.
fn matching(credential: &Credential) -> Result<SecretVec, TooLarge> {
    let parts = [
        encode_principal(&credential.client),
        encode_principal(&credential.server),
    ];
    let too_large = |error: EncodeCacheError| TooLarge(error.field);
    let [client, server] = parts;
    let (client, server) = (client.map_err(too_large)?, server.map_err(too_large)?);
    let times = &credential.times;
    let second_ticket = &credential.second_ticket;
    let capacity = MATCH_HEAD + client.len() + server.len() + second_ticket.len();
    let mut out = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
    let mut fields = HAS_CLIENT | HAS_SERVER | HAS_KEY;
    let mut flags = MATCH_ENCTYPE | MATCH_TIMES_EXACTLY | MATCH_IS_SKEY;
    if !second_ticket.is_empty() {
        fields |= HAS_SECOND_TICKET;
        flags |= MATCH_SECOND_TICKET;
    }
    out.u32(flags, "flags")?;
    out.u32(fields, "fields")?;
    out.bytes(&client);
    out.bytes(&server);
    out.i16(credential.session_key.enctype().0, "enctype's number")?;
    out.counted32(&[], "session key")?;
    for time in [
        Some(times.authtime),
        times.starttime,
        Some(times.endtime),
        times.renew_till,
    ] {
        // 0 says that there is no such time.
        out.u32(time.map_or(0, Timestamp::to_u32_saturating), "time")?;
    }
    out.u8(credential.is_skey.into());
    out.u32(credential.flags.bits(), "flags")?;
    if !second_ticket.is_empty() {
        out.counted32(second_ticket, "second ticket")?;
    }
    Ok(out.finish())
}

fn replacement(
    seconds: i32,
    principal: &Principal,
    credentials: &[Credential],
) -> Result<SecretVec, EncodeCacheError> {
    let principal = encode_principal(principal)?;
    let encoded = credentials
        .iter()
        .map(|credential| encode_credential(credential, ccache::CacheFormat::Version4))
        .collect::<Result<alloc::vec::Vec<_>, _>>()?;
    let length = encoded
        .iter()
        .map(|entry| entry.len() + LENGTH)
        .sum::<usize>();
    let capacity = LENGTH + principal.len() + LENGTH + length;
    let mut out = ByteWriter::with_capacity(capacity, ByteOrder::BigEndian);
    out.i32(seconds, "KDC offset")?;
    out.bytes(&principal);
    out.u32(encoded.len(), "count of credentials")?;
    for credential in &encoded {
        out.counted32(credential, "credential")?;
    }
    Ok(out.finish())
}

/// Each operation once: its constant and opcode, its name and what its request is called here.
macro_rules! operations {
    ($($opcode:literal $name:ident;)*) => {
        impl KcmOperation {
            $(
                #[doc = concat!("`KCM_OP_", stringify!($name), "`.")]
                pub const $name: Self = Self($opcode);
            )*

            /// What MIT's and Heimdal's sources call it, without `KCM_OP_`; none of what is no operation of this list.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

operations! {
    3 GEN_NEW;
    4 INITIALIZE;
    5 DESTROY;
    6 STORE;
    8 GET_PRINCIPAL;
    9 GET_CRED_UUID_LIST;
    10 GET_CRED_BY_UUID;
    11 REMOVE_CRED;
    18 GET_CACHE_UUID_LIST;
    19 GET_CACHE_BY_UUID;
    20 GET_DEFAULT_CACHE;
    21 SET_DEFAULT_CACHE;
    22 GET_KDC_OFFSET;
    23 SET_KDC_OFFSET;
    13001 GET_CRED_LIST;
    13002 REPLACE;
}

impl fmt::Display for KcmOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "operation {}", self.0),
        }
    }
}

impl fmt::Debug for KcmOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Major and minor number of the protocol's version.
const VERSION: [u8; 2] = [2, 0];
const OPCODE: usize = 2;
const LENGTH: usize = 4;

/// What a credential to be matched takes beside its names and its second ticket: flags, fields, enctype, an empty key,
/// four times, `is_skey`, flags, length.
const MATCH_HEAD: usize = 4 + 4 + 2 + 4 + 16 + 1 + 4 + 4;
const HAS_CLIENT: u32 = 1;
const HAS_SERVER: u32 = 1 << 1;
const HAS_KEY: u32 = 1 << 2;
const HAS_SECOND_TICKET: u32 = 1 << 4;
/// Heimdal's `KRB5_TC_` constants, which are not MIT's.
const MATCH_ENCTYPE: u32 = 1 << 30;
const MATCH_TIMES_EXACTLY: u32 = 1 << 26;
const MATCH_SECOND_TICKET: u32 = 1 << 23;
const MATCH_IS_SKEY: u32 = 1 << 22;
