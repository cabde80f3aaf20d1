//! What a developer of Orthros runs:
//! `cargo xtask test | walls | demo | interop | realm | static | package | bench | simulate | fuzz | miri | capture`.
#![forbid(unsafe_code)]

mod bench;
mod capture;
mod cargo;
mod demo;
mod fuzz;
mod install;
mod interop;
mod libtest;
mod miri;
mod package;
mod peers_table;
mod realm;
mod static_build;
mod test;
mod vectors;
mod walls;

use std::process::ExitCode;

use cargo::{cargo, succeed};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--install]   run every test; with --install get missing peers first (Debian, root)
  walls [--install]  check what ARCHITECTURE.md forbids: edges, C, I/O in pure crates, foreign types in signatures
  demo [--install]   the whole path on a throw-away MIT realm, shown and checked
  miri [--install]   the unit tests of the codecs and of the crypto under Rust's interpreter
  capture [heimdal DIR]
                     record what MIT's programs say to each other, or those of Heimdal's packages unpacked in DIR,
                     as a file of vectors/captures/
  interop [--install] [--mit] [--docker] [--embedded] [--heimdal] [--samba]
                     one suite against the KDCs that are named, or MIT's; with --docker also the static program
                     in a container that has nothing else; --samba is an Active Directory domain, with cases of its own
  realm COMMAND ..   run a command in the world of a throw-away MIT realm
  static             build the program as one static binary, check that it is, and how large and how fast to start
  package [manifests | features | archives | oldest-rust | oldest-dependencies]
                     what must hold of the published crates before a release, or one part of it
  bench [WORDS]      run the benches, those whose names have these words; without words also write benches/RESULTS.md
  simulate [--seeds N] [--from SEED]
                     whole sessions in virtual time, each out of its seed
  fuzz [--install] [--seconds N | --long | --coverage] [TARGET]
                     the targets of fuzz/, each for N seconds (10) or ten minutes, after what has failed before; or how
                     much of the code their corpora reach
";

/// Why a command of xtask did not succeed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{USAGE}")]
    Usage,
    #[error("{command}: {source}")]
    Start {
        command: String,
        source: std::io::Error,
    },
    #[error("{0} failed")]
    Command(String),
    #[error("{path}: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error("cargo metadata: {0}")]
    Metadata(#[from] serde_json::Error),
    #[error("walls: {0} found")]
    Walls(usize),
    #[error("tests failed")]
    Tests,
    #[error("no test reads {0}")]
    Vectors(String),
    #[error(
        "tests were skipped, and {} forbids that",
        orthros_testing::peers::REQUIRE
    )]
    Skipped,
    #[error("{0} was out of date; it is written anew, to be committed")]
    Outdated(&'static str),
    #[error(transparent)]
    Realm(#[from] orthros_testing::mit::RealmError),
    #[error(transparent)]
    Container(#[from] orthros_testing::docker::ContainerError),
    #[error("expected {expected} of {finished}")]
    Demo {
        expected: String,
        finished: Box<orthros_testing::process::Finished>,
    },
    #[error("{0} is not a static program")]
    NotStatic(String),
    #[error("not to be published:\n{0}")]
    Manifests(String),
    #[error("{0} is more than allowed")]
    TooMuch(String),
    #[error("{0}")]
    Unprepared(&'static str),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["test"] => test::run(),
        ["test", "--install"] => {
            install::peers()?;
            test::run()
        }
        ["walls"] => walls::run(),
        ["walls", "--install"] => {
            install::target(walls::BARE_METAL)?;
            walls::install()?;
            walls::run()
        }
        ["demo"] => demo::run(),
        ["demo", "--install"] => {
            install::peers()?;
            demo::run()
        }
        ["capture"] => capture::mit(),
        ["capture", "heimdal", root] => capture::heimdal(root),
        ["interop", rest @ ..] => interop::run(rest),
        ["static"] => static_build::run(),
        ["realm", program, rest @ ..] => realm::run(program, rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["package", rest @ ..] => package::run(rest),
        ["miri", rest @ ..] => miri::run(rest),
        ["simulate", rest @ ..] => simulate(rest),
        _ => Err(Failure::Usage),
    }
}

/// Runs worlds in virtual time, in release mode.
fn simulate(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = cargo(&[
        "run",
        "--release",
        "--quiet",
        "--package",
        "orthros-testing",
    ]);
    command.args(["--features", "simulation", "--example", "simulate", "--"]);
    succeed(command.args(arguments))
}
