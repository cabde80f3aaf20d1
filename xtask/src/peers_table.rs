//! `interop/PEERS.md`: what the tests with real peers have shown, as they recorded it.

use std::collections::BTreeSet;
use std::fmt;

use orthros_testing::proof::PROOF_MARK;

use crate::Failure;
use crate::cargo::{read, root};

const FILE: &str = "interop/PEERS.md";

const HEAD: &str = "\
# Peers

What Orthros has been shown to do with others' programs and libraries. `cargo xtask test` writes this page when every test has run
and passed: a row is what a test recorded behind its last assertion, a version what the peer said of itself. *KDC* says whose
tickets were used, *enctype* is that of the session key. How the peers are started is in [README.md](README.md).

";

const COLUMNS: [&str; 7] = [
    "peer",
    "version",
    "role",
    "KDC",
    "mechanism",
    "enctype",
    "result",
];

/// The rows, in order and each once.
#[derive(Debug, Default)]
pub(crate) struct PeersTable(BTreeSet<Vec<String>>);

impl PeersTable {
    /// Takes the proofs out of what tests recorded.
    pub(crate) fn parse(records: &str) -> Self {
        let cells = records.lines().map(|line| line.split('\t'));
        let proofs = cells.filter_map(|mut cells| {
            (cells.next() == Some(PROOF_MARK)).then(|| cells.map(str::to_owned).collect())
        });
        Self(proofs.collect())
    }

    /// Writes the page if it is not so already, which is a failure where it would not be committed.
    pub(crate) fn settle(&self, is_ci: bool) -> Result<(), Failure> {
        let path = root().join(FILE);
        let page = self.to_string();
        if read(&path).is_ok_and(|committed| committed == page) {
            return Ok(());
        }
        std::fs::write(&path, page).map_err(|source| Failure::File {
            path: FILE.to_owned(),
            source,
        })?;
        if is_ci {
            return Err(Failure::Outdated(FILE));
        }
        println!("{FILE} is written anew, with {} rows", self.0.len());
        Ok(())
    }
}

impl fmt::Display for PeersTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        writeln!(f, "| {} |", COLUMNS.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(COLUMNS.len()))?;
        for row in &self.0 {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_each_is_there_once_and_other_records_are_none() {
        let records = "ORTHROS-PROOF\tb\t1\tclient\nORTHROS-SKIP\ta::b\tJava\trun x\n\
                       ORTHROS-PROOF\ta\t2\tKDC\nORTHROS-PROOF\tb\t1\tclient\n";
        let page = PeersTable::parse(records).to_string();
        let rows: Vec<&str> = page
            .lines()
            .skip_while(|line| !line.starts_with("|--"))
            .collect();
        assert_eq!(rows[1..], ["| a | 2 | KDC |", "| b | 1 | client |"]);
    }

    #[test]
    fn the_committed_page_has_nothing_that_is_not_a_row() {
        let committed = read(&root().join(FILE)).unwrap();
        let rows = committed
            .lines()
            .skip_while(|line| !line.starts_with("|--"));
        let rows = rows.skip(1).map(|row| {
            let cells = row.trim_start_matches("| ").trim_end_matches(" |");
            format!("{PROOF_MARK}\t{}\n", cells.replace(" | ", "\t"))
        });
        let page = PeersTable::parse(&rows.collect::<String>()).to_string();
        assert!(page == committed, "{page}");
    }
}
