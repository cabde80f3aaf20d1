//! The documents of the repository name files and tests that are there, in lines that can be read.

use std::collections::HashSet;
use std::path::Path;

use super::Finding;
use super::sources::{self, Source};
use crate::Failure;
use crate::cargo::{read, root};

/// The documents that are checked, and that must be there themselves.
const DOCUMENTS: [&str; 8] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "crates/gssapi/README.md",
    "interop/README.md",
    "vectors/README.md",
];

/// Checks every link from a document to a file, and every test in a table of tests.
pub(super) fn check(sources: &[Source]) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    let tests: HashSet<&str> = sources
        .iter()
        .flat_map(|source| functions(&source.text))
        .collect();
    for document in DOCUMENTS {
        let text = read(&root().join(document))?;
        let folder = Path::new(document).parent().unwrap_or(Path::new(""));
        let exists = |target: &str| root().join(folder).join(target).exists();
        findings.extend(broken_links(document, &text, exists));
        findings.extend(missing_tests(document, &text, |name| tests.contains(name)));
        let lines = text.lines().enumerate();
        let wide = lines.filter(|(_, line)| sources::is_wide(line));
        findings.extend(wide.map(|(index, _)| sources::wide(document, index)));
    }
    Ok(findings)
}

/// Links are written `[text](target)`; those to other sites and within the page are not looked at.
fn broken_links(document: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| link.split('#').next().unwrap_or_default())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !exists(target))
        .map(|target| Finding::new(document, format!("links to {target}, which is not there")))
        .collect()
}

/// In a table whose last column is `test`, what stands there in code spans is the name of one.
fn missing_tests(document: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut is_of_tests = false;
    let mut findings = Vec::new();
    for line in text.lines() {
        let cells = line
            .trim()
            .strip_prefix('|')
            .and_then(|row| row.strip_suffix('|'));
        let Some((_, last)) = cells.and_then(|cells| cells.rsplit_once('|')) else {
            is_of_tests = false;
            continue;
        };
        is_of_tests |= last.trim() == "test";
        let names = last.split('`').skip(1).step_by(2);
        findings.extend(
            names
                .filter(|name| is_of_tests && !exists(name))
                .map(|name| {
                    Finding::new(
                        document,
                        format!("names the test {name}, which is not there"),
                    )
                }),
        );
    }
    findings
}

/// The names of the functions in a source.
fn functions(source: &str) -> impl Iterator<Item = &str> {
    source.split("fn ").skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
        rest.get(..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_found() {
        let text = "[a](here.md) [b](gone.md#part) [c](https://x.test/y) [d](#below)";
        let findings = broken_links("README.md", text, |target| target == "here.md");
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            findings,
            ["README.md: links to gone.md, which is not there"]
        );
    }

    #[test]
    fn a_test_that_is_not_there_is_found() {
        let text = "| mistake `none` | test |\n|---|---|\n| `a` | `there`, `gone` |\n\n| name | file |\n| b | `other` |\n";
        let tests: Vec<&str> =
            functions("#[test]\nfn there() {}\n    fn elsewhere(a: u8)").collect();
        assert_eq!(tests, ["there", "elsewhere"]);
        let findings = missing_tests("SECURITY.md", text, |name| tests.contains(&name));
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            findings,
            ["SECURITY.md: names the test gone, which is not there"]
        );
    }
}
