//! `orthros kdc` as administrators run it: signals, readers that stand still or go away, full disks.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::UdpSocket;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use orthros_krb5::crypto::{RandomError, RandomSource};
use orthros_krb5::{AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret};
use orthros_testing::process::{Finished, run};
use orthros_types::{Principal, Timestamp};

use crate::world::{failure, success};

const LIMIT: Duration = Duration::from_secs(20);

/// A KDC whose output is read by the test, or not at all.
struct Kdc {
    directory: tempfile::TempDir,
    child: Child,
    /// Open, as a reader who goes away is a test of its own.
    _stdout: BufReader<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// What it says of its start.
    line: String,
}

impl Kdc {
    fn start(options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
        command.args(["kdc", "--realm", "OURS.TEST"]).args(options);
        Self::spawn(
            tempfile::tempdir().unwrap(),
            command,
            &["--listen", "127.0.0.1:0"],
        )
    }

    /// Of a command that has the arguments `kdc` and `--realm` already.
    fn spawn(directory: tempfile::TempDir, mut command: Command, options: &[&str]) -> Self {
        command
            .args(options)
            .args(["--user", "alice=secret", "--krb5-conf-out"])
            .arg(directory.path().join("krb5.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let stderr = child.stderr.take();
        Self {
            directory,
            child,
            _stdout: stdout,
            stderr,
            line,
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    fn orthros(&self, arguments: &[&str], stdin: &str) -> Finished {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
        command
            .args(arguments)
            .env("KRB5_CONFIG", self.path("krb5.conf"))
            .env("KRB5CCNAME", self.path("ccache"));
        run(&mut command, stdin.as_bytes()).unwrap()
    }

    fn serves(&self) {
        success(self.orthros(&["kinit", "alice"], "secret\n"));
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
    }

    /// Waits for its end, which must come, and gives what nothing has read of its log until then.
    fn ended(mut self) -> (ExitStatus, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > LIMIT {
                self.child.kill().unwrap();
                unreachable!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut log = String::new();
        if let Some(mut stderr) = self.stderr.take() {
            stderr.read_to_string(&mut log).unwrap();
        }
        (status, log)
    }

    /// The addresses of its first line, those of the KDC.
    fn addresses(&self) -> Vec<&str> {
        let (_, addresses) = self.line.split_once(" on ").unwrap();
        let (addresses, _) = addresses.split_once(", ").unwrap();
        addresses.split(" and ").collect()
    }

    /// Makes it write lines of the log, each of a request that it has answered.
    fn provoke(&self, requests: usize) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        for count in 0..requests {
            // Each of another client, as a repeated request has a short line.
            let request = request(&format!("{count:0>900}"));
            socket.send_to(&request, self.addresses()[0]).unwrap();
            let answered = socket.recv(&mut [0; 8192]);
            answered.unwrap();
        }
    }
}

impl Drop for Kdc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Sevens;

impl RandomSource for Sevens {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill(7);
        Ok(())
    }
}

/// A request of a client of this name.
fn request(client: &str) -> Vec<u8> {
    let options = AsRequestOptions::new(Principal::new("OURS.TEST", [client]));
    let mut client = AsExchange::new(options, ClientSecret::Ask).unwrap();
    let now = Timestamp::from_seconds(1_800_000_000);
    match client.step(AsInput::Begin, now, &mut Sevens) {
        Ok(AsStep::Send(request)) => request.message.to_vec(),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_hangup_does_not_end_it_and_the_others_end_it_in_order() {
    for end in [Signal::SIGINT, Signal::SIGTERM] {
        let kdc = Kdc::start(&[]);
        kdc.signal(Signal::SIGHUP);
        kdc.serves();
        kdc.signal(Signal::SIGHUP);
        kdc.serves();
        kdc.signal(end);
        let (status, log) = kdc.ended();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("SIGHUP changes nothing"), "{log}");
        assert!(log.ends_with(&format!("kdc: stopped by {end}\n")), "{log}");
    }
}

#[test]
fn a_log_that_is_not_read_stops_neither_service_nor_end() {
    let kdc = Kdc::start(&[]);
    // Far more than a pipe takes, and more than waits for it.
    kdc.provoke(1500);
    kdc.serves();
    kdc.signal(Signal::SIGTERM);
    let (status, log) = {
        let mut kdc = kdc;
        // Nothing reads before it has ended.
        let stderr = kdc.stderr.take();
        let (status, _) = kdc.ended();
        let mut log = String::new();
        stderr.unwrap().read_to_string(&mut log).unwrap();
        (status, log)
    };
    assert_eq!(status.code(), Some(0));
    assert!(log.len() >= 60_000, "{}", log.len());
}

#[test]
fn a_log_whose_reader_has_gone_stops_nothing() {
    let mut kdc = Kdc::start(&[]);
    kdc.stderr = None;
    kdc.provoke(3);
    kdc.serves();
    kdc.signal(Signal::SIGTERM);
    assert_eq!(kdc.ended().0.code(), Some(0));
}

#[test]
fn it_listens_on_several_addresses_and_clients_use_any() {
    let options = ["--listen", "127.0.0.2:0"];
    let kdc = Kdc::start(&options);
    assert_eq!(kdc.addresses().len(), 2, "{}", kdc.line);
    let conf = fs::read_to_string(kdc.path("krb5.conf")).unwrap();
    for address in kdc.addresses() {
        assert!(conf.contains(&format!("kdc = {address}\n")), "{conf}");
    }
    assert_eq!(conf.matches("kpasswd_server = ").count(), 2, "{conf}");
    kdc.serves();
}

#[test]
fn a_limit_on_files_is_an_error_that_is_named_and_no_signal_that_ends_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("principals").display().to_string();
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -f 8; exec "$0" "$@""#]);
    command.args([env!("CARGO_BIN_EXE_orthros"), "kdc", "--realm", "OURS.TEST"]);
    command.args(["--listen", "127.0.0.1:0", "--store", &store]);
    let said = failure(run(&mut command, b"").unwrap());
    assert!(
        said.contains(&store) && said.contains("File too large"),
        "{said}"
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn after_a_full_disk_passwords_are_changed_again_and_no_path_goes_to_the_client() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("principals").display().to_string();
    let kdc = Kdc::start(&["--store", &store]);
    let limit = |octets: &str| {
        let mut command = Command::new("prlimit");
        command.arg("--pid").arg(kdc.child.id().to_string());
        command.arg(format!("--fsize={octets}:unlimited"));
        success(run(&mut command, b"").unwrap());
    };
    let change = || kdc.orthros(&["kpasswd", "alice"], "secret\nanother\nanother\n");
    // Less than the file has: each write fails, as on a full disk.
    limit("4096");
    for _ in 0..2 {
        let refused = change();
        assert_eq!(refused.status.code(), Some(2), "{refused}");
        let said = format!("{refused}");
        assert!(!said.contains("principals"), "{said}");
        assert!(said.contains("its log has the reason"), "{said}");
        kdc.serves();
    }
    limit("unlimited");
    success(change());
    success(kdc.orthros(&["kinit", "alice"], "another\n"));
    kdc.signal(Signal::SIGTERM);
    let (_, log) = kdc.ended();
    assert!(
        log.contains(&format!("{store}: File too large")) && !log.contains("damaged"),
        "{log}"
    );
}

#[test]
fn files_are_written_in_the_place_of_files_only() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("link");
    symlink("/dev/null", &link).unwrap();
    let link = link.display().to_string();
    for option in ["--keytab-out", "--krb5-conf-out"] {
        for device in ["/dev/null", &link] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
            command.args(["kdc", "--realm", "OURS.TEST", "--listen", "127.0.0.1:0"]);
            command.args([option, device]);
            let said = failure(run(&mut command, b"").unwrap());
            assert!(said.contains("regular file"), "{said}");
        }
    }
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn the_store_is_its_owners_alone_whatever_the_umask() {
    let directory = tempfile::tempdir().unwrap();
    let path = |file: &str| directory.path().join(file);
    let (store, keytab) = (path("principals"), path("keytab"));
    let mut command = Command::new("sh");
    command.args(["-c", r#"umask 0; exec "$0" "$@""#]);
    command.args([env!("CARGO_BIN_EXE_orthros"), "kdc", "--realm", "OURS.TEST"]);
    command.arg("--store").arg(&store);
    command.arg("--keytab-out").arg(&keytab);
    let kdc = Kdc::spawn(directory, command, &["--listen", "127.0.0.1:0"]);
    kdc.serves();
    for file in [store, keytab] {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_store_that_another_has_open_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("principals").display().to_string();
    let first = Kdc::start(&["--store", &store]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
    command.args(["kdc", "--realm", "OURS.TEST", "--listen", "127.0.0.1:0"]);
    command.args(["--store", &store]);
    let said = failure(run(&mut command, b"").unwrap());
    assert!(said.contains("in use by another process"), "{said}");
    first.serves();
}

#[test]
fn no_command_panics_where_nothing_reads_what_it_says() {
    let kdc = Kdc::start(&[]);
    kdc.serves();
    for arguments in [
        &["klist"][..],
        &["klist", "--json"],
        &["klist", "-k"],
        &["kvno", "nowhere/else"],
        &["kinit", "nobody"],
        &["kpasswd", "nobody"],
        &["keytab", "list", "-t", "/nowhere/keytab"],
        &["kdestroy", "-c", "FILE:/nowhere/cache"],
        &["kswitch", "-p", "nobody"],
        &["kdc", "--realm", "two words", "--listen", "127.0.0.1:0"],
        &["nonsense"],
        &["--help"],
        &["kdc", "--help"],
        &["--version"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orthros"));
        command
            .args(arguments)
            .env("KRB5_CONFIG", kdc.path("krb5.conf"))
            .env("KRB5CCNAME", kdc.path("ccache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let status = child.wait().unwrap();
        // 101 is a panic's, none a signal's.
        assert!(
            matches!(status.code(), Some(0..=2)),
            "{arguments:?}: {status}"
        );
    }
}
