//! `orthros kdc`, with MIT's programs and ours as its clients.

mod options;

use std::fs;
use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use orthros_testing::process::{Daemon, Finished, run};
use orthros_testing::programs;
use orthros_testing::require_mit;

use crate::world::{SERVICE, failure, success};

const LIMIT: Duration = Duration::from_secs(20);

/// A KDC of ours with the user alice and the service `host/localhost`, and a directory with what its clients need.
struct Kdc {
    directory: tempfile::TempDir,
    daemon: Daemon,
}

impl Kdc {
    fn start() -> Self {
        Self::with(&["--user", "alice=secret", "--service", SERVICE])
    }

    fn with(options: &[&str]) -> Self {
        Self::at(tempfile::tempdir().unwrap(), options)
    }

    fn at(directory: tempfile::TempDir, options: &[&str]) -> Self {
        let path = |file: &str| directory.path().join(file).display().to_string();
        let mut command = program(&["kdc", "--realm", "OURS.TEST", "--listen", "127.0.0.1:0"]);
        command.args(["--keytab-out", &path("keytab")]);
        command.args(["--krb5-conf-out", &path("krb5.conf")]);
        command.args(options);
        let daemon = Daemon::start(&mut command, "KDC for OURS.TEST on 127.0.0.1:").unwrap();
        Self { directory, daemon }
    }

    fn path(&self, file: &str) -> String {
        self.directory.path().join(file).display().to_string()
    }

    /// A program of MIT's by name, or ours, in this realm's world.
    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = if name == "orthros" {
            Command::new(env!("CARGO_BIN_EXE_orthros"))
        } else {
            Command::new(programs::find(name).unwrap())
        };
        command
            .args(arguments)
            .env("KRB5_CONFIG", self.path("krb5.conf"))
            .env("KRB5CCNAME", self.path("ccache"))
            .env("KRB5_KTNAME", self.path("keytab"))
            .env("LC_ALL", "C");
        command
    }

    fn run(&self, name: &str, arguments: &[&str], stdin: &str) -> Finished {
        run(&mut self.command(name, arguments), stdin.as_bytes()).unwrap()
    }

    fn succeeds(&self, name: &str, arguments: &[&str], stdin: &str) -> String {
        success(self.run(name, arguments, stdin))
    }

    /// Has clients use TCP from the start.
    fn prefer_tcp(&self) {
        let conf = fs::read_to_string(self.path("krb5.conf")).unwrap();
        let conf = conf.replace(
            "[libdefaults]\n",
            "[libdefaults]\nudp_preference_limit = 1\n",
        );
        fs::write(self.path("krb5.conf"), conf).unwrap();
    }

    fn end(self, signal: Signal) -> Finished {
        let id = i32::try_from(self.daemon.id()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
        self.daemon.finish(LIMIT).unwrap()
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
    command.args(arguments);
    command
}

#[test]
fn mits_programs_and_ours_get_tickets_by_udp_and_tcp() {
    require_mit!();
    for tcp in [false, true] {
        let kdc = Kdc::start();
        if tcp {
            kdc.prefer_tcp();
        }
        let keytab = kdc.path("keytab");
        let expected = format!("{SERVICE}@OURS.TEST: kvno = 1, keytab entry valid\n");
        kdc.succeeds("kinit", &["-f", "alice"], "secret\n");
        assert_eq!(
            kdc.succeeds("kvno", &["-k", &keytab, SERVICE], ""),
            expected
        );
        let theirs = kdc.succeeds("klist", &["-f"], "");
        assert!(
            theirs.contains("Default principal: alice@OURS.TEST"),
            "{theirs}"
        );
        assert_eq!(kdc.succeeds("orthros", &["klist", "-f"], ""), theirs);
        kdc.succeeds("orthros", &["kdestroy"], "");
        kdc.succeeds("orthros", &["kinit", "-f", "alice"], "secret\n");
        assert_eq!(
            kdc.succeeds("orthros", &["kvno", "-k", &keytab, SERVICE], ""),
            expected
        );
        let log = kdc.end(Signal::SIGTERM).stderr;
        let other = if tcp { " UDP " } else { " TCP " };
        assert!(!log.contains(other), "{log}");
    }
}

#[test]
fn tickets_are_renewed_and_got_with_keytabs() {
    require_mit!();
    let kdc = Kdc::start();
    let keytab = kdc.path("alice.keytab");
    let add = [
        "keytab",
        "add",
        "-t",
        &keytab,
        "-k",
        "1",
        "-e",
        "aes256-cts",
        "alice",
    ];
    kdc.succeeds("orthros", &add, "secret\n");
    for kinit in [&["kinit"][..], &["orthros", "kinit"]] {
        let (name, first) = kinit.split_first().unwrap();
        let kinit = |arguments: &[&str]| kdc.succeeds(name, &[first, arguments].concat(), "");
        kinit(&["-r", "2d", "-kt", &keytab, "alice"]);
        kinit(&["-R"]);
        let listed = kdc.succeeds("klist", &[], "");
        assert!(listed.contains("renew until"), "{listed}");
    }
}

#[test]
fn a_password_is_changed_with_mits_kpasswd() {
    require_mit!();
    let kdc = Kdc::start();
    for tcp in [false, true] {
        let (old, new) = if tcp {
            ("new one", "newer one")
        } else {
            ("secret", "new one")
        };
        if tcp {
            kdc.prefer_tcp();
        }
        let typed = format!("{old}\n{new}\n{new}\n");
        let said = kdc.succeeds("kpasswd", &["alice"], &typed);
        assert!(said.contains("Password changed."), "{said}");
        let refused = kdc.run("orthros", &["kinit", "alice"], &format!("{old}\n"));
        assert!(failure(refused).contains("is wrong"));
        kdc.succeeds("kinit", &["alice"], &format!("{new}\n"));
    }
}

#[test]
fn a_password_is_changed_with_our_kpasswd() {
    let kdc = Kdc::start();
    let said = kdc.succeeds(
        "orthros",
        &["kpasswd", "alice"],
        "secret\nnew one\nnew one\n",
    );
    assert!(said.contains("Password changed."), "{said}");
    let refused = kdc.run("orthros", &["kinit", "alice"], "secret\n");
    assert!(failure(refused).contains("is wrong"));
    kdc.succeeds("orthros", &["kinit", "alice"], "new one\n");
}

#[test]
fn our_kinit_goes_under_the_armor_of_a_services_ticket() {
    let kdc = Kdc::start();
    let (armor, keytab) = (kdc.path("armor"), kdc.path("keytab"));
    let service = ["kinit", "-c", &armor, "-kt", &keytab, SERVICE];
    kdc.succeeds("orthros", &service, "");
    kdc.succeeds("orthros", &["kinit", "-T", &armor, "alice"], "secret\n");
    let wrong = kdc.run("orthros", &["kinit", "-T", &armor, "alice"], "wrong\n");
    assert!(failure(wrong).contains("is wrong"));
}

#[test]
fn our_kvno_gets_a_ticket_in_the_session_key_of_another() {
    let kdc = Kdc::start();
    let (other, keytab) = (kdc.path("other"), kdc.path("keytab"));
    let service = ["kinit", "-c", &other, "-kt", &keytab, SERVICE];
    kdc.succeeds("orthros", &service, "");
    kdc.succeeds("orthros", &["kinit", "alice"], "secret\n");
    kdc.succeeds("orthros", &["kvno", "--u2u", &other, SERVICE], "");
}

#[test]
fn our_kvno_gets_a_ticket_in_the_name_of_a_user() {
    let kdc = Kdc::start();
    let keytab = kdc.path("keytab");
    kdc.succeeds("orthros", &["kinit", "-f", "-kt", &keytab, SERVICE], "");
    // An enterprise name, for which the KDC says the principal's.
    for user in ["alice", "alice@OURS.TEST"] {
        let said = kdc.succeeds("orthros", &["kvno", "-U", user, SERVICE], "");
        assert!(said.contains("kvno = 1"), "{said}");
    }
}

#[test]
fn mits_gss_samples_talk_with_its_tickets() {
    require_mit!();
    let kdc = Kdc::start();
    kdc.succeeds("kinit", &["alice"], "secret\n");
    let port = orthros_testing::port::free_port().unwrap().to_string();
    let mut server = kdc.command("gss-server", &["-once", "-port", &port, "host@localhost"]);
    let server = Daemon::start(&mut server, "starting...").unwrap();
    let arguments = ["-port", &port, "localhost", "host@localhost", "hello"];
    let client = kdc.succeeds("gss-client", &arguments, "");
    assert!(client.contains("Signature verified."), "{client}");
    let server = server.finish(LIMIT).unwrap();
    assert!(server.stdout.contains("alice@OURS.TEST"), "{server}");
}

#[test]
fn what_a_killed_kdc_had_stored_is_there_again() {
    require_mit!();
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("principals").display().to_string();
    let store = ["--store", &store];
    let new = ["--user", "alice=secret", "--service", SERVICE];
    let kdc = Kdc::at(directory, &[&store[..], &new].concat());
    let old_keytab = kdc.path("old.keytab");
    fs::copy(kdc.path("keytab"), &old_keytab).unwrap();
    kdc.succeeds("kpasswd", &["alice"], "secret\nanother\nanother\n");
    // It is killed.
    let Kdc { directory, daemon } = kdc;
    drop(daemon);
    let kdc = Kdc::at(directory, &store);
    kdc.succeeds("kinit", &["alice"], "another\n");
    let checked = kdc.succeeds("kvno", &["-k", &old_keytab, SERVICE], "");
    assert!(checked.contains("keytab entry valid"), "{checked}");
    let Kdc { directory, daemon } = kdc;
    drop(daemon);
    // The first start's options seed only: the password that was changed since is not set again.
    let kdc = Kdc::at(directory, &[&store[..], &new].concat());
    kdc.succeeds("kinit", &["alice"], "another\n");
    let refused = kdc.run("orthros", &["kinit", "alice"], "secret\n");
    assert!(failure(refused).contains("is wrong"));
    let log = kdc.end(Signal::SIGTERM).stderr;
    assert!(
        log.contains("alice@OURS.TEST is in the store already"),
        "{log}"
    );
}

#[test]
fn each_request_is_one_line_that_tells_no_secret() {
    require_mit!();
    let kdc = Kdc::start();
    kdc.run("orthros", &["kinit", "alice"], "wrong\n");
    kdc.succeeds("orthros", &["kinit", "alice"], "secret\n");
    kdc.succeeds("orthros", &["kvno", SERVICE], "");
    kdc.run("orthros", &["kinit", "nobody"], "secret\n");
    let ended = kdc.end(Signal::SIGINT);
    assert_eq!(ended.status.code(), Some(0), "{ended}");
    let log = ended.stderr;
    for part in [
        "UDP AS-REQ of alice@OURS.TEST for krbtgt/OURS.TEST@OURS.TEST: granted\n",
        "TGS-REQ of alice@OURS.TEST for host/localhost@OURS.TEST: granted\n",
        "AS-REQ of nobody@OURS.TEST for krbtgt/OURS.TEST@OURS.TEST: refused: ",
        "kdc: stopped by SIGINT\n",
    ] {
        assert!(log.contains(part), "{part:?} is not in {log}");
    }
    for secret in ["secret", "wrong"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn what_keeps_it_from_starting_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let mut command = program(&[&["kdc"], arguments].concat());
        failure(run(&mut command, b"").unwrap())
    };
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let said = refused(&["--realm", "OURS.TEST", "--listen", &taken]);
    assert!(said.contains(&taken) && said.contains("UDP"), "{said}");

    let here = ["--listen", "127.0.0.1:0"];
    let said = refused(&[&here[..], &["--realm", "two words"]].concat());
    assert!(said.contains("two words"), "{said}");
    let ours = [&here[..], &["--realm", "OURS.TEST"]].concat();
    let said = refused(&[&ours[..], &["--user", "a@OTHER.TEST=x"]].concat());
    assert!(said.contains("a@OTHER.TEST"), "{said}");
    let said = refused(&[&ours[..], &["--user", "alice"]].concat());
    assert!(said.contains("alice"), "{said}");

    let store = directory.path().join("text");
    fs::write(&store, "some text").unwrap();
    let store = store.display().to_string();
    let said = refused(&[&ours[..], &["--store", &store]].concat());
    assert!(
        said.contains(&store) && said.contains("chmod 600"),
        "{said}"
    );
    let store = directory.path().join("principals").display().to_string();
    Kdc::at(tempfile::tempdir().unwrap(), &["--store", &store]);
    let other = [&here[..], &["--realm", "OTHER.TEST", "--store", &store]].concat();
    let said = refused(&other);
    assert!(said.contains("OURS.TEST, not of OTHER.TEST"), "{said}");
    let nowhere = "/nowhere/keytab";
    let said = refused(&[&ours[..], &["--keytab-out", nowhere]].concat());
    assert!(said.contains(nowhere), "{said}");
}

#[test]
fn the_keytab_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let kdc = Kdc::start();
    let mode = |file: &str| fs::metadata(kdc.path(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("keytab"), 0o600);
    assert_eq!(mode("krb5.conf") & 0o600, 0o600);
    assert_eq!(fs::read_dir(kdc.directory.path()).unwrap().count(), 2);
}

/// A KDC that no other host can reach, nor another user: tests run with a umask that lets none write.
#[test]
fn tickets_and_passwords_go_through_sockets_of_this_host() {
    let directory = tempfile::tempdir().unwrap();
    let path = |file: &str| directory.path().join(file).display().to_string();
    let (socket, conf) = (path("kdc.sock"), path("krb5.conf"));
    let mut command = program(&["kdc", "--realm", "OURS.TEST", "--listen", &socket]);
    command.args([
        "--user",
        "alice=secret",
        "--service",
        SERVICE,
        "--krb5-conf-out",
        &conf,
    ]);
    let announced = format!("KDC for OURS.TEST on {socket}, password changes on {socket}.kpasswd");
    let daemon = Daemon::start(&mut command, &announced).unwrap();
    let kdc = Kdc { directory, daemon };
    assert!(!fs::read_to_string(&conf).unwrap().contains("127.0.0.1"));
    kdc.succeeds("orthros", &["kinit", "alice"], "secret\n");
    kdc.succeeds("orthros", &["kvno", SERVICE], "");
    kdc.succeeds(
        "orthros",
        &["kpasswd", "alice"],
        "secret\nsecret-2\nsecret-2\n",
    );
    kdc.succeeds("orthros", &["kinit", "alice"], "secret-2\n");
    let again = program(&["kdc", "--realm", "OURS.TEST", "--listen", &socket]);
    let said = failure(run(&mut { again }, b"").unwrap());
    assert!(said.contains("another server listens there"), "{said}");
    let finished = kdc.end(Signal::SIGTERM);
    assert!(finished.status.success(), "{finished}");
    assert!(
        finished.stderr.contains(&format!("{socket} Unix ")),
        "{finished}"
    );
    assert!(!std::path::Path::new(&socket).exists());
}
