//! The KDC answers requests that were written for it octet by octet, in virtual time and with seeded randomness.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

mod as_flags;
mod as_names;
mod as_preauth;
mod as_refusals;
mod as_times;
mod delegation;
mod fast;
mod forged;
mod garbage;
mod mit;
mod passwords;
mod rc4;
mod support;
mod tgs_data;
mod tgs_header;
mod tgs_options;
mod tgs_principals;
mod tgs_realms;
mod work;
