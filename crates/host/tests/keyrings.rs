//! KEYRING caches of users without rights, and of programs that have more than their caller: this test binary, started
//! again. Their quota is theirs alone, and their keyrings go with them.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyutils_raw::{KEY_SPEC_SESSION_KEYRING, add_key, keyctl_join_session_keyring, keyctl_unlink};
use nix::unistd::getuid;
use orthros_host::{Cache, CacheError, Environment, KeyringError};
use orthros_testing::peers::{self, Missing};
use orthros_testing::require_peer;
use orthros_types::{
    Credential, Duration, EncryptionType, KeyBlock, MinorStatus, Principal, TicketFlags,
    TicketTimes,
};
use tempfile::TempDir;

/// What the program does.
const ACT: &str = "ORTHROS_TEST_ACT";
/// The program to be started in a session of its own, where this is to do that first.
const PROGRAM: &str = "ORTHROS_TEST_PROGRAM";
const ARGUMENTS: [&str; 3] = ["--exact", "program", "--nocapture"];
/// Users without rights, each with a quota that no other test uses.
const CALLER: u32 = 54_320;
const OWNER: u32 = 54_321;

/// Plays the program where it is started as one.
#[test]
fn program() {
    let Ok(act) = env::var(ACT) else { return };
    if let Some(program) = env::var_os(PROGRAM) {
        // Of the user that calls the program, and of nothing else.
        keyctl_join_session_keyring(None).unwrap();
        let mut command = Command::new(program);
        command.args(ARGUMENTS).env_remove(PROGRAM);
        panic!("{}", command.exec());
    }
    let environment = Environment::builder().build();
    match act.as_str() {
        "use up the quota" => use_up_the_quota(&environment),
        "look at its caller's keyrings" => {
            for name in ["session:x", "x", "user:x"] {
                let refused = environment.cache(format!("KEYRING:{name}")).unwrap_err();
                assert_eq!(refused.minor_status(), MinorStatus::KRB5_FCC_PERM);
                let text = refused.to_string();
                let expected = format!(
                    "belongs to user {CALLER}, who has called this program, and not to user {OWNER}"
                );
                assert!(text.contains(&expected) && text.contains(name), "{text}");
            }
            // These are the program's own.
            for name in ["process:x", "thread:x"] {
                let cache = environment.cache(format!("KEYRING:{name}")).unwrap();
                cache.initialize(&alice(), None, &[]).unwrap();
            }
        }
        "look at another's persistent keyring" => {
            let refused = environment.cache("KEYRING:persistent:0").unwrap_err();
            assert_eq!(refused.minor_status(), MinorStatus::KRB5_KCC_INVALID_UID);
            let expected = "credential cache KEYRING:persistent:0: using the persistent keyring of user 0 is not \
                            permitted";
            assert!(refused.to_string().starts_with(expected), "{refused}");
        }
        other => unreachable!("{other}"),
    }
    println!("\nplayed");
}

fn alice() -> Principal {
    Principal::parse("alice@ORTHROS.TEST", None).unwrap()
}

fn ticket(environment: &Environment, server: &str, length: usize) -> Credential {
    let now = environment.now().whole();
    Credential {
        client: alice(),
        server: Principal::parse(server, None).unwrap(),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: now,
            starttime: None,
            endtime: now.saturating_add(Duration::from_seconds(600)),
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: vec![1; length],
        second_ticket: Vec::new(),
    }
}

/// What was there is there after everything that there is no room for, and there is room again where a key has gone.
fn use_up_the_quota(environment: &Environment) {
    // Keys of the type user, all of which counts.
    let cache = environment.cache("KEYRING:legacy:mine").unwrap();
    let old = ["a/x@R", "b/x@R"].map(|server| ticket(environment, server, 100));
    cache.initialize(&alice(), None, &old).unwrap();
    let mut filled = Vec::new();
    for size in [1000, 100, 10, 1] {
        let payload = vec![0; size];
        while let Ok(key) = add_key(
            "user",
            &format!("filler{}", filled.len()),
            &payload,
            KEY_SPEC_SESSION_KEYRING,
        ) {
            filled.push(key);
            assert!(filled.len() < 10_000);
        }
    }
    let is_as_it_was = |cache: &Cache| {
        let contents = cache.contents().unwrap();
        assert_eq!(contents.principal, alice());
        assert_eq!(contents.credentials.len(), old.len());
        assert!(
            old.iter()
                .all(|ticket| contents.credentials.contains(ticket))
        );
    };
    let new = ["a/x@R", "c/x@R"].map(|server| ticket(environment, server, 200));
    let refused = |error: CacheError| {
        let is_quota = matches!(
            error,
            CacheError::Keyring {
                error: KeyringError::Quota { .. },
                ..
            }
        );
        assert!(is_quota, "{error}");
        let text = error.to_string();
        for word in [
            "KEYRING:legacy:mine:mine",
            "quota",
            "/proc/sys/kernel/keys",
            "kdestroy",
        ] {
            assert!(text.contains(word), "{text}");
        }
        assert_eq!(error.minor_status(), MinorStatus::KRB5_CC_WRITE);
    };
    let bob = Principal::parse("bob@ORTHROS.TEST", None).unwrap();
    refused(cache.initialize(&bob, None, &new).unwrap_err());
    is_as_it_was(&cache);
    refused(cache.store(&new).unwrap_err());
    is_as_it_was(&cache);
    refused(cache.store(&new[1..]).unwrap_err());
    is_as_it_was(&cache);
    // Neither is a ticket that grows in its place.
    refused(cache.store(&new[..1]).unwrap_err());
    is_as_it_was(&cache);

    for key in filled.drain(..).take(8) {
        keyctl_unlink(key, KEY_SPEC_SESSION_KEYRING).unwrap();
    }
    // The kernel frees them in its own time.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while let Err(error) = cache.store(&new) {
        assert!(std::time::Instant::now() < deadline, "{error}");
        is_as_it_was(&cache);
        std::thread::yield_now();
    }
    assert_eq!(cache.contents().unwrap().credentials.len(), 3);
}

fn root() -> Result<(), Missing> {
    match getuid().is_root() {
        true => peers::session_keyring(),
        false => Err(Missing {
            what: "root's rights".to_owned(),
            how: "run the tests as root",
        }),
    }
}

/// Has a user without rights start a program, which is a copy of this binary, in a session of its own.
fn play(directory: &TempDir, program: &Path, act: &str) {
    let mut command = Command::new(directory.path().join(COPY));
    command
        .args(ARGUMENTS)
        .current_dir("/")
        .env_clear()
        .env(ACT, act)
        .env(PROGRAM, program)
        .uid(CALLER)
        .gid(CALLER);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\nplayed\n"), "{output:?}");
}

/// A directory with a copy of this binary that others can start.
fn copy(name: &str, directory: &TempDir) -> PathBuf {
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join(name);
    // By another process: a descriptor that is open for writing here could be inherited by what other tests start.
    let mut copy = Command::new("cp");
    copy.arg(env::current_exe().unwrap()).arg(&program);
    assert!(copy.status().unwrap().success());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[test]
fn a_full_quota_is_named_and_loses_nothing() {
    require_peer!(root());
    let directory = tempfile::tempdir().unwrap();
    let program = copy(COPY, &directory);
    play(&directory, &program, "use up the quota");
}

#[test]
fn anothers_persistent_keyring_is_refused_with_its_user() {
    require_peer!(root());
    let directory = tempfile::tempdir().unwrap();
    let program = copy(COPY, &directory);
    play(&directory, &program, "look at another's persistent keyring");
}

#[test]
fn a_set_user_id_program_leaves_its_callers_keyrings_alone() {
    require_peer!(root());
    let directory = tempfile::tempdir().unwrap();
    copy(COPY, &directory);
    let program = copy("privileged", &directory);
    chown(&program, Some(OWNER), Some(OWNER)).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
    play(&directory, &program, "look at its caller's keyrings");
}

const COPY: &str = "program";
