//! SASL's `GSSAPI` mechanism (RFC 4752), as LDAP, IMAP and Kafka have it: after the context, both sides agree on a
//! security layer in two messages that are signed and not sealed.
//!
//! ```sh
//! cargo run -p orthros --example sasl
//! ```

mod common;

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::thread;

use common::{SERVICE, accept, initiate, log_in, realm, receive, send};
use orthros::{AcceptContext, ContextFlags, InitContext, Name, Protection, SecurityContext};

/// Security layers, one bit each, from which the client chooses one (RFC 4752 section 3.3).
const LAYER_NONE: u8 = 1;
const LAYER_INTEGRITY: u8 = 2;
const LAYER_CONFIDENTIALITY: u8 = 4;

/// The longest token that we take: 64 KiB.
const LONGEST_TOKEN: u32 = 0x1_0000;

fn main() -> Result<(), Box<dyn Error>> {
    let realm = realm("EXAMPLE.TEST")?;
    let initiator = InitContext::builder(Name::hostbased_service(SERVICE)?)
        .credential(&log_in(realm.environment(), "alice")?)
        // SEQUENCE is what makes a security layer of messages.
        .flags(ContextFlags::MUTUAL | ContextFlags::SEQUENCE)
        .build()?;
    let acceptor = AcceptContext::builder()
        .environment(realm.environment())
        .build()?;

    let (mut client, mut server) = UnixStream::pair()?;
    let server = thread::spawn(move || serve(&mut server, acceptor).map_err(|e| e.to_string()));
    let mut context = initiate(&mut client, initiator)?;
    let (layer, length) = choose_layer(&mut client, &mut context)?;
    println!("the longest message of the client has {length} octets");
    send(&mut client, &context.wrap(b"NOOP", layer)?)?;
    server.join().map_err(|_| "the server panicked")??;
    Ok(())
}

/// The client's part: it takes the best layer, and gives how long its messages may be.
fn choose_layer(
    stream: &mut UnixStream,
    context: &mut SecurityContext,
) -> Result<(Protection, usize), Box<dyn Error>> {
    // The context that has no answer to send sends an empty one, which the server waits for.
    send(stream, b"")?;
    let offer = context.unwrap(&receive(stream)?, Protection::INTEGRITY)?;
    let (layers, longest) = read_offer(&offer.in_sequence()?)?;
    if layers & LAYER_CONFIDENTIALITY == 0 {
        return Err("the server seals no messages".into());
    }
    let choice = write_offer(LAYER_CONFIDENTIALITY, LONGEST_TOKEN);
    // Behind it comes whom to be, where that is not who authenticated.
    let choice = [&choice[..], b""].concat();
    send(stream, &context.wrap(&choice, Protection::INTEGRITY)?)?;
    let layer = Protection::CONFIDENTIALITY;
    Ok((
        layer,
        context.wrap_size_limit(usize::try_from(longest)?, layer)?,
    ))
}

fn serve(stream: &mut UnixStream, acceptor: AcceptContext) -> Result<(), Box<dyn Error>> {
    let mut context = accept(stream, acceptor)?;
    receive(stream)?;
    let layers = LAYER_NONE | LAYER_INTEGRITY | LAYER_CONFIDENTIALITY;
    let offer = write_offer(layers, LONGEST_TOKEN);
    send(stream, &context.wrap(&offer, Protection::INTEGRITY)?)?;
    let choice = context.unwrap(&receive(stream)?, Protection::INTEGRITY)?;
    let choice = choice.in_sequence()?;
    let (head, authorization_id) = choice.split_at_checked(4).ok_or("no choice of a layer")?;
    let layer = match read_offer(head)? {
        (LAYER_NONE, _) => return Err("the client protects no messages".into()),
        (LAYER_INTEGRITY, _) => Protection::INTEGRITY,
        (LAYER_CONFIDENTIALITY, _) => Protection::CONFIDENTIALITY,
        _ => return Err("the client chose no layer, or several".into()),
    };
    if !authorization_id.is_empty() {
        return Err("no user may act for another here".into());
    }
    let message = context.unwrap(&receive(stream)?, layer)?;
    let message = String::from_utf8(message.in_sequence()?)?;
    println!("{} says: {message}", context.initiator_name());
    Ok(())
}

/// Layers in one byte, and the longest token in three.
fn write_offer(layers: u8, longest_token: u32) -> [u8; 4] {
    let [_, length @ ..] = longest_token.to_be_bytes();
    let [high, middle, low] = length;
    [layers, high, middle, low]
}

fn read_offer(offer: &[u8]) -> Result<(u8, u32), Box<dyn Error>> {
    let [layers, high, middle, low] = *offer else {
        return Err("an offer of layers has four octets".into());
    };
    Ok((layers, u32::from_be_bytes([0, high, middle, low])))
}
