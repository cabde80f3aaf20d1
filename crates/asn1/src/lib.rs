//! Kerberos V5 messages as ASN.1 DER: RFC 4120 and its extensions, GSS-API framing.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
