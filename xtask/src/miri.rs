//! `cargo xtask miri`: the unit tests of the pure crates that can run there, under Rust's interpreter, which finds
//! undefined behaviour and leaks in them and in what they depend on.

use std::process::{Command, Stdio};

use crate::Failure;
use crate::cargo::{output, root, succeed};

/// What is run: a package, and the tests of it that would take hours there, for what they compute over and over. What
/// is left takes a few minutes.
const RUNS: [(&str, &[&str]); 2] = [
    ("orthros-asn1", &["every_day_that_can_be_written"]),
    (
        "orthros-crypto",
        &[
            "string_to_key",
            "pbkdf2",
            "mit_combined_keys",
            "usages_are_folded",
        ],
    ),
];

/// Runs them; with `--install` gets what is missing first.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] => {}
        ["--install"] => {
            let mut rustup = Command::new("rustup");
            let components = ["miri", "rust-src"];
            succeed(
                rustup
                    .args(["toolchain", "install", "nightly", "--component"])
                    .args(components),
            )?;
        }
        _ => return Err(Failure::Usage),
    }
    if output(&mut nightly(&["miri", "--version"])).is_err() {
        return Err(Failure::Unprepared(
            "Miri is not installed: cargo xtask miri --install",
        ));
    }
    for (package, skipped) in RUNS {
        let mut test = nightly(&["miri", "test", "--package", package, "--lib", "--"]);
        for name in skipped {
            test.args(["--skip", name]);
        }
        succeed(test.stdin(Stdio::null()))?;
    }
    Ok(())
}

/// The cargo of the nightly toolchain.
fn nightly(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").args(arguments);
    // Those of the toolchain that runs this.
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    command.current_dir(root());
    command
}
