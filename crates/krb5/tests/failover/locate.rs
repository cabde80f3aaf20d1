//! Where the KDCs of a realm are, how long they are waited for, and what is wrong with a configuration.

use std::time::Duration;

use orthros_krb5::failover::KdcFailover;
use orthros_krb5::locate::{KdcLocator, KdcServer, LocateStep};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, Transport, TransportError};
use orthros_testing::virtual_network::{Network, says};
use orthros_types::MinorStatus;
use orthros_types::config::Server;

use super::{REPLY, Udp, config, request, servers, timing};

fn located(text: &str, realm: &[u8], selection: KdcSelection) -> Result<Vec<KdcServer>, String> {
    match KdcLocator::new(realm, selection).step(&config(text)) {
        Ok(LocateStep::Found(servers)) => Ok(servers),
        Err(error) => Err(error.to_string()),
    }
}

fn exchange(text: &str, request: &KdcRequest) -> Result<KdcReply, String> {
    let result = Network::default().on(1, Udp, &[(5, says(REPLY))]).exchange(
        &config(text),
        request,
        KdcSelection::Any,
    );
    result.map_err(|error| error.to_string())
}

#[test]
fn a_realm_without_a_kdc_says_where_it_was_looked_for() {
    assert_eq!(
        located("", b"R", KdcSelection::Any).unwrap_err(),
        "cannot find a KDC for realm R: [realms] has no kdc entry for it, and discovery by DNS \
         (dns_lookup_kdc) is not supported"
    );
    let no_dns = "[libdefaults]\n dns_lookup_kdc = false\n";
    assert_eq!(
        located(no_dns, b"R", KdcSelection::Any).unwrap_err(),
        "cannot find a KDC for realm R: [realms] has no kdc entry for it"
    );
}

#[test]
fn a_realm_without_a_primary_kdc_has_none_to_be_asked_again() {
    let error = KdcLocator::new(b"R", KdcSelection::Primary).step(&config(""));
    assert!(
        matches!(error, Err(TransportError::NoKdc { .. })),
        "{error:?}"
    );
}

#[test]
fn a_realm_that_no_file_can_name_has_no_kdc() {
    let error = KdcLocator::new(&[0xff], KdcSelection::Any).step(&config(""));
    assert!(
        matches!(error, Err(TransportError::DnsDiscovery { .. })),
        "{error:?}"
    );
}

#[test]
fn a_realm_from_a_forged_referral_can_not_drive_a_terminal() {
    let no_dns = "[libdefaults]\n dns_lookup_kdc = false\n";
    let error = located(no_dns, b"\x1b[2J", KdcSelection::Any).unwrap_err();
    assert!(error.contains(r"realm \u{1b}[2J:"), "{error}");
}

#[test]
fn a_bad_entry_is_named_with_its_line() {
    let text = "[realms]\n R = {\n  kdc = kdc:port\n }\n";
    assert_eq!(
        located(text, b"R", KdcSelection::Any).unwrap_err(),
        "krb5.conf:3: kdc = kdc:port: not a server's address"
    );
}

#[test]
fn a_kdc_that_is_a_primary_one_too_is_known_for_it() {
    let text = "[realms]\n R = {\n  kdc = one\n  kdc = two\n  primary_kdc = two\n }\n";
    let servers = located(text, b"R", KdcSelection::Any).unwrap();
    let servers: Vec<_> = servers
        .iter()
        .map(|server| match &server.server {
            Server::Host(host) => (&*host.host, server.is_primary),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(servers, [("one", false), ("two", true)]);
}

#[test]
fn ways_that_are_not_built_are_named() {
    let text = "[realms]\n R = {\n  kdc = https://kdc.example/KdcProxy\n  kdc = /run/kdc\n }\n";
    assert_eq!(
        exchange(text, &request(Transport::Datagram)).unwrap_err(),
        "cannot contact any KDC for realm R: https://kdc.example:443/KdcProxy: KDC proxies are not supported; \
         /run/kdc: local sockets are not supported"
    );
}

#[test]
fn a_request_that_no_kdc_reads_is_not_sent() {
    let text = "[realms]\n R = {\n  kdc = 192.0.2.1\n }\n";
    let with_length = |length| KdcRequest {
        message: vec![0; length],
        ..request(Transport::Datagram)
    };
    assert!(exchange(text, &with_length(1024)).is_ok());
    assert_eq!(
        exchange(text, &with_length(1024 * 1024 + 1)).unwrap_err(),
        "a request of 1048577 octets is too long to be sent"
    );
}

#[test]
fn the_shorter_limit_counts() {
    let silence = |text: &str, total: Option<u64>| {
        let timing = timing(|timing| timing.total = total.map(Duration::from_secs));
        let (request, servers) = (request(Transport::Datagram), servers(&["1"], &[Udp]));
        let config = config(text);
        let failover =
            KdcFailover::new(&config, &request, KdcSelection::Any, &servers, &timing).unwrap();
        let mut network = Network::default();
        let error = network.run(failover).unwrap_err();
        assert_eq!(error.minor_status(), MinorStatus::KRB5_KDC_UNREACH);
        network.now().as_secs()
    };
    let text = "[libdefaults]\n request_timeout = 5s\n";
    assert_eq!(silence("", None), 3 + 14);
    assert_eq!(silence(text, None), 5);
    assert_eq!(silence(text, Some(3)), 3);
    assert_eq!(silence(text, Some(9)), 5);
    assert_eq!(
        silence("[libdefaults]\n request_timeout = 0\n", None),
        3 + 14
    );
}
