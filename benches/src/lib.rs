//! What the benches share: a clock that counts this thread only, a table, and the floor to compare with.
//!
//! Each bench is a program of its own in `benches/`: `cargo bench -p orthros-benches`. A figure is the
//! median of several windows of CPU time, as the machines that run this have other things to do too;
//! compare figures of one run only.
#![forbid(unsafe_code)]

pub mod facade;
mod floor;
mod measure;
mod table;

pub use floor::Floor;
pub use measure::{Time, measure, measure_batches};
pub use table::{Row, print, print_head, record};

/// Whether figures are asked for (`cargo bench`), or only that the bench still runs (`cargo test`).
#[must_use]
pub fn is_asked_for() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Whether this figure is wanted: every word of the command line that is no option must be in one of its `names`.
#[must_use]
pub fn is_wanted(names: &[&str]) -> bool {
    let arguments = std::env::args().skip(1);
    let mut words = arguments.filter(|argument| !argument.starts_with('-'));
    words.all(|word| names.iter().any(|name| name.contains(&word)))
}
