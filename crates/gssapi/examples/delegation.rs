//! A service that acts for its user: the client delegates its credential to the front, which connects to the back with
//! it.
//!
//! ```sh
//! cargo run -p orthros --example delegation
//! ```

mod common;

use std::error::Error;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use common::{SERVICE, accept, initiate, log_in, realm};
use orthros::{AcceptContext, ContextFlags, Environment, InitContext, Name};
use orthros_kdc::server::Realm;

fn main() -> Result<(), Box<dyn Error>> {
    let realm = realm("EXAMPLE.TEST")?;
    let acceptor = || AcceptContext::builder().environment(realm.environment());
    let (front, back) = (acceptor().build()?, acceptor().build()?);
    let listeners = (
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    );
    let (address, onward) = (listeners.0.local_addr()?, listeners.1.local_addr()?);
    let servers = [
        thread::spawn(move || serve_front(&listeners.0, front, onward).map_err(|e| e.to_string())),
        thread::spawn(move || serve_back(&listeners.1, back).map_err(|e| e.to_string())),
    ];

    let initiator = InitContext::builder(Name::hostbased_service(SERVICE)?)
        .credential(&log_in(&forwardable(&realm)?, "alice")?)
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

/// A user's environment in which tickets are asked for that may be passed on, as with `kinit -f`.
fn forwardable(realm: &Realm) -> Result<Environment, Box<dyn Error>> {
    let options = "[libdefaults]\n forwardable = true\n";
    let environment = Environment::builder()
        .config_text("krb5.conf", &(options.to_owned() + realm.krb5_conf()))?
        .build();
    Ok(environment)
}

/// Accepts the user, and goes on to the back in the user's name.
fn serve_front(
    listener: &TcpListener,
    acceptor: AcceptContext,
    onward: SocketAddr,
) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let context = accept(&mut stream, acceptor)?;
    let credential = context
        .delegated_cred()?
        .ok_or("no credential was delegated")?;
    let initiator = InitContext::builder(Name::hostbased_service(SERVICE)?)
        .credential(&credential)
        .build()?;
    initiate(&mut TcpStream::connect(onward)?, initiator)?;
    Ok(())
}

fn serve_back(listener: &TcpListener, acceptor: AcceptContext) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let context = accept(&mut stream, acceptor)?;
    println!("the back serves {}", context.initiator_name());
    Ok(())
}
