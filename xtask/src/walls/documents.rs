//! The documents of the repository name files that are there.

use std::path::Path;

use super::Finding;
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

/// Checks every link from a document to a file.
pub(super) fn check() -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        let text = read(&root().join(document))?;
        let folder = Path::new(document).parent().unwrap_or(Path::new(""));
        let exists = |target: &str| root().join(folder).join(target).exists();
        findings.extend(broken_links(document, &text, exists));
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
}
