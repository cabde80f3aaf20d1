//! The public API in a realm with a real KDC (MIT krb5's).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail the test, too"
)]

mod client_keytab;
mod credential;
mod delegation;
mod examples;
mod local_users;
mod refusals;
mod replay;
mod session;
mod stores;
mod user_to_user;
mod world;
