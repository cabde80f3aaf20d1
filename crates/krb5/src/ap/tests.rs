//! Both heads in virtual time, with seeded randomness and a KDC of twenty lines.

mod amplification;
mod dce;
mod defects;
mod indicators;
mod keys;
pub(super) mod pair;
mod strictness;
mod subkey;
mod tokens;
mod user_to_user;
mod valid_checksums;
pub(in crate::ap) mod world;
