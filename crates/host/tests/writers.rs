//! Three processes that write one cache: two of ours, which are this test binary started again, and MIT's library.
#![expect(
    clippy::unwrap_used,
    reason = "what a test is made of is there, or the test fails"
)]

use std::env;
use std::fs;
use std::process::Command;
use std::thread;

use orthros_host::{Cache, Environment};
use orthros_testing::{peers, process, require_python_gssapi};
use orthros_types::ccache::CacheFile;
use orthros_types::{
    Credential, EncryptionType, KeyBlock, Principal, TicketFlags, TicketTimes, Timestamp,
};

/// Set in the processes that the test starts: the cache to write, and who they are.
const CACHE: &str = "ORTHROS_TEST_CACHE";
const WRITER: &str = "ORTHROS_TEST_WRITER";
const TICKETS: usize = 1000;
const STORE_TICKETS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../interop/store_tickets.py"
);

#[test]
fn three_processes_store_a_thousand_tickets_each_and_none_is_lost() {
    if let (Some(cache), Ok(writer)) = (env::var_os(CACHE), env::var(WRITER)) {
        return store_tickets(&environment().cache(cache).unwrap(), &writer);
    }
    require_python_gssapi!();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cc");
    fs::write(dir.path().join("krb5.conf"), "").unwrap();
    let cache = environment().cache(&path).unwrap();
    let first = ticket("mits/0");
    let client = first.client.clone();
    cache.initialize(&client, None, &[first]).unwrap();

    let mut mits = Command::new(peers::python_gssapi().unwrap());
    mits.args([STORE_TICKETS.as_ref(), path.as_os_str()])
        .arg(TICKETS.to_string())
        .env("KRB5_CONFIG", dir.path().join("krb5.conf"));
    let ours = ["one", "other"].map(|writer| {
        let mut command = Command::new(env::current_exe().unwrap());
        let test = "three_processes_store_a_thousand_tickets_each_and_none_is_lost";
        command.args(["--exact", test]);
        command.env(CACHE, &path).env(WRITER, writer);
        command
    });
    thread::scope(|scope| {
        for mut command in ours.into_iter().chain([mits]) {
            scope.spawn(move || {
                let finished = process::run(&mut command, b"").unwrap();
                assert!(finished.status.success(), "{finished}");
            });
        }
    });

    let file = fs::read(&path).unwrap();
    let stored = CacheFile::open(&file).unwrap().stored();
    let stored = stored.map(|stored| stored.unwrap().credential);
    let mut found: Vec<String> = stored.map(|stored| stored.server.to_string()).collect();
    let mut expected = vec!["mits/0@TEST".to_owned(); TICKETS + 1];
    for writer in ["one", "other"] {
        expected.extend((0..TICKETS).map(|number| format!("{writer}/{number}@TEST")));
    }
    found.sort();
    expected.sort();
    assert!(found == expected, "{} of {}", found.len(), expected.len());
}

fn store_tickets(cache: &Cache, writer: &str) {
    for number in 0..TICKETS {
        cache
            .store(&[ticket(&format!("{writer}/{number}"))])
            .unwrap();
    }
}

fn environment() -> Environment {
    Environment::builder().build()
}

fn ticket(service: &str) -> Credential {
    let time = Timestamp::from_seconds(1_700_000_000);
    Credential {
        client: Principal::parse("alice@TEST", None).unwrap(),
        server: Principal::parse(service, Some(b"TEST")).unwrap(),
        session_key: KeyBlock::new(EncryptionType(18), vec![7; 32]),
        times: TicketTimes {
            authtime: time,
            starttime: Some(time),
            endtime: time,
            renew_till: None,
        },
        is_skey: false,
        flags: TicketFlags::empty(),
        addresses: Vec::new(),
        authorization_data: Vec::new(),
        ticket: vec![1; 400],
        second_ticket: Vec::new(),
    }
}
