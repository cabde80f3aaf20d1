//! GSS-API contexts and messages, each head ours and MIT's: `gss-client` and `gss-server` speak one protocol.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm, SampleServer};
use orthros_testing::process::Finished;
use orthros_testing::proof::{Issuer, Peer, Proof, Role};
use orthros_testing::require_mit;

use crate::world::{SERVICE, World, success};

const SERVICE_NAME: &str = "host@localhost";

/// A server that serves once ends as soon as its client has.
const SERVER_END: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    Ours,
    Mits,
}

/// Who talks to whom. What MIT's samples say to each other proves nothing here.
const PAIRS: [(Head, Head); 3] = [
    (Head::Ours, Head::Mits),
    (Head::Mits, Head::Ours),
    (Head::Ours, Head::Ours),
];

/// MIT's options; ours are the same with two dashes.
const PROTECTIONS: [(&str, &[&str]); 3] = [
    ("sealed", &[]),
    ("signed", &["-nx"]),
    ("MIC alone", &["-nw"]),
];

/// One octet, a page, and many of them.
const SIZES: [usize; 3] = [1, 1024, 65536];

impl World {
    /// A realm of one enctype, with alice's ticket in the cache.
    fn of_enctype(enctype: &str) -> Self {
        let realm = Realm::builder()
            .enctypes(&[enctype])
            .user("alice", "secret");
        let world = Self::of(realm.service(SERVICE).start().unwrap());
        world.kinit(&[]);
        world
    }

    fn server(&self, head: Head, once: bool) -> SampleServer {
        match head {
            Head::Mits => {
                let options: &[&str] = if once { &["-once"] } else { &[] };
                self.realm.gss_server(SERVICE_NAME, options).unwrap()
            }
            Head::Ours => self.our_server(if once { &["--once"] } else { &[] }),
        }
    }

    pub(crate) fn our_server(&self, options: &[&str]) -> SampleServer {
        let command = |port: u16| {
            let mut command = self.orthros(&["gss-server", "--port", &port.to_string()]);
            command.args(options).arg(SERVICE_NAME);
            command
        };
        SampleServer::start(command, "Listening on port").unwrap()
    }

    /// A client with options as MIT writes them.
    pub(crate) fn client(&self, head: Head, port: u16, options: &[&str], message: &str) -> Command {
        if head == Head::Mits {
            return self.realm.gss_client(port, options, SERVICE_NAME, message);
        }
        let mut command = self.orthros(&["gss-client", "--port", &port.to_string()]);
        command.args(options.iter().map(|option| match *option {
            "-f" => option.to_string(),
            long => format!("-{long}"),
        }));
        command.args(["localhost", SERVICE_NAME, message]);
        command
    }

    /// Sends a message; the client must have found its MIC in the answer.
    fn send(&self, head: Head, port: u16, options: &[&str], message: &str) -> Finished {
        let client = self.run(self.client(head, port, options, message), "");
        assert!(client.status.success(), "{options:?}: {client}");
        assert!(
            client.stdout.contains("Signature verified."),
            "{options:?}: {client}"
        );
        client
    }
}

/// Each protection, mutual or not, of each size, between all heads. The MIC in the answer is over what the server
/// has unwrapped, so that a verified one proves every octet of the message on the other side.
fn conversations_of(enctype: &str) {
    let world = World::of_enctype(enctype);
    println!(
        "{:28} {:13} {:10} {:7} octets",
        "enctype", "client-server", "protection", "mutual"
    );
    for (client, server) in PAIRS {
        let running = world.server(server, false);
        for (name, protection) in PROTECTIONS {
            for (mutual, authentication) in [(true, &[][..]), (false, &["-nomutual"])] {
                let options = [protection, authentication, &["-f"]].concat();
                for size in SIZES {
                    let file = message_file(&world, size);
                    let said = world.send(client, running.port(), &options, &file);
                    assert_eq!(said.stdout.contains("GSS_C_MUTUAL_FLAG"), mutual, "{said}");
                }
                let pair = format!("{client:?}-{server:?}");
                println!("{enctype:28} {pair:13} {name:10} {mutual:<7} {SIZES:?}");
            }
        }
        record(client, server, enctype);
    }
}

/// Puts what MIT's sample has done into the table of peers.
fn record(client: Head, server: Head, enctype: &str) {
    let (sample, role) = match (client, server) {
        (Head::Mits, _) => ("gss-client", Role::Initiator),
        (_, Head::Mits) => ("gss-server", Role::Acceptor),
        (Head::Ours, Head::Ours) => return,
    };
    let proof = Proof {
        peer: &Peer::mit(sample).unwrap(),
        role,
        issuer: Issuer::Mits,
        mechanism: "krb5",
        enctype,
        result: "mutual and one-way; sealed, signed and MIC",
    };
    proof.record();
}

/// Every octet there is, in no short period.
fn message_file(world: &World, size: usize) -> String {
    let octets: Vec<u8> = (0..size).map(|i| (i ^ (i >> 8)).to_le_bytes()[0]).collect();
    let name = format!("message-{size}");
    fs::write(world.realm.path(&name), octets).unwrap();
    world.path(&name)
}

#[test]
fn heads_understand_each_other_in_aes256_sha1() {
    require_mit!();
    conversations_of(DEFAULT_ENCTYPES[0]);
}

#[test]
fn heads_understand_each_other_in_aes128_sha1() {
    require_mit!();
    conversations_of(DEFAULT_ENCTYPES[1]);
}

#[test]
fn heads_understand_each_other_in_aes256_sha384() {
    require_mit!();
    conversations_of(DEFAULT_ENCTYPES[2]);
}

#[test]
fn heads_understand_each_other_in_aes128_sha256() {
    require_mit!();
    conversations_of(DEFAULT_ENCTYPES[3]);
}

#[test]
fn heads_understand_each_other_in_camellia128() {
    require_mit!();
    conversations_of(DEFAULT_ENCTYPES[4]);
}

#[test]
fn heads_understand_each_other_in_camellia256() {
    require_mit!();
    conversations_of(DEFAULT_ENCTYPES[5]);
}

/// MIT's server falls over an empty message, its client does not.
#[test]
fn an_empty_message_is_a_message() {
    require_mit!();
    for enctype in DEFAULT_ENCTYPES {
        let world = World::of_enctype(enctype);
        let server = world.our_server(&[]);
        let file = message_file(&world, 0);
        for client in [Head::Ours, Head::Mits] {
            for (_, protection) in PROTECTIONS {
                let options = [protection, &["-f"]].concat();
                world.send(client, server.port(), &options, &file);
            }
        }
    }
}

/// The flags that a program printed, a line each.
fn flags(stdout: &str) -> BTreeSet<&str> {
    let flag = |line: &'_ str| line.trim().starts_with("context flag: ");
    stdout
        .lines()
        .filter(|line| flag(line))
        .map(str::trim)
        .collect()
}

#[test]
fn both_heads_report_the_flags_that_were_asked_for() {
    require_mit!();
    let world = World::of_enctype(DEFAULT_ENCTYPES[0]);
    let asked: [(&[&str], &[&str]); 4] = [
        (&[], &["MUTUAL", "REPLAY"]),
        (&["-seq"], &["MUTUAL", "REPLAY", "SEQUENCE"]),
        (&["-noreplay"], &["MUTUAL"]),
        (&["-nomutual", "-seq", "-noreplay"], &["SEQUENCE"]),
    ];
    for (client, server) in PAIRS {
        for (options, expected) in asked {
            let running = world.server(server, true);
            let client = world.send(client, running.port(), options, "message");
            let server = running.finish(SERVER_END).unwrap();
            let expected: BTreeSet<String> = expected
                .iter()
                .chain(&["CONF", "INTEG"])
                .map(|flag| format!("context flag: GSS_C_{flag}_FLAG"))
                .collect();
            let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
            assert_eq!(flags(&client.stdout), expected, "{client}");
            assert_eq!(flags(&server.stdout), expected, "{server}");
            assert!(
                server.stdout.contains("Received message: \"message\""),
                "{server}"
            );
            assert!(server.stdout.contains("\"alice@ORTHROS.TEST\""), "{server}");
        }
    }
}

/// Sequence numbers are counted up on both sides, and each connection has a context of its own.
#[test]
fn many_messages_on_many_connections_are_all_answered() {
    require_mit!();
    let world = World::of_enctype(DEFAULT_ENCTYPES[2]);
    for (client, server) in PAIRS {
        let running = world.server(server, false);
        let options = ["-seq", "-ccount", "3", "-mcount", "5"];
        let mut command = match client {
            Head::Mits => world.client(client, running.port(), &options, "message"),
            Head::Ours => {
                let port = running.port().to_string();
                let options = ["--seq", "--ccount", "3", "--mcount", "5"];
                let mut command = world.orthros(&["gss-client", "--port", &port]);
                command
                    .args(options)
                    .args(["localhost", SERVICE_NAME, "message"]);
                command
            }
        };
        let said = success(world.realm.run(&mut command, b"").unwrap());
        assert_eq!(said.matches("Signature verified.").count(), 15, "{said}");
    }
}

/// A token with a KRB-CRED in it, and a connection without any.
#[test]
fn mits_client_may_offer_delegation_or_not_authenticate_at_all() {
    require_mit!();
    let world = World::of_enctype(DEFAULT_ENCTYPES[0]);
    let server = world.our_server(&["--once"]);
    world.send(Head::Mits, server.port(), &["-d"], "message");
    let said = success(server.finish(SERVER_END).unwrap());
    assert!(said.contains("Received message: \"message\""), "{said}");

    let server = world.our_server(&["--once"]);
    let client = world.client(
        Head::Mits,
        server.port(),
        &["-na", "-nw", "-nx", "-nm"],
        "message",
    );
    success(world.run(client, ""));
    let said = success(server.finish(SERVER_END).unwrap());
    assert!(
        said.contains("unauthenticated") && said.contains("\"message\""),
        "{said}"
    );
}

#[test]
fn a_server_without_its_key_does_not_start_and_names_it() {
    require_mit!();
    let world = World::start();
    let said = world.refused(&["gss-server", "--port", "0", "nope@localhost"]);
    assert!(
        said.contains("no key for nope") && said.contains(&world.keytab()),
        "{said}"
    );
    let arguments = ["gss-server", "--port", "0", "--keytab", "/nonexistent"];
    let said = world.refused(&[&arguments[..], &[SERVICE_NAME]].concat());
    assert!(said.contains("/nonexistent"), "{said}");
}

/// Asked on a terminal, or from standard input as here; the cache is not touched.
#[test]
fn our_client_gets_tickets_with_a_password_of_its_own() {
    require_mit!();
    let world = World::start();
    let server = world.our_server(&["--once"]);
    let port = server.port().to_string();
    let arguments = [
        "gss-client",
        "--port",
        &port,
        "--user",
        "alice",
        "--password",
    ];
    let mut client = world.orthros(&arguments);
    client.args(["localhost", SERVICE_NAME, "message"]);
    success(world.run(client, "secret\n"));
    success(server.finish(SERVER_END).unwrap());
    assert!(!world.realm.ccache().exists());
}
