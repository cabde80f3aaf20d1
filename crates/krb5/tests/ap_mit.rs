//! Both heads of the AP exchange and of message protection against MIT's GSS-API samples.
//!
//! Tickets come from MIT's `kvno`, so that nothing but the AP exchange is of ours.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration as StdDuration, SystemTime, UNIX_EPOCH};

use orthros_krb5::SequenceStatus;
use orthros_krb5::ap::{
    Accepted, Acceptor, AcceptorName, ApError, ContextFlags, EstablishedContext, Initiated,
    InitiatorOptions, initiate,
};
use orthros_krb5::crypto::{RandomError, RandomSource};
use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm};
use orthros_testing::replay::EndlessReplays;
use orthros_testing::require_mit;
use orthros_types::ccache::CacheFile;
use orthros_types::keytab::Keytab;
use orthros_types::{Credential, Duration, MinorStatus, Timestamp};

/// The sample protocol's flags (MIT's `gss-misc.h`).
const NOOP: u8 = 1;
const CONTEXT: u8 = 2;
const DATA: u8 = 4;
const MIC: u8 = 8;
const CONTEXT_NEXT: u8 = 16;
const WRAPPED: u8 = 32;
const ENCRYPTED: u8 = 64;
const SEND_MIC: u8 = 128;

struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        let source = File::open("/dev/urandom").and_then(|mut file| file.read_exact(out));
        source.map_err(|_| RandomError)
    }
}

fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::new(now.as_secs().try_into().unwrap(), now.subsec_micros()).unwrap()
}

fn send(stream: &mut TcpStream, flags: u8, token: &[u8]) {
    let length = u32::try_from(token.len()).unwrap().to_be_bytes();
    let message = [&[flags][..], &length, token].concat();
    stream.write_all(&message).unwrap();
}

fn receive(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let [flags, length @ ..] = head;
    let mut token = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
    stream.read_exact(&mut token).unwrap();
    (flags, token)
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let limit = Some(StdDuration::from_secs(20));
    stream.set_read_timeout(limit).unwrap();
    stream
}

/// A realm with one service per enctype, whose keys are of it.
fn realm() -> Realm {
    let user = Realm::builder().user("alice", "secret");
    DEFAULT_ENCTYPES
        .iter()
        .fold(user, |builder, enctype| {
            builder.service_with_enctypes(&principal(enctype), &[enctype])
        })
        .start()
        .unwrap()
}

fn principal(enctype: &str) -> String {
    format!("{enctype}/localhost")
}

/// Has a client that knows no other enctype get a ticket-granting ticket.
fn kinit(realm: &Realm, enctype: &str) {
    let mut kinit = realm.command("kinit");
    kinit.env("KRB5_CONFIG", realm.pinned_conf(enctype).unwrap());
    let finished = realm.run(kinit.args(["-f", "alice"]), b"secret\n").unwrap();
    assert!(finished.status.success(), "{finished}");
}

/// A ticket for the service of that enctype, whose session key is of it too.
fn credential(realm: &Realm, enctype: &str) -> Credential {
    kinit(realm, enctype);
    let mut kvno = realm.command("kvno");
    kvno.env("KRB5_CONFIG", realm.pinned_conf(enctype).unwrap());
    let finished = realm.run(kvno.arg(principal(enctype)), b"").unwrap();
    assert!(finished.status.success(), "{finished}");
    let cache = fs::read(realm.ccache()).unwrap();
    let credential = CacheFile::open(&cache)
        .unwrap()
        .credentials()
        .map(Result::unwrap)
        .find(|credential| credential.server.components()[0] == enctype.as_bytes())
        .unwrap();
    let key = credential.session_key.key().unwrap();
    assert_eq!(key.enctype().name(), enctype);
    credential
}

/// What `message` becomes in each way that a sample client protects it.
const WAYS: [u8; 3] = [0, WRAPPED, WRAPPED | ENCRYPTED];

#[test]
fn mit_s_gss_server_understands_our_initiator() {
    require_mit!();
    let realm = realm();
    for enctype in DEFAULT_ENCTYPES {
        let credential = credential(&realm, enctype);
        let server = realm
            .gss_server(&format!("{enctype}@localhost"), &[])
            .unwrap();
        for flags in [
            ContextFlags::empty(),
            ContextFlags::MUTUAL,
            ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE,
        ] {
            let mut stream = connect(server.port());
            let mut context = initiate_over(&mut stream, &credential, flags);
            // MIT's server looks at the first two octets of a message, whether they are there or not.
            for length in [2, 15, 16, 17, 100, 65_536] {
                for way in WAYS {
                    let message = vec![b'm'; length];
                    exchange_message(&mut stream, &mut context, way, &message);
                }
            }
            send(&mut stream, NOOP, b"");
        }
    }
}

fn initiate_over(
    stream: &mut TcpStream,
    credential: &Credential,
    flags: ContextFlags,
) -> EstablishedContext {
    let options = InitiatorOptions {
        flags,
        ..InitiatorOptions::default()
    };
    let initiation = initiate(credential, &options, now(), &mut SystemRandom).unwrap();
    send(stream, NOOP | CONTEXT_NEXT, b"");
    send(stream, CONTEXT, &initiation.token);
    match initiation.next {
        Initiated::Established(context) => *context,
        Initiated::AwaitingReply(next) => {
            let (flags, reply) = receive(stream);
            assert_eq!(flags, CONTEXT);
            next.step(&reply).unwrap()
        }
        Initiated::AwaitingDceReply(_) => unreachable!("DCE style was not asked for"),
    }
}

fn exchange_message(
    stream: &mut TcpStream,
    context: &mut EstablishedContext,
    way: u8,
    message: &[u8],
) {
    let sender = context.messages.sender();
    let token = if way & WRAPPED != 0 {
        let confidential = way & ENCRYPTED != 0;
        let mut random = SystemRandom;
        &sender.wrap_vec(confidential, message, &mut random).unwrap()
    } else {
        message
    };
    send(stream, DATA | SEND_MIC | way, token);
    let (flags, mic) = receive(stream);
    assert_eq!(flags, MIC);
    let status = context.messages.receiver().verify_mic(message, &mic);
    assert_eq!(status, Ok(SequenceStatus::InOrder));
}

#[test]
fn our_acceptor_understands_mit_s_gss_client() {
    require_mit!();
    let realm = realm();
    let keys = Keytab::decode(&fs::read(realm.keytab()).unwrap()).unwrap();
    let message = "m".repeat(65_000);
    let message = message.as_str();
    for enctype in DEFAULT_ENCTYPES {
        kinit(&realm, enctype);
        let runs: [(&[&str], ContextFlags); 4] = [
            (&[], ContextFlags::MUTUAL | ContextFlags::REPLAY),
            (
                &["-nomutual", "-seq"],
                ContextFlags::REPLAY | ContextFlags::SEQUENCE,
            ),
            (
                &["-nx", "-mcount", "3"],
                ContextFlags::MUTUAL | ContextFlags::REPLAY,
            ),
            (
                &["-d", "-nw", "-noreplay"],
                ContextFlags::MUTUAL | ContextFlags::DELEG,
            ),
        ];
        for (options, expected) in runs {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let service = format!("{enctype}@localhost");
            let mut client = realm.gss_client(port, options, &service, message);
            client.env("KRB5_CONFIG", realm.pinned_conf(enctype).unwrap());
            let context = thread::scope(|scope| {
                let serving = scope.spawn(|| serve(&listener, &keys, message.as_bytes()));
                let finished = realm.run(&mut client, b"").unwrap();
                let verified = finished.stdout.contains("Signature verified.");
                assert!(finished.status.success() && verified, "{finished}");
                serving.join().unwrap()
            });
            let compared = ContextFlags::MUTUAL
                | ContextFlags::REPLAY
                | ContextFlags::SEQUENCE
                | ContextFlags::DELEG;
            assert_eq!(context.info.flags & compared, expected, "{options:?}");
            assert_eq!(context.initiator.to_string(), "alice@ORTHROS.TEST");
            assert_eq!(context.acceptor.components()[0], enctype.as_bytes());
            assert_eq!(context.messages.key().enctype().name(), enctype);
            let delegates = expected.contains(ContextFlags::DELEG);
            let delegated = context.delegated.iter();
            assert_eq!(
                delegated
                    .filter(|credential| credential.is_local_ticket_granting())
                    .count(),
                usize::from(delegates)
            );
        }
    }
}

fn acceptor<'a>(keys: &'a Keytab, store: &'a EndlessReplays) -> Acceptor<'a> {
    Acceptor {
        keys,
        name: &AcceptorName::Any,
        replay_cache: store,
        clock_skew: Duration::from_seconds(300),
        channel_bindings: None,
        require_channel_bindings: false,
        without_gss_checksum: false,
        permitted_enctypes: orthros_krb5::crypto::Enctype::ALL,
        realm_paths: None,
    }
}

/// A sample server for one client; `expected` is what it must say.
fn serve(listener: &TcpListener, keys: &Keytab, expected: &[u8]) -> EstablishedContext {
    let (mut stream, _) = listener.accept().unwrap();
    assert_eq!(receive(&mut stream).0, NOOP | CONTEXT_NEXT);
    let (_, token) = receive(&mut stream);
    let store = EndlessReplays::default();
    let acceptor = acceptor(keys, &store);
    let Accepted {
        token: reply,
        mut context,
    } = acceptor.accept(&token, now(), &mut SystemRandom).unwrap();
    assert!(acceptor.accept(&token, now(), &mut SystemRandom).is_err());
    if let Some(reply) = reply {
        send(&mut stream, CONTEXT, &reply);
    }
    loop {
        let (flags, token) = receive(&mut stream);
        if flags & NOOP != 0 {
            return context;
        }
        let message = if flags & WRAPPED != 0 {
            let opened = context.messages.receiver().unwrap_vec(&token).unwrap();
            assert_eq!(opened.sealed, flags & ENCRYPTED != 0);
            assert_eq!(opened.sequence, SequenceStatus::InOrder);
            opened.message
        } else {
            token
        };
        assert_eq!(message, expected);
        let mic = context.messages.sender().get_mic_vec(&message).unwrap();
        send(&mut stream, MIC, &mic);
    }
}

/// A thousand seconds from now, which no clock skew covers.
fn later() -> Timestamp {
    now().saturating_add(Duration::from_seconds(1000))
}

#[test]
fn mit_s_refusal_is_understood() {
    require_mit!();
    let realm = realm();
    let enctype = DEFAULT_ENCTYPES[0];
    let credential = credential(&realm, enctype);
    let server = realm
        .gss_server(&format!("{enctype}@localhost"), &[])
        .unwrap();
    let options = InitiatorOptions {
        flags: ContextFlags::MUTUAL,
        ..InitiatorOptions::default()
    };
    let mut stream = connect(server.port());
    let initiation = initiate(&credential, &options, later(), &mut SystemRandom).unwrap();
    send(&mut stream, NOOP | CONTEXT_NEXT, b"");
    send(&mut stream, CONTEXT, &initiation.token);
    let Initiated::AwaitingReply(next) = initiation.next else {
        unreachable!("a mutual context waits");
    };
    let error = next.step(&receive(&mut stream).1).unwrap_err();
    let ApError::Refused(refusal) = error else {
        unreachable!("{error}");
    };
    assert_eq!(refusal.minor_status(), MinorStatus::KRB5KRB_AP_ERR_SKEW);
    assert!(
        refusal
            .server_time
            .is_within(Duration::from_seconds(60), now())
    );
}

#[test]
fn our_refusal_is_understood_by_mit() {
    require_mit!();
    let realm = realm();
    let enctype = DEFAULT_ENCTYPES[0];
    kinit(&realm, enctype);
    let keys = Keytab::decode(&fs::read(realm.keytab()).unwrap()).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut client = realm.gss_client(port, &[], &format!("{enctype}@localhost"), "message");
    let finished = thread::scope(|scope| {
        scope.spawn(|| refuse(&listener, &keys));
        realm.run(&mut client, b"").unwrap()
    });
    assert!(!finished.status.success(), "{finished}");
    let told = format!("{}{}", finished.stdout, finished.stderr);
    assert!(told.contains("Clock skew too great"), "{finished}");
}

/// A sample server whose clock is wrong.
fn refuse(listener: &TcpListener, keys: &Keytab) {
    let (mut stream, _) = listener.accept().unwrap();
    receive(&mut stream);
    let (_, token) = receive(&mut stream);
    let store = EndlessReplays::default();
    let refused = acceptor(keys, &store).accept(&token, later(), &mut SystemRandom);
    send(&mut stream, CONTEXT, refused.unwrap_err().token().unwrap());
}
