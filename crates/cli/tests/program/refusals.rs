//! What goes wrong with tickets is said in one line that names the thing, in bounded time, and changes nothing.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use orthros_host::Environment;
use orthros_testing::process::run_within;
use orthros_testing::require_mit;
use orthros_types::Timestamp;
use orthros_types::keytab::Keytab;

use crate::world::{PASSWORD, SERVICE, World, failure};

/// Time for a program that has to wait for one second, on a machine with other things to do.
const BOUND: Duration = Duration::from_secs(9);

/// A cache with tickets, and the promise that no refusal changes an octet of it.
struct Guarded {
    world: World,
    cache: Vec<u8>,
}

impl Guarded {
    fn start() -> Self {
        let world = World::start();
        world.kinit(&[]);
        world.ours(&["kvno", SERVICE]);
        let cache = fs::read(world.realm.ccache()).unwrap();
        Self { world, cache }
    }

    /// What our kinit says, which must fail and leave the cache alone.
    fn kinit(&self, arguments: &[&str], password: &str) -> String {
        let kinit = self.world.orthros(&[&["kinit"], arguments].concat());
        self.refused(kinit, password)
    }

    /// The same with another `krb5.conf`.
    fn kinit_with(&self, conf: PathBuf) -> String {
        let mut kinit = self.world.orthros(&["kinit", "alice"]);
        kinit.env("KRB5_CONFIG", conf);
        self.refused(kinit, PASSWORD)
    }

    fn refused(&self, mut command: Command, stdin: &str) -> String {
        let said = failure(run_within(&mut command, stdin.as_bytes(), BOUND).unwrap());
        assert!(
            fs::read(self.world.realm.ccache()).unwrap() == self.cache,
            "{said}"
        );
        let left: Vec<String> = fs::read_dir(self.world.realm.directory())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().display().to_string())
            .filter(|name| name.starts_with("ccache") && name != "ccache")
            .collect();
        assert!(left.is_empty(), "{left:?}");
        said
    }

    /// A `krb5.conf` whose KDC is at another address, and which waits a second for answers.
    fn conf_of_kdc(&self, address: SocketAddr) -> PathBuf {
        let conf = self
            .world
            .realm
            .variant_conf("other.conf", &[("request_timeout", "1")])
            .unwrap();
        let text = fs::read_to_string(&conf).unwrap();
        let real = self.world.realm.kdc_address().to_string();
        fs::write(&conf, text.replace(&real, &address.to_string())).unwrap();
        conf
    }
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
}

#[test]
fn a_wrong_password_is_called_that() {
    require_mit!();
    let guarded = Guarded::start();
    let said = guarded.kinit(&["alice"], "wrong\n");
    assert_says(
        &said,
        &[
            "kinit: ",
            "password for alice@ORTHROS.TEST is wrong",
            " while getting initial credentials\n",
        ],
    );
    assert_says(&guarded.kinit(&["alice"], "\n"), &["alice@ORTHROS.TEST"]);
    assert_says(
        &guarded.kinit(&["alice"], ""),
        &["alice@ORTHROS.TEST", "ended before a password was read"],
    );
}

#[test]
fn principals_and_realms_that_are_not_there_are_named() {
    require_mit!();
    let guarded = Guarded::start();
    assert_says(
        &guarded.kinit(&["nobody"], PASSWORD),
        &["nobody@ORTHROS.TEST"],
    );
    assert_says(
        &guarded.kinit(&["alice@WRONG.TEST"], PASSWORD),
        &["WRONG.TEST", "KDC"],
    );
    assert_says(&guarded.kinit(&["alice@"], PASSWORD), &["alice@"]);
    assert_says(
        &guarded.kinit(&["-S", "nope/x.test", "alice"], PASSWORD),
        &["nope/x.test@ORTHROS.TEST"],
    );
    assert_says(&guarded.kinit(&["a@B@C"], PASSWORD), &["a@B@C", "offset 3"]);

    let conf = guarded.world.realm.path("no-default.conf");
    let text = guarded.world.realm.krb5_conf();
    let without: String = text
        .lines()
        .filter(|line| !line.contains("default_realm"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&conf, without).unwrap();
    let said = guarded.kinit_with(conf);
    // On a machine that is in a domain the realm is that one's, where no KDC is to be found.
    match Environment::builder().build().default_realm() {
        Some(realm) => assert_says(&said, &[&realm, "KDC"]),
        None => assert_says(&said, &["alice", "default_realm"]),
    }
    assert!(!said.contains("offset"), "{said}");
}

#[test]
fn a_kdc_that_is_down_is_named_at_once() {
    require_mit!();
    let mut guarded = Guarded::start();
    guarded.world.realm.stop_kdc();
    let address = guarded.world.realm.kdc_address().to_string();
    assert_says(
        &guarded.kinit(&["alice"], PASSWORD),
        &["ORTHROS.TEST", &address, "udp", "tcp"],
    );
    // What the cache has needs no KDC.
    guarded.world.ours(&["kvno", SERVICE]);
    let kvno = guarded.world.orthros(&["kvno", "nope/x.test"]);
    assert_says(&guarded.refused(kvno, ""), &["nope/x.test", &address]);
}

#[test]
fn a_silent_kdc_is_given_up_in_the_time_that_is_configured() {
    require_mit!();
    let guarded = Guarded::start();
    // Bound and never read; streams are accepted by the system, and never by anybody.
    let stream = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = stream.local_addr().unwrap();
    let _datagrams = UdpSocket::bind(address);
    let said = guarded.kinit_with(guarded.conf_of_kdc(address));
    assert_says(&said, &["ORTHROS.TEST", &address.to_string(), "timed out"]);
}

/// A reply made of a request.
type Answer = Box<dyn Fn(&[u8]) -> Vec<u8> + Send>;

/// A KDC that answers each datagram with what `answer` makes of it.
fn kdc_answering(answer: Answer) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
            if socket.send_to(&answer(&buffer[..length]), peer).is_err() {
                return;
            }
        }
    });
    address
}

/// Asks the real KDC.
fn relayed(kdc: SocketAddr, request: &[u8]) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(BOUND)).unwrap();
    socket.send_to(request, kdc).unwrap();
    let mut buffer = vec![0; 65536];
    let length = socket.recv(&mut buffer).unwrap();
    buffer.truncate(length);
    buffer
}

#[test]
fn garbage_for_an_answer_gets_no_ticket() {
    require_mit!();
    let guarded = Guarded::start();
    let kdc = guarded.world.realm.kdc_address();
    let answers: [Answer; 6] = [
        Box::new(|_| Vec::new()),
        Box::new(|_| vec![0xFF; 1000]),
        Box::new(<[u8]>::to_vec),
        // The head of an AS-REP that announces 4 GiB.
        Box::new(|_| b"\x6B\x84\xFF\xFF\xFF\xFF\x30".to_vec()),
        Box::new(move |request| {
            let mut reply = relayed(kdc, request);
            reply.truncate(reply.len() / 2);
            reply
        }),
        Box::new(move |request| {
            let mut reply = relayed(kdc, request);
            let last = reply.len() - 1;
            reply[last] ^= 1;
            reply
        }),
    ];
    for answer in answers {
        let said = guarded.kinit_with(guarded.conf_of_kdc(kdc_answering(answer)));
        assert!(
            said.ends_with(" while getting initial credentials\n"),
            "{said}"
        );
    }
}

#[test]
fn a_stream_that_announces_4_gib_is_refused() {
    require_mit!();
    let guarded = Guarded::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut head = [0; 4];
            let _ = stream.read_exact(&mut head);
            let _ = stream.write_all(&[0xFF; 64]);
        }
    });
    let conf = guarded.conf_of_kdc(address);
    let text = fs::read_to_string(&conf).unwrap();
    let tcp_only = text.replace(
        "[libdefaults]",
        "[libdefaults]\n    udp_preference_limit = 1",
    );
    fs::write(&conf, tcp_only).unwrap();
    let said = guarded.kinit_with(conf);
    assert_says(&said, &["4294967295", &address.to_string()]);
}

#[test]
fn a_key_that_the_keytab_lacks_is_named_with_the_keytab() {
    require_mit!();
    let guarded = Guarded::start();
    let keytab = guarded.world.keytab();
    assert_says(
        &guarded.kinit(&["-k", "alice"], ""),
        &["alice@ORTHROS.TEST", &keytab, "no key"],
    );
    assert_says(
        &guarded.kinit(&["-t", "/nonexistent", "alice"], ""),
        &["/nonexistent"],
    );
    fs::write(guarded.world.realm.path("junk"), "no keytab").unwrap();
    let junk = guarded.world.path("junk");
    assert_says(&guarded.kinit(&["-t", &junk, "alice"], ""), &[&junk]);
}

/// The right name and version, and another key: only decrypting shows it.
#[test]
fn a_key_that_is_not_the_kdcs_is_found_out() {
    require_mit!();
    let guarded = Guarded::start();
    let world = &guarded.world;
    let read = Keytab::decode(&fs::read(world.realm.keytab()).unwrap()).unwrap();
    let mut forged = Keytab::default();
    for entry in read.entries() {
        let mut entry = entry.clone();
        let octets = vec![7; entry.key.as_bytes().len()];
        entry.key = orthros_types::KeyBlock::new(entry.key.enctype(), octets);
        forged.push(entry);
    }
    let path = world.path("forged.keytab");
    fs::write(&path, &*forged.encode().unwrap()).unwrap();
    let kvno = world.run(world.orthros(&["kvno", "-k", &path, SERVICE]), "");
    assert_eq!(kvno.status.code(), Some(1), "{kvno}");
    assert_says(
        &kvno.stderr,
        &[
            "keytab entry invalid",
            "host/localhost@ORTHROS.TEST",
            "kvno 1",
            &path,
        ],
    );
    let said = guarded.kinit(&["-k", "-t", &path, SERVICE], "");
    assert_says(&said, &["host/localhost@ORTHROS.TEST"]);
}

#[test]
fn expired_tickets_are_called_expired() {
    require_mit!();
    let guarded = Guarded::start();
    let world = &guarded.world;
    world.change_tickets(|ticket| ticket.times.endtime = Timestamp::from_seconds(1_000_000_000));
    let said = world.refused(&["kvno", SERVICE]);
    assert_says(
        &said,
        &[
            "krbtgt/ORTHROS.TEST@ORTHROS.TEST",
            "expired",
            &world.path("ccache"),
        ],
    );
    let server = world.our_server(&[]);
    let port = server.port().to_string();
    let said = world.refused(&[
        "gss-client",
        "--port",
        &port,
        "localhost",
        "host@localhost",
        "x",
    ]);
    assert_says(&said, &["expired"]);
}

#[test]
fn files_that_are_none_are_named() {
    require_mit!();
    let guarded = Guarded::start();
    let world = &guarded.world;
    fs::write(world.realm.path("junk"), "neither").unwrap();
    let junk = world.path("junk");
    for arguments in [
        &["klist", &*junk][..],
        &["klist", "-k", &junk],
        &["kvno", "-c", &junk, SERVICE],
    ] {
        assert_says(&world.refused(arguments), &[&junk, "not supported"]);
    }
    for arguments in [
        &["klist", "/nonexistent"][..],
        &["klist", "-k", "/nonexistent"],
    ] {
        // In the words that scripts look for.
        assert_says(&world.refused(arguments), &[" found", "/nonexistent"]);
    }
    // Cut off within the ticket: what is whole is listed, as by MIT.
    let cut = &guarded.cache[..guarded.cache.len() - 10];
    fs::write(world.realm.path("cut"), cut).unwrap();
    let cut = world.path("cut");
    assert!(!world.ours(&["klist", &cut]).contains(SERVICE));
}

#[test]
fn a_cache_that_can_not_be_written_is_no_success() {
    require_mit!();
    let guarded = Guarded::start();
    let said = guarded.kinit(&["-c", "/nonexistent/cache", "alice"], PASSWORD);
    assert_says(
        &said,
        &["/nonexistent/cache", " while storing the ticket\n"],
    );
    assert!(!said.contains("no credential cache found"), "{said}");
    assert_says(
        &guarded.kinit(&["-c", "API:tickets", "alice"], PASSWORD),
        &["API"],
    );
}
