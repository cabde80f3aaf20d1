//! SPNEGO over a stream: the client negotiates the mechanism, the server takes what comes.
//!
//! ```sh
//! kinit alice
//! cargo run -p orthros --example spnego -- host@$(hostname -f)
//! ```

mod common;

use std::env;
use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::thread;

use common::{accept, initiate, receive, send};
use orthros::{InitContext, Name, Oid, Protection};

fn main() -> Result<(), Box<dyn Error>> {
    let service = env::args().nth(1).ok_or("usage: spnego SERVICE@HOST")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener).map_err(|error| error.to_string()));

    let mut stream = TcpStream::connect(address)?;
    let initiator = InitContext::builder(Name::hostbased_service(service)?)
        .mech_type(Oid::SPNEGO)
        .build()?;
    let mut context = initiate(&mut stream, initiator)?;
    println!("negotiated: {}", context.mech_type());
    send(
        &mut stream,
        &context.wrap(b"hello", Protection::CONFIDENTIALITY)?,
    )?;

    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

fn serve(listener: &TcpListener) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut context = accept(&mut stream)?;
    let message = context.unwrap(&receive(&mut stream)?, Protection::CONFIDENTIALITY)?;
    let message = String::from_utf8(message.in_sequence()?)?;
    println!("{} says: {message}", context.initiator_name());
    Ok(())
}
