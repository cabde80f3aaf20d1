//! The server and whole realms, over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

mod addresses;
mod cross_realm;
mod fairness;
mod mit;
mod paths;
mod proxies;
mod realms;
mod sockets;
