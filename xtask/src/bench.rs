//! `cargo xtask bench`: the benches, in release mode.

use crate::Failure;
use crate::cargo::{cargo, succeed};

/// Runs the benches with these arguments.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = cargo(&["bench", "--package", "orthros-benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
    }
    succeed(&mut command)
}
