//! `cargo xtask test`: every test of the workspace, counted honestly.
//!
//! A test whose peer is missing returns early, which `cargo test` calls a pass. It leaves a record (see
//! `orthros_testing::peers`), and what has a record is counted as skipped here. Tests with real peers leave records of
//! what they have shown, too (`orthros_testing::proof`); these become the table of peers.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use orthros_testing::peers::{RECORD_DIR, REQUIRE, SKIP_MARK};

use crate::Failure;
use crate::cargo::{cargo, line, read};
use crate::libtest::Counts;
use crate::peers_table::{PeersTable, Rows};
use crate::vectors::Vectors;

/// Runs the tests and closes with the vectors by their source, and `N passed, N failed, N skipped`.
pub(crate) fn run() -> Result<(), Failure> {
    let vectors = Vectors::count()?;
    if let [_, ..] = vectors.unread() {
        return Err(Failure::Vectors(vectors.unread().join(", ")));
    }
    let run = count(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))?;
    println!("{vectors}");
    run.conclude()?;
    run.settle(Rows::OfTests)
}

/// Runs tests, says what is missing for those that were skipped, and adds up all.
pub(crate) fn count(command: &mut Command) -> Result<Run, Failure> {
    let records = tempfile::tempdir().map_err(|source| Failure::File {
        path: "directory for records".to_owned(),
        source,
    })?;
    command.env(RECORD_DIR, records.path());
    let (mut counts, success) = run_and_count(command)?;
    if !success && counts.failed == 0 {
        // It did not build, or a test program died before its summary.
        counts.failed = 1;
    }
    let records = read_all(records.path())?;
    let skips = Skips::parse(&records);
    for notice in skips.notices() {
        println!("{notice}");
    }
    Ok(Run {
        totals: Totals::new(counts, &skips),
        shown: PeersTable::parse(&records),
    })
}

/// What came of a run.
pub(crate) struct Run {
    totals: Totals,
    shown: PeersTable,
}

impl Run {
    /// Puts these rows of the table of peers, if nothing was skipped: only a whole run knows them all.
    pub(crate) fn settle(&self, rows: Rows) -> Result<(), Failure> {
        if self.totals.skipped > 0 {
            return Ok(());
        }
        self.shown.settle(rows, peers_are_required())
    }

    /// Prints the closing line. Where peers are required, a skipped test is a failure, too.
    pub(crate) fn conclude(&self) -> Result<(), Failure> {
        println!("{}", self.totals);
        match self.totals {
            Totals { failed: 1.., .. } => Err(Failure::Tests),
            Totals { skipped: 1.., .. } if peers_are_required() => Err(Failure::Skipped),
            _ => Ok(()),
        }
    }
}

fn peers_are_required() -> bool {
    std::env::var_os(REQUIRE).is_some_and(|value| value == "1")
}

/// The closing line.
#[derive(Debug, PartialEq, Eq)]
struct Totals {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Totals {
    /// Skipped tests look passed to cargo, ignored ones don't.
    fn new(counts: Counts, skips: &Skips) -> Self {
        Self {
            passed: counts.passed.saturating_sub(skips.tests()),
            failed: counts.failed,
            skipped: counts.ignored + skips.tests(),
        }
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// The records of skipped tests: how many want the same thing, and how to get it.
#[derive(Debug, Default)]
struct Skips(BTreeMap<(String, String), usize>);

impl Skips {
    fn parse(records: &str) -> Self {
        let mut skips = Self::default();
        for record in records.lines() {
            let mut fields = record.split('\t');
            if fields.next() != Some(SKIP_MARK) {
                continue;
            }
            let (_test, what, how) = (fields.next(), fields.next(), fields.next());
            let missing = (
                what.unwrap_or_default().to_owned(),
                how.unwrap_or_default().to_owned(),
            );
            *skips.0.entry(missing).or_default() += 1;
        }
        skips
    }

    fn tests(&self) -> usize {
        self.0.values().sum()
    }

    /// One line for each missing thing.
    fn notices(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|((what, how), tests)| format!("skipped {tests} tests that need {what}: {how}"))
    }
}

/// Shows what the tests print while it adds up their summaries.
fn run_and_count(command: &mut Command) -> Result<(Counts, bool), Failure> {
    let name = line(command);
    let failed = |source| Failure::Start {
        command: name.clone(),
        source,
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut counts = Counts::default();
    if let Some(stdout) = child.stdout.take() {
        for octets in BufReader::new(stdout).split(b'\n') {
            let octets = octets.map_err(failed)?;
            let text = String::from_utf8_lossy(&octets);
            println!("{text}");
            counts = Counts::parse(&text).map_or(counts, |more| counts.plus(more));
        }
    }
    let status = child.wait().map_err(failed)?;
    Ok((counts, status.success()))
}

fn read_all(directory: &Path) -> Result<String, Failure> {
    let failed = |source| Failure::File {
        path: directory.display().to_string(),
        source,
    };
    let mut text = String::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        text.push_str(&read(&entry.map_err(failed)?.path())?);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = "ORTHROS-SKIP\ta::b\tMIT krb5\trun x\n\
                           ORTHROS-SKIP\ta::c\tMIT krb5\trun x\n\
                           ORTHROS-SKIP\ta::d\tHeimdal\trun y\n";

    #[test]
    fn a_skipped_test_is_not_a_passed_one() {
        let counts = Counts {
            passed: 10,
            failed: 2,
            ignored: 1,
        };
        let totals = Totals::new(counts, &Skips::parse(RECORDS));
        assert_eq!(totals.to_string(), "7 passed, 2 failed, 4 skipped");
    }

    #[test]
    fn what_is_missing_is_said_once_with_its_remedy() {
        let notices: Vec<String> = Skips::parse(RECORDS).notices().collect();
        assert_eq!(
            notices,
            [
                "skipped 1 tests that need Heimdal: run y",
                "skipped 2 tests that need MIT krb5: run x",
            ]
        );
    }
}
