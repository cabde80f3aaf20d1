//! A server by itself: it answers the message of each client, one after the other. Its name is the one that the
//! default keytab has keys of.
//!
//! ```sh
//! KRB5_KTNAME=/etc/my.keytab cargo run -p orthros --example acceptor -- 127.0.0.1:1234
//! ```
//!
//! `initiator.rs` is a client for it.

mod common;

use std::env;
use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::{accept, receive, send};
use orthros::{AcceptContext, Credential, CredentialUsage, Protection};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).ok_or("usage: acceptor ADDRESS")?;
    // Once: what is read of the keytab serves all connections, and is read again when the file changes.
    let credential = Credential::acquire()
        .usage(CredentialUsage::Accept)
        .build()?;
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        // What is wrong with one client does not concern the next.
        if let Err(error) = serve(stream?, &credential) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

fn serve(mut stream: TcpStream, credential: &Credential) -> Result<(), Box<dyn Error>> {
    // Who connects and says nothing is not waited for.
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let acceptor = AcceptContext::builder().credential(credential).build()?;
    let mut context = accept(&mut stream, acceptor)?;
    let message = context.unwrap(&receive(&mut stream)?, Protection::CONFIDENTIALITY)?;
    let message = String::from_utf8(message.in_sequence()?)?;
    println!("{} says: {message}", context.peer_name());
    let answer = format!("{} characters", message.chars().count());
    let answer = context.wrap(answer.as_bytes(), Protection::CONFIDENTIALITY)?;
    Ok(send(&mut stream, &answer)?)
}
