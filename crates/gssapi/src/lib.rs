#![doc = include_str!("../README.md")]
//!
//! # The parts
//!
//! - A [`Name`] is the name of a service or a user; [`Name::canonicalize`] makes the mechanism's [`MechName`] of it,
//!   which access control compares.
//! - A [`Credential`] proves an identity: with the tickets of a credential cache, a password, or the keys of a keytab.
//! - An [`InitContext`] or an [`AcceptContext`] is stepped, token by token, until it gives a [`SecurityContext`]: then
//!   the peer is authenticated. A context comes from nowhere else but another process that
//!   [exported](SecurityContext::export) one.
//! - The context protects messages: [`wrap`](SecurityContext::wrap) and [`unwrap`](SecurityContext::unwrap),
//!   [`get_mic`](SecurityContext::get_mic) and [`verify_mic`](SecurityContext::verify_mic).
//!   [`split`](SecurityContext::split) gives a [`Sender`] and a [`Receiver`] for two threads, which also work in the
//!   caller's buffers without allocating.
//! - [`ChannelBindings`] tie a context to the TLS channel around it.
//! - An [`Error`] has RFC 2744's major status, MIT's minor status, a [kind](ErrorKind) to match on, and a message for
//!   the administrator.
//!
//! The [`manual`] has a page for each task, and one for users of the Python package `gssapi`.
//!
//! # Where things come from
//!
//! Configuration, clock, randomness, caches, keytabs and the way to the KDC hang on an [`Environment`]. Calls that are
//! not given one use the process' own, which reads `/etc/krb5.conf`, `KRB5CCNAME`, `KRB5_KTNAME` and so on as MIT krb5
//! does. A server with many identities, or a test, makes others with [`Environment::builder`].
//!
//! Four modules have what only some programs need: [`environment`], to replace a part of an environment; [`storage`],
//! to look into caches and keytabs; [`kerberos`], for what Kerberos knows of a context and GSS-API has no words for;
//! [`pac`], for what Active Directory says of a client.
//! To get and to keep tickets as `kinit` does, use the crates `orthros-host` and `orthros-krb5` below this one.
//!
//! # What the application must do
//!
//! - Look at [`SecurityContext::flags`]: what was asked for need not have been granted.
//! - Look at what comes with a message: replays and disorder are reported with it, not instead of it.
//!   [`Unwrapped::in_sequence`] makes errors of them.
//! - Say what protection a message must have at least, when it unwraps it: [`Protection`].
//! - Send [`Error::token`] to the client where an acceptor fails, so that it learns why.
#![forbid(unsafe_code)]

mod address_family;
mod authorization;
mod channel_bindings;
mod context;
mod credential;
pub mod environment;
mod error;
pub mod kerberos;
mod lifetime;
pub mod manual;
mod mech;
mod mech_attribute;
mod mech_name;
mod name;
mod name_attribute;
mod name_type;
mod oid;
mod oid_set;
pub mod pac;
mod status;
pub mod storage;
mod usage;

pub use address_family::AddressFamily;
pub use channel_bindings::{CertificateError, ChannelBindings};
pub use context::{
    AcceptContext, AcceptContextBuilder, InitContext, InitContextBuilder, PrfKey, Progress,
    Protection, Receiver, SecurityContext, Sender, Step, Unwrapped, Verified,
};
pub use credential::builder::CredentialBuilder;
pub use credential::{Credential, StoreOptions, Stored};
pub use error::{Error, ErrorKind};
pub use lifetime::Lifetime;
pub use mech::inquiry::{
    MechFromStringError, indicate_mechs_by_attrs, inquire_attrs_for_mech, inquire_mechs_for_name,
    inquire_names_for_mech, mechanisms,
};
pub use mech_attribute::{MechAttribute, MechAttributes};
pub use mech_name::MechName;
pub use name::Name;
pub use name_attribute::NameAttribute;
pub use name_type::NameType;
pub use oid::{Oid, ParseOidError};
pub use oid_set::OidSet;
pub use orthros_host::{Environment, EnvironmentBuilder};
pub use orthros_krb5::ap::ContextFlags;
pub use orthros_krb5::crypto::{IovBuffer, SecretVec};
pub use orthros_krb5::message::{Iov, IovLengths};
pub use orthros_types::MinorStatus;
pub use status::{
    CallingError, MajorStatus, RoutineError, StatusType, Supplementary, display_status,
};
pub use usage::CredentialUsage;
