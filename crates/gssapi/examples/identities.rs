//! Many identities in one process: two users of one realm, and a third of another one that is configured otherwise.
//! Nothing is global but what is not named: each credential knows its cache, its configuration and its KDC.
//!
//! ```sh
//! cargo run -p orthros --example identities
//! ```

mod common;

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::thread;

use common::{SERVICE, accept, initiate, log_in, realm};
use orthros::{AcceptContext, Credential, Environment, InitContext, Name};

fn main() -> Result<(), Box<dyn Error>> {
    let (red, blue) = (realm("RED.TEST")?, realm("BLUE.TEST")?);
    let identities = [
        (log_in(red.environment(), "alice")?, red.environment()),
        (log_in(red.environment(), "bob")?, red.environment()),
        (log_in(blue.environment(), "alice")?, blue.environment()),
    ];
    // All at once, which a process with one default credential could not do.
    thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        let connections = identities
            .iter()
            .map(|(user, server)| scope.spawn(|| connect(user, server).map_err(|e| e.to_string())))
            .collect::<Vec<_>>();
        for connection in connections {
            println!("{}", connection.join().map_err(|_| "it panicked")??);
        }
        Ok(())
    })
}

/// What the server knows of the user who connects to it.
fn connect(user: &Credential, server: &Environment) -> Result<String, Box<dyn Error>> {
    let initiator = InitContext::builder(Name::hostbased_service(SERVICE)?)
        .credential(user)
        .build()?;
    let acceptor = AcceptContext::builder().environment(server).build()?;
    let (mut ours, mut theirs) = UnixStream::pair()?;
    thread::scope(|scope| {
        let served = scope.spawn(move || accept(&mut theirs, acceptor).map_err(|e| e.to_string()));
        initiate(&mut ours, initiator)?;
        let context = served.join().map_err(|_| "the server panicked")??;
        Ok(format!(
            "{} at {}",
            context.initiator_name(),
            context.acceptor_name()
        ))
    })
}
