//! The Kerberos V5 protocol without I/O: AS, TGS and AP exchanges, RFC 4121 tokens, file formats.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod ap;
pub mod ccache;
mod channel_bindings;
pub mod config;
mod credential;
pub mod exchange;
mod file_write;
pub mod keytab;
pub mod message;
mod octets;
mod principal;
mod replay;
mod sequence;
mod status;
#[cfg(test)]
mod testing;
mod time;
mod wire;

pub use channel_bindings::{ChannelBindings, ChannelBindingsHash};
pub use credential::{ConfigEntry, Credential, CredentialQuery, KeyBlock, Selection, TicketTimes};
pub use exchange::{
    AsExchange, AsInput, AsRequestOptions, AsStep, CallerMisuse, ClientSecret, ErrorData, Evidence,
    ExchangeError, InitialTicket, KdcError, KdcRequest, MalformedReply, PasswordExpiry, Refusal,
    ReplyDefect, ServiceTicket, TgsExchange, TgsRequestOptions, TgsStep, Transport,
};
pub use file_write::FileWrite;
pub use orthros_asn1::{
    AdType, AddressType, AuthorizationDataEntry, EncryptionType, HostAddress, NameType, TicketFlags,
};
/// Keys, enctypes and randomness, for callers that depend on this crate alone.
pub use orthros_crypto as crypto;
pub use principal::{ParsePrincipalError, ParsePrincipalProblem, Principal};
pub use replay::{Freshness, ReplayRecord, ReplayStore, ReplayStoreError, ReplayTag};
pub use sequence::{SequenceStatus, SequenceWindow};
pub use status::MinorStatus;
pub use time::{CivilTime, Duration, ParseDurationError, Timestamp};
