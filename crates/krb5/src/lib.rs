//! The Kerberos V5 protocol without I/O: AS, TGS and AP exchanges, RFC 4121 tokens, file formats.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod status;

pub use status::MinorStatus;
