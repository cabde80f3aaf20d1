//! How many vectors there are from which source, and that each file of them is read by a test.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use orthros_testing::vectors::{parse_rows, parse_stanzas};

use crate::Failure;
use crate::cargo::{read, root};

/// The cases of each source, which is a folder of `/vectors`, and the files that no test names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Vectors {
    by_source: BTreeMap<String, usize>,
    unread: Vec<String>,
}

impl Vectors {
    /// Counts what is in the repository.
    pub(crate) fn count() -> Result<Self, Failure> {
        let folder = root().join("vectors");
        let mut files = Vec::new();
        for path in all_files(&folder)? {
            let name = path.strip_prefix(&folder).unwrap_or(&path);
            let name = name.to_string_lossy().into_owned();
            if name != "README.md" {
                files.push((name, read(&path)?));
            }
        }
        let mut sources = Vec::new();
        for path in all_files(&root().join("crates"))? {
            if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(read(&path)?);
            }
        }
        Ok(Self::of(&files, &sources))
    }

    /// A test reads a file if its source names it, with the folder: there is no other way to come by one.
    fn of(files: &[(String, String)], sources: &[String]) -> Self {
        let mut vectors = Self::default();
        for (name, text) in files {
            let source = name.split('/').next().unwrap_or(name);
            *vectors.by_source.entry(source.to_owned()).or_default() += cases(name, text);
            if !sources.iter().any(|source| source.contains(name.as_str())) {
                vectors.unread.push(name.clone());
            }
        }
        vectors
    }

    /// The files that no test reads: their cases would be skipped silently.
    pub(crate) fn unread(&self) -> &[String] {
        &self.unread
    }
}

/// One line: each source with its cases, and all of them.
impl fmt::Display for Vectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: usize = self.by_source.values().sum();
        write!(f, "{total} vectors:")?;
        let mut separator = "";
        for (source, count) in &self.by_source {
            write!(f, "{separator} {count} {source}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// The cases in a file, in the format that its name says.
fn cases(name: &str, text: &str) -> usize {
    if name.ends_with(".tsv") {
        parse_rows(text, name).len()
    } else {
        parse_stanzas(text, name).len()
    }
}

fn all_files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let failed = |source| Failure::File {
        path: folder.display().to_string(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(all_files(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> [(String, String); 3] {
        [
            ("rfc1/a.txt", "# source\n\nkey = 00\n\nkey = 01\n  02\n"),
            ("rfc1/b.tsv", "# source\n# name\tvalue\none\t1\ntwo\t2\n"),
            ("mit/c.tsv", "# source\none\n"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
    }

    #[test]
    fn cases_are_counted_by_source() {
        let sources = ["vectors/rfc1/a.txt rfc1/b.tsv mit/c.tsv".to_owned()];
        let vectors = Vectors::of(&files(), &sources);
        assert_eq!(vectors.to_string(), "5 vectors: 1 mit, 4 rfc1");
        assert_eq!(vectors.unread(), [] as [&str; 0]);
    }

    #[test]
    fn a_file_that_no_test_names_is_found() {
        let sources = ["rfc1/a.txt".to_owned(), "mit/c.tsv".to_owned()];
        let vectors = Vectors::of(&files(), &sources);
        assert_eq!(vectors.unread(), ["rfc1/b.tsv"]);
    }

    #[test]
    fn every_vector_of_the_repository_is_read_by_a_test() {
        let vectors = Vectors::count().unwrap();
        assert_eq!(vectors.unread(), [] as [&str; 0]);
        assert!(vectors.by_source.values().all(|count| *count > 0));
    }
}
