//! `--install`: gets what tests and walls need on a Debian machine.

use std::path::Path;
use std::process::Command;

use orthros_testing::peers;

use crate::Failure;
use crate::cargo::{output, succeed};

/// Debian's packages with MIT's KDC, user programs and GSS-API samples, and with its GSS-API library for Python.
const PACKAGES: [&str; 5] = [
    "krb5-kdc",
    "krb5-admin-server",
    "krb5-user",
    "krb5-gss-samples",
    "python3-gssapi",
];

/// Installs the real peers where they are missing.
pub(crate) fn peers() -> Result<(), Failure> {
    if peers::mit().is_err() || peers::python_gssapi().is_err() {
        debian_packages()?;
    }
    Ok(())
}

/// Installs Rust's standard library for a target, or what there is of it for bare metal.
pub(crate) fn target(target: &str) -> Result<(), Failure> {
    if has_target(target) {
        return Ok(());
    }
    succeed(Command::new("rustup").args(["target", "add", target]))
}

/// Whether one can compile for a target.
pub(crate) fn has_target(target: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    output(&mut rustc).is_ok_and(|directory| Path::new(directory.trim()).is_dir())
}

fn debian_packages() -> Result<(), Failure> {
    if !Path::new("/etc/debian_version").exists() {
        return Err(Failure::Unprepared(
            "--install installs packages on Debian only",
        ));
    }
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err(Failure::Unprepared("--install needs root for apt-get"));
    }
    succeed(apt_get().arg("update"))?;
    succeed(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(PACKAGES),
    )
}

/// Without questions: the packages would ask for the realm's name.
fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.arg("--quiet");
    command
}
