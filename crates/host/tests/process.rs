//! The process' own environment, in a process of its own: this test binary, started again with other variables.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::env;
use std::fs;
use std::process::Command;

use orthros_host::Environment;
use orthros_types::Principal;

/// Set in the process that the test starts: it is the one to look at its environment.
const STARTED: &str = "ORTHROS_TEST_STARTED";

#[test]
fn a_process_heeds_its_variables_and_shares_one_environment() {
    if env::var_os(STARTED).is_some() {
        return look_at_the_environment();
    }
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("krb5.conf");
    fs::write(
        &config,
        "[libdefaults]\n default_realm = PROCESS.TEST\n default_keytab_name = /wrong\n",
    )
    .unwrap();
    let outcome = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "a_process_heeds_its_variables_and_shares_one_environment",
        ])
        .env(STARTED, "1")
        .env(
            "KRB5_CONFIG",
            format!("/nowhere/krb5.conf:{}", config.display()),
        )
        .env("KRB5CCNAME", "MEMORY:process")
        .env("KRB5_KTNAME", "FILE:/process.keytab")
        .env("KRB5_CLIENT_KTNAME", "/process.client.keytab")
        .env("LOCALDOMAIN", "process.test")
        .output()
        .unwrap();
    assert!(
        outcome.status.success(),
        "{}",
        String::from_utf8_lossy(&outcome.stdout)
    );
}

fn look_at_the_environment() {
    let environment = Environment::process().unwrap();
    assert_eq!(environment.config().default_realm(), Some("PROCESS.TEST"));
    let cache = environment.default_cache().unwrap();
    assert_eq!(cache.name().to_string(), "MEMORY:process");
    assert_eq!(
        environment.default_keytab().unwrap().name().to_string(),
        "FILE:/process.keytab"
    );
    assert_eq!(
        environment.client_keytab().unwrap().name().to_string(),
        "FILE:/process.client.keytab"
    );
    assert_eq!(
        environment.canonical_hostname("short").unwrap(),
        "short.process.test"
    );

    let alice = Principal::parse("alice@PROCESS.TEST", None).unwrap();
    cache.initialize(&alice, None, &[]).unwrap();
    let again = Environment::process().unwrap().default_cache().unwrap();
    assert_eq!(again.principal().unwrap(), alice);
    let apart = Environment::builder()
        .build()
        .cache("MEMORY:process")
        .unwrap();
    assert!(apart.principal().is_err());
}
