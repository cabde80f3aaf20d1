//! `orthros demo`, which needs nothing but itself.

use std::process::Command;
use std::time::Duration;

use orthros_testing::process::{Finished, run_within};

fn demo(arguments: &[&str]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
    // Nothing of the machine's Kerberos counts.
    command
        .arg("demo")
        .args(arguments)
        .env("KRB5_CONFIG", "/nowhere")
        .env("KRB5CCNAME", "NONSENSE:");
    run_within(&mut command, b"", Duration::from_secs(20)).unwrap()
}

#[test]
fn everything_holds_and_people_can_read_it() {
    let finished = demo(&[]);
    assert!(finished.status.success(), "{finished}");
    assert_eq!(finished.stderr, "");
    for part in [
        "alice@DEMO.TEST",
        "HTTP/localhost@DEMO.TEST",
        "password for alice@DEMO.TEST is wrong",
        "\nAll 14 steps held, in ",
    ] {
        assert!(finished.stdout.contains(part), "{part:?}: {finished}");
    }
    assert!(!finished.stdout.contains("FAIL"), "{finished}");
    let widest = finished.stdout.lines().map(|line| line.chars().count());
    assert!(widest.max().unwrap() <= 120, "{finished}");
}

#[test]
fn machines_get_each_step_with_what_was_seen_and_how_long_it_took() {
    let finished = demo(&["--json"]);
    assert!(finished.status.success(), "{finished}");
    let account: serde_json::Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(account["holds"], true);
    let steps = account["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 14);
    for step in steps {
        assert_eq!(step["holds"], true, "{step}");
        assert!(step["microseconds"].is_u64(), "{step}");
    }
    let seen = |refused: &str| {
        let refused = steps.iter().filter(|step| {
            let seen = step["seen"].as_str().unwrap();
            seen.starts_with("refused: ") && seen.contains(refused)
        });
        refused.count()
    };
    assert_eq!(seen("wrong"), 1);
    assert_eq!(seen("replay"), 2);
}
