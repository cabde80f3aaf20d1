//! Clients and KDCs of MIT, Heimdal and Java against ours, and Heimdal's and Java's GSS-API against our heads of
//! contexts. What they show goes into `interop/PEERS.md`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

mod heads;
mod heimdal;
mod java;
mod mit;
mod place;
mod spake;
mod trace;
mod world;
