//! `auth_to_local`: which local user a principal is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests fail the test, too"
)]

use orthros_testing::vectors::rows;
use orthros_types::config::{Config, Include, Profile, SourceFile};
use orthros_types::{LocalNameError, MinorStatus, Principal, RuleProblem};

/// Rules of the default realm `R`, one a line.
fn config(rules: &str) -> Config {
    let text = format!("[libdefaults]\n default_realm = R\n[realms]\n R = {{\n{rules}\n }}\n");
    let file = SourceFile::new("krb5.conf", text.as_bytes());
    Config::new(Profile::parse(&file, |_: Include<'_>| Err("no includes")).unwrap())
}

fn local_name(rules: &str, principal: &str) -> Result<String, LocalNameError> {
    config(rules).local_name(&Principal::parse(principal, None).unwrap())
}

#[track_caller]
fn refused(rules: &str, principal: &str) -> RuleProblem {
    match local_name(rules, principal).unwrap_err() {
        LocalNameError::Rule { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

#[test]
fn without_rules_users_of_the_default_realm_keep_their_names() {
    assert_eq!(local_name("", "alice@R").unwrap(), "alice");
    assert_eq!(local_name("", "alice/R@R").unwrap(), "alice");
    for other in ["alice@S", "alice/admin@R", "alice/R@S", "a/R/R@R"] {
        let error = local_name("", other).unwrap_err();
        assert_eq!(error.minor_status(), MinorStatus::KRB5_LNAME_NOTRANS);
        assert!(error.to_string().contains(other), "{error}");
    }
}

#[test]
fn mapped_names_come_before_rules() {
    let rules = " auth_to_local_names = {\n alice = al\n bob/admin = root\n alice = last\n }\n auth_to_local = DEFAULT";
    assert_eq!(local_name(rules, "alice@R").unwrap(), "last");
    assert_eq!(local_name(rules, "bob/admin@R").unwrap(), "root");
    assert_eq!(local_name(rules, "carol@R").unwrap(), "carol");
}

#[test]
fn a_mapped_name_is_nobody_of_another_realm() {
    let rules =
        " auth_to_local_names = {\n alice = root\n bob/admin = root\n }\n auth_to_local = DEFAULT";
    for other in ["alice@OTHER", "bob/admin@OTHER", "alice@", "alice@r"] {
        assert!(local_name(rules, other).is_err(), "{other}");
    }
    // The names of another realm's section are those of its principals.
    let rules = "}\n OTHER = {\n auth_to_local_names = {\n alice = guest\n }";
    assert_eq!(local_name(rules, "alice@OTHER").unwrap(), "guest");
    assert_eq!(local_name(rules, "alice@R").unwrap(), "alice");
}

#[test]
fn rules_select_match_and_substitute() {
    let rules = r"
 auth_to_local = RULE:[2:$1;$2](.*;admin)s/;admin$//
 auth_to_local = RULE:[1:$1@$0](.*@S)s/@.*//
 auth_to_local = RULE:[2:$1@$0]([nd]n@.*EXAMPLE\.COM)s/.*/hdfs/
 auth_to_local = RULE:[3:$2.$1.$3]s/\./-/g s/^x-//
 auth_to_local = DEFAULT";
    for (principal, name) in [
        ("alice/admin@ANY", "alice"),
        ("bob@S", "bob"),
        ("nn/node7@HADOOP.EXAMPLE.COM", "hdfs"),
        ("a/x/c@R", "a-c"),
        ("carol@R", "carol"),
    ] {
        assert_eq!(local_name(rules, principal).unwrap(), name, "{principal}");
    }
    for other in ["nn/node7@EXAMPLE_COM", "bob@S2", "alice/admins@ANY"] {
        assert!(local_name(rules, other).is_err(), "{other}");
    }
}

#[test]
fn a_rule_without_a_selection_looks_at_the_name_without_its_realm() {
    let rules = " auth_to_local = RULE:(a.*)s/a/b/";
    assert_eq!(local_name(rules, "anna@ANY").unwrap(), "bnna");
    assert!(local_name(rules, "bnna@ANY").is_err());
}

#[test]
fn a_match_must_be_of_the_whole_selection() {
    let rules = " auth_to_local = RULE:[1:$1](ali)";
    assert!(local_name(rules, "alice@R").is_err());
    assert_eq!(local_name(rules, "ali@R").unwrap(), "ali");
}

#[test]
fn empty_matches_are_replaced_once_each_and_end() {
    let rules = " auth_to_local = RULE:[1:$1]s/x*/-/g";
    assert_eq!(local_name(rules, "abc@R").unwrap(), "-a-b-c-");
}

#[test]
fn a_malformed_rule_is_refused_with_its_line() {
    let error = local_name(" auth_to_local = RULE:[1:$1", "alice@R").unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("krb5.conf:5: auth_to_local = RULE:[1:$1: "),
        "{text}"
    );
    assert_eq!(error.minor_status(), MinorStatus::KRB5_CONFIG_BADFORMAT);
    for (rule, problem) in [
        ("RULE:[1:$2]", RuleProblem::Selection),
        ("RULE:[1:$]", RuleProblem::Selection),
        ("RULE:[x:$1]", RuleProblem::Selection),
        ("RULE:[1]", RuleProblem::Selection),
        ("RULE:[1:$1](a", RuleProblem::Match),
        ("RULE:[1:$1]s/a/b", RuleProblem::Substitution),
        ("RULE:[1:$1]x", RuleProblem::Substitution),
        ("DB:/etc/names", RuleProblem::Type),
        ("default", RuleProblem::Type),
    ] {
        let rules = format!(" auth_to_local = {rule}");
        assert_eq!(refused(&rules, "alice@R"), problem, "{rule}");
    }
    let rules = " auth_to_local = RULE:[1:$1]s/(a/b/\n auth_to_local = DEFAULT";
    assert!(matches!(refused(rules, "alice@R"), RuleProblem::Regexp(_)));
}

#[test]
fn what_is_no_users_name_is_nobody() {
    for principal in ["root\\0x@R", "a\\nb@R", "..\\/root@R"] {
        let error = local_name("", principal).unwrap_err();
        assert!(matches!(error, LocalNameError::NotName { .. }), "{error}");
    }
    let nothing = local_name(" auth_to_local = RULE:[1:$1]s/.*//", "alice@R");
    assert!(matches!(nothing, Err(LocalNameError::NotName { .. })));
}

#[test]
fn a_name_of_a_megabyte_is_nobody_and_takes_no_time() {
    // Each of its letters may begin a match that goes on to the end.
    let rules = " auth_to_local = RULE:[1:$1]s/a(.*z)?//g";
    let name = "a".repeat(1 << 20);
    let started = std::time::Instant::now();
    let error = config(rules)
        .local_name(&Principal::new("R", [name]))
        .unwrap_err();
    assert!(matches!(error, LocalNameError::NotName { .. }));
    assert!(started.elapsed().as_secs() < 5);
    let longest = "b".repeat(1023);
    assert_eq!(local_name(rules, &format!("{longest}@R")).unwrap(), longest);
    assert!(local_name(rules, &format!("{longest}b@R")).is_err());
}

#[test]
fn what_glibc_finds_is_replaced() {
    let rows = rows("glibc/regexp.tsv");
    assert!(!rows.is_empty());
    for row in rows {
        let (expression, text) = (row.text(0), row.text(1));
        let replaced = match row.text(2).split_once('-').unwrap() {
            ("", "") => text.to_owned(),
            (start, end) => {
                let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
                format!("{}X{}", &text[..start], &text[end..])
            }
        };
        let rule = format!(" auth_to_local = RULE:[1:$1]s/{expression}/X/");
        let principal = Principal::new("R", [text]);
        let name = config(&rule).local_name(&principal).unwrap();
        assert_eq!(name, replaced, "{}", row.place());
    }
}
