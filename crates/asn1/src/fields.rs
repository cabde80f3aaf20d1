//! The primitive types that RFC 4120 section 5.2 builds its messages from.
//!
//! What is allowed in their contents octets is decided here and nowhere else.

mod any_value;
mod civil_time;
mod contents;
mod flags;
mod integers;
mod object_identifier;
mod octets;
mod raw;
mod strings;
mod time;

pub use any_value::AnyValue;
pub use civil_time::CivilTime;
pub(crate) use contents::{Contents, primitive};
pub use flags::{
    ApOptions, ContextFlags, FastOptions, KdcOptions, OtpFlags, PacOptions, S4uUserOptions,
    TicketFlags,
};
pub use integers::{Exactly, Microseconds, UInt32};
pub use object_identifier::ObjectIdentifier;
pub use octets::{BitString, Octets, SecretOctets, SecretString};
pub use raw::Raw;
pub use strings::KerberosString;
pub use time::KerberosTime;
