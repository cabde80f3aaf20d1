//! MIT's libkrb5 as the other end of a session: `interop/krb5_peer.py`, driven over a loopback connection.

use std::process::Command;

use super::gss_peer::{Answer, GssPeer, number};
use super::{Realm, RealmError};
use crate::peers;

/// A process with MIT's library in it, and two authentication contexts that share a key.
///
/// It ends when this value is dropped. The script documents each command.
#[derive(Debug)]
pub struct Krb5Peer(GssPeer);

/// What the two authentication contexts have agreed on.
#[derive(Clone, PartialEq, Eq)]
pub struct Krb5Session {
    /// The number of the key's enctype.
    pub enctype: i32,
    /// The key of the session's messages.
    pub key: Vec<u8>,
    /// The number of the initiator's next message.
    pub initiator_number: u32,
    /// The number of the acceptor's next message.
    pub acceptor_number: u32,
}

/// One of the two authentication contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Krb5End {
    /// That which made the AP-REQ.
    Initiator,
    /// That which read it.
    Acceptor,
}

/// Messages carry times: the flag `KRB5_AUTH_CONTEXT_DO_TIME`.
pub const KRB5_DO_TIME: u32 = 1;
/// Messages carry numbers: the flag `KRB5_AUTH_CONTEXT_DO_SEQUENCE`.
pub const KRB5_DO_SEQUENCE: u32 = 4;

impl Realm {
    /// Starts MIT's library in a process of its own, as [`gss_peer`](Self::gss_peer) does.
    ///
    /// # Errors
    ///
    /// When it does not come up: without [`peers::python_gssapi`], for example.
    pub fn krb5_peer(&self, prepare: impl FnOnce(&mut Command)) -> Result<Krb5Peer, RealmError> {
        let mut command = self.command(peers::python_gssapi()?);
        command.arg(SCRIPT).env("PYTHONDONTWRITEBYTECODE", "1");
        prepare(&mut command);
        GssPeer::start(&mut command).map(Krb5Peer)
    }
}

impl Krb5Peer {
    /// Has the library make an AP exchange with itself, for the host-based service `service@localhost`.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn begin(&mut self, service: &str, flags: u32) -> Answer<Krb5Session> {
        let flags = flags.to_string();
        let arguments = [service.as_bytes(), b"localhost", flags.as_bytes()];
        let [enctype, key, initiator, acceptor] = self.0.fields("begin", &arguments)?;
        Ok(Krb5Session {
            enctype: number(&enctype)?.cast_signed(),
            key,
            initiator_number: number(&initiator)?,
            acceptor_number: number(&acceptor)?,
        })
    }

    /// Says where an end is, and where its peer: an address's type and its octets.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn addresses(
        &mut self,
        end: Krb5End,
        local: (i32, &[u8]),
        remote: (i32, &[u8]),
    ) -> Answer<()> {
        let (local_type, remote_type) = (local.0.to_string(), remote.0.to_string());
        let arguments = [
            end.name(),
            local_type.as_bytes(),
            local.1,
            remote_type.as_bytes(),
            remote.1,
        ];
        self.0.call("addresses", &arguments).map(drop)
    }

    /// A KRB-SAFE of that end.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn sign(&mut self, end: Krb5End, message: &[u8]) -> Answer<Vec<u8>> {
        self.0.field("sign", &[end.name(), message])
    }

    /// The content of a KRB-SAFE for that end.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn verify(&mut self, end: Krb5End, message: &[u8]) -> Answer<Vec<u8>> {
        self.0.field("verify", &[end.name(), message])
    }

    /// A KRB-PRIV of that end.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn seal(&mut self, end: Krb5End, message: &[u8]) -> Answer<Vec<u8>> {
        self.0.field("seal", &[end.name(), message])
    }

    /// The content of a KRB-PRIV for that end.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn open(&mut self, end: Krb5End, message: &[u8]) -> Answer<Vec<u8>> {
        self.0.field("open", &[end.name(), message])
    }

    /// A KRB-CRED of that end with a forwarded ticket-granting ticket, got for this purpose.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn forward(&mut self, end: Krb5End) -> Answer<Vec<u8>> {
        self.0.field("forward", &[end.name(), b"localhost"])
    }

    /// Takes a KRB-CRED for that end, and begins a cache with the tickets in it: how many there are.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`](super::GssPeerError).
    pub fn take_credentials(&mut self, end: Krb5End, message: &[u8], cache: &str) -> Answer<u32> {
        let arguments = [end.name(), message, cache.as_bytes()];
        let count = self.0.field("take-credentials", &arguments)?;
        Ok(number(&count)?)
    }
}

impl Krb5End {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Initiator => b"initiator",
            Self::Acceptor => b"acceptor",
        }
    }
}

impl std::fmt::Debug for Krb5Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Krb5Session")
            .field("enctype", &self.enctype)
            .finish_non_exhaustive()
    }
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../interop/krb5_peer.py");
