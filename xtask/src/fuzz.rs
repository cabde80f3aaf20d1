//! `cargo xtask fuzz`: the targets of `fuzz/`, each for some seconds, after every input that has ever failed.

mod aims;
mod coverage;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Failure;
use crate::cargo::{line, output, root, succeed};

/// What is asked of the fuzzer.
struct Plan {
    install: bool,
    seconds: u32,
    coverage: bool,
    target: Option<String>,
}

/// Runs one target or all of them; the first finding ends it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let plan = Plan::parse(arguments).ok_or(Failure::Usage)?;
    if plan.install {
        install(plan.coverage)?;
    }
    let targets = plan.targets()?;
    if targets.is_empty() {
        return Err(Failure::Usage);
    }
    seed(&targets)?;
    if plan.coverage {
        return coverage::measure(&targets);
    }
    if !has_cargo_fuzz() {
        return Err(Failure::Unprepared(
            "fuzzing needs nightly Rust and cargo-fuzz: cargo xtask fuzz --install",
        ));
    }
    // One after the other would not use all processors.
    succeed(nightly(&["fuzz", "build", "--sanitizer", "none"]).args(&plan.target))?;
    for target in &targets {
        replay(target)?;
        fuzz(target, plan.seconds)?;
    }
    println!(
        "{} fuzz targets, {} s each, no finding",
        targets.len(),
        plan.seconds
    );
    Ok(())
}

impl Plan {
    fn parse(arguments: &[&str]) -> Option<Self> {
        let mut plan = Self {
            install: false,
            seconds: 10,
            coverage: false,
            target: None,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--install" => plan.install = true,
                "--long" => plan.seconds = LONG,
                "--seconds" => plan.seconds = arguments.next()?.parse().ok()?,
                "--coverage" => plan.coverage = true,
                target if !target.starts_with('-') && plan.target.is_none() => {
                    plan.target = Some(target.to_owned());
                }
                _ => return None,
            }
        }
        Some(plan)
    }

    /// Those that are asked for of those that there are.
    fn targets(&self) -> Result<Vec<String>, Failure> {
        let mut targets = all_targets()?;
        targets.retain(|name| self.target.as_ref().is_none_or(|target| target == name));
        Ok(targets)
    }
}

/// Each is a file.
fn all_targets() -> Result<Vec<String>, Failure> {
    let directory = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&directory).map_err(|source| Failure::File {
        path: directory.display().to_string(),
        source,
    })?;
    let paths = entries.flatten().map(|entry| entry.path());
    let names = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// Writes what the targets begin with. Every one has something.
///
/// It is the first build of that workspace, and cargo-fuzz can't be told to keep to the lock file: a stale one shows
/// here.
fn seed(targets: &[String]) -> Result<(), Failure> {
    let mut command = nightly(&["run", "--quiet", "--locked", "--example", "seed", "corpus"]);
    succeed(command.args(targets))
}

/// Every input that has failed once must be harmless.
fn replay(target: &str) -> Result<(), Failure> {
    let directory = root().join("fuzz/regressions").join(target);
    let Ok(entries) = fs::read_dir(directory) else {
        return Ok(());
    };
    let inputs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let mut command = nightly(&["fuzz", "run", "--sanitizer", "none", target]);
    succeed(command.args(&inputs))
}

/// Fuzzes, and says how far it got: edges covered, and how many inputs it took.
fn fuzz(target: &str, seconds: u32) -> Result<(), Failure> {
    let mut command = nightly(&["fuzz", "run", "--sanitizer", "none", target, "--"]);
    command.arg(format!("-max_total_time={seconds}"));
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    let name = line(&command);
    let finished = command.stdin(Stdio::null()).output();
    let finished = finished.map_err(|source| Failure::Start {
        command: name.clone(),
        source,
    })?;
    let said = String::from_utf8_lossy(&finished.stderr);
    if !finished.status.success() {
        println!("{said}");
        return Err(Failure::Command(name));
    }
    let edges = said.lines().rev().find_map(edges).unwrap_or_default();
    let inputs = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let inputs = inputs.map_or("0", str::trim);
    println!("{target}: {inputs} inputs, {edges} edges covered");
    Ok(())
}

/// `#123 DONE cov: 456 ft: ..`
fn edges(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once(" cov: ")?;
    rest.split_whitespace().next()?.parse().ok()
}

fn install(coverage: bool) -> Result<(), Failure> {
    if output(Command::new("cargo").args(["+nightly", "--version"])).is_err() {
        let mut rustup = Command::new("rustup");
        succeed(rustup.args(["toolchain", "install", "nightly", "--profile", "minimal"]))?;
    }
    if coverage {
        let mut rustup = Command::new("rustup");
        succeed(rustup.args(["component", "add", "--toolchain", "nightly", "llvm-tools"]))?;
    }
    if has_cargo_fuzz() {
        return Ok(());
    }
    succeed(Command::new("cargo").args(["install", "--locked", "cargo-fuzz"]))
}

fn has_cargo_fuzz() -> bool {
    let mut version = nightly(&["fuzz", "--version"]);
    let status = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The cargo of the nightly toolchain, in the workspace of the targets.
fn nightly(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").args(arguments);
    // Those of the toolchain that runs this.
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    command.current_dir(root().join("fuzz"));
    command
}

/// Ten minutes for each target.
const LONG: u32 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_with_a_coverage_counts() {
        let line = "#8388 DONE   cov: 1203 ft: 3310 corp: 402/12Kb lim: 80 exec/s: 838 rss: 60Mb";
        assert_eq!(edges(line), Some(1203));
        assert_eq!(edges("Done 8388 runs in 10 second(s)"), None);
    }

    #[test]
    fn one_target_and_a_time_can_be_asked_for_and_nothing_else() {
        let plan = Plan::parse(&["--seconds", "3", "keytab"]).unwrap();
        assert_eq!((plan.seconds, plan.target.as_deref()), (3, Some("keytab")));
        assert_eq!(plan.targets().unwrap(), ["keytab"]);
        assert_eq!(Plan::parse(&["--long"]).unwrap().seconds, LONG);
        assert!(Plan::parse(&["--coverage"]).unwrap().coverage);
        for wrong in [&["--seconds"][..], &["--fast"], &["a", "b"]] {
            assert!(Plan::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn cargo_knows_every_target() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        let mut known: Vec<&str> = manifest
            .lines()
            .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"))
            .filter_map(|line| line.strip_suffix(".rs\""))
            .collect();
        known.sort_unstable();
        assert_eq!(known, all_targets().unwrap());
    }
}
