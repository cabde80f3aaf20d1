//! Programs that run with more rights than their caller, made of this test binary: set-user-ID, set-group-ID and with
//! file capabilities. They must not heed their caller's environment; daemons that have dropped root's rights must.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use nix::sys::prctl;
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{Gid, Uid, getgid, getuid, setegid, seteuid, setgid, setuid};
use orthros_host::Environment;
use orthros_testing::peers::{self, Missing};
use orthros_testing::programs;
use tempfile::TempDir;

/// What the program does before it first looks at its environment.
const ACT: &str = "ORTHROS_TEST_ACT";
/// A user and a group without rights, and another pair.
const USER: u32 = 65_534;
const OTHER: u32 = 12_345;

/// Plays the program where it is started as one.
#[test]
fn program() {
    let Ok(act) = env::var(ACT) else { return };
    match act.as_str() {
        "nothing" => {}
        "lower effective user" => seteuid(getuid()).unwrap(),
        "lower effective group" => setegid(getgid()).unwrap(),
        "drop the file's user" => setuid(getuid()).unwrap(),
        "daemon lowers effective user" => seteuid(Uid::from_raw(USER)).unwrap(),
        "daemon drops root" => {
            setgid(Gid::from_raw(USER)).unwrap();
            setuid(Uid::from_raw(USER)).unwrap();
        }
        "keep others from looking" => prctl::set_dumpable(false).unwrap(),
        other => unreachable!("{other}"),
    }
    let environment = Environment::process().unwrap();
    let names = [
        environment.default_keytab().unwrap().name().to_string(),
        environment.client_keytab().unwrap().name().to_string(),
        environment.default_cache().unwrap().name().to_string(),
        format!("{:?}", environment.config().default_realm()),
        // Where the resolver searches.
        environment
            .canonical_hostname("host")
            .unwrap()
            .to_uppercase(),
    ];
    let heeded = names.map(|name| name.contains("CALLER"));
    println!("\nheeded: {heeded:?}");
}

/// A copy of this binary, to be made privileged.
struct Program {
    dir: TempDir,
}

impl Program {
    /// `None`, and the test is recorded as skipped, where such programs can't be made.
    fn new(test: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let flags = statvfs(dir.path()).unwrap().flags();
        if !getuid().is_root() || flags.intersects(FsFlags::ST_NOSUID | FsFlags::ST_NOEXEC) {
            let missing = Missing {
                what: "root's rights, and a directory for temporary files that may have set-user-ID programs".into(),
                how: "run the tests as root",
            };
            peers::skip(test, &missing);
            return None;
        }
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let program = Self { dir };
        // Copied by another process: a descriptor that is open for writing here could be inherited by what other tests
        // start.
        let mut copy = Command::new("cp");
        copy.arg(env::current_exe().unwrap()).arg(program.path());
        assert!(copy.status().unwrap().success());
        let conf = "[libdefaults]\n default_realm = CALLER\n";
        fs::write(program.conf(), conf).unwrap();
        program.mode(0o755);
        Some(program)
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("program")
    }

    fn conf(&self) -> PathBuf {
        self.dir.path().join("krb5.conf")
    }

    fn mode(&self, mode: u32) {
        fs::set_permissions(self.path(), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Set-user-ID or set-group-ID.
    fn owned_by(self, user: u32, group: u32, mode: u32) -> Self {
        std::os::unix::fs::chown(self.path(), Some(user), Some(group)).unwrap();
        self.mode(mode);
        self
    }

    /// Has `user` start it, through `launcher` where that is given.
    fn started(&self, user: u32, launcher: &[&str], act: &str) -> bool {
        let mut command = match launcher {
            [] => Command::new(self.path()),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(self.path());
                command
            }
        };
        command
            .args(["--exact", "program", "--nocapture"])
            .current_dir("/")
            .env_clear()
            .env(ACT, act)
            .env("KRB5_CONFIG", self.conf())
            .env("KRB5_KTNAME", "FILE:/CALLER.keytab")
            .env("KRB5_CLIENT_KTNAME", "FILE:/CALLER.keytab")
            .env("KRB5CCNAME", "MEMORY:CALLER")
            .env("LOCALDOMAIN", "CALLER.test");
        if user != 0 && launcher.is_empty() {
            command.uid(user).gid(user);
        }
        let outcome = command.output().unwrap();
        let shown = String::from_utf8_lossy(&outcome.stdout).into_owned();
        assert!(outcome.status.success(), "{act}: {shown} {outcome:?}");
        match shown.lines().find_map(|line| line.strip_prefix("heeded: ")) {
            Some("[true, true, true, true, true]") => true,
            // Some C libraries take the resolver's variables away where a program begins privileged.
            Some("[true, true, true, true, false]") if act == "drop the file's user" => true,
            Some("[false, false, false, false, false]") => false,
            other => unreachable!("{act}: {other:?} of {shown}"),
        }
    }
}

#[test]
fn a_set_user_id_program_that_lowers_its_effective_user_does_not_obey_its_caller() {
    let test = "a_set_user_id_program_that_lowers_its_effective_user_does_not_obey_its_caller";
    let Some(program) = Program::new(test) else {
        return;
    };
    let program = program.owned_by(0, 0, 0o4755);
    assert!(!program.started(USER, &[], "lower effective user"));
    assert!(!program.started(USER, &[], "nothing"));
    let program = program.owned_by(OTHER, 0, 0o4755);
    assert!(!program.started(USER, &[], "lower effective user"));
    assert!(!program.started(USER, &[], "nothing"));
}

#[test]
fn a_set_group_id_program_does_not_obey_its_caller() {
    let Some(program) = Program::new("a_set_group_id_program_does_not_obey_its_caller") else {
        return;
    };
    let program = program.owned_by(0, OTHER, 0o2755);
    assert!(!program.started(USER, &[], "lower effective group"));
    assert!(!program.started(USER, &[], "nothing"));
}

#[test]
fn a_program_with_file_capabilities_does_not_obey_its_caller() {
    let test = "a_program_with_file_capabilities_does_not_obey_its_caller";
    let Some(program) = Program::new(test) else {
        return;
    };
    let Some(setcap) = programs::find("setcap") else {
        let missing = Missing {
            what: "setcap".into(),
            how: "run `cargo xtask test --install` as root on Debian, or install libcap2-bin",
        };
        return peers::skip(test, &missing);
    };
    for capabilities in ["cap_net_bind_service+ep", "cap_net_bind_service+p"] {
        let mut set = Command::new(&setcap);
        set.arg(capabilities).arg(program.path());
        assert!(set.status().unwrap().success());
        assert!(!program.started(USER, &[], "nothing"), "{capabilities}");
    }
}

#[test]
fn a_daemon_that_dropped_root_and_a_mere_user_heed_their_environment() {
    let test = "a_daemon_that_dropped_root_and_a_mere_user_heed_their_environment";
    let Some(program) = Program::new(test) else {
        return;
    };
    assert!(program.started(USER, &[], "nothing"));
    assert!(program.started(USER, &[], "keep others from looking"));
    assert!(program.started(0, &[], "nothing"));
    assert!(program.started(0, &[], "daemon drops root"));
    assert!(program.started(0, &[], "daemon lowers effective user"));
    // It is its caller in every respect, and can't be told from a daemon that did the same.
    let program = program.owned_by(0, 0, 0o4755);
    assert!(program.started(USER, &[], "drop the file's user"));
}

#[test]
fn a_service_with_ambient_capabilities_heeds_its_environment() {
    let test = "a_service_with_ambient_capabilities_heeds_its_environment";
    let Some(program) = Program::new(test) else {
        return;
    };
    let user = USER.to_string();
    let launcher = [
        "setpriv",
        "--reuid",
        &user,
        "--regid",
        &user,
        "--clear-groups",
        "--inh-caps",
        "+net_bind_service",
        "--ambient-caps",
        "+net_bind_service",
    ];
    for act in ["nothing", "keep others from looking"] {
        assert!(program.started(USER, &launcher, act), "{act}");
    }
}
