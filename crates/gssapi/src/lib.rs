//! GSS-API (RFC 2743, 2744) with the Kerberos V5 mechanism (RFC 4121) in pure Rust.
#![forbid(unsafe_code)]

mod address_family;
mod flags;
mod lifetime;
mod oid;
mod oid_set;
mod status;
mod usage;

pub use address_family::AddressFamily;
pub use flags::ContextFlags;
pub use lifetime::Lifetime;
pub use oid::{Oid, ParseOidError};
pub use oid_set::OidSet;
pub use orthros_krb5::MinorStatus;
pub use status::{
    CallingError, MajorStatus, RoutineError, StatusType, Supplementary, display_status,
};
pub use usage::CredentialUsage;
