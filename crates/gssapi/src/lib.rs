//! GSS-API (RFC 2743, 2744) with the Kerberos V5 mechanism (RFC 4121) in pure Rust.
#![forbid(unsafe_code)]
