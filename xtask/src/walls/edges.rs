//! Arrows run one way: asn1, crypto <- types <- krb5 <- host <- gssapi <- cli.

use super::Finding;
use super::metadata::{Kind, Package, Workspace};

/// Each crate and the crates of ours that it may use. A crate that is not here is not in the house.
const MAY_USE: &[(&str, &[&str])] = &[
    ("orthros-asn1", &[]),
    ("orthros-crypto", &[]),
    ("orthros-types", &["orthros-asn1", "orthros-crypto"]),
    (
        "orthros-pac",
        &["orthros-types", "orthros-asn1", "orthros-crypto"],
    ),
    (
        "orthros-krb5",
        &["orthros-types", "orthros-asn1", "orthros-crypto"],
    ),
    (
        "orthros-host",
        &["orthros-krb5", "orthros-types", "orthros-asn1"],
    ),
    (
        "orthros-kdc",
        &[
            "orthros-pac",
            "orthros-types",
            "orthros-asn1",
            "orthros-crypto",
            "orthros-host",
        ],
    ),
    (
        "orthros",
        &[
            "orthros-host",
            "orthros-krb5",
            "orthros-pac",
            "orthros-types",
            "orthros-asn1",
            "orthros-crypto",
        ],
    ),
    (
        "orthros-cli",
        &[
            "orthros",
            "orthros-host",
            "orthros-krb5",
            "orthros-types",
            "orthros-kdc",
        ],
    ),
    ("orthros-testing", EVERYTHING),
    ("orthros-benches", EVERYTHING),
    ("orthros-interop", EVERYTHING),
    ("xtask", EVERYTHING),
];

const EVERYTHING: &[&str] = &[
    "orthros",
    "orthros-asn1",
    "orthros-crypto",
    "orthros-host",
    "orthros-kdc",
    "orthros-krb5",
    "orthros-pac",
    "orthros-testing",
    "orthros-types",
];

/// Test support: any crate's integration tests may use it, nothing else may.
const TESTING: &str = "orthros-testing";

/// What else tests and examples of a crate may use. What it names here must not use that crate, or neither could be
/// published first.
const MAY_TEST_WITH: &[(&str, &[&str])] = &[
    ("orthros", &["orthros-kdc"]),
    // Its tests ask it as a client; without them it has nothing of the client's exchanges.
    ("orthros-kdc", &["orthros-krb5"]),
];

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let ours: Vec<&str> = workspace.members().map(|p| p.name.as_str()).collect();
    workspace
        .members()
        .flat_map(|package| check_package(package, &ours))
        .collect()
}

fn check_package(package: &Package, ours: &[&str]) -> Vec<Finding> {
    let name = package.name.as_str();
    let Some((_, may_use)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
        return vec![Finding::new(name, "is not in the table of xtask's walls")];
    };
    package
        .dependencies
        .iter()
        .filter(|used| ours.contains(&used.name.as_str()))
        .filter(|used| !may_use.contains(&used.name.as_str()))
        .filter(|used| used.kind != Kind::Dev || !may_test_with(name, &used.name))
        .map(|used| Finding::new(name, format!("may not use {}", used.name)))
        .collect()
}

fn may_test_with(name: &str, used: &str) -> bool {
    let others = MAY_TEST_WITH.iter().filter(|(known, _)| *known == name);
    used == TESTING
        || others
            .flat_map(|(_, used)| *used)
            .any(|other| *other == used)
}

#[cfg(test)]
mod tests {
    use super::super::metadata::{Member, fixture};
    use super::*;

    fn findings(members: &[Member<'_>]) -> Vec<String> {
        let findings = check(&fixture(members, &[]));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_arrows_of_the_design_pass() {
        let house: &[Member<'_>] = &[
            ("orthros-asn1", true, &[]),
            ("orthros-crypto", true, &[("orthros-testing", Kind::Dev)]),
            (
                "orthros-krb5",
                true,
                &[
                    ("orthros-asn1", Kind::Normal),
                    ("orthros-crypto", Kind::Normal),
                ],
            ),
            ("orthros-testing", false, &[]),
        ];
        assert!(findings(house).is_empty());
    }

    #[test]
    fn an_arrow_that_runs_back_is_found() {
        let house: &[Member<'_>] = &[
            ("orthros-krb5", true, &[("orthros-host", Kind::Normal)]),
            ("orthros-host", true, &[]),
        ];
        assert_eq!(findings(house), ["orthros-krb5: may not use orthros-host"]);
    }

    #[test]
    fn an_arrow_that_runs_back_in_tests_is_found() {
        let house: &[Member<'_>] = &[
            ("orthros-asn1", true, &[("orthros-crypto", Kind::Dev)]),
            ("orthros-crypto", true, &[]),
        ];
        assert_eq!(
            findings(house),
            ["orthros-asn1: may not use orthros-crypto"]
        );
    }

    #[test]
    fn test_support_in_a_program_is_found() {
        let house: &[Member<'_>] = &[
            ("orthros-cli", true, &[("orthros-testing", Kind::Normal)]),
            ("orthros-testing", false, &[]),
        ];
        assert_eq!(
            findings(house),
            ["orthros-cli: may not use orthros-testing"]
        );
    }

    #[test]
    fn the_embedded_kdc_is_for_the_tests_of_the_facade_alone() {
        let house = |kind| -> Vec<Member<'_>> {
            vec![
                (
                    "orthros",
                    true,
                    match kind {
                        Kind::Dev => &[("orthros-kdc", Kind::Dev)],
                        _ => &[("orthros-kdc", Kind::Normal)],
                    },
                ),
                ("orthros-kdc", true, &[]),
            ]
        };
        assert!(findings(&house(Kind::Dev)).is_empty());
        assert_eq!(
            findings(&house(Kind::Normal)),
            ["orthros: may not use orthros-kdc"]
        );
    }

    #[test]
    fn a_crate_nobody_drew_is_found() {
        assert_eq!(
            findings(&[("orthros-extra", true, &[])]),
            ["orthros-extra: is not in the table of xtask's walls"]
        );
    }
}
