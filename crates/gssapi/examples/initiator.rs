//! A client by itself: it sends a message to `acceptor.rs` and prints the answer. It is who the default credential
//! cache is of.
//!
//! ```sh
//! kinit alice
//! cargo run -p orthros --example initiator -- 127.0.0.1:1234 host@$(hostname -f) "hello there"
//! ```

mod common;

use std::env;
use std::error::Error;
use std::net::TcpStream;

use common::{initiate, receive, send};
use orthros::{ContextFlags, InitContext, Name, Protection};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, service, message] = &arguments[..] else {
        return Err("usage: initiator ADDRESS SERVICE@HOST MESSAGE".into());
    };
    let initiator = InitContext::builder(Name::hostbased_service(service)?)
        .flags(ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE)
        .build()?;
    let mut stream = TcpStream::connect(address)?;
    let mut context = initiate(&mut stream, initiator)?;

    let question = context.wrap(message.as_bytes(), Protection::CONFIDENTIALITY)?;
    send(&mut stream, &question)?;
    let answer = context.unwrap(&receive(&mut stream)?, Protection::CONFIDENTIALITY)?;
    let answer = String::from_utf8(answer.in_sequence()?)?;
    println!("{} answers: {answer}", context.peer_name());
    Ok(())
}
