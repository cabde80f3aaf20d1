//! The start of a realm, and memory.

use std::fs;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use orthros_benches::is_wanted;
use orthros_host::{Clock as _, ManualClock, SystemClock};
use orthros_kdc::server::Realm;
use orthros_kdc::{Outcome, Source, Transport};

use crate::client::{self, Client};

fn builder() -> orthros_kdc::server::RealmBuilder {
    Realm::builder("BENCH.TEST")
        .user(client::USER, client::PASSWORD)
        .service(client::SERVICE)
}

/// Prints how long it takes until a realm with a user and a service answers, and what it adds to the process.
pub(crate) fn start(measured: bool) {
    if !is_wanted(&["realm start"]) {
        return;
    }
    let count = if measured { REALMS } else { 1 };
    let mut times: Vec<Duration> = (0..count)
        .map(|_| {
            let started = Instant::now();
            let realm = builder().start().expect("a realm starts");
            let took = started.elapsed();
            drop(realm);
            took
        })
        .collect();
    times.sort_unstable();
    let median = times.get(count / 2).copied().unwrap_or_default();
    let before = resident();
    let realms: Vec<Realm> = (0..count)
        .map(|_| builder().start().expect("a realm starts"))
        .collect();
    let each = resident().saturating_sub(before) / count;
    println!(
        "\n{:<20} starts in {:.2} ms (elapsed, median of {count}), takes {each} KiB ({} at once)",
        "realm start",
        median.as_secs_f64() * 1e3,
        realms.len()
    );
}

/// Prints what the process takes while the KDC answers a million TGS requests, a hundred a second by its clock.
pub(crate) fn memory(measured: bool) {
    if !is_wanted(&["realm memory"]) {
        return;
    }
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let realm = builder().clock(clock.clone()).start();
    let realm = realm.expect("a realm starts");
    let client = Client::new(realm.environment());
    let environment = realm.environment();
    let source = Source {
        address: Ipv4Addr::LOCALHOST.into(),
        transport: Transport::Datagram,
    };
    println!(
        "\n{:<20} {:>12} {:>12}",
        "realm memory", "requests", "KiB resident"
    );
    println!("{:<20} {:>12} {:>12}", "", 0, resident());
    let each = if measured { MILLION / PARTS } else { A_SECOND };
    for part in 1..=PARTS {
        for _ in 0..each / A_SECOND {
            for _ in 0..A_SECOND {
                let request = client.tgs_request();
                let now = environment.now();
                let random = &mut environment.random();
                let answer = realm.kdc().handle(&request, &source, now, random);
                assert!(matches!(answer.record.outcome, Outcome::Granted), "granted");
            }
            clock.advance(orthros_types::Duration::from_seconds(1));
        }
        println!("{:<20} {:>12} {:>12}", "", part * each, resident());
    }
}

/// KiB of the process that are in memory.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let figure = line.and_then(|line| line.trim().strip_suffix(" kB"));
    figure
        .and_then(|figure| figure.trim().parse().ok())
        .unwrap_or_default()
}

const REALMS: usize = 32;
const MILLION: usize = 1_000_000;
const PARTS: usize = 10;
const A_SECOND: usize = 100;
