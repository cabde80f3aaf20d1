//! `cargo xtask capture`: what peers say to each other, with the keys, as files of `vectors/captures/`.
//!
//! Realms are made for it and gone afterwards: no one's keys are in there.

mod heimdal;
mod mit;

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use orthros_testing::process::Finished;
use orthros_testing::recorder::{Framing, Recorded, Recorder};
use orthros_testing::vectors;

use crate::Failure;

pub(crate) use heimdal::run as heimdal;
pub(crate) use mit::run as mit;

const PASSWORD: &str = "correct horse";
const SERVICE: &str = "host/localhost";

/// What was recorded so far, as records of a vector file.
#[derive(Default)]
struct Transcript {
    stanzas: String,
    count: usize,
}

impl Transcript {
    fn add(&mut self, conversation: &str, with: &str, recorded: &[Recorded]) {
        // Empty ones and those of RFC 4121 section 4.2.6 are no messages in ASN.1.
        let is_asn1 = |it: &&Recorded| !matches!(*it.octets, [] | [0x04 | 0x05, 0x04, ..]);
        for message in recorded.iter().filter(is_asn1) {
            let sender = if message.from_client {
                "client"
            } else {
                "server"
            };
            let octets = hex(&message.octets);
            let _ = write!(
                self.stanzas,
                "\nconversation = {conversation}\nwith = {with}\nsender = {sender}\noctets = {octets}\n"
            );
            self.count += 1;
        }
    }

    /// Writes the file: whose programs these were, all keys as a keytab, alice's password, and the messages.
    fn write(&self, file: &str, programs: &str, realm: &str, keytab: &Path) -> Result<(), Failure> {
        let keytab = fs::read(keytab).map_err(file_error(keytab))?;
        let text = format!(
            "# Captured by `cargo xtask capture` between programs of {programs} and a KDC made for it, with its keys.\n\
             # Octets in hex. The first record has a keytab with the keys of everybody, and alice's password with its salt.\n\
             \nkeytab = {}\npassword = {PASSWORD}\nsalt = {realm}alice\n{}",
            hex(&keytab),
            self.stanzas
        );
        let path = vectors::path(&format!("captures/{file}"));
        write(&path, &text)?;
        println!("{} messages in vectors/captures/{file}", self.count);
        Ok(())
    }
}

fn recorder(server: SocketAddr, framing: Framing) -> Result<Recorder, Failure> {
    Recorder::start(server, framing).map_err(|source| Failure::Start {
        command: "recorder".to_owned(),
        source,
    })
}

fn succeed(finished: Finished) -> Result<Finished, Failure> {
    if finished.status.success() {
        Ok(finished)
    } else {
        Err(Failure::Command(finished.to_string()))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(file_error(directory))?;
    }
    fs::write(path, text).map_err(file_error(path))
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |source| Failure::File { path, source }
}

/// Digits, in lines that continue the first.
fn hex(octets: &[u8]) -> String {
    let digits = |line: &[u8]| {
        line.iter().fold(String::new(), |mut digits, octet| {
            let _ = write!(digits, "{octet:02x}");
            digits
        })
    };
    let lines: Vec<String> = octets.chunks(64).map(digits).collect();
    lines.join("\n  ")
}
