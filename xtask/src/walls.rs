//! `cargo xtask walls`: what ARCHITECTURE.md forbids, checked.
//!
//! Each check is a function from data (the output of `cargo metadata`, source text) to findings, so that its
//! tests can show it a house with the wall broken.

mod circles;
mod deny;
mod documents;
mod edges;
mod errors;
mod metadata;
mod modules;
mod native;
mod paths;
mod signatures;
mod sources;
mod use_tree;

use std::fmt;

use crate::Failure;
use crate::cargo::{cargo, output, succeed};
use crate::install::has_target;
pub(crate) use deny::install;
use metadata::Workspace;

/// A target without an operating system: what builds for it can't name time, environment, files or sockets.
pub(crate) const BARE_METAL: &str = "thumbv7em-none-eabihf";

/// The crates that must build for [`BARE_METAL`].
const PURE: [&str; 6] = [
    "orthros-asn1",
    "orthros-crypto",
    "orthros-types",
    "orthros-pac",
    "orthros-krb5",
    "orthros-kdc",
];

/// What users build for. Dependencies are checked on each; what the sources say, on the first.
const PLATFORMS: [&str; 4] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
];

/// A hole in a wall.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// The crate, package or file with its line.
    place: String,
    /// What is wrong with it.
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Runs every check, reports every finding, and fails if there was one.
pub(crate) fn run() -> Result<(), Failure> {
    let platforms = PLATFORMS.map(read_workspace);
    let platforms = platforms.into_iter().collect::<Result<Vec<_>, _>>()?;
    let [workspace, ..] = &platforms[..] else {
        return Err(Failure::Unprepared("there is no platform to check for"));
    };
    let sources = sources::read_all(workspace)?;
    let published: Vec<&str> = workspace
        .members()
        .filter(|package| package.published)
        .map(|package| package.name.as_str())
        .collect();
    let checks = [
        ("edges between the crates", edges::check(workspace)),
        (
            "no C in the published crates",
            on_each(&platforms, native::check),
        ),
        (
            "no unsafe code, no I/O outside the host",
            sources::check_walls(&sources),
        ),
        (
            "no third-party type in a public signature",
            signatures::check(workspace, &sources),
        ),
        (
            "length of files and functions",
            sources::check_lengths(&sources),
        ),
        ("width of prose", sources::check_prose(&sources)),
        ("errors say each thing once", errors::check(&sources)),
        ("no circles between files", circles::check(&sources)),
        (
            "one path to each public item",
            paths::check_items(&sources, &published),
        ),
        (
            "each error's name once",
            paths::check_errors(&sources, &published),
        ),
        ("documents name what is there", documents::check(&sources)?),
    ];
    let mut holes = 0;
    for (name, findings) in checks {
        println!(
            "{} {name}",
            if findings.is_empty() { "ok  " } else { "FAIL" }
        );
        for finding in &findings {
            println!("     {finding}");
        }
        holes += findings.len();
    }
    if holes > 0 {
        return Err(Failure::Walls(holes));
    }
    deny::run()?;
    build_for_bare_metal()
}

/// The packages as a build for this platform resolves them: without it, cargo counts edges that no build has.
fn read_workspace(platform: &str) -> Result<Workspace, Failure> {
    let text = output(&mut cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        platform,
    ]))?;
    Ok(Workspace::parse(&text)?)
}

/// What a check finds on any of the platforms, each finding once.
fn on_each(platforms: &[Workspace], check: fn(&Workspace) -> Vec<Finding>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for finding in platforms.iter().flat_map(check) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

/// One build for each crate: together they would share the features that any of them turns on.
fn build_for_bare_metal() -> Result<(), Failure> {
    if !has_target(BARE_METAL) {
        return Err(Failure::Unprepared(
            "the bare-metal target is missing; run `cargo xtask walls --install`",
        ));
    }
    for package in PURE {
        let mut build = cargo(&["build", "--quiet", "--lib", "--no-default-features"]);
        build.args(["--package", package, "--target", BARE_METAL]);
        succeed(&mut build)?;
        println!("ok   {package} builds without an operating system");
    }
    Ok(())
}
