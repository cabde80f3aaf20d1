//! MIT's programs in a realm of MIT's.

use std::path::PathBuf;

use orthros_testing::mit::Realm;
use orthros_testing::process::Finished;
use orthros_testing::recorder::{Framing, Recorder};

use super::{PASSWORD, SERVICE, Transcript, recorder, succeed, write};
use crate::Failure;

/// [`SERVICE`] as GSS-API names it.
const HOST_BASED: &str = "host@localhost";

/// Captures, and writes the file.
pub(crate) fn run() -> Result<(), Failure> {
    let realm = Realm::builder()
        .user("alice", PASSWORD)
        .user_without_preauth("bob", PASSWORD)
        .service(SERVICE)
        .service("http/web.test")
        .kdc_relation("encrypted_challenge_indicator", "challenged")
        .kadmin("modprinc +ok_to_auth_as_delegate +ok_as_delegate host/localhost")
        .start()?;
    let mut capture = Capture::new(&realm)?;
    capture.tickets()?;
    capture.delegation()?;
    capture.refusals()?;
    capture.contexts()?;
    capture.write()
}

struct Capture<'realm> {
    realm: &'realm Realm,
    kdc: Recorder,
    config: PathBuf,
    transcript: Transcript,
}

impl<'realm> Capture<'realm> {
    fn new(realm: &'realm Realm) -> Result<Self, Failure> {
        let kdc = recorder(realm.kdc_address(), Framing::Kdc)?;
        let config = realm.path("recorded.conf");
        let recorded = format!("127.0.0.1:{}", kdc.port());
        let text = realm.krb5_conf();
        let text = text.replace(&realm.kdc_address().to_string(), &recorded);
        write(&config, &text)?;
        Ok(Self {
            realm,
            kdc,
            config,
            transcript: Transcript::default(),
        })
    }

    /// Initial tickets by password and by key, armored ones, and what they are for.
    fn tickets(&mut self) -> Result<(), Failure> {
        self.kdc_says("kinit", &["-f", "-p", "-r", "1d", "alice"])?;
        self.kdc_says("kinit", &["-c", "armored", "-T", "ccache", "alice"])?;
        self.kdc_says("kinit", &["-c", "anyone", "-l", "1h", "bob"])?;
        self.kdc_says("kvno", &[SERVICE, "http/web.test"])?;
        self.kdc_says("kvno", &["-e", "aes256-sha2", "-c", "armored", SERVICE])?;
        self.kdc_says("kvno", &["-e", "camellia128-cts", "-c", "anyone", SERVICE])?;
        self.kdc_says("kinit", &["-R"])?;
        Ok(())
    }

    /// For a user, on a user's behalf, and for who has no key.
    fn delegation(&mut self) -> Result<(), Failure> {
        self.kdc_says("kinit", &["-c", "service", "-k", SERVICE])?;
        self.kdc_says("kvno", &["-c", "service", "-U", "alice", SERVICE])?;
        self.kdc_says("kvno", &["-c", "ccache", "--u2u", "armored", "alice"])?;
        Ok(())
    }

    /// What a KDC does not do.
    fn refusals(&mut self) -> Result<(), Failure> {
        self.kdc_refuses("kinit", &["nobody"])?;
        self.kdc_refuses("kinit", &["-E", "alice@elsewhere.test"])?;
        self.kdc_refuses("kvno", &["no/such.service"])?;
        self.kdc_refuses("kvno", &["-c", "armored", "no/such.service"])?;
        Ok(())
    }

    /// Contexts between MIT's samples.
    fn contexts(&mut self) -> Result<(), Failure> {
        let server = self.realm.gss_server(HOST_BASED, &[])?;
        let recorder = recorder(([127, 0, 0, 1], server.port()).into(), Framing::GssSample)?;
        for options in [
            &["-krb5"][..],
            &["-krb5", "-d", "-seq"],
            &["-krb5", "-nomutual"],
            &["-spnego"],
        ] {
            // Options of the message would come last; this one is a word.
            let mut client = self
                .realm
                .gss_client(recorder.port(), options, HOST_BASED, "message");
            succeed(self.realm.run(&mut client, b"")?)?;
            let conversation = format!("gss-client {}", options.join(" "));
            self.transcript.add(&conversation, "gss", &recorder.take());
        }
        Ok(())
    }

    fn kdc_says(&mut self, program: &str, arguments: &[&str]) -> Result<(), Failure> {
        succeed(self.ask_kdc(program, arguments)?).map(drop)
    }

    fn kdc_refuses(&mut self, program: &str, arguments: &[&str]) -> Result<(), Failure> {
        let finished = self.ask_kdc(program, arguments)?;
        if finished.status.success() {
            return Err(Failure::Command(format!("(to be refused) {finished}")));
        }
        Ok(())
    }

    fn ask_kdc(&mut self, program: &str, arguments: &[&str]) -> Result<Finished, Failure> {
        let mut command = self.realm.command(program);
        command.args(arguments).env("KRB5_CONFIG", &self.config);
        command.current_dir(self.realm.directory());
        let finished = self
            .realm
            .run(&mut command, format!("{PASSWORD}\n").as_bytes())?;
        let conversation = format!("{program} {}", arguments.join(" "));
        let recorded = self.kdc.take();
        self.transcript.add(&conversation, "kdc", &recorded);
        Ok(finished)
    }

    fn write(&self) -> Result<(), Failure> {
        let tgs = format!("krbtgt/{0}@{0}", self.realm.name());
        let owners = ["alice", "bob", SERVICE, "http/web.test", &tgs];
        let keytab = self.realm.extract_keytab("all.keytab", &owners)?;
        let version = self.realm.run(self.realm.command("klist").arg("-V"), b"")?;
        let programs = format!("MIT krb5 ({})", version.stdout.trim());
        let realm = self.realm.name();
        self.transcript.write("mit.txt", &programs, realm, &keytab)
    }
}
