//! What the examples share: a realm to run in, tokens over a stream, and the exchange of tokens of both sides.
//! `quickstart.rs` has it all in one file.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each example is a program of its own and uses a part of this"
)]

use std::error::Error;
use std::io::{self, Read, Write};

use orthros::{AcceptContext, Credential, Environment, InitContext, Name, SecurityContext, Step};
use orthros_kdc::server::Realm;

/// The service of the [`realm`].
pub const SERVICE: &str = "host@localhost";

/// A realm with users and a service, which ends with the value. Where there is one already, programs leave it out, and
/// every `environment` with it: the process' own is the default.
pub fn realm(name: &str) -> Result<Realm, Box<dyn Error>> {
    Ok(Realm::builder(name)
        .user("alice", "alice's secret")
        .user("bob", "bob's secret")
        .service("host/localhost")
        .start()?)
}

/// A user of the realm, by password.
pub fn log_in(environment: &Environment, user: &str) -> Result<Credential, Box<dyn Error>> {
    Ok(Credential::acquire()
        .name(Name::user(user)?)
        .password(format!("{user}'s secret"))
        .environment(environment)
        .build()?)
}

/// The initiator's side of the exchange of tokens.
pub fn initiate(
    stream: &mut (impl Read + Write),
    mut initiator: InitContext,
) -> Result<SecurityContext, Box<dyn Error>> {
    let mut step = initiator.step(None)?;
    loop {
        match step {
            Step::Continue(token) => {
                send(stream, &token)?;
                step = initiator.step(Some(&receive(stream)?))?;
            }
            Step::Done { context, token } => {
                token.map_or(Ok(()), |token| send(stream, &token))?;
                return Ok(context);
            }
        }
    }
}

/// The acceptor's side of the exchange of tokens.
pub fn accept(
    stream: &mut (impl Read + Write),
    mut acceptor: AcceptContext,
) -> Result<SecurityContext, Box<dyn Error>> {
    loop {
        match acceptor.step(&receive(stream)?) {
            Ok(Step::Continue(token)) => send(stream, &token)?,
            Ok(Step::Done { context, token }) => {
                token.map_or(Ok(()), |token| send(stream, &token))?;
                return Ok(context);
            }
            Err(error) => {
                error.token().map_or(Ok(()), |token| send(stream, token))?;
                return Err(error.into());
            }
        }
    }
}

/// Sends a token behind its length in four bytes.
pub fn send(stream: &mut impl Write, token: &[u8]) -> io::Result<()> {
    let length = u32::try_from(token.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(token)?;
    stream.flush()
}

/// Receives one.
pub fn receive(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut token = Vec::new();
    // No more than what comes is ever held, whatever length was announced.
    stream.take(length).read_to_end(&mut token)?;
    Ok(token)
}
