//! A KDC made of messages and cryptography alone, good enough to answer, and to answer wrongly.
//!
//! It shares no code with the exchanges that it is there to test.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support: a wrong assumption should stop the test, and not every test file uses all of it"
)]

mod draft;
mod fast;
mod kdc;
mod words;

pub(crate) use draft::Draft;
pub(crate) use fast::FastKdc;
pub(crate) use kdc::{Kdc, to_key};
pub(crate) use words::*;
