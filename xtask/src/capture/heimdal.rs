//! Heimdal's programs in a realm of Heimdal's, from Debian's packages unpacked below some directory.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use orthros_testing::mit::free_port;
use orthros_testing::process::{self, Daemon, Finished};
use orthros_testing::recorder::{Framing, Recorder};

use super::{PASSWORD, SERVICE, Transcript, file_error, recorder, succeed, write};
use crate::Failure;

const REALM: &str = "HEIMDAL.TEST";

/// Captures, and writes the file. Below `root` are the packages heimdal-clients and heimdal-kdc with their libraries.
pub(crate) fn run(root: &str) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(file_error(Path::new("directory of a realm")))?;
    let realm = Realm::new(root, directory.path())?;
    realm.make_database()?;
    let _kdc = realm.start_kdc()?;
    let mut transcript = Transcript::default();
    for (cache, program, arguments) in [
        (
            "alice",
            "kinit.heimdal",
            &["--password-file=password", "--renewable", "alice"][..],
        ),
        ("alice", "kgetcred", &[SERVICE]),
        ("alice", "kgetcred", &["http/web.test"]),
        (
            "service",
            "kinit.heimdal",
            &["--keytab=all.keytab", SERVICE],
        ),
        ("service", "kgetcred", &["--impersonate=alice", SERVICE]),
        ("alice", "kinit.heimdal", &["--renew"]),
    ] {
        succeed(
            realm.run(
                realm
                    .command(program)
                    .env("KRB5CCNAME", cache)
                    .args(arguments),
            )?,
        )?;
        let conversation = format!("{program} {}", arguments.join(" "));
        transcript.add(&conversation, "kdc", &realm.kdc.take());
    }
    let refused = realm.run(
        realm
            .command("kgetcred")
            .env("KRB5CCNAME", "alice")
            .arg("no/such"),
    )?;
    if refused.status.success() {
        return Err(Failure::Command(format!("(to be refused) {refused}")));
    }
    transcript.add("kgetcred no/such", "kdc", &realm.kdc.take());
    let version = realm.run(realm.command("kinit.heimdal").arg("--version"))?;
    let programs = version
        .stderr
        .lines()
        .chain(version.stdout.lines())
        .find_map(|line| line.split_once('(')?.1.strip_suffix(')'));
    let programs = programs.unwrap_or("Heimdal");
    let keytab = realm.directory.join("all.keytab");
    transcript.write("heimdal.txt", programs, REALM, &keytab)
}

struct Realm<'a> {
    root: &'a str,
    directory: &'a Path,
    port: u16,
    kdc: Recorder,
}

impl<'a> Realm<'a> {
    fn new(root: &'a str, directory: &'a Path) -> Result<Self, Failure> {
        let port = free_port().map_err(file_error(Path::new("free loopback port")))?;
        let kdc = recorder(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Framing::Kdc)?;
        let realm = Self {
            root,
            directory,
            port,
            kdc,
        };
        write(&directory.join("krb5.conf"), &realm.krb5_conf())?;
        write(&directory.join("password"), PASSWORD)?;
        Ok(realm)
    }

    fn krb5_conf(&self) -> String {
        format!(
            "[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n \
             default_etypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96\n\
             [realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{}\n }}\n\
             [kdc]\n database = {{\n  realm = {REALM}\n  dbname = {directory}/db\n  mkey_file = {directory}/mkey\n  \
             acl_file = /dev/null\n  log_file = {directory}/iprop\n }}\n\
             [logging]\n kdc = STDERR\n",
            self.kdc.port(),
            directory = self.directory.display()
        )
    }

    fn make_database(&self) -> Result<(), Failure> {
        let mut kstash = self.command("kstash");
        kstash.args(["--random-key", "--key-file=mkey"]);
        succeed(self.run(&mut kstash)?)?;
        let password = format!("--password={PASSWORD}");
        for query in [
            &[
                "init",
                "--realm-max-ticket-life=1d",
                "--realm-max-renewable-life=7d",
                REALM,
            ][..],
            &["add", &password, "--use-defaults", "alice"],
            &["add", "--random-key", "--use-defaults", SERVICE],
            &["add", "--random-key", "--use-defaults", "http/web.test"],
            &[
                "ext_keytab",
                "-k",
                "all.keytab",
                "alice",
                SERVICE,
                "http/web.test",
                "krbtgt/HEIMDAL.TEST",
            ],
        ] {
            succeed(self.run(self.command("kadmin.heimdal").arg("-l").args(query))?)?;
        }
        Ok(())
    }

    fn start_kdc(&self) -> Result<Daemon, Failure> {
        let mut kdc = self.command("kdc");
        kdc.args(["--addresses=127.0.0.1", &format!("--ports={}", self.port)]);
        Daemon::start(&mut kdc, "KDC started").map_err(|error| Failure::Command(error.to_string()))
    }

    fn run(&self, command: &mut Command) -> Result<Finished, Failure> {
        process::run(command, b"").map_err(|error| Failure::Command(error.to_string()))
    }

    fn command(&self, program: &str) -> Command {
        let libraries = format!(
            "{0}:{0}/heimdal",
            self.path("usr/lib/x86_64-linux-gnu").display()
        );
        let directories = ["usr/bin", "usr/sbin", "usr/lib/heimdal-servers"];
        let mut paths = directories.iter().map(|it| self.path(it).join(program));
        let path = paths
            .find(|path| path.is_file())
            .unwrap_or_else(|| program.into());
        let mut command = Command::new(path);
        command
            .current_dir(self.directory)
            .env("KRB5_CONFIG", self.directory.join("krb5.conf"))
            .env("LD_LIBRARY_PATH", libraries)
            .env("LC_ALL", "C");
        command
    }

    fn path(&self, file: &str) -> PathBuf {
        Path::new(self.root).join(file)
    }
}
