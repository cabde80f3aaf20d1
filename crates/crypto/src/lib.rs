//! Kerberos V5 encryption and checksum profiles (RFC 3961, 3962, 8009).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
