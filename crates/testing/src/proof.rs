//! What tests with real peers have shown: the rows of `interop/PEERS.md`, which `cargo xtask test` writes.
//!
//! A test records a [`Proof`] behind its last assertion about it. Where they are not collected, that does nothing.

use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::mit::{Answer, GssPeer, RealmError};
use crate::peers::{self, RECORD_DIR, append_record};
use crate::process;
use crate::programs;

/// The first word of a proof's record; the cells of the row follow, separated by tabs.
pub const PROOF_MARK: &str = "ORTHROS-PROOF";

/// A real program or library, and what it says its version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its name, and which part of it.
    pub name: String,
    /// What it says of itself.
    pub version: String,
}

impl Peer {
    /// A part of MIT krb5. `klist` says the version: the daemons and the libraries have no option for it.
    ///
    /// # Errors
    ///
    /// When `klist` is not there.
    pub fn mit(part: &str) -> Result<Self, RealmError> {
        let klist = programs::find("klist").unwrap_or_else(|| "klist".into());
        let said = process::run(Command::new(klist).arg("-V"), b"")?.stdout;
        Ok(Self::new("MIT krb5", part, &said))
    }

    /// A part of Heimdal.
    ///
    /// # Errors
    ///
    /// Without [`peers::heimdal`].
    pub fn heimdal(part: &str) -> Result<Self, RealmError> {
        let mut kinit = peers::heimdal()?.command("usr/bin/kinit.heimdal");
        let said = process::run(kinit.arg("--version"), b"")?;
        Ok(Self::new("Heimdal", part, &(said.stdout + &said.stderr)))
    }

    /// A part of Samba.
    ///
    /// # Errors
    ///
    /// When `samba` is not there.
    pub fn samba(part: &str) -> Result<Self, RealmError> {
        let samba = programs::find("samba").unwrap_or_else(|| "samba".into());
        let said = process::run(Command::new(samba).arg("--version"), b"")?.stdout;
        let mut peer = Self::new("Samba", part, &said);
        // Debian's revision changes with each security update.
        if let Some((version, _)) = peer.version.split_once('-') {
            peer.version = version.to_owned();
        }
        Ok(peer)
    }

    /// A part of a Java development kit. The version is that of the language: the last numbers change with each
    /// security update.
    ///
    /// # Errors
    ///
    /// When the peer does not answer.
    pub fn java(part: &str, java: &mut GssPeer) -> Answer<Self> {
        let said = java.field("version", &[])?;
        Ok(Self::new("JDK", part, &String::from_utf8_lossy(&said)))
    }

    /// The version is the last word of the first line that ends with one, brackets aside.
    fn new(name: &str, part: &str, said: &str) -> Self {
        let words = said.lines().filter_map(|line| line.split(' ').next_back());
        let mut versions = words.map(|word| word.trim_matches(['(', ')']));
        let is_version = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
        Self {
            name: format!("{name}, {part}"),
            version: versions.find(is_version).unwrap_or_default().to_owned(),
        }
    }
}

/// What the peer was, and what we were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It issued tickets to our client.
    Kdc,
    /// It got tickets of our KDC.
    Client,
    /// It initiated contexts that we accepted.
    Initiator,
    /// It accepted contexts that we initiated.
    Acceptor,
}

/// Whose KDC the tickets are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// `orthros-kdc`.
    Ours,
    /// `krb5kdc`.
    Mits,
    /// Heimdal's `kdc`.
    Heimdals,
    /// That of Samba's domain controller.
    Sambas,
}

/// One row of the table: this peer, in this role, did this.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// Who.
    pub peer: &'a Peer,
    /// As what.
    pub role: Role,
    /// With whose tickets.
    pub issuer: Issuer,
    /// `krb5` or `spnego` for contexts; the exchanges, for KDCs and clients.
    pub mechanism: &'a str,
    /// The session key's enctype, by its long name.
    pub enctype: &'a str,
    /// What was asserted, in few words.
    pub result: &'a str,
}

impl Proof<'_> {
    /// Leaves the record for `cargo xtask test` to collect.
    ///
    /// # Panics
    ///
    /// When the record can't be written: the table would lack it, without a word why.
    #[expect(
        clippy::panic,
        reason = "failing the test is better than a lost record"
    )]
    pub fn record(&self) {
        let Some(directory) = std::env::var_os(RECORD_DIR) else {
            return;
        };
        let record = format!("{PROOF_MARK}\t{self}\n");
        if let Err(error) = append_record(Path::new(&directory), &record) {
            panic!("record in {}: {error}", directory.to_string_lossy());
        }
    }
}

impl fmt::Display for Proof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            peer: Peer { name, version },
            role,
            issuer,
            mechanism,
            enctype,
            result,
        } = self;
        write!(
            f,
            "{name}\t{version}\t{role}\t{issuer}\t{mechanism}\t{enctype}\t{result}"
        )
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kdc => "KDC",
            Self::Client => "client",
            Self::Initiator => "initiator",
            Self::Acceptor => "acceptor",
        })
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours",
            Self::Mits => "MIT's",
            Self::Heimdals => "Heimdal's",
            Self::Sambas => "Samba's",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_cells_of_its_row() {
        let peer = Peer::new("MIT krb5", "gss-client", "Kerberos 5 version 1.20.1\n");
        let proof = Proof {
            peer: &peer,
            role: Role::Initiator,
            issuer: Issuer::Mits,
            mechanism: "krb5",
            enctype: "aes256-cts-hmac-sha1-96",
            result: "sealed",
        };
        assert_eq!(
            proof.to_string(),
            "MIT krb5, gss-client\t1.20.1\tinitiator\tMIT's\tkrb5\taes256-cts-hmac-sha1-96\tsealed"
        );
    }

    #[test]
    fn the_version_is_found_in_what_each_peer_says() {
        let version = |said| Peer::new("", "", said).version;
        assert_eq!(version("Kerberos 5 version 1.20.1\n"), "1.20.1");
        let heimdal = "kinit.heimdal (Heimdal 7.8.0)\nCopyright 1995-2014 Kungliga\n";
        assert_eq!(version(heimdal), "7.8.0");
        assert_eq!(version("17"), "17");
        assert_eq!(version("usage: kinit"), "");
    }
}
