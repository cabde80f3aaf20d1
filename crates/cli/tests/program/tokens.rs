//! What is wrong on the wire of a context, and what our server and our client make of it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use orthros_testing::mit::{Realm, SampleServer};
use orthros_testing::process::run;
use orthros_testing::require_mit;

use crate::samples::Head;
use crate::world::{SERVICE, World, failure, success};

const SERVER_END: Duration = Duration::from_secs(20);

/// The sample protocol's frames, as MIT's `gss-misc.h` has their flags.
const NOOP_CONTEXT_NEXT: u8 = 1 | 16;
const CONTEXT: u8 = 2;
const DATA_WRAPPED_SEALED_MIC: u8 = 4 | 32 | 64 | 128;

/// SPNEGO's identifier in DER, RFC 4178 section 3.
const SPNEGO: &[u8] = b"\x06\x06\x2B\x06\x01\x05\x05\x02";

fn send(stream: &mut TcpStream, flags: u8, token: &[u8]) -> io::Result<()> {
    let length = u32::try_from(token.len()).unwrap().to_be_bytes();
    stream.write_all(&[&[flags][..], &length, token].concat())
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let [_, length @ ..] = head;
    let mut token = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
    stream.read_exact(&mut token)?;
    Ok(token)
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(SERVER_END)).unwrap();
    stream
}

/// Begins a context with this token; the answer is a token, or the end of the connection.
fn begin(port: u16, token: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = connect(port);
    send(&mut stream, NOOP_CONTEXT_NEXT, b"")?;
    send(&mut stream, CONTEXT, token)?;
    receive(&mut stream)
}

/// The first token of a client of ours, who learns nothing but that the connection is over.
fn first_token(world: &World) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::scope(|scope| {
        let mut client = world.client(Head::Ours, port, &[], "x");
        let client = scope.spawn(move || run(&mut client, b"").unwrap());
        let (mut stream, _) = listener.accept().unwrap();
        assert!(receive(&mut stream).unwrap().is_empty());
        let token = receive(&mut stream).unwrap();
        drop(stream);
        let said = failure(client.join().unwrap());
        assert!(said.contains("closed the connection"), "{said}");
        token
    })
}

/// RFC 4121 section 4.1: the mechanism, then 02 00 in an AP-REP and 03 00 in a KRB-ERROR.
fn has_token_id(token: &[u8], id: [u8; 2]) -> bool {
    let expected = [b"\x06\x09\x2A\x86\x48\x86\xF7\x12\x01\x02\x02", &id[..]].concat();
    contains(token, &expected)
}

fn contains(token: &[u8], expected: &[u8]) -> bool {
    token
        .windows(expected.len())
        .any(|window| window == expected)
}

fn is_ap_rep(token: Vec<u8>) -> bool {
    has_token_id(&token, [2, 0])
}

fn world() -> World {
    let world = World::start();
    world.kinit(&[]);
    world
}

#[test]
fn our_server_survives_damaged_tokens_and_serves_whoever_comes_next() {
    require_mit!();
    let world = world();
    let token = first_token(&world);
    let server = world.our_server(&[]);
    for length in (0..token.len()).step_by(23) {
        let answer = begin(server.port(), &token[..length]);
        assert!(!answer.is_ok_and(is_ap_rep), "cut to {length}");
    }
    // Behind the names, which are hints for the choice of the key, everything is covered by a checksum.
    for place in (token.len() / 3..token.len()).step_by(7) {
        let mut flipped = token.clone();
        flipped[place] ^= 0x10;
        let answer = begin(server.port(), &flipped);
        assert!(!answer.is_ok_and(is_ap_rep), "flipped at {place}");
    }
    for head in [Head::Ours, Head::Mits] {
        success(world.run(world.client(head, server.port(), &[], "x"), ""));
    }
}

/// What a server that serves once says of a connection; it must fail.
fn said_of(server: SampleServer, conversation: impl FnOnce(&mut TcpStream)) -> String {
    let mut stream = connect(server.port());
    conversation(&mut stream);
    let finished = server.finish(SERVER_END).unwrap();
    assert_eq!(finished.status.code(), Some(1), "{finished}");
    finished.stderr
}

#[test]
fn our_server_says_what_was_wrong_with_a_token() {
    require_mit!();
    let world = world();
    let token = first_token(&world);
    let mut flipped = token.clone();
    let middle = token.len() / 2;
    flipped[middle] ^= 1;
    let cut = &token[..token.len() - 1];
    for damaged in [b"\0".as_slice(), cut, &flipped] {
        let said = said_of(world.our_server(&["--once"]), |stream| {
            send(stream, NOOP_CONTEXT_NEXT, b"").unwrap();
            send(stream, CONTEXT, damaged).unwrap();
            let _ = receive(stream);
        });
        assert!(said.starts_with("gss-server: "), "{said}");
        assert!(said.ends_with(" while accepting the context\n"), "{said}");
    }
}

#[test]
fn who_sends_no_token_gets_the_servers_hints() {
    require_mit!();
    let world = world();
    let said = said_of(world.our_server(&["--once"]), |stream| {
        send(stream, NOOP_CONTEXT_NEXT, b"").unwrap();
        send(stream, CONTEXT, b"").unwrap();
        let hints = receive(stream).unwrap();
        assert!(contains(&hints, SPNEGO), "{hints:x?}");
        stream.shutdown(Shutdown::Write).unwrap();
    });
    assert!(said.contains("closed the connection"), "{said}");
}

#[test]
fn a_replayed_token_is_refused_and_its_sender_told() {
    require_mit!();
    let world = world();
    let token = first_token(&world);
    let server = world.our_server(&[]);
    let accepted = begin(server.port(), &token).unwrap();
    assert!(is_ap_rep(accepted));
    let refused = begin(server.port(), &token).unwrap();
    assert!(has_token_id(&refused, [3, 0]));
}

#[test]
fn damaged_messages_are_not_answered() {
    require_mit!();
    let world = world();
    let token = first_token(&world);
    let said = said_of(world.our_server(&["--once"]), |stream| {
        send(stream, NOOP_CONTEXT_NEXT, b"").unwrap();
        send(stream, CONTEXT, &token).unwrap();
        receive(stream).unwrap();
        send(
            stream,
            DATA_WRAPPED_SEALED_MIC,
            &[5, 4, 2, 0xFF, 0, 0, 0, 0],
        )
        .unwrap();
        assert!(receive(stream).is_err());
    });
    assert!(said.contains(" while unwrapping a message\n"), "{said}");
}

#[test]
fn frames_that_announce_4_gib_or_come_untimely_end_the_connection() {
    require_mit!();
    let world = world();
    let said = said_of(world.our_server(&["--once"]), |stream| {
        stream
            .write_all(&[NOOP_CONTEXT_NEXT, 0xFF, 0xFF, 0xFF, 0xFF])
            .unwrap();
        assert!(receive(stream).is_err());
    });
    assert!(said.contains("4294967295 octets"), "{said}");
    let said = said_of(world.our_server(&["--once"]), |stream| {
        send(stream, CONTEXT, b"x").unwrap();
        assert!(receive(stream).is_err());
    });
    assert!(said.contains("NOOP"), "{said}");
    let said = said_of(world.our_server(&["--once"]), |stream| {
        stream.write_all(&[NOOP_CONTEXT_NEXT, 0]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    });
    assert!(
        said.contains("closed the connection within a frame"),
        "{said}"
    );
}

#[test]
fn silent_peers_are_given_up() {
    require_mit!();
    let world = world();
    let said = said_of(world.our_server(&["--once", "--timeout", "1"]), |stream| {
        assert!(receive(stream).is_err());
    });
    assert!(said.contains("silent"), "{said}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let arguments = ["gss-client", "--timeout", "1", "--port", &port];
    let said = world.refused(&[&arguments[..], &["localhost", "host@localhost", "x"]].concat());
    assert!(said.contains("silent"), "{said}");
}

/// A client with an old key's ticket: the server names what it lacks, and the client is told.
#[test]
fn a_key_that_the_server_lacks_is_named_with_version_enctype_and_keytab() {
    require_mit!();
    let realm = Realm::builder().user("alice", "secret").service(SERVICE);
    let world = World::of(realm.start().unwrap());
    world
        .realm
        .kadmin(&["cpw -randkey host/localhost"])
        .unwrap();
    world.kinit(&[]);
    let server = world.our_server(&["--once"]);
    let client = failure(world.run(world.client(Head::Ours, server.port(), &[], "x"), ""));
    assert!(client.starts_with("gss-client: "), "{client}");
    let server = server.finish(SERVER_END).unwrap();
    assert_eq!(server.status.code(), Some(1), "{server}");
    for part in [
        SERVICE,
        "kvno 2",
        "aes256-cts-hmac-sha1-96",
        &world.keytab(),
    ] {
        assert!(server.stderr.contains(part), "{part:?} is not in {server}");
    }
}
