//! `cargo xtask static`: the program as one static binary, which is what linking no C is good for.

mod start_up;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::cargo::{cargo, root, succeed, target_directory};
use crate::install;

/// A libc that can be linked statically; it comes with Rust's standard library for this target.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// In the workspace's Cargo.toml.
const PROFILE: &str = "static";

/// The segment of an ELF file that names the dynamic loader, `PT_INTERP`.
const PT_INTERP: u32 = 3;

/// How large the program may be, stripped: client, acceptor, KDC and its store, all enctypes and kinds of cache.
const LARGEST: u64 = 5 << 20;

/// Builds the program, checks that nothing is loaded when it starts, and says what it costs to have and to start.
pub(crate) fn run() -> Result<(), Failure> {
    let program = build()?;
    succeed(Command::new(&program).arg("--version").current_dir(root()))?;
    let size = std::fs::metadata(&program).map_err(file(&program))?.len();
    println!("{}: static, {size} octets", program.display());
    if size > LARGEST {
        return Err(Failure::TooMuch(format!("{size} octets of program")));
    }
    start_up::measure(&program)?;
    library()
}

/// What others depend on, as they would build it; users and hosts are found without the modules that glibc would load
/// for it.
fn library() -> Result<(), Failure> {
    let build = ["build", "--package", "orthros", "--target", TARGET];
    succeed(&mut cargo(&build))?;
    let mut test = cargo(&["test", "--quiet", "--package", "orthros-host", "--lib"]);
    succeed(test.args(["--target", TARGET, "--", "environment::users", "hostname"]))
}

/// Builds the program, and makes sure that it is static.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    install::target(TARGET)?;
    let mut build = cargo(&["build", "--profile", PROFILE, "--package", "orthros-cli"]);
    succeed(build.args(["--target", TARGET]))?;
    let program = target_directory()?.join(TARGET).join(PROFILE);
    let program = program.join("orthros");
    let octets = std::fs::read(&program).map_err(file(&program))?;
    if needs_loader(&octets) != Some(false) {
        return Err(Failure::NotStatic(program.display().to_string()));
    }
    Ok(program)
}

fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |source| Failure::File { path, source }
}

/// Whether a 64-bit little-endian ELF file names a dynamic loader; `None` when it is no such file.
fn needs_loader(file: &[u8]) -> Option<bool> {
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let table = usize::try_from(u64::from_le_bytes(field(file, 0x20)?)).ok()?;
    let entry_length = usize::from(u16::from_le_bytes(field(file, 0x36)?));
    let entries = usize::from(u16::from_le_bytes(field(file, 0x38)?));
    let segments: Option<Vec<u32>> = (0..entries)
        .map(|entry| field(file, table.checked_add(entry * entry_length)?).map(u32::from_le_bytes))
        .collect();
    Some(segments?.contains(&PT_INTERP))
}

fn field<const LENGTH: usize>(file: &[u8], at: usize) -> Option<[u8; LENGTH]> {
    file.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF header with a table of segments of these types right behind it.
    fn elf(segments: &[u32]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01".to_vec();
        file.resize(0x40, 0);
        file[0x20] = 0x40;
        file[0x36] = 56;
        file[0x38] = u8::try_from(segments.len()).unwrap();
        for segment in segments {
            file.extend(segment.to_le_bytes());
            file.resize(file.len() + 52, 0);
        }
        file
    }

    #[test]
    fn a_program_that_names_a_loader_is_not_static() {
        assert_eq!(needs_loader(&elf(&[6, PT_INTERP, 1])), Some(true));
        assert_eq!(needs_loader(&elf(&[6, 1, 2])), Some(false));
    }

    #[test]
    fn what_is_no_program_or_cut_short_is_no_proof() {
        assert_eq!(needs_loader(b"#!/bin/sh\n"), None);
        assert_eq!(needs_loader(&elf(&[6, 1, 2])[..0x60]), None);
    }
}
