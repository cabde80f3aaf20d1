//! MIT's GSS-API library as the other head of a context: `interop/gss_peer.py`, driven over a loopback connection.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;

use super::{Realm, RealmError, io_error};
use crate::peers;
use crate::process::{Daemon, LIMIT};

/// A process with MIT's library in it, one context, and the credentials of a realm's environment.
///
/// It ends when this value is dropped. The script documents each command; what a command wants and gives is octets.
#[derive(Debug)]
pub struct GssPeer {
    stream: TcpStream,
    _daemon: Daemon,
}

/// What to initiate with.
#[derive(Debug, Clone, Copy)]
pub struct Initiation<'a> {
    /// `krb5` or `spnego`.
    pub mechanism: &'a str,
    /// The request flags, as RFC 2744 numbers them.
    pub flags: u32,
    /// A host-based service, `service@host`.
    pub target: &'a str,
    /// Application data of channel bindings; empty for none.
    pub bindings: &'a [u8],
    /// With the credential that was delegated to the context before.
    pub delegated: bool,
    /// With CONF and INTEG only where they are among the flags (`GSS_KRB5_CRED_NO_CI_FLAGS_X`).
    pub no_ci_flags: bool,
}

/// What MIT's library knows of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Who initiated it.
    pub initiator: String,
    /// Who accepted it.
    pub acceptor: String,
    /// Seconds that are left.
    pub lifetime: u32,
    /// The mechanism's object identifier, dotted.
    pub mechanism: String,
    /// What was negotiated.
    pub flags: u32,
    /// Whether it is established.
    pub complete: bool,
}

/// One buffer of a scattered message: what it is for (`header`, `data`, `sign-only`, `padding`, `trailer`, `stream`,
/// `mic`), and what is in it. An empty one that is not for a message is allocated by the library.
pub type Buffer = (String, Vec<u8>);

/// Why the peer did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum GssPeerError {
    /// The library, or the script, refused.
    #[error("{class}: {text} (major {major:#x}, minor {minor})")]
    Refused {
        /// The Python package's exception.
        class: String,
        /// The major status; 0 where the script itself failed.
        major: u32,
        /// The minor status.
        minor: u32,
        /// What it says.
        text: String,
        /// What the failed context would still send.
        token: Vec<u8>,
    },
    /// The connection ended, or something came over it that is no answer.
    #[error("connection to the gss peer: {0}")]
    Connection(#[from] io::Error),
}

impl GssPeerError {
    /// The exception's class; empty where there was none.
    #[must_use]
    pub fn class(&self) -> &str {
        match self {
            Self::Refused { class, .. } => class,
            Self::Connection(_) => "",
        }
    }
}

/// What came of a command.
pub type Answer<T> = Result<T, GssPeerError>;

impl Realm {
    /// Starts MIT's library in a process of its own, with what [`Realm::command`] sets or `prepare` has set instead:
    /// `KRB5_CONFIG`, `KRB5CCNAME` and so on.
    ///
    /// # Errors
    ///
    /// When it does not come up: without [`peers::python_gssapi`], for example.
    pub fn gss_peer(&self, prepare: impl FnOnce(&mut Command)) -> Result<GssPeer, RealmError> {
        let mut command = self.command(peers::python_gssapi()?);
        command.arg(SCRIPT).env("PYTHONDONTWRITEBYTECODE", "1");
        prepare(&mut command);
        GssPeer::start(&mut command)
    }
}

impl GssPeer {
    /// Starts a program that speaks the script's frames; its last argument is the port to connect to.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub fn start(command: &mut Command) -> Result<Self, RealmError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(io_error("port"))?;
        let port = listener.local_addr().map_err(io_error("port"))?.port();
        command.arg(port.to_string());
        // The child connects before it says so, and the connection waits in the listener's queue.
        let daemon = Daemon::start(command, "ready")?;
        let (stream, _) = listener.accept().map_err(io_error("gss peer"))?;
        let limited = stream
            .set_read_timeout(Some(LIMIT))
            .and_then(|()| stream.set_nodelay(true));
        limited.map_err(io_error("gss peer"))?;
        Ok(Self {
            stream,
            _daemon: daemon,
        })
    }

    /// Begins a context; its first token is that of a [`step`](Self::step) without one.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn initiate(&mut self, initiation: &Initiation<'_>) -> Answer<()> {
        let flags = initiation.flags.to_string();
        let credential: &[u8] = if initiation.no_ci_flags {
            b"no-ci-flags"
        } else if initiation.delegated {
            b"delegated"
        } else {
            b""
        };
        self.call(
            "initiate",
            &[
                initiation.mechanism.as_bytes(),
                flags.as_bytes(),
                initiation.target.as_bytes(),
                initiation.bindings,
                credential,
            ],
        )
        .map(drop)
    }

    /// Waits for the first token of a context, with these channel bindings if they are not empty.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn accept(&mut self, bindings: &[u8]) -> Answer<()> {
        self.call("accept", &[bindings]).map(drop)
    }

    /// Takes a token, empty for an initiator's start. Gives whether another one is needed, and the one to send, if
    /// any.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn step(&mut self, token: &[u8]) -> Answer<(bool, Option<Vec<u8>>)> {
        let [more, token] = self.fields("step", &[token])?;
        Ok((more == b"more", Some(token).filter(|t| !t.is_empty())))
    }

    /// What is known of the context.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn inquire(&mut self) -> Answer<Inquiry> {
        let [initiator, acceptor, lifetime, mechanism, flags, complete] =
            self.fields("inquire", &[])?;
        Ok(Inquiry {
            initiator: text(&initiator),
            acceptor: text(&acceptor),
            lifetime: number(&lifetime)?,
            mechanism: text(&mechanism),
            flags: number(&flags)?,
            complete: complete == b"1",
        })
    }

    /// `gss_wrap`.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn wrap(&mut self, confidential: bool, message: &[u8]) -> Answer<Vec<u8>> {
        self.field("wrap", &[boolean(confidential), message])
    }

    /// `gss_unwrap`: the message, and whether it was sealed. What is out of sequence is refused here.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn unwrap(&mut self, token: &[u8]) -> Answer<(Vec<u8>, bool)> {
        let [message, sealed] = self.fields("unwrap", &[token])?;
        Ok((message, sealed == b"1"))
    }

    /// `gss_get_mic`.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn get_mic(&mut self, message: &[u8]) -> Answer<Vec<u8>> {
        self.field("get-mic", &[message])
    }

    /// `gss_verify_mic`.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn verify_mic(&mut self, message: &[u8], mic: &[u8]) -> Answer<()> {
        self.call("verify-mic", &[message, mic]).map(drop)
    }

    /// `gss_wrap_iov`: the buffers as they are then.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn wrap_iov(
        &mut self,
        confidential: bool,
        buffers: &[(&str, &[u8])],
    ) -> Answer<Vec<Buffer>> {
        let fields = self.call("wrap-iov", &flattened(&[boolean(confidential)], buffers))?;
        Ok(paired(fields))
    }

    /// `gss_wrap_iov_length`: the buffers with their lengths.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn wrap_iov_length(
        &mut self,
        confidential: bool,
        buffers: &[(&str, &[u8])],
    ) -> Answer<Vec<Buffer>> {
        let fields = self.call(
            "wrap-iov-length",
            &flattened(&[boolean(confidential)], buffers),
        )?;
        Ok(paired(fields))
    }

    /// `gss_unwrap_iov`: whether it was sealed, and the buffers as they are then.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn unwrap_iov(&mut self, buffers: &[(&str, &[u8])]) -> Answer<(bool, Vec<Buffer>)> {
        let mut fields = self.call("unwrap-iov", &flattened(&[], buffers))?;
        let sealed = (!fields.is_empty()).then(|| fields.remove(0));
        Ok((sealed.is_some_and(|s| s == b"1"), paired(fields)))
    }

    /// `gss_get_mic_iov`: the buffers as they are then.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn get_mic_iov(&mut self, buffers: &[(&str, &[u8])]) -> Answer<Vec<Buffer>> {
        let fields = self.call("get-mic-iov", &flattened(&[], buffers))?;
        Ok(paired(fields))
    }

    /// `gss_verify_mic_iov`.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn verify_mic_iov(&mut self, buffers: &[(&str, &[u8])]) -> Answer<()> {
        self.call("verify-mic-iov", &flattened(&[], buffers))
            .map(drop)
    }

    /// `gss_wrap_aead`.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn wrap_aead(
        &mut self,
        confidential: bool,
        message: &[u8],
        associated: &[u8],
    ) -> Answer<Vec<u8>> {
        self.field("wrap-aead", &[boolean(confidential), message, associated])
    }

    /// `gss_unwrap_aead`: the message, and whether it was sealed.
    ///
    /// # Errors
    ///
    /// As every command: [`GssPeerError`].
    pub fn unwrap_aead(&mut self, token: &[u8], associated: &[u8]) -> Answer<(Vec<u8>, bool)> {
        let [message, sealed] = self.fields("unwrap-aead", &[token, associated])?;
        Ok((message, sealed == b"1"))
    }

    /// Calls a command of the script, and gives the fields of its answer.
    ///
    /// # Errors
    ///
    /// [`GssPeerError::Refused`] with what the library says; a connection that broke.
    pub fn call(&mut self, command: &str, arguments: &[&[u8]]) -> Answer<Vec<Vec<u8>>> {
        let mut frame = Vec::new();
        push_field(&mut frame, command.as_bytes())?;
        for argument in arguments {
            push_field(&mut frame, argument)?;
        }
        let mut octets = Vec::new();
        push_field(&mut octets, &frame)?;
        self.stream.write_all(&octets)?;
        let mut fields = split(&self.read_frame()?)?.into_iter();
        match fields.next().as_deref() {
            Some(b"ok") => Ok(fields.collect()),
            Some(b"error") => Err(refused(fields)?),
            _ => Err(no_answer().into()),
        }
    }

    /// The only field of an answer.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), and where there are more fields or none.
    pub fn field(&mut self, command: &str, arguments: &[&[u8]]) -> Answer<Vec<u8>> {
        let [field] = self.fields(command, arguments)?;
        Ok(field)
    }

    pub(super) fn fields<const N: usize>(
        &mut self,
        command: &str,
        arguments: &[&[u8]],
    ) -> Answer<[Vec<u8>; N]> {
        let fields = self.call(command, arguments)?;
        fields.try_into().map_err(|_| no_answer().into())
    }

    fn read_frame(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = u64::from(u32::from_be_bytes(length));
        let mut frame = Vec::new();
        (&self.stream).take(length).read_to_end(&mut frame)?;
        Ok(frame)
    }
}

fn refused(mut fields: impl Iterator<Item = Vec<u8>>) -> io::Result<GssPeerError> {
    let mut next = || fields.next().ok_or_else(no_answer);
    Ok(GssPeerError::Refused {
        class: text(&next()?),
        major: number(&next()?)?,
        minor: number(&next()?)?,
        text: text(&next()?),
        token: next()?,
    })
}

fn push_field(frame: &mut Vec<u8>, field: &[u8]) -> io::Result<()> {
    let length = u32::try_from(field.len()).map_err(io::Error::other)?;
    frame.extend(length.to_be_bytes());
    frame.extend(field);
    Ok(())
}

fn split(mut frame: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    let mut fields = Vec::new();
    while !frame.is_empty() {
        let (length, rest) = frame.split_first_chunk::<4>().ok_or_else(no_answer)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(io::Error::other)?;
        let (field, rest) = rest.split_at_checked(length).ok_or_else(no_answer)?;
        fields.push(field.to_vec());
        frame = rest;
    }
    Ok(fields)
}

fn flattened<'a>(first: &[&'a [u8]], buffers: &[(&'a str, &'a [u8])]) -> Vec<&'a [u8]> {
    let buffers = buffers
        .iter()
        .flat_map(|(kind, octets)| [kind.as_bytes(), *octets]);
    first.iter().copied().chain(buffers).collect()
}

fn paired(fields: Vec<Vec<u8>>) -> Vec<Buffer> {
    let mut fields = fields.into_iter();
    let pair = || Some((text(&fields.next()?), fields.next()?));
    std::iter::from_fn(pair).collect()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// The script prints a status as Python has it, which may be negative.
pub(super) fn number(octets: &[u8]) -> io::Result<u32> {
    let number: i64 = text(octets).parse().map_err(io::Error::other)?;
    u32::try_from(number.rem_euclid(1 << 32)).map_err(io::Error::other)
}

fn boolean(value: bool) -> &'static [u8] {
    if value { b"1" } else { b"0" }
}

fn no_answer() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no answer to the command")
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../interop/gss_peer.py");
