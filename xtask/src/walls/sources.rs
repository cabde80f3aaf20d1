//! What the source text itself must keep to.

use std::path::{Path, PathBuf};

use super::Finding;
use super::metadata::{Package, Workspace};
use crate::Failure;
use crate::cargo::{read, root};

/// No file is longer.
const MAX_FILE_LINES: usize = 900;

/// No function is longer.
const MAX_FUNCTION_LINES: usize = 100;
/// Prose ends before this column.
const PROSE_COLUMNS: usize = 120;

/// Crates that may look at the world: the host by its job, the others because they are programs or tests.
const MAY_SEE_THE_WORLD: [&str; 6] = [
    "orthros-host",
    "orthros-cli",
    "orthros-testing",
    "orthros-benches",
    "orthros-interop",
    "xtask",
];

/// The parts of other crates that may, too: what is behind a feature of its own.
const PARTS_THAT_MAY: [&str; 2] = ["crates/kdc/src/server", "crates/kdc/src/store/durable"];

/// How the world is named.
const WORLD: [&str; 11] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::process",
    "std::thread",
    "std::time",
    "SystemTime",
    "Instant::now",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
];

/// One Rust file of the workspace.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) package: String,
    /// Relative to the workspace.
    pub(super) path: String,
    /// Is it the root of a library or a program?
    is_root: bool,
    pub(super) text: String,
}

impl Source {
    /// Is it a part of the library or program itself, not of its tests?
    pub(super) fn is_shipped(&self) -> bool {
        self.path.contains("/src/") && !is_tests_file(&self.path)
    }

    fn may_see_the_world(&self) -> bool {
        MAY_SEE_THE_WORLD.contains(&self.package.as_str())
            || PARTS_THAT_MAY
                .iter()
                .any(|part| self.path.starts_with(part))
    }

    /// The lines before the unit tests, without their comments.
    pub(super) fn shipped_lines(&self) -> impl Iterator<Item = &str> {
        let shipped = self.text.split("\n#[cfg(test)]\nmod tests {").next();
        shipped
            .unwrap_or_default()
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
    }
}

/// Reads every Rust file of every member, tests and benches too.
pub(super) fn read_all(workspace: &Workspace) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for package in workspace.members() {
        for path in rust_files(Path::new(&package.directory))? {
            sources.push(read_source(package, &path)?);
        }
    }
    Ok(sources)
}

/// Every root forbids unsafe code; only the host and programs see the world; only tests see the test support.
pub(super) fn check_walls(sources: &[Source]) -> Vec<Finding> {
    let roots = sources.iter().filter(|source| source.is_root);
    let unsafe_roots = roots
        .filter(|source| !source.text.contains("\n#![forbid(unsafe_code)]\n"))
        .map(|source| Finding::new(&source.path, "does not forbid unsafe code"));
    let worldly = sources
        .iter()
        .filter(|source| source.is_shipped())
        .filter(|source| !source.may_see_the_world())
        .flat_map(|source| {
            let forbidden = WORLD.into_iter().chain(["orthros_testing"]);
            forbidden.flat_map(|word| find(source, word))
        });
    unsafe_roots.chain(worldly).collect()
}

/// Files and functions stay short enough to be read.
pub(super) fn check_lengths(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        let lines = source.text.lines().count();
        if lines > MAX_FILE_LINES {
            let what = format!("{lines} lines, more than {MAX_FILE_LINES}");
            findings.push(Finding::new(&source.path, what));
        }
        findings.extend(long_functions(source));
    }
    findings
}

/// Comments are read in columns that a screen has twice.
pub(super) fn check_prose(sources: &[Source]) -> Vec<Finding> {
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    let comments = |source: &Source| {
        let lines = source.text.lines().enumerate();
        let long = lines.filter(|(_, line)| is_comment(line) && is_wide(line));
        long.map(|(index, _)| wide(&source.path, index))
            .collect::<Vec<_>>()
    };
    sources.iter().flat_map(comments).collect()
}

/// Whether a line of prose is too wide. Rows of tables and links can't be broken.
pub(super) fn is_wide(line: &str) -> bool {
    let text = line
        .trim_start()
        .trim_start_matches(['/', '!'])
        .trim_start();
    line.chars().count() >= PROSE_COLUMNS && !text.starts_with('|') && !line.contains("](")
}

/// The finding about such a line.
pub(super) fn wide(path: &str, index: usize) -> Finding {
    let place = format!("{path}:{}", index + 1);
    Finding::new(place, format!("prose of {PROSE_COLUMNS} columns or more"))
}

/// The lines before the unit tests that have `word` outside a comment.
fn find(source: &Source, word: &str) -> Vec<Finding> {
    source
        .shipped_lines()
        .enumerate()
        .filter(|(_, line)| line.contains(word))
        .map(|(index, _)| {
            let place = format!("{}:{}", source.path, index + 1);
            Finding::new(place, format!("names {word}"))
        })
        .collect()
}

/// A function runs from its `fn` to the closing brace at the same depth; rustfmt makes that exact.
fn long_functions(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (index, line) in source.text.lines().enumerate() {
        let depth = line.len() - line.trim_start().len();
        match open {
            Some((start, at)) if depth == at && line.trim_start().starts_with('}') => {
                let lines = index - start + 1;
                if lines > MAX_FUNCTION_LINES {
                    let what = format!("function of {lines} lines, more than {MAX_FUNCTION_LINES}");
                    let place = format!("{}:{}", source.path, start + 1);
                    findings.push(Finding::new(place, what));
                }
                open = None;
            }
            Some((_, at)) if depth > at || line.trim().is_empty() => {}
            _ if is_function(line) && !line.trim_end().ends_with(['}', ';']) => {
                open = Some((index, depth));
            }
            _ => {}
        }
    }
    findings
}

fn is_function(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub").map_or(line, |rest| {
        rest.split_once(") ")
            .filter(|_| rest.starts_with('('))
            .map_or(rest, |(_, rest)| rest)
    });
    line.split_whitespace()
        .find(|word| !["const", "async", "extern", "\"C\""].contains(word))
        == Some("fn")
}

fn is_tests_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn read_source(package: &Package, path: &Path) -> Result<Source, Failure> {
    let full = path.display().to_string();
    let relative = path.strip_prefix(root()).unwrap_or(path);
    Ok(Source {
        package: package.name.clone(),
        path: relative.display().to_string(),
        is_root: package.roots.contains(&full),
        text: read(path)?,
    })
}

fn rust_files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::File {
        path: directory.display().to_string(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() && !path.ends_with("target") {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A file for the checks' tests.
#[cfg(test)]
pub(super) fn source(package: &str, path: &str, text: &str) -> Source {
    Source {
        package: package.to_owned(),
        path: path.to_owned(),
        is_root: path.ends_with("/lib.rs"),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn wide_prose_is_found_and_wide_code_tables_and_links_are_not() {
        let word = "word ".repeat(24);
        let lines = [
            format!("/// {word}"),
            format!("fn f() {{ {word} }}"),
            format!("/// | {word} |"),
            format!("    // {word}"),
            format!("//! [{word}](there)"),
            "// short".to_owned(),
        ];
        let findings = check_prose(&[source("a", "a/src/x.rs", &lines.join("\n"))]);
        let places: Vec<&str> = findings.iter().map(|found| &*found.place).collect();
        assert_eq!(places, ["a/src/x.rs:1", "a/src/x.rs:4"]);
    }

    #[test]
    fn a_module_of_tests_that_is_declared_at_the_top_hides_nothing() {
        let text =
            "#[cfg(test)]\nmod tests;\nuse std::env;\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        let found = check_walls(&[source("orthros-krb5", "a/src/x.rs", text)]);
        assert_eq!(texts(&found), ["a/src/x.rs:3: names std::env"]);
    }

    #[test]
    fn a_root_that_does_not_forbid_unsafe_code_is_found() {
        let kept = source("a", "a/src/lib.rs", "//! A.\n#![forbid(unsafe_code)]\n");
        let broken = source("b", "b/src/lib.rs", "//! B.\n// #![forbid(unsafe_code)]\n");
        assert_eq!(
            texts(&check_walls(&[kept, broken])),
            ["b/src/lib.rs: does not forbid unsafe code"]
        );
    }

    #[test]
    fn the_clock_in_the_facade_is_found_and_in_the_host_it_is_not() {
        let text = "use std::time::Duration;\n";
        let facade = source("orthros", "crates/gssapi/src/context.rs", text);
        let host = source("orthros-host", "crates/host/src/clock.rs", text);
        assert_eq!(
            texts(&check_walls(&[facade, host])),
            ["crates/gssapi/src/context.rs:1: names std::time"]
        );
    }

    #[test]
    fn sockets_in_the_kdcs_core_are_found_and_in_its_server_they_are_not() {
        let text = "use std::net::UdpSocket;\n";
        let core = source("orthros-kdc", "crates/kdc/src/kdc.rs", text);
        let server = source("orthros-kdc", "crates/kdc/src/server/endpoint.rs", text);
        assert_eq!(
            texts(&check_walls(&[core, server])),
            ["crates/kdc/src/kdc.rs:1: names UdpSocket"]
        );
    }

    #[test]
    fn comments_and_unit_tests_may_name_the_world() {
        let text =
            "// std::env is not read here\nfn f() {}\n#[cfg(test)]\nmod tests { use std::env; }\n";
        let facade = source("orthros", "crates/gssapi/src/name.rs", text);
        let tests = source(
            "orthros",
            "crates/gssapi/src/name/tests.rs",
            "use std::env;\n",
        );
        assert!(check_walls(&[facade, tests]).is_empty());
    }

    #[test]
    fn test_support_outside_integration_tests_is_found() {
        let unit = source(
            "orthros-krb5",
            "crates/krb5/src/time.rs",
            "use orthros_testing::x;\n",
        );
        let integration = source(
            "orthros-krb5",
            "crates/krb5/tests/t.rs",
            "use orthros_testing::x;\n",
        );
        assert_eq!(
            texts(&check_walls(&[unit, integration])),
            ["crates/krb5/src/time.rs:1: names orthros_testing"]
        );
    }

    #[test]
    fn a_file_and_a_function_that_are_too_long_are_found() {
        let body = "        step();\n".repeat(99);
        let text = format!(
            "impl A {{\n    pub(crate) const fn short() {{\n        step();\n    }}\n\n    fn long() {{\n{body}    }}\n}}\n{}",
            "// more\n".repeat(900)
        );
        assert_eq!(
            texts(&check_lengths(&[source("a", "a/src/a.rs", &text)])),
            [
                "a/src/a.rs: 1007 lines, more than 900",
                "a/src/a.rs:6: function of 101 lines, more than 100"
            ]
        );
    }
}
