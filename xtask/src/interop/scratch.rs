//! The static program in a container that has nothing else, against a KDC in another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use orthros_testing::docker::{Container, Docker, LABEL};
use orthros_testing::process::{self, Daemon, Finished};
use tempfile::TempDir;

use crate::cargo::{line, quoted, root, succeed};
use crate::{Failure, static_build};

const IMAGE: &str = "orthros-scratch";
const REALM: &str = "ORTHROS.TEST";
const USER: &str = "alice";
const PASSWORD: &str = "correct-horse\n";
const PRINCIPAL: &str = "host/www.orthros.test";
const SERVICE: &str = "host@www.orthros.test";
const MESSAGE: &str = "good news out of nothing";

/// How long a server that serves once may take to end after its client has.
const SERVER_END: Duration = Duration::from_secs(10);

/// Goes the path from a password to a message, printing what is said; the first thing that is not as it should be ends
/// it.
pub(super) fn run(docker: &Docker) -> Result<(), Failure> {
    let program = static_build::build()?;
    println!("\n== The static program in a container that has nothing else\n");
    build(docker, &program)?;
    let kdc = Container::builder(REALM).docker(docker).start()?;
    let scratch = Scratch::new(docker, &kdc)?;
    scratch.expect(&["kinit", USER], PASSWORD, "")?;
    scratch.expect(&["kvno", PRINCIPAL], "", "kvno = 1")?;
    let owner = format!("Default principal: {USER}@{REALM}");
    scratch.expect(&["klist"], "", &owner)?;
    let server = ["gss-server", "--once", SERVICE];
    let server = scratch.start(&server, "Listening on port")?;
    let client = ["gss-client", "localhost", SERVICE, MESSAGE];
    scratch.expect(&client, "", "Signature verified.")?;
    let served = server.finish(SERVER_END).map_err(failed)?;
    println!("the server:\n{}{}", served.stdout, served.stderr);
    check(served, MESSAGE)
}

/// Makes the image of the program, with a context that has no other file.
fn build(docker: &Docker, program: &Path) -> Result<(), Failure> {
    let context = directory()?;
    fs::copy(program, context.path().join("orthros")).map_err(file_error(program))?;
    let mut build = docker.command(&["build", "--quiet", "--tag", IMAGE]);
    build.args(["--file", "interop/scratch/Dockerfile"]);
    succeed(build.arg(context.path()).current_dir(root()))
}

/// What the containers of the program share: a directory, and the network of the KDC.
struct Scratch<'a> {
    docker: &'a Docker,
    network: String,
    directory: TempDir,
}

impl<'a> Scratch<'a> {
    fn new(docker: &'a Docker, kdc: &Container) -> Result<Self, Failure> {
        let scratch = Self {
            docker,
            network: format!("--network=container:{}", kdc.name()),
            directory: directory()?,
        };
        kdc.copy_keytab(&scratch.path("keytab"))?;
        let conf = scratch.path("krb5.conf");
        fs::write(&conf, KRB5_CONF).map_err(file_error(&conf))?;
        println!("orthros is {}\n", line(&scratch.command(&[])));
        Ok(scratch)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// The program in a container of its own, which ends with it.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut run = self.docker.command(&["run", "--rm", "--interactive"]);
        run.arg(&self.network).arg(format!("--label={LABEL}"));
        let directory = self.directory.path().display();
        run.arg(format!("--volume={directory}:/realm"));
        for variable in [
            "KRB5_CONFIG=/realm/krb5.conf",
            "KRB5CCNAME=FILE:/realm/ccache",
            "KRB5_KTNAME=FILE:/realm/keytab",
            "KRB5RCACHEDIR=/realm",
        ] {
            run.arg(format!("--env={variable}"));
        }
        run.arg(IMAGE).args(arguments);
        run
    }

    /// Runs it, shows what it says, and checks that it succeeds and says this.
    fn expect(&self, arguments: &[&str], input: &str, expected: &str) -> Result<(), Failure> {
        let mut command = self.command(arguments);
        println!("$ orthros {}", words(arguments));
        let finished = process::run(&mut command, input.as_bytes()).map_err(failed)?;
        println!("{}{}", finished.stdout, finished.stderr);
        check(finished, expected)
    }

    fn start(&self, arguments: &[&str], ready: &str) -> Result<Daemon, Failure> {
        let mut command = self.command(arguments);
        println!("$ orthros {} &", words(arguments));
        Daemon::start(&mut command, ready).map_err(failed)
    }
}

/// The KDC's network is the program's own.
const KRB5_CONF: &str = "\
[libdefaults]
    default_realm = ORTHROS.TEST
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
[realms]
    ORTHROS.TEST = {
        kdc = 127.0.0.1
    }
[domain_realm]
    .orthros.test = ORTHROS.TEST
";

/// Arguments as one would type them.
fn words(arguments: &[&str]) -> String {
    let quoted = arguments.iter().map(|word| quoted(word));
    quoted.collect::<Vec<_>>().join(" ")
}

fn check(finished: Finished, expected: &str) -> Result<(), Failure> {
    if finished.status.success() && finished.stdout.contains(expected) {
        return Ok(());
    }
    Err(Failure::Demo {
        expected: expected.to_owned(),
        finished: Box::new(finished),
    })
}

fn directory() -> Result<TempDir, Failure> {
    tempfile::tempdir().map_err(file_error(Path::new("directory for a container")))
}

fn failed(error: process::ProcessError) -> Failure {
    Failure::Command(error.to_string())
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |source| Failure::File { path, source }
}
