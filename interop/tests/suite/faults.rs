//! What can become of KDCs: done to containers from outside, as it happens to machines.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use orthros_host::{AcquireError, Environment, NetworkTransport};
use orthros_interop::runner::Case;
use orthros_interop::{HOME, Realms};
use orthros_krb5::InitialTicket;
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::failover::Timing;
use orthros_testing::docker::Container;
use orthros_types::MinorStatus;

use crate::cases;
use crate::party::{ALICE, PASSWORD, Party, SERVICE, assert_status, principal};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = cases!(
        "faults",
        an_answer_that_comes_after_the_second_request_is_taken,
    );
    cases.extend(cases!(
        of_containers,
        "faults",
        of_two_kdcs_the_one_that_is_paused_is_not_waited_for,
        a_kdc_that_is_killed_in_mid_exchange_is_named_and_back_after_its_restart,
        where_one_is_killed_in_mid_exchange_another_goes_on_with_it,
        a_kdc_without_datagrams_is_reached,
    ));
    cases
}

/// A client of these KDCs, in this order.
fn client(kdcs: &[&Container]) -> Party {
    let addresses: Vec<SocketAddr> = kdcs.iter().map(|kdc| kdc.kdc_address()).collect();
    let builder = Environment::builder().config_text("krb5.conf", &krb5_conf(&addresses));
    Party::of(builder.unwrap().default_cache("MEMORY:client").build())
}

fn krb5_conf(kdcs: &[SocketAddr]) -> String {
    let entries = kdcs.iter().map(|kdc| format!("        kdc = {kdc}\n"));
    let entries: String = entries.collect();
    format!(
        "[libdefaults]\n    default_realm = {HOME}\n    dns_lookup_kdc = false\n\
         [realms]\n    {HOME} = {{\n{entries}    }}\n"
    )
}

fn start() -> Container {
    Container::builder(HOME).start().unwrap()
}

/// A KDC, and another that reads its database.
fn start_two() -> (Container, Container) {
    let primary = start();
    let replica = Container::builder(HOME).replica_of(&primary);
    let replica = replica.start().unwrap();
    (primary, replica)
}

/// Alice's login, in the middle of which, between the first answer and the second request, something happens.
fn log_in_while(party: &Party, mut happens: impl FnMut()) -> Result<InitialTicket, AcquireError> {
    party.environment.acquire_asking(party.options(ALICE), |_| {
        happens();
        Ok(SecretVec::from(PASSWORD.as_bytes()))
    })
}

fn of_two_kdcs_the_one_that_is_paused_is_not_waited_for() {
    let (primary, replica) = start_two();
    let party = client(&[&primary, &replica]);
    primary.pause().unwrap();
    let started = Instant::now();
    party.log_in(ALICE, PASSWORD);
    party.ticket(SERVICE).unwrap();
    // Three exchanges, for each of which the first KDC is given a second.
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(8), "{elapsed:?}");
    // What it had been asked meanwhile, it answers to nobody.
    primary.unpause().unwrap();
    party.log_in(ALICE, PASSWORD);
    drop(replica);
    party.log_in(ALICE, PASSWORD);
}

/// The client gives up on an answer, asks again, and gets the answer to what it asked first.
fn an_answer_that_comes_after_the_second_request_is_taken(realms: &Realms) {
    let tardy = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut timing = Timing::default();
    timing.between_servers = Duration::from_millis(100);
    timing.after_pass = Duration::from_millis(100);
    let environment = Environment::builder()
        .config_text("krb5.conf", &krb5_conf(&[tardy.local_addr().unwrap()]))
        .unwrap()
        .transport(Arc::new(NetworkTransport::with_timing(timing)));
    let party = Party::of(environment.default_cache("MEMORY:client").build());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| hold_back(&tardy, realms.home().kdc(), &done));
        let ticket = party.acquire(ALICE, PASSWORD);
        done.store(true, Ordering::Relaxed);
        assert_eq!(ticket.unwrap().credential.client, principal(ALICE));
    });
}

/// Passes on what it is asked, and the answer to it when it is asked the same again.
fn hold_back(socket: &UdpSocket, kdc: SocketAddr, done: &AtomicBool) {
    let beyond = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    beyond.connect(kdc).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let mut buffer = vec![0; 65_536];
    let mut held: Option<(Vec<u8>, Vec<u8>)> = None;
    while !done.load(Ordering::Relaxed) {
        let Ok((length, client)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        let request = buffer[..length].to_vec();
        held = match held {
            Some((asked, answer)) if asked == request => {
                socket.send_to(&answer, client).unwrap();
                None
            }
            _ => {
                beyond.send(&request).unwrap();
                let length = beyond.recv(&mut buffer).unwrap();
                Some((request, buffer[..length].to_vec()))
            }
        };
    }
}

fn a_kdc_that_is_killed_in_mid_exchange_is_named_and_back_after_its_restart() {
    let kdc = start();
    let party = client(&[&kdc]);
    party.log_in(ALICE, PASSWORD);
    let killed = log_in_while(&party, || kdc.kill().unwrap());
    let error = killed.unwrap_err();
    assert_eq!(
        error.minor_status(),
        MinorStatus::KRB5_KDC_UNREACH,
        "{error}"
    );
    assert!(
        error.to_string().contains(&kdc.kdc_address().to_string()),
        "{error}"
    );
    assert_status(party.ticket(SERVICE), MinorStatus::KRB5_KDC_UNREACH);
    kdc.restart().unwrap();
    // The ticket is from before; so are the keys.
    party.ticket(SERVICE).unwrap();
    party.log_in(ALICE, PASSWORD);
}

fn where_one_is_killed_in_mid_exchange_another_goes_on_with_it() {
    let (primary, replica) = start_two();
    let party = client(&[&primary, &replica]);
    let ticket = log_in_while(&party, || primary.kill().unwrap()).unwrap();
    assert_eq!(ticket.credential.client, principal(ALICE));
    party
        .environment
        .store_initial(&party.cache, &ticket)
        .unwrap();
    party.ticket(SERVICE).unwrap();
}

fn a_kdc_without_datagrams_is_reached() {
    let kdc = Container::builder(HOME).without_datagrams();
    let kdc = kdc.start().unwrap();
    let party = client(&[&kdc]);
    party.log_in(ALICE, PASSWORD);
    party.ticket(SERVICE).unwrap();
}
