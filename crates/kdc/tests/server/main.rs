//! The server and whole realms, over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

mod realms;
mod sockets;
