//! The Kerberos V5 protocol without I/O: AS, TGS and AP exchanges, RFC 4121 tokens, file formats.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod credential;
mod principal;
mod status;
mod time;

pub use credential::{
    AuthorizationDataElement, ConfigEntry, Credential, CredentialQuery, HostAddress, KeyBlock,
    Selection, TicketFlags, TicketTimes,
};
/// Keys, enctypes and randomness, for callers that depend on this crate alone.
pub use orthros_crypto as crypto;
pub use principal::{NameType, ParsePrincipalError, ParsePrincipalProblem, Principal};
pub use status::MinorStatus;
pub use time::{CivilTime, Duration, ParseDurationError, Timestamp};
