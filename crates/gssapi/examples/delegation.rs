//! A service that acts for its user: the client delegates its credential to the front, which connects to the back with it.
//!
//! ```sh
//! kinit -f alice
//! cargo run -p orthros --example delegation -- host@$(hostname -f)
//! ```

mod common;

use std::env;
use std::error::Error;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use common::{accept, initiate};
use orthros::{ContextFlags, InitContext, Name};

fn main() -> Result<(), Box<dyn Error>> {
    let service = env::args().nth(1).ok_or("usage: delegation SERVICE@HOST")?;
    let service = Name::hostbased_service(service)?;
    let (front, back) = (
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    );
    let (address, onward) = (front.local_addr()?, back.local_addr()?);
    let name = service.clone();
    let servers = [
        thread::spawn(move || serve_back(&back).map_err(|error| error.to_string())),
        thread::spawn(move || {
            serve_front(&front, onward, &name).map_err(|error| error.to_string())
        }),
    ];

    let initiator = InitContext::builder(service)
        .flags(ContextFlags::MUTUAL | ContextFlags::DELEG)
        .build()?;
    let context = initiate(&mut TcpStream::connect(address)?, initiator)?;
    if !context.flags().contains(ContextFlags::DELEG) {
        return Err("nothing was delegated: is the ticket forwardable?".into());
    }
    for server in servers {
        server.join().map_err(|_| "a server panicked")??;
    }
    Ok(())
}

/// Accepts the user, and goes on to the back in the user's name.
fn serve_front(
    listener: &TcpListener,
    onward: SocketAddr,
    service: &Name,
) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let context = accept(&mut stream)?;
    let credential = context
        .delegated_cred()?
        .ok_or("no credential was delegated")?;
    let initiator = InitContext::builder(service)
        .credential(&credential)
        .build()?;
    initiate(&mut TcpStream::connect(onward)?, initiator)?;
    Ok(())
}

fn serve_back(listener: &TcpListener) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let context = accept(&mut stream)?;
    println!("the back serves {}", context.initiator_name());
    Ok(())
}
