//! `KRB5_TRACE`: what our kinit writes, beside what MIT's does in the same realm.

use std::fs;
use std::path::Path;
use std::process::Command;

use orthros_testing::{process, programs, require_mit};

use crate::world::{PASSWORD, USER, World, with_libdefaults};

/// The texts of the lines that a kinit writes.
fn texts(world: &World, program: &Path, arguments: &[&str]) -> Vec<String> {
    let trace = world.path("trace");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("KRB5_CONFIG", world.path("krb5.conf"))
        .env("KRB5CCNAME", world.path("ccache"))
        .env("KRB5_TRACE", &trace);
    let finished = process::run(&mut command, format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(finished.status.success(), "{finished}");
    let written = fs::read_to_string(&trace).unwrap();
    fs::remove_file(trace).unwrap();
    written.lines().map(text).collect()
}

/// The text of `[pid] seconds.microseconds: text`.
fn text(line: &str) -> String {
    let (stamp, text) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
    let (pid, time) = stamp.split_once(' ').unwrap_or_else(|| panic!("{line}"));
    let pid = pid.strip_prefix('[').and_then(|pid| pid.strip_suffix(']'));
    assert!(pid.is_some_and(|pid| pid.parse::<u32>().is_ok()), "{line}");
    let (seconds, micros) = time.split_once('.').unwrap_or_else(|| panic!("{line}"));
    assert!(
        seconds.parse::<u64>().is_ok() && micros.len() <= 6,
        "{line}"
    );
    text.to_owned()
}

#[test]
fn our_kinits_trace_has_the_lines_that_mits_has() {
    require_mit!();
    // No group in common with the KDC: a mechanism fails, and the next one is taken.
    let world = World::with(
        |realm| realm,
        |conf| with_libdefaults(&conf, "spake_preauth_groups = P-521"),
    );
    let ours = texts(
        &world,
        Path::new(env!("CARGO_BIN_EXE_orthros")),
        &["kinit", USER],
    );
    let theirs = texts(&world, &programs::find("kinit").unwrap(), &[USER]);
    for start in [
        "Getting initial credentials for alice@OURS.TEST",
        "Sending unauthenticated request",
        "Sending request (",
        "Received answer (",
        "Received error from KDC: -1765328359/",
        "Processing preauth types: ",
        "Selected etype info: etype aes256-cts",
        "Produced preauth for next request: PA-FX-COOKIE (133), PA-ENC-TIMESTAMP (2)",
        "Initializing ",
        "Storing alice@OURS.TEST -> krbtgt/OURS.TEST@OURS.TEST in ",
    ] {
        for lines in [&ours, &theirs] {
            let has = lines.iter().any(|line| line.starts_with(start));
            assert!(has, "{start}\n{lines:#?}");
        }
    }
    for lines in [&ours, &theirs] {
        assert!(
            !lines.iter().any(|line| line.contains(PASSWORD)),
            "{lines:#?}"
        );
    }
}
