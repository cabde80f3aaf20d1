//! A worker that another process hands an established context to: it answers messages of the context's peer, and hands
//! the context back.
//!
//! On standard input and output are frames: a length in four bytes, most significant first, and as many bytes.
//! The first frame in is the exported context. Each further one is a token of the peer's, answered by a frame with a
//! token that has the message in capital letters. An empty frame ends it: the answer is the context, exported again.
//!
//! The pipes have secrets in them. Use such that no other user can read.

use std::error::Error;
use std::io::{self, Read, Write};

use orthros::{Protection, SecurityContext};

fn main() -> Result<(), Box<dyn Error>> {
    let mut context = SecurityContext::import(&receive()?)?;
    eprintln!("took over the context with {}", context.peer_name());
    loop {
        let token = receive()?;
        if token.is_empty() {
            return send(&context.export()?);
        }
        let request = context.unwrap(&token, Protection::CONFIDENTIALITY)?;
        let answer = request.in_sequence()?.to_ascii_uppercase();
        send(&context.wrap(&answer, Protection::CONFIDENTIALITY)?)?;
    }
}

fn send(frame: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    output.write_all(&u32::try_from(frame.len())?.to_be_bytes())?;
    output.write_all(frame)?;
    Ok(output.flush()?)
}

fn receive() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut input = io::stdin().lock();
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut frame = Vec::new();
    let length = u64::from(u32::from_be_bytes(length));
    input.take(length).read_to_end(&mut frame)?;
    Ok(frame)
}
