//! `cargo xtask package`: what must hold of the published crates before a release.

mod features;
mod manifest;

use std::process::Command;

use crate::Failure;
use crate::cargo::{cargo, output, root, succeed};
use manifest::Published;

/// Manifests, features, archives, the oldest Rust and the oldest dependencies; the first that fails ends it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let metadata = ["metadata", "--format-version", "1", "--no-deps"];
    let metadata = serde_json::from_str(&output(&mut cargo(&metadata))?)?;
    let published = Published::all(&metadata);
    match arguments {
        [] => {
            manifests(&published)?;
            features(&published)?;
            archives(&published)?;
            oldest_rust(&published)?;
            oldest_dependencies(&published)
        }
        ["manifests"] => manifests(&published),
        ["features"] => features(&published),
        ["archives"] => archives(&published),
        ["oldest-rust"] => oldest_rust(&published),
        ["oldest-dependencies"] => oldest_dependencies(&published),
        _ => Err(Failure::Usage),
    }
}

/// What a registry shows of them, and what it refuses.
fn manifests(published: &[Published]) -> Result<(), Failure> {
    let defects: Vec<String> = published.iter().flat_map(Published::defects).collect();
    if defects.is_empty() {
        println!("{} crates are described as they should be", published.len());
        return Ok(());
    }
    Err(Failure::Manifests(defects.join("\n")))
}

/// Every combination of features is free of warnings.
fn features(published: &[Published]) -> Result<(), Failure> {
    for package in published {
        for features in features::powerset(&package.features) {
            let mut clippy = cargo(&["clippy", "--quiet", "--package", &package.name]);
            clippy.args(["--no-default-features", "--features", &features]);
            succeed(clippy.args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(())
}

/// The archives have all that they are built of, and build against each other's.
fn archives(published: &[Published]) -> Result<(), Failure> {
    let mut package = cargo(&["package", "--quiet", "--allow-dirty"]);
    succeed(package.args(of(published)))
}

/// `rust-version` is the truth.
fn oldest_rust(published: &[Published]) -> Result<(), Failure> {
    let Some(oldest) = published.iter().find_map(|it| it.rust_version.as_deref()) else {
        return Err(Failure::Manifests("no rust-version".to_owned()));
    };
    let mut check = toolchain(oldest)?;
    check.args(["check", "--quiet", "--locked"]);
    succeed(check.args(of(published)))
}

/// The versions that the manifests name are enough: no dependency has been relied on to be newer.
fn oldest_dependencies(published: &[Published]) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(|source| Failure::File {
        path: "directory of a lock file".to_owned(),
        source,
    })?;
    let mut check = toolchain("nightly")?;
    check.args(["check", "--quiet", "-Z", "direct-minimal-versions"]);
    // Or ours would be written over.
    let lock_file = directory.path().join("Cargo.lock");
    check
        .arg("--config")
        .arg(format!("resolver.lockfile-path='{}'", lock_file.display()));
    succeed(check.args(of(published)))
}

/// A toolchain's cargo, installed if it is not there.
fn toolchain(name: &str) -> Result<Command, Failure> {
    let cargo = || {
        let mut cargo = Command::new("cargo");
        cargo.arg(format!("+{name}")).current_dir(root());
        // Those of the toolchain that runs this.
        cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
        cargo
    };
    if output(cargo().arg("--version")).is_err() {
        let mut rustup = Command::new("rustup");
        succeed(rustup.args(["toolchain", "install", name, "--profile", "minimal"]))?;
    }
    Ok(cargo())
}

fn of(published: &[Published]) -> impl Iterator<Item = &str> {
    let names = published.iter().map(|package| package.name.as_str());
    names.flat_map(|name| ["--package", name])
}
