//! The AP exchange as the GSS-API mechanism uses it: RFC 4120 section 3.2 and RFC 4121.

mod checksum;
mod flags;

pub use checksum::{AuthenticatorChecksum, AuthenticatorChecksumError};
pub use flags::GssFlags;
