//! What errors say: each thing once, also to those who print the whole chain of causes.

use super::Finding;
use super::sources::Source;

/// Finds errors of the published crates that have a text of their own and a source, too. By our rule a text says all
/// of it, so that what prints the error alone learns the cause; with a source, those who print the chain would read
/// that twice. Only what is `transparent` hands on its inner error's.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let shipped = sources.iter().filter(|source| source.is_shipped());
    let users_meet =
        |path: &str| path.starts_with("crates/") && !path.starts_with("crates/testing/");
    shipped
        .filter(|source| users_meet(&source.path))
        .flat_map(check_source)
        .collect()
}

fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut has_own_text = false;
    for (index, line) in source.shipped_lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("#[error(") {
            has_own_text = !code.starts_with("#[error(transparent)");
        } else if line.starts_with('}') {
            has_own_text = false;
        }
        let names_source = ["#[source]", "#[from]", "source: "]
            .iter()
            .any(|word| code.contains(word));
        if has_own_text && names_source {
            let place = format!("{}:{}", source.path, index + 1);
            findings.push(Finding::new(place, "an error with a text and a source"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::sources::source;
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let source = source("a", "crates/a/src/error.rs", text);
        check(&[source]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_error_that_says_what_its_source_says_is_found() {
        let text = "enum E {\n    #[error(\"bad: {0}\")]\n    Bad(#[from] Inner),\n    #[error(\"worse: {source}\")]\n    \
                    Worse {\n        source: Inner,\n    },\n}\n";
        assert_eq!(
            findings(text),
            [
                "crates/a/src/error.rs:3: an error with a text and a source",
                "crates/a/src/error.rs:6: an error with a text and a source"
            ]
        );
    }

    #[test]
    fn what_hands_on_and_what_has_no_source_is_not() {
        let text = "enum E {\n    #[error(transparent)]\n    Inner(#[from] Inner),\n    #[error(\"bad: {error}\")]\n    \
                    Bad {\n        error: Inner,\n    },\n}\n\nstruct S {\n    source: Inner,\n}\n";
        assert!(findings(text).is_empty());
    }
}
