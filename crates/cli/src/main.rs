//! The orthros program: kinit, klist, kvno, kdestroy and GSS-API samples in pure Rust.
#![forbid(unsafe_code)]

fn main() {}
