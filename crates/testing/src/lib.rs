//! Test support for Orthros: vector files and throw-away realms.
#![forbid(unsafe_code)]
