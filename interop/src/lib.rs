//! KDCs that have the principals of `principals.tsv`, and what runs a suite of cases against each.
//!
//! A [`Peer`] is whose KDC it is. [`Realms::start`] starts two realms of it that trust each other, [`HOME`] and
//! [`OTHER`]; a case is a function that is given them. [`runner`] runs all cases against all peers that
//! [`INTEROP`](orthros_testing::peers::INTEROP) names.
//!
//! The cases are in `tests/suite`. They ask nothing of the peer but what [`Realms`] offers, so that each is written
//! once. What a peer can't do is in one table, [`limits::LIMITS`], with the reason; the runner sees to it that this
//! stays true.
#![forbid(unsafe_code)]

pub mod limits;
mod peer;
mod principals;
mod realms;
pub mod runner;
mod server;
mod version;

pub use peer::{Peer, StartError};
pub use principals::ENCTYPES;
pub use realms::{HOME, OTHER, Realms};
pub use server::Server;
