//! `interop/PEERS.md`: what the tests with real peers have shown, as they recorded it. What was shown in Samba's
//! domain comes of `cargo xtask interop --samba`, all else of `cargo xtask test`.

use std::collections::BTreeSet;
use std::fmt;

use orthros_testing::proof::PROOF_MARK;

use crate::Failure;
use crate::cargo::{read, root};

const FILE: &str = "interop/PEERS.md";

const HEAD: &str = "\
# Peers

What Orthros has been shown to do with others' programs and libraries. `cargo xtask test`, and `cargo xtask interop --samba` for
the rows with Samba's KDC, write this page when every test has run and passed: a row is what a test recorded behind its last
assertion, a version what the peer said of itself. *KDC* says whose tickets were used, *enctype* is that of the session key. How
the peers are started is in [README.md](README.md).

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

/// The place of that column.
const KDC: usize = 3;

/// Which rows a run has made anew: those of the other are kept as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// What `cargo xtask test` shows.
    OfTests,
    /// What was shown with tickets of Samba's KDC.
    OfSamba,
}

impl Rows {
    fn of(row: &[String]) -> Self {
        match row.get(KDC).map(String::as_str) {
            Some("Samba's") => Self::OfSamba,
            _ => Self::OfTests,
        }
    }
}

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

    /// The rows of a page.
    fn of_page(page: &str) -> Self {
        let lines = page.lines().skip_while(|line| !line.starts_with("|--"));
        let rows = lines.skip(1).map(|line| {
            let cells = line.trim_start_matches("| ").trim_end_matches(" |");
            cells.split(" | ").map(str::to_owned).collect()
        });
        Self(rows.collect())
    }

    /// What becomes of a page by a run that has made some rows anew.
    fn update(&self, page: &str, rows: Rows) -> Self {
        let kept = Self::of_page(page).0.into_iter();
        let kept = kept.filter(|row| Rows::of(row) != rows);
        let new = self.0.iter().filter(|row| Rows::of(row) == rows).cloned();
        Self(kept.chain(new).collect())
    }

    /// Writes the page if it is not so already, which is a failure where it would not be committed.
    pub(crate) fn settle(&self, rows: Rows, is_ci: bool) -> Result<(), Failure> {
        let path = root().join(FILE);
        let committed = read(&path)?;
        let table = self.update(&committed, rows);
        let page = table.to_string();
        if committed == page {
            return Ok(());
        }
        std::fs::write(&path, page).map_err(|source| Failure::File {
            path: FILE.to_owned(),
            source,
        })?;
        if is_ci {
            return Err(Failure::Outdated(FILE));
        }
        println!("{FILE} is written anew, with {} rows", table.0.len());
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
        let page = PeersTable::of_page(&committed).to_string();
        assert!(page == committed, "{page}");
    }

    #[test]
    fn a_run_replaces_its_own_rows_and_keeps_the_others() {
        let table = |rows: &[(&str, &str)]| {
            let record = |(peer, kdc): &(&str, &str)| {
                format!("ORTHROS-PROOF\t{peer}\t1\tKDC\t{kdc}\tAS\tx\ty\n")
            };
            PeersTable::parse(&rows.iter().map(record).collect::<String>())
        };
        let page = table(&[("old", "Samba's"), ("MIT", "MIT's")]).to_string();
        let after = |shown: &PeersTable, rows| shown.update(&page, rows).to_string();
        let shown = table(&[("new", "Samba's")]);
        let both = table(&[("new", "Samba's"), ("MIT", "MIT's")]);
        assert_eq!(after(&shown, Rows::OfSamba), both.to_string());
        let none = table(&[("old", "Samba's")]);
        assert_eq!(after(&shown, Rows::OfTests), none.to_string());
    }
}
