//! SPNEGO over a stream: the client negotiates the mechanism, the server takes what comes.
//!
//! ```sh
//! cargo run -p orthros --example spnego
//! ```

mod common;

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::thread;

use common::{SERVICE, accept, initiate, log_in, realm, receive, send};
use orthros::{AcceptContext, InitContext, Name, Oid, Protection};

fn main() -> Result<(), Box<dyn Error>> {
    let realm = realm("EXAMPLE.TEST")?;
    let acceptor = AcceptContext::builder()
        .environment(realm.environment())
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener, acceptor).map_err(|e| e.to_string()));

    let initiator = InitContext::builder(Name::hostbased_service(SERVICE)?)
        .credential(&log_in(realm.environment(), "alice")?)
        .mech_type(Oid::SPNEGO)
        .build()?;
    let mut stream = TcpStream::connect(address)?;
    let mut context = initiate(&mut stream, initiator)?;
    println!("negotiated: {}", context.mech_type());
    let message = context.wrap(b"hello", Protection::CONFIDENTIALITY)?;
    send(&mut stream, &message)?;

    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

fn serve(listener: &TcpListener, acceptor: AcceptContext) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut context = accept(&mut stream, acceptor)?;
    let message = context.unwrap(&receive(&mut stream)?, Protection::CONFIDENTIALITY)?;
    let message = String::from_utf8(message.in_sequence()?)?;
    println!("{} says: {message}", context.initiator_name());
    Ok(())
}
