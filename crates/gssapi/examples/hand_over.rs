//! A server of two processes: this one accepts, and hands the context over to `take_over.rs`, which answers the
//! client. Then it comes back.
//!
//! ```sh
//! cargo build -p orthros --examples
//! cargo run -p orthros --example hand_over
//! ```

mod common;

use std::env;
use std::error::Error;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread;

use common::{SERVICE, accept, initiate, log_in, realm, receive, send};
use orthros::{AcceptContext, InitContext, Name, Protection, SecurityContext};
use orthros_kdc::server::Realm;

fn main() -> Result<(), Box<dyn Error>> {
    let realm = realm("EXAMPLE.TEST")?;
    let initiator = InitContext::builder(Name::hostbased_service(SERVICE)?)
        .credential(&log_in(realm.environment(), "alice")?)
        .build()?;
    let (mut stream, mut servers) = UnixStream::pair()?;
    thread::scope(|scope| {
        let served = scope.spawn(|| serve(&mut servers, &realm).map_err(|e| e.to_string()));
        let mut context = initiate(&mut stream, initiator)?;
        for question in ["one", "two", "three"] {
            let sealed = context.wrap(question.as_bytes(), Protection::CONFIDENTIALITY)?;
            send(&mut stream, &sealed)?;
            let answer = context.unwrap(&receive(&mut stream)?, Protection::CONFIDENTIALITY)?;
            // The client does not notice who answers: the numbers of the messages go on.
            println!("{}", String::from_utf8(answer.in_sequence()?)?);
        }
        send(&mut stream, b"")?;
        Ok(served.join().map_err(|_| "the server panicked")??)
    })
}

fn serve(stream: &mut UnixStream, realm: &Realm) -> Result<(), Box<dyn Error>> {
    let acceptor = AcceptContext::builder().environment(realm.environment());
    let mut context = accept(stream, acceptor.build()?)?;
    // The first message this process answers itself.
    let question = context.unwrap(&receive(stream)?, Protection::CONFIDENTIALITY)?;
    let answer = context.wrap(&question.in_sequence()?, Protection::CONFIDENTIALITY)?;
    send(stream, &answer)?;

    let worker = env::current_exe()?.with_file_name("take_over");
    let mut worker = Command::new(worker)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut to = worker.stdin.take().ok_or("no pipe to the worker")?;
    let mut from = worker.stdout.take().ok_or("no pipe from the worker")?;
    send(&mut to, &context.export()?)?;
    let exported = loop {
        let token = receive(stream)?;
        send(&mut to, &token)?;
        let answer = receive(&mut from)?;
        if token.is_empty() {
            break answer;
        }
        send(stream, &answer)?;
    };
    let context = SecurityContext::import_in(&exported, realm.environment())?;
    println!("back from the worker: {}", context.peer_name());
    worker.wait()?;
    Ok(())
}
