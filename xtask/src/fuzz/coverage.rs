//! How much of the code that a target aims at its corpus reaches, by LLVM's coverage of the source:
//! `fuzz/COVERAGE.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::aims::aims_of;
use super::nightly;
use crate::Failure;
use crate::cargo::{output, root, succeed};

/// Lines of source that are code, and how many of them were run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lines {
    all: u32,
    reached: u32,
}

/// What a target's corpus reaches.
struct Figure {
    target: String,
    inputs: usize,
    lines: Lines,
}

/// Builds the targets anew, feeds each its corpus, and writes what was reached. A single target is only shown.
pub(super) fn measure(targets: &[String]) -> Result<(), Failure> {
    let tools = Tools::find()?;
    build(&tools.host, targets)?;
    let figures: Result<Vec<Figure>, Failure> = targets
        .iter()
        .map(|target| {
            let figure = tools.figure(target)?;
            print!("{figure}", figure = row(&figure));
            Ok(figure)
        })
        .collect();
    let figures = figures?;
    if figures.len() > 1 {
        write(&root().join("fuzz/COVERAGE.md"), &page(&figures))?;
    }
    Ok(())
}

/// Not with the fuzzer's own instrumentation, which counts something else.
fn build(host: &str, targets: &[String]) -> Result<(), Failure> {
    let mut command = nightly(&["build", "--release", "--target", host]);
    command.arg("--target-dir").arg(directory());
    command.env("RUSTFLAGS", "-Cinstrument-coverage --cfg fuzzing");
    for target in targets {
        command.args(["--bin", target]);
    }
    succeed(&mut command)
}

/// LLVM's tools of the nightly toolchain.
struct Tools {
    host: String,
    binaries: PathBuf,
}

impl Tools {
    fn find() -> Result<Self, Failure> {
        let mut rustc = Command::new("rustc");
        rustc.arg("+nightly").env_remove("RUSTUP_TOOLCHAIN");
        let libraries = output(rustc.args(["--print", "target-libdir"]))?;
        let libraries = PathBuf::from(libraries.trim());
        let of_host = libraries.parent().unwrap_or(&libraries);
        let host = of_host.file_name().unwrap_or_default().to_string_lossy();
        let tools = Self {
            host: host.into_owned(),
            binaries: of_host.join("bin"),
        };
        if !tools.binaries.join("llvm-cov").exists() {
            return Err(Failure::Unprepared(
                "coverage needs LLVM's tools: cargo xtask fuzz --install --coverage",
            ));
        }
        Ok(tools)
    }

    fn figure(&self, target: &str) -> Result<Figure, Failure> {
        let program = directory().join(&self.host).join("release").join(target);
        let profiles = directory().join("profiles").join(target);
        // Those of an earlier run.
        let _ = fs::remove_dir_all(&profiles);
        let inputs = files(&root().join("fuzz/corpus").join(target))?;
        for some in inputs.chunks(MOST_INPUTS) {
            let mut command = Command::new(&program);
            command.env("LLVM_PROFILE_FILE", profiles.join("%p.profraw"));
            let finished = command.args(some).output();
            let finished = finished.map_err(|source| Failure::Start {
                command: program.display().to_string(),
                source,
            })?;
            if !finished.status.success() {
                println!("{}", String::from_utf8_lossy(&finished.stderr));
                return Err(Failure::Command(program.display().to_string()));
            }
        }
        let merged = profiles.join("merged.profdata");
        let mut merge = self.tool("llvm-profdata");
        merge.args(["merge", "--sparse", "--output"]).arg(&merged);
        output(merge.args(files(&profiles)?))?;
        let mut export = self.tool("llvm-cov");
        export.args(["export", "--format=lcov", "--summary-only"]);
        let reached = output(export.arg("--instr-profile").arg(merged).arg(&program))?;
        Ok(Figure {
            target: target.to_owned(),
            inputs: inputs.len(),
            lines: sum(&reached, &root(), aims_of(target)),
        })
    }

    fn tool(&self, name: &str) -> Command {
        Command::new(self.binaries.join(name))
    }
}

/// What LLVM says of the files below these paths.
fn sum(lcov: &str, root: &Path, aims: &[&str]) -> Lines {
    let mut lines = Lines::default();
    let mut counts = false;
    for line in lcov.lines() {
        if let Some(file) = line.strip_prefix("SF:") {
            let file = Path::new(file).strip_prefix(root);
            counts = file.is_ok_and(|file| aims.iter().any(|aim| file.starts_with(aim)));
        } else if counts {
            let number = |name| line.strip_prefix(name)?.parse::<u32>().ok();
            lines.all += number("LF:").unwrap_or_default();
            lines.reached += number("LH:").unwrap_or_default();
        }
    }
    lines
}

fn page(figures: &[Figure]) -> String {
    let mut page = String::from(HEAD);
    for figure in figures {
        page.push_str(&row(figure));
    }
    page
}

fn row(figure: &Figure) -> String {
    let Lines { all, reached } = figure.lines;
    let percent = reached
        .saturating_mul(100)
        .checked_div(all)
        .unwrap_or_default();
    let mut row = String::new();
    // A string takes all that is written.
    let _ = writeln!(
        row,
        "| {} | {} | {reached} of {all} | {percent} % | {} |",
        figure.target,
        figure.inputs,
        aims_of(&figure.target)
            .iter()
            .map(|aim| format!("`{}`", aim.trim_start_matches("crates/")))
            .collect::<Vec<_>>()
            .join(", ")
    );
    row
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory).map_err(|source| failure(directory, source))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|source| failure(path, source))
}

fn failure(path: &Path, source: std::io::Error) -> Failure {
    Failure::File {
        path: path.display().to_string(),
        source,
    }
}

/// Where all of this is built.
fn directory() -> PathBuf {
    root().join("fuzz/target/coverage")
}

/// What fits into a command line.
const MOST_INPUTS: usize = 4000;

const HEAD: &str = "\
# Coverage

Written by `cargo xtask fuzz --coverage`: how many lines of the code that a target aims at are reached by its corpus, as it was then.
Lines count where the compiler made code of them for that target. The aims are in `xtask/src/fuzz/aims.rs`.

| target | inputs | lines | | of (below `crates/`) |
|---|--:|--:|--:|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_of_files_that_are_aimed_at() {
        let lcov = "SF:/r/crates/a/src/b.rs\nFNF:1\nFNH:1\nLF:10\nLH:7\nend_of_record\n\
                    SF:/r/crates/a/src/c/d.rs\nLF:5\nLH:5\nend_of_record\n\
                    SF:/r/crates/ab/src/b.rs\nLF:100\nLH:1\nend_of_record\n\
                    SF:/elsewhere/crates/a/src/b.rs\nLF:100\nLH:1\nend_of_record\n";
        let sum = |aims: &[&str]| {
            let Lines { all, reached } = sum(lcov, Path::new("/r"), aims);
            (reached, all)
        };
        assert_eq!(sum(&["crates/a/src"]), (12, 15));
        assert_eq!(sum(&["crates/a/src/c", "crates/a/src/b.rs"]), (12, 15));
        assert_eq!(sum(&["crates/a/src/c"]), (5, 5));
        assert_eq!(sum(&[]), (0, 0));
    }

    #[test]
    fn a_row_has_its_percentage() {
        let lines = Lines {
            all: 200,
            reached: 199,
        };
        let target = "keytab".to_owned();
        let row = row(&Figure {
            target,
            inputs: 3,
            lines,
        });
        assert!(row.starts_with("| keytab | 3 | 199 of 200 | 99 % | `types/src/keytab`"));
    }
}
