//! What a developer of Orthros runs: tests, walls, demo.
#![forbid(unsafe_code)]

fn main() {}
