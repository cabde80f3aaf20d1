//! What a running realm costs: requests over loopback UDP beside MIT's KDC under the same load, its start, and memory.
//!
//! The exchanges alone, without sockets, are in `kdc`.
#![expect(
    clippy::expect_used,
    reason = "a bench of calls that fail measures nothing"
)]

mod client;
mod costs;
mod datagrams;

use orthros_benches::is_asked_for;

fn main() {
    let measured = is_asked_for();
    datagrams::measure_both(measured);
    costs::start(measured);
    costs::memory(measured);
}
