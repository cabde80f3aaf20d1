//! Our head of a context against MIT's GSS-API library, both ways round.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail the test, too"
)]

mod cell;
mod clocks;
mod contexts;
mod export;
mod flags;
mod heads;
mod hints;
mod inquiry;
mod matrix;
mod messages;
mod negotiation;
mod pairs;
mod rc4;
mod scenario;
