//! Both heads in one program: a client and a server that talk over a loopback TCP connection.
//!
//! The client uses the default credential cache, the server the default keytab:
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

use orthros::{AcceptContext, InitContext, Name, Protection, SecurityContext, Step};

fn main() -> Result<(), Box<dyn Error>> {
    let service = env::args().nth(1).ok_or("usage: quickstart SERVICE@HOST")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&listener).map_err(|error| error.to_string()));
    let answer = client(&mut TcpStream::connect(address)?, &service)?;
    println!("the server answers: {answer}");
    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

/// Authenticates to `service`, sends one sealed message and reads the sealed answer.
fn client(stream: &mut TcpStream, service: &str) -> Result<String, Box<dyn Error>> {
    let mut context = initiate(stream, service)?;
    send(
        stream,
        &context.wrap(b"who am I?", Protection::CONFIDENTIALITY)?,
    )?;
    let answer = context.unwrap(&receive(stream)?, Protection::CONFIDENTIALITY)?;
    Ok(String::from_utf8(answer.in_sequence()?)?)
}

/// Accepts one connection and answers one question.
fn serve(listener: &TcpListener) -> Result<(), Box<dyn Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut context = accept(&mut stream)?;
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
fn initiate(stream: &mut TcpStream, service: &str) -> Result<SecurityContext, Box<dyn Error>> {
    let mut initiator = InitContext::builder(Name::hostbased_service(service)?).build()?;
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
fn accept(stream: &mut TcpStream) -> Result<SecurityContext, Box<dyn Error>> {
    let mut acceptor = AcceptContext::builder().build()?;
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

/// Sends a token behind its length in four octets; GSS-API leaves the framing to the protocol above.
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
