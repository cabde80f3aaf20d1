//! Heimdal's programs and Java's GSS-API against our KDC, and Java's against our heads of contexts.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a wrong assumption should stop the test"
)]

mod heimdal;
mod java;
mod world;
