//! `cargo xtask bench`: the benches, in release mode; all of them at once also measure MIT's library and become
//! `benches/RESULTS.md` with its picture.

mod chart;
mod figures;
mod mit;
mod results;

use std::path::Path;

use crate::Failure;
use crate::cargo::{cargo, output, read, root, succeed};
use figures::Figures;

/// Runs the benches with these arguments; without any, writes the results down.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = cargo(&["bench", "--package", "orthros-benches"]);
    if !arguments.is_empty() {
        command.arg("--").args(arguments);
        return succeed(&mut command);
    }
    let directory = tempfile::tempdir().map_err(file("directory for figures"))?;
    let record = directory.path().join("figures.tsv");
    succeed(command.env("ORTHROS_BENCH_RECORD", &record))?;
    let ours = Figures::parse(&read(&record)?);
    let theirs = mit::measure(directory.path())?;
    write(
        "RESULTS.md",
        &results::page(&ours, theirs.as_ref(), &machine()),
    )?;
    write("results.svg", &chart::draw(&ours, theirs.as_ref()))
}

/// Processor and compiler, as they call themselves.
fn machine() -> String {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unnamed processor", |(_, model)| model);
    let rustc = output(std::process::Command::new("rustc").arg("--version"));
    let rustc = rustc.unwrap_or_default();
    format!("{model}, {}", rustc.trim())
}

fn write(name: &str, text: &str) -> Result<(), Failure> {
    let path = root().join("benches").join(name);
    std::fs::write(&path, text).map_err(file(&path))?;
    println!("wrote benches/{name}");
    Ok(())
}

fn file(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.as_ref().display().to_string();
    move |source| Failure::File { path, source }
}
