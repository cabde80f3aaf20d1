//! What the published crates bring along may be used under permissive licences, and comes from crates.io.
//!
//! `deny.toml` says the same to cargo-deny, which knows more; this needs nothing but cargo.

use super::Finding;
use super::metadata::{Package, Workspace};

/// The licences that dependencies may be used under: those of `deny.toml`.
const ALLOWED: [&str; 4] = ["Apache-2.0", "BSD-3-Clause", "MIT", "Unicode-3.0"];

/// Where packages may be from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace
        .shipped()
        .into_iter()
        .filter_map(check_package)
        .collect()
}

fn check_package(package: &Package) -> Option<Finding> {
    let from = package.source.as_deref();
    if !package.member && from != Some(REGISTRY) {
        let from = from.unwrap_or("a path outside the workspace");
        return Some(Finding::new(&package.name, format!("is from {from}")));
    }
    let license = package.license.as_deref().unwrap_or_default();
    let what = format!("licence {license:?} is not allowed");
    (!is_allowed(license)).then(|| Finding::new(&package.name, what))
}

/// An SPDX expression is a choice (`OR`, in old manifests `/`) of terms that all hold (`AND`). Parentheses
/// stand in the wild only around a choice, so that terms are split first.
fn is_allowed(expression: &str) -> bool {
    expression.split(" AND ").all(|term| {
        term.trim_matches(['(', ')', ' '])
            .split(" OR ")
            .flat_map(|choice| choice.split('/'))
            .any(|licence| ALLOWED.contains(&licence.trim()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::metadata::{Kind, fixture};
    use super::*;
    use crate::cargo::{read, root};

    #[test]
    fn choices_and_terms_are_read() {
        assert!(is_allowed("MIT OR GPL-3.0"));
        assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(is_allowed("MIT/Apache-2.0"));
        assert!(!is_allowed("MIT AND GPL-3.0"));
        assert!(!is_allowed("GPL-3.0"));
        assert!(!is_allowed(""));
    }

    #[test]
    fn a_foreign_licence_and_a_foreign_source_are_found() {
        let others = [
            json!({"id": "gpl", "name": "gpl", "license": "GPL-3.0", "source": REGISTRY}),
            json!({"id": "git", "name": "git", "license": "MIT", "source": "git+https://x.test"}),
        ];
        let uses = [("gpl", Kind::Normal), ("git", Kind::Normal)];
        let findings = check(&fixture(&[("orthros", true, &uses)], &others));
        let mut findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        findings.sort_unstable();
        assert_eq!(
            findings,
            [
                "git: is from git+https://x.test",
                "gpl: licence \"GPL-3.0\" is not allowed"
            ]
        );
    }

    #[test]
    fn deny_toml_allows_the_same_licences() {
        let deny = read(&root().join("deny.toml")).unwrap();
        let (_, list) = deny.split_once("\nallow = [").unwrap();
        let (list, _) = list.split_once(']').unwrap();
        let listed: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(listed, ALLOWED);
    }
}
