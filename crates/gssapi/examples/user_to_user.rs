//! Two users without a service between them: Bob's program accepts with the ticket that Bob got with his password.
//!
//! ```sh
//! cargo run -p orthros --example user_to_user
//! ```

mod common;

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::thread;

use common::{accept, initiate, log_in, realm};
use orthros::{AcceptContext, Credential, InitContext, Name, Oid};

fn main() -> Result<(), Box<dyn Error>> {
    let realm = realm("EXAMPLE.TEST")?;
    let bob = Credential::acquire()
        .name(Name::user("bob")?)
        .password("bob's secret")
        .user_to_user(true)
        .environment(&realm.new_environment()?)
        .build()?;
    let acceptor = AcceptContext::builder().credential(&bob).build()?;
    // Alice asks Bob for his ticket before she asks the KDC for one that is sealed in its session key.
    let initiator = InitContext::builder(Name::user("bob")?)
        .credential(&log_in(realm.environment(), "alice")?)
        .mech_type(Oid::KRB5_USER_TO_USER)
        .build()?;

    let (mut alices, mut bobs) = UnixStream::pair()?;
    let accepted = thread::spawn(move || accept(&mut bobs, acceptor).map_err(|e| e.to_string()));
    let context = initiate(&mut alices, initiator)?;
    println!("alice meets {}", context.peer_name());
    let context = accepted.join().map_err(|_| "bob panicked")??;
    println!("bob meets {}", context.peer_name());
    Ok(())
}
