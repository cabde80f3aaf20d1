//! The AS and TGS exchanges against a scripted KDC, in virtual time and with seeded randomness.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

mod as_bounds;
mod as_fast;
mod as_flow;
mod as_reply;
mod as_request;
mod as_secret;
mod client;
mod garbage;
mod password;
mod rc4;
mod support;
mod tgs_fast;
mod tgs_flow;
mod tgs_kinds;
mod tgs_realms;
mod tgs_reply;
mod tgs_request;
mod tgs_user;
