//! `cargo xtask demo`: our programs and MIT's on a throw-away realm, each step shown and checked.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm, RealmError, SampleServer};
use orthros_testing::peers;
use orthros_testing::process::Finished;

use crate::Failure;
use crate::cargo::{cargo, line, succeed, target_directory};

const PASSWORD: &str = "correct horse battery staple";
const SERVICE: &str = "host/localhost";
const SERVICE_NAME: &str = "host@localhost";
const MESSAGE: &str = "good news from the other head";

/// How long a server that serves once may take to end after its client has.
const SERVER_END: Duration = Duration::from_secs(10);

/// Builds the program, starts a realm, and goes the whole path; the first thing that is not as it should be ends it.
pub(crate) fn run() -> Result<(), Failure> {
    // Before minutes of compiling, not after.
    peers::mit().map_err(RealmError::from)?;
    let orthros = build()?;
    let started = Instant::now();
    let demo = Demo {
        realm: realm(&DEFAULT_ENCTYPES)?,
        orthros,
    };
    println!(
        "\nMIT's KDC for {} on {}, up in {} ms",
        demo.realm.name(),
        demo.realm.kdc_address(),
        started.elapsed().as_millis()
    );
    demo.tickets()?;
    demo.contexts()?;
    title(
        "The whole path again, on a realm of each enctype: password, ticket, mutual context with MIT, sealed message",
    );
    for enctype in DEFAULT_ENCTYPES {
        demo.enctype(enctype)?;
    }
    println!("\nEvery step was checked. The realm is gone with its directory.");
    Ok(())
}

/// A realm and our program.
struct Demo {
    realm: Realm,
    orthros: PathBuf,
}

impl Demo {
    /// Password to ticket to service ticket, and MIT reads what we wrote.
    fn tickets(&self) -> Result<(), Failure> {
        title("A wrong password is refused");
        let wrong = self.show(self.orthros(&["kinit", "alice"]), "wrong\n")?;
        expect(&wrong, !wrong.status.success(), "kinit to fail")?;

        title("The right one, on standard input, gets a ticket");
        let kinit = self.show(self.orthros(&["kinit", "alice"]), &format!("{PASSWORD}\n"))?;
        expect(&kinit, kinit.status.success(), "kinit to succeed")?;

        title("A ticket for a service");
        let kvno = self.show(self.orthros(&["kvno", SERVICE]), "")?;
        expect(&kvno, kvno.stdout.contains("kvno = 1"), "kvno = 1")?;

        title("What is in the cache: our klist and MIT's read the same file");
        for mut klist in [self.orthros(&["klist"]), self.realm.command("klist")] {
            klist.arg("-e");
            let listed = self.show(klist, "")?;
            let service = format!("{SERVICE}@{}", self.realm.name());
            expect(&listed, listed.stdout.contains(&service), &service)?;
        }
        Ok(())
    }

    /// Mutual authentication and a sealed message, with each head ours and MIT's.
    fn contexts(&self) -> Result<(), Failure> {
        title("A sealed message, mutually authenticated: our initiator, our acceptor");
        self.exchange(self.our_server()?, |port| self.our_client(port))?;
        title("Our initiator, MIT's acceptor");
        self.exchange(self.mit_server()?, |port| self.our_client(port))?;
        title("MIT's initiator, our acceptor");
        self.exchange(self.our_server()?, |port| self.mit_client(port))
    }

    /// The whole path once more on a realm that has but one enctype, in one line.
    fn enctype(&self, enctype: &str) -> Result<(), Failure> {
        let demo = Demo {
            realm: realm(&[enctype])?,
            orthros: self.orthros.clone(),
        };
        let started = Instant::now();
        let kinit = demo.orthros(&["kinit", "alice"]);
        let kinit = demo.quietly(kinit, &format!("{PASSWORD}\n"))?;
        expect(&kinit, kinit.status.success(), "kinit to succeed")?;
        let server = demo.mit_server()?;
        let client = demo.quietly(demo.our_client(server.port()), "")?;
        expect(&client, client.status.success(), "gss-client to succeed")?;
        let server = server.finish(SERVER_END)?;
        expect(&server, server.stdout.contains(MESSAGE), MESSAGE)?;
        let took = started.elapsed().as_millis();
        println!("  {enctype:28} {took:4} ms");
        Ok(())
    }

    /// One message from a client to a server that serves once.
    fn exchange(
        &self,
        server: SampleServer,
        client: impl Fn(u16) -> Command,
    ) -> Result<(), Failure> {
        let client = client(server.port());
        println!("  $ {}", line(&client));
        let client = self.quietly(client, "")?;
        print_telling(&client.stdout, "initiator");
        expect(&client, client.status.success(), "gss-client to succeed")?;
        let server = server.finish(SERVER_END)?;
        print_telling(&server.stdout, "acceptor");
        expect(&server, server.stdout.contains(MESSAGE), MESSAGE)
    }

    fn our_server(&self) -> Result<SampleServer, Failure> {
        let server = |port: u16| {
            let port = port.to_string();
            self.orthros(&["gss-server", "--port", &port, "--once", SERVICE_NAME])
        };
        Ok(SampleServer::start(server, "Listening on port")?)
    }

    fn our_client(&self, port: u16) -> Command {
        let port = port.to_string();
        self.orthros(&[
            "gss-client",
            "--port",
            &port,
            "localhost",
            SERVICE_NAME,
            MESSAGE,
        ])
    }

    fn mit_server(&self) -> Result<SampleServer, Failure> {
        Ok(self.realm.gss_server(SERVICE_NAME, &["-once"])?)
    }

    fn mit_client(&self, port: u16) -> Command {
        self.realm.gss_client(port, &[], SERVICE_NAME, MESSAGE)
    }

    fn orthros(&self, arguments: &[&str]) -> Command {
        let mut command = self.realm.command(&self.orthros);
        command.args(arguments);
        command
    }

    /// Runs a command and shows it with all that it printed.
    fn show(&self, command: Command, stdin: &str) -> Result<Finished, Failure> {
        println!("  $ {}", line(&command));
        let finished = self.quietly(command, stdin)?;
        print_indented(&finished.stdout, "    ");
        print_indented(&finished.stderr, "    ");
        Ok(finished)
    }

    fn quietly(&self, mut command: Command, stdin: &str) -> Result<Finished, Failure> {
        Ok(self.realm.run(&mut command, stdin.as_bytes())?)
    }
}

/// A user with a password and a service with a keytab.
fn realm(enctypes: &[&str]) -> Result<Realm, Failure> {
    let realm = Realm::builder()
        .enctypes(enctypes)
        .user("alice", PASSWORD)
        .service(SERVICE);
    Ok(realm.start()?)
}

/// The `orthros` program, optimised: key derivation is long on purpose.
fn build() -> Result<PathBuf, Failure> {
    succeed(&mut cargo(&[
        "build",
        "--release",
        "--package",
        "orthros-cli",
    ]))?;
    Ok(target_directory()?.join("release/orthros"))
}

fn title(text: &str) {
    println!("\n{text}");
}

fn print_indented(text: &str, indent: &str) {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        println!("{indent}{line}");
    }
}

/// The samples print every flag and attribute; these lines tell the story.
fn print_telling(text: &str, who: &str) {
    let telling = [
        "lifetime",
        "Accepted connection: ",
        "Received message",
        "verified",
    ];
    let lines = text.lines().map(str::trim);
    for line in lines.filter(|line| telling.iter().any(|word| line.contains(word))) {
        println!("    {who:9} {line}");
    }
}

fn expect(finished: &Finished, is_met: bool, what: &str) -> Result<(), Failure> {
    if is_met {
        return Ok(());
    }
    Err(Failure::Demo {
        expected: what.to_owned(),
        finished: Box::new(finished.clone()),
    })
}
