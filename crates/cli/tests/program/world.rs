//! A realm of a test's own, and how programs are run in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use orthros_testing::mit::Realm;
use orthros_testing::process::Finished;
use orthros_types::Credential;
use orthros_types::ccache::{self, CacheFile, Header};

pub(crate) const PASSWORD: &str = "secret\n";
pub(crate) const SERVICE: &str = "host/localhost";

/// A MIT realm with the user alice and the service `host/localhost`, whose keys are in the default keytab.
pub(crate) struct World {
    pub(crate) realm: Realm,
}

impl World {
    pub(crate) fn start() -> Self {
        let realm = Realm::builder().user("alice", "secret").service(SERVICE);
        Self::of(realm.start().unwrap())
    }

    pub(crate) fn of(realm: Realm) -> Self {
        Self { realm }
    }

    /// Our program, to be run in the realm's world.
    pub(crate) fn orthros(&self, arguments: &[&str]) -> Command {
        let mut command = self.realm.command(env!("CARGO_BIN_EXE_orthros"));
        command.args(arguments);
        command
    }

    /// A program of MIT's, the same way.
    pub(crate) fn mits(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.realm.command(program);
        command.args(arguments);
        command
    }

    pub(crate) fn run(&self, mut command: Command, stdin: &str) -> Finished {
        self.realm.run(&mut command, stdin.as_bytes()).unwrap()
    }

    /// What our program prints; it must succeed.
    pub(crate) fn ours(&self, arguments: &[&str]) -> String {
        success(self.run(self.orthros(arguments), ""))
    }

    /// What MIT's program prints; it must succeed.
    pub(crate) fn theirs(&self, program: &str, arguments: &[&str]) -> String {
        success(self.run(self.mits(program, arguments), ""))
    }

    /// What our program says on standard error when it fails.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        failure(self.run(self.orthros(arguments), ""))
    }

    /// Our `kinit` for alice, with her password on standard input and these options.
    pub(crate) fn kinit(&self, options: &[&str]) -> Finished {
        let arguments = [&["kinit"], options, &["alice"]].concat();
        let finished = self.run(self.orthros(&arguments), PASSWORD);
        assert!(finished.status.success(), "{finished}");
        finished
    }

    /// The tickets of the default cache, without MIT's notes, as our `klist --json` has them.
    pub(crate) fn tickets(&self) -> Vec<serde_json::Value> {
        let listed: serde_json::Value =
            serde_json::from_str(&self.ours(&["klist", "--json"])).unwrap();
        listed["tickets"].as_array().unwrap().clone()
    }

    /// The services of those tickets.
    pub(crate) fn services(&self) -> Vec<String> {
        let server = |ticket: &serde_json::Value| ticket["server"].as_str().unwrap().to_owned();
        self.tickets().iter().map(server).collect()
    }

    pub(crate) fn keytab(&self) -> String {
        self.realm.keytab().display().to_string()
    }

    pub(crate) fn path(&self, file: &str) -> String {
        self.realm.path(file).display().to_string()
    }

    /// Writes the default cache anew with what `change` makes of its tickets.
    pub(crate) fn change_tickets(&self, change: impl Fn(&mut Credential)) {
        change_tickets(&self.realm.ccache(), change);
    }
}

/// What a program printed that ended well.
pub(crate) fn success(finished: Finished) -> String {
    assert!(finished.status.success(), "{finished}");
    finished.stdout
}

/// What a program said that failed as MIT's do: with exit code 1, in one line, and not on standard output.
pub(crate) fn failure(finished: Finished) -> String {
    assert_eq!(finished.status.code(), Some(1), "{finished}");
    assert_eq!(finished.stdout, "", "{finished}");
    assert_eq!(finished.stderr.lines().count(), 1, "{finished}");
    finished.stderr
}

/// A time of a ticket, from a JSON document, in seconds since the epoch.
pub(crate) fn time(ticket: &serde_json::Value, name: &str) -> i64 {
    let text = ticket[name].as_str().unwrap();
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

/// The flags of a ticket, from a JSON document.
pub(crate) fn flags(ticket: &serde_json::Value) -> Vec<&str> {
    let flags = ticket["flags"].as_array().unwrap();
    flags.iter().map(|flag| flag.as_str().unwrap()).collect()
}

fn change_tickets(cache: &Path, change: impl Fn(&mut Credential)) {
    let file = fs::read(cache).unwrap();
    let opened = CacheFile::open(&file).unwrap();
    let mut credentials: Vec<Credential> = opened.credentials().map(Result::unwrap).collect();
    for credential in credentials.iter_mut().filter(|entry| !entry.is_config()) {
        change(credential);
    }
    write_cache(cache, opened.header(), &credentials);
}

pub(crate) fn write_cache(cache: &Path, header: &Header, credentials: &[Credential]) {
    fs::write(cache, &*ccache::encode(header, credentials).unwrap()).unwrap();
}
