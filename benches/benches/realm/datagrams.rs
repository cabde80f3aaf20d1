//! TGS requests over loopback UDP, one after the other: what the KDC's process spends on each. The same client asks
//! MIT's KDC and ours.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use orthros_benches::{Row, Time, is_wanted, record};
use orthros_host::Environment;
use orthros_kdc::RealmPolicy;
use orthros_kdc::server::{Realm, Server};
use orthros_testing::{mit, peers};

use crate::client::{self, Client};

/// What a request cost.
#[derive(Clone, Copy)]
struct Cost {
    /// CPU time of the KDC, user and system.
    cpu: Duration,
    /// From sending it to its reply.
    elapsed: Duration,
}

/// Prints what a request costs our KDC and MIT's, and the ratio.
pub(crate) fn measure_both(measured: bool) {
    if !is_wanted(&["realm UDP"]) {
        return;
    }
    let rounds = if measured { ROUNDS } else { 1 };
    println!(
        "\n{:<20} {:<28} {:>14} {:>14}",
        "realm UDP", "TGS, aes256-sha1", "us of KDC's CPU", "us to reply"
    );
    let ours = ours(rounds);
    show("Orthros", ours);
    let Ok(_) = peers::mit() else {
        println!("{:<20} MIT's KDC is not measured: it is not installed", "");
        return;
    };
    match theirs(rounds) {
        Ok(theirs) => {
            show("MIT krb5kdc", theirs);
            let ratio = ours.cpu.as_secs_f64() / theirs.cpu.as_secs_f64();
            println!("{:<20} {:<28} {ratio:>14.2}", "", "ours / MIT's");
        }
        Err(why) => println!("{:<20} MIT's KDC is not measured: {why}", ""),
    }
}

fn show(who: &str, cost: Cost) {
    let nanoseconds = cost.cpu.as_secs_f64() * 1e9;
    let time = Time {
        median: nanoseconds,
        best: nanoseconds,
    };
    let row = Row {
        what: "TGS over UDP",
        with: who,
        octets: 0,
        time,
        floor: None,
    };
    record(&row, None);
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    println!(
        "{:<20} {who:<28} {:>14.1} {:>14.1}",
        "",
        us(cost.cpu),
        us(cost.elapsed)
    );
}

/// The server runs in this process, on the one other thread. It writes a line of a log for each request, as MIT's
/// does.
fn ours(rounds: usize) -> Cost {
    let directory = tempfile::tempdir().expect("there is room for a log");
    let log = File::create(directory.path().join("kdc.log")).expect("log can be made");
    let log = Mutex::new(log);
    let mut policy = RealmPolicy::new("BENCH.TEST");
    policy.enctypes = vec![client::ENCTYPE];
    let realm = Realm::builder("BENCH.TEST")
        .policy(policy)
        .user(client::USER, client::PASSWORD)
        .service(client::SERVICE)
        .server(Server::builder().on_request(move |request| {
            if let Ok(mut log) = log.lock() {
                let line = format!("{} {request}\n", request.at.seconds());
                let _ = log.write_all(line.as_bytes());
            }
        }))
        .start()
        .expect("a realm starts");
    let client = Client::new(realm.environment());
    let others = || {
        let time = |clock| Duration::from(clock_gettime(clock).expect("clocks can be read"));
        time(ClockId::CLOCK_PROCESS_CPUTIME_ID) - time(ClockId::CLOCK_THREAD_CPUTIME_ID)
    };
    ask(realm.address(), &client, others, rounds)
}

fn theirs(rounds: usize) -> Result<Cost, String> {
    let realm = mit::Realm::builder()
        .enctypes(&[client::ENCTYPE.name()])
        .user(client::USER, client::PASSWORD)
        .service(client::SERVICE)
        .start()
        .map_err(|error| error.to_string())?;
    let environment = Environment::builder()
        .config_text("MIT's realm", &realm.krb5_conf())
        .map_err(|error| error.to_string())?
        .build();
    let client = Client::new(&environment);
    let id = realm.kdc_process().ok_or("it does not run")?;
    // Nanoseconds that it has been running, the first figure.
    let schedule = format!("/proc/{id}/schedstat");
    let used = || {
        let text = fs::read_to_string(&schedule).unwrap_or_default();
        let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
        Duration::from_nanos(nanoseconds.unwrap_or_default())
    };
    if used().is_zero() {
        return Err("the kernel does not count its time".into());
    }
    Ok(ask(realm.kdc_address(), &client, used, rounds))
}

/// Sends requests one after the other, each with its reply awaited.
fn ask(kdc: SocketAddr, client: &Client, used: impl Fn() -> Duration, rounds: usize) -> Cost {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("there are ports");
    socket.connect(kdc).expect("loopback is there");
    socket
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("sockets have timeouts");
    let mut reply = [0; 4096];
    let mut best: Option<Cost> = None;
    for _ in 0..rounds {
        let requests: Vec<Vec<u8>> = (0..REQUESTS).map(|_| client.tgs_request()).collect();
        let (before, started) = (used(), Instant::now());
        for request in &requests {
            socket.send(request).expect("request is sent");
            let length = socket.recv(&mut reply).expect("reply comes");
            let first = reply.get(..length).and_then(<[u8]>::first);
            assert_eq!(first, Some(&TGS_REP), "granted");
        }
        let cost = Cost {
            cpu: (used() - before) / REQUESTS,
            elapsed: started.elapsed() / REQUESTS,
        };
        // What else the machine does only makes it worse.
        best = best.filter(|best| best.cpu <= cost.cpu).or(Some(cost));
    }
    best.expect("there is a round")
}

/// The first octet of a TGS-REP: `[APPLICATION 13]`.
const TGS_REP: u8 = 0x6d;
const REQUESTS: u32 = 1000;
const ROUNDS: usize = 7;
