//! GSS-API (RFC 2743, 2744) with the Kerberos V5 mechanism (RFC 4121) in pure Rust.
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "the steps that make contexts come next")]

mod address_family;
mod channel_bindings;
mod context;
mod error;
mod flags;
mod lifetime;
mod mech_name;
mod mechanism;
mod name;
mod name_type;
mod oid;
mod oid_set;
mod status;
mod usage;

pub use address_family::AddressFamily;
pub use channel_bindings::{CertificateError, ChannelBindings};
pub use context::{Protection, Receiver, SecurityContext, Sender, Step, Unwrapped, Verified};
pub use error::{Error, ErrorKind};
pub use flags::ContextFlags;
pub use lifetime::Lifetime;
pub use mech_name::MechName;
pub use mechanism::{
    MechFromStringError, inquire_mechs_for_name, inquire_names_for_mech, mechanisms,
};
pub use name::Name;
pub use name_type::NameType;
pub use oid::{Oid, ParseOidError};
pub use oid_set::OidSet;
pub use orthros_krb5::MinorStatus;
pub use status::{
    CallingError, MajorStatus, RoutineError, StatusType, Supplementary, display_status,
};
pub use usage::CredentialUsage;
