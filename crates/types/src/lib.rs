//! What Kerberos clients, acceptors and KDCs share, without I/O: principals, times, credentials, minor statuses, and
//! the files that these are kept in.
//!
//! # Principals and times
//!
//! A [`Principal`] is bytes: realm and components, compared as such, read from text and written to it with MIT's
//! quoting. A [`Timestamp`] comes in as an argument wherever the time matters; nothing here reads a clock. A
//! [`Duration`] reads the spans of `krb5.conf` and of `kinit -l`.
//!
//! # Credentials and files
//!
//! A [`Credential`] is a ticket with its session key and what is known of both: what exchanges end in, and what caches
//! hold. A [`CredentialQuery`] finds one by MIT's rules.
//!
//! | file | module | reads | writes |
//! |---|---|---|---|
//! | keytab, formats 1 and 2 | [`keytab`] | every entry, holes passed over | whole, or an entry at a time |
//! | FILE cache, versions 1 to 4 | [`ccache`] | up to an entry that the file's end cuts off | header, entry, removal mark |
//! | KCM daemon's socket | [`kcm`] | every reply that clients use | their requests |
//! | kernel's keys | [`keyring`] | what MIT keeps in a cache's keyring | the same |
//! | replay file | [`ReplayFileSearch`] | the places that one record can be in | that record |
//! | `.k5identity` | [`choose_identity`] | the principal to use for a server | - |
//! | `krb5.conf` | [`config`] | several files as one, includes through the caller | - |
//!
//! Files are bytes here. A caller that has one open and locked is told what to write where ([`FileWrite`]), in an
//! order in which another reader never finds half an entry. Errors carry the offset, or the file and line, and have
//! MIT's number; the file's name is added by the caller that opened it. Lengths in a file size nothing before they are
//! checked against what is there, and keys are zeroized when they are dropped.
//!
//! ```
//! use orthros_types::keytab::{Keytab, KeytabEntry};
//! use orthros_types::{EncryptionType, KeyBlock, Principal, Timestamp};
//!
//! let host = Principal::parse("host/a.example@EXAMPLE", None)?;
//! let keytab = Keytab::new(vec![KeytabEntry {
//!     principal: host.clone(),
//!     timestamp: Timestamp::from_seconds(1_700_000_000),
//!     kvno: 2,
//!     key: KeyBlock::new(EncryptionType(17), vec![0; 16]),
//! }]);
//! let read = Keytab::decode(&keytab.encode()?)?;
//! assert_eq!(read.find(&host, None, None)?.kvno, 2);
//! let missing = read.find(&host, Some(3), None).unwrap_err();
//! assert_eq!(
//!     missing.to_string(),
//!     "no key for host/a.example@EXAMPLE of kvno 3: only of kvno 2"
//! );
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bytes;
pub mod ccache;
mod channel_bindings;
pub mod config;
mod credential;
mod enctype_name;
mod file_write;
mod identity;
pub mod kcm;
pub mod keyring;
pub mod keytab;
mod local_name;
mod principal;
mod replay;
mod replay_file;
mod shown;
mod status;
mod time;

pub use channel_bindings::{ChannelBindings, ChannelBindingsHash};
pub use credential::{
    ConfigEntry, Credential, CredentialQuery, KeyBlock, Selection, TicketHeader, TicketTimes,
};
pub use enctype_name::{EnctypeName, EnctypeSwitch};
pub use file_write::FileWrite;
pub use identity::choose_identity;
pub use local_name::{LocalNameError, RegexpProblem, RuleProblem};
pub use orthros_asn1::{
    AdType, AddressType, AuthorizationDataEntry, CivilTime, EncryptionType, HostAddress, NameType,
    TicketFlags,
};
pub use principal::{ParsePrincipalError, ParsePrincipalProblem, Principal};
pub use replay::{Freshness, ReplayCache, ReplayCacheError, ReplayClient, ReplayRecord, ReplayTag};
pub use replay_file::{
    REPLAY_FILE_LOOK, ReplayFileFinding, ReplayFileFull, ReplayFileSearch, ReplayFileSeed,
};
pub use shown::Shown;
pub use status::MinorStatus;
pub use time::{Duration, ParseDurationError, Timestamp};
