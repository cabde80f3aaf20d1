//! Both heads in one program: a client and a server that talk over a loopback TCP connection.
//!
//! By itself it runs in a realm that it starts:
//!
//! ```sh
//! cargo run -p orthros --example quickstart
//! ```
//!
//! In a realm that is there, with the default credential cache for the client and the default keytab for the server:
//!
//! ```sh
//! kinit alice
//! cargo run -p orthros --example quickstart -- host@$(hostname -f)
//! ```

use std::env;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use orthros::{
    AcceptContext, Credential, CredentialUsage, InitContext, Name, Protection, SecurityContext,
    Step,
};
use orthros_kdc::server::Realm;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(service) = env::args().nth(1) else {
        let realm = Realm::builder("EXAMPLE.TEST")
            .user("alice", "secret")
            .service("host/localhost")
            .start()?;
        let client = Credential::acquire()
            .name(Name::user("alice")?)
            .password("secret")
            .environment(realm.environment())
            .build()?;
        let server = Credential::acquire()
            .usage(CredentialUsage::Accept)
            .environment(realm.environment())
            .build()?;
        return talk(&client, server, "host@localhost");
    };
    let client = Credential::acquire().usage(CredentialUsage::Initiate);
    let server = Credential::acquire().usage(CredentialUsage::Accept);
    talk(&client.build()?, server.build()?, &service)
}

fn talk(client: &Credential, server: Credential, service: &str) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener, &server).map_err(|e| e.to_string()));
    let answer = ask(&mut TcpStream::connect(address)?, client, service)?;
    println!("the server answers: {answer}");
    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

/// Authenticates to `service`, sends one sealed message and reads the sealed answer.
fn ask(
    stream: &mut TcpStream,
    credential: &Credential,
    service: &str,
) -> Result<String, Box<dyn Error>> {
    let mut context = initiate(stream, credential, service)?;
    send(
        stream,
        &context.wrap(b"who am I?", Protection::CONFIDENTIALITY)?,
    )?;
    let answer = context.unwrap(&receive(stream)?, Protection::CONFIDENTIALITY)?;
    Ok(String::from_utf8(answer.in_sequence()?)?)
}

/// Accepts one connection and answers one question.
fn serve(listener: &TcpListener, credential: &Credential) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut context = accept(&mut stream, credential)?;
    let question = context.unwrap(&receive(&mut stream)?, Protection::CONFIDENTIALITY)?;
    println!(
        "{} asks: {}",
        context.peer_name(),
        String::from_utf8(question.in_sequence()?)?
    );
    let answer = format!("you are {}", context.peer_name());
    send(
        &mut stream,
        &context.wrap(answer.as_bytes(), Protection::CONFIDENTIALITY)?,
    )?;
    Ok(())
}

/// The initiator's side of the exchange of tokens.
fn initiate(
    stream: &mut TcpStream,
    credential: &Credential,
    service: &str,
) -> Result<SecurityContext, Box<dyn Error>> {
    let mut initiator = InitContext::builder(Name::hostbased_service(service)?)
        .credential(credential)
        .build()?;
    let mut step = initiator.step(None)?;
    loop {
        match step {
            Step::Continue(token) => {
                send(stream, &token)?;
                step = initiator.step(Some(&receive(stream)?))?;
            }
            Step::Done { context, token } => {
                token.map_or(Ok(()), |token| send(stream, &token))?;
                return Ok(context);
            }
        }
    }
}

/// The acceptor's side of the exchange of tokens.
fn accept(
    stream: &mut TcpStream,
    credential: &Credential,
) -> Result<SecurityContext, Box<dyn Error>> {
    let mut acceptor = AcceptContext::builder().credential(credential).build()?;
    loop {
        match acceptor.step(&receive(stream)?) {
            Ok(Step::Continue(token)) => send(stream, &token)?,
            Ok(Step::Done { context, token }) => {
                token.map_or(Ok(()), |token| send(stream, &token))?;
                return Ok(context);
            }
            Err(error) => {
                // The client learns why.
                error.token().map_or(Ok(()), |token| send(stream, token))?;
                return Err(error.into());
            }
        }
    }
}

/// Sends a token behind its length in four bytes; GSS-API leaves the framing to the protocol above.
fn send(stream: &mut TcpStream, token: &[u8]) -> io::Result<()> {
    let length = u32::try_from(token.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(token)
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut token = Vec::new();
    // No more than what comes is ever held, whatever length was announced.
    stream.take(length).read_to_end(&mut token)?;
    Ok(token)
}
