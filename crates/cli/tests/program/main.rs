//! The `orthros` program as its users run it, with MIT's KDC and MIT's programs as peers.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

mod caches;
mod collections;
mod demo;
mod der;
mod kdc;
mod keytab;
mod kinit;
mod kpasswd;
mod kvno;
mod listing;
mod load;
mod refusals;
mod running;
mod samples;
mod scripts;
mod shared_caches;
mod terminal;
mod tickets;
mod tokens;
mod world;
mod writers;
