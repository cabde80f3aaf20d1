//! What the examples share: tokens over a stream, and the exchange of tokens of both sides. `quickstart.rs` has it all in one file.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each example is a program of its own and uses a part of this"
)]

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use orthros::{AcceptContext, InitContext, SecurityContext, Step};

/// The initiator's side of the exchange of tokens.
pub fn initiate(
    stream: &mut TcpStream,
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
pub fn accept(stream: &mut TcpStream) -> Result<SecurityContext, Box<dyn Error>> {
    let mut acceptor = AcceptContext::builder().build()?;
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

/// Sends a token behind its length in four octets.
pub fn send(stream: &mut TcpStream, token: &[u8]) -> io::Result<()> {
    let length = u32::try_from(token.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(token)
}

/// Receives one.
pub fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut token = Vec::new();
    stream.take(length).read_to_end(&mut token)?;
    Ok(token)
}
