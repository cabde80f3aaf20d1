//! What a server costs while no request comes. Alone in its program, whose time is measured.
#![expect(
    clippy::unwrap_used,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use orthros_kdc::server::{Limits, Realm, Server};

#[test]
fn a_server_with_silent_peers_takes_no_time_and_ends_with_its_threads() {
    let before = threads();
    let mut limits = Limits::default();
    limits.threads = 2;
    limits.patience = Duration::from_millis(400);
    let realm = Realm::builder("EXAMPLE.TEST").server(Server::builder().limits(limits));
    let realm = realm.start().unwrap();
    // And one for changes of passwords.
    assert_eq!(threads(), before + 3);
    let used = process_time();
    let started = Instant::now();
    let mut silent: Vec<TcpStream> = (0..8)
        .map(|_| TcpStream::connect(realm.address()).unwrap())
        .collect();
    for stream in &mut silent {
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "closed by the server");
    }
    assert!(started.elapsed() >= Duration::from_millis(300));
    let used = process_time() - used;
    assert!(used < Duration::from_millis(100), "{used:?}");
    realm.stop();
    // The kernel takes a thread off its list a moment after it was joined.
    for _ in 0..100 {
        if threads() == before {
            return;
        }
        thread::yield_now();
    }
    assert_eq!(threads(), before);
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

fn process_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
        .unwrap()
        .into()
}
