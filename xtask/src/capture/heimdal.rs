//! Heimdal's programs in a realm of Heimdal's, from Debian's packages unpacked below some directory.

use std::path::Path;
use std::process::Command;

use orthros_testing::heimdal::Realm;
use orthros_testing::peers::HeimdalTools;
use orthros_testing::process::{self, Finished};
use orthros_testing::recorder::{Framing, Recorder};

use super::{PASSWORD, SERVICE, Transcript, recorder, succeed, write};
use crate::Failure;

const REALM: &str = "HEIMDAL.TEST";
const KINIT: &str = "usr/bin/kinit.heimdal";
const KGETCRED: &str = "usr/bin/kgetcred";

/// Captures, and writes the file. Below `root` are the packages heimdal-clients and heimdal-kdc with their libraries.
pub(crate) fn run(root: &str) -> Result<(), Failure> {
    let realm = start(root)?;
    let kdc = recorder(realm.kdc_address(), Framing::Kdc)?;
    write(&realm.path("clients.conf"), &krb5_conf(&kdc))?;
    write(&realm.path("password"), PASSWORD)?;
    let mut transcript = Transcript::default();
    for (cache, program, arguments) in [
        (
            "alice",
            KINIT,
            &["--password-file=password", "--renewable", "alice"][..],
        ),
        ("alice", KGETCRED, &[SERVICE]),
        ("alice", KGETCRED, &["http/web.test"]),
        ("service", KINIT, &["--keytab=all.keytab", SERVICE]),
        ("service", KGETCRED, &["--impersonate=alice", SERVICE]),
        ("alice", KINIT, &["--renew"]),
        (
            "armored",
            KINIT,
            &[
                "--fast-armor-cache=alice",
                "--password-file=password",
                "alice",
            ],
        ),
    ] {
        let mut command = client(&realm, program);
        succeed(finish(command.env("KRB5CCNAME", cache).args(arguments))?)?;
        let program = program.trim_start_matches("usr/bin/");
        let conversation = format!("{program} {}", arguments.join(" "));
        transcript.add(&conversation, "kdc", &kdc.take());
    }
    let mut refused = client(&realm, KGETCRED);
    let refused = finish(refused.env("KRB5CCNAME", "alice").arg("no/such"))?;
    if refused.status.success() {
        return Err(Failure::Command(format!("(to be refused) {refused}")));
    }
    transcript.add("kgetcred no/such", "kdc", &kdc.take());
    let version = finish(client(&realm, KINIT).arg("--version"))?;
    let programs = version
        .stderr
        .lines()
        .chain(version.stdout.lines())
        .find_map(|line| line.split_once('(')?.1.strip_suffix(')'));
    let programs = programs.unwrap_or("Heimdal");
    transcript.write("heimdal.txt", programs, REALM, &realm.path("all.keytab"))
}

fn start(root: &str) -> Result<Realm, Failure> {
    let password = format!("--password={PASSWORD}");
    let add = ["add", "--use-defaults"];
    let mut builder = Realm::builder(HeimdalTools::at(Path::new(root)), REALM)
        .kadmin(&[&add[..], &[&password, "alice"]].concat());
    for service in [SERVICE, "http/web.test"] {
        builder = builder.kadmin(&[&add[..], &["--random-key", service]].concat());
    }
    let extract = ["ext_keytab", "-k", "all.keytab"];
    let principals = ["alice", SERVICE, "http/web.test", "krbtgt/HEIMDAL.TEST"];
    Ok(builder
        .kadmin(&[&extract[..], &principals].concat())
        .start()?)
}

fn krb5_conf(kdc: &Recorder) -> String {
    format!(
        "[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_lookup_realm = false\n \
         default_etypes = aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96\n\
         [realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{}\n }}\n",
        kdc.port()
    )
}

/// One whose messages to the KDC are recorded.
fn client(realm: &Realm, program: &str) -> Command {
    let mut command = realm.command(program);
    command.env("KRB5_CONFIG", realm.path("clients.conf"));
    command
}

fn finish(command: &mut Command) -> Result<Finished, Failure> {
    process::run(command, b"").map_err(|error| Failure::Command(error.to_string()))
}
