//! Where the KDCs of a realm are, how long they are waited for, and what is wrong with a configuration.

use std::time::Duration;

use orthros_krb5::dns::DnsRecord;
use orthros_krb5::failover::KdcFailover;
use orthros_krb5::locate::{KdcLocator, KdcServer};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, Transport, TransportError};
use orthros_testing::virtual_network::{Network, says, srv, uri};
use orthros_types::MinorStatus;
use orthros_types::config::Server;

use super::{REPLY, Udp, config, request, servers, timing};

fn located(text: &str, realm: &[u8], selection: KdcSelection) -> Result<Vec<KdcServer>, String> {
    let located = Network::default().locate(&config(text), realm, selection);
    located.map_err(|error| error.to_string())
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
        "cannot find a KDC for realm R: [realms] has no kdc entry for it, and DNS has neither URI nor \
         SRV records that name one"
    );
    let no_dns = "[libdefaults]\n dns_lookup_kdc = false\n";
    assert_eq!(
        located(no_dns, b"R", KdcSelection::Any).unwrap_err(),
        "cannot find a KDC for realm R: [realms] has no kdc entry for it"
    );
}

#[test]
fn a_realm_without_a_primary_kdc_has_none_to_be_asked_again() {
    let no_dns = "[libdefaults]\n dns_lookup_kdc = false\n";
    let error = KdcLocator::new(b"R", KdcSelection::Primary).step(&config(no_dns));
    assert!(
        matches!(error, Err(TransportError::NoKdc { .. })),
        "{error:?}"
    );
}

#[test]
fn a_realm_that_no_file_can_name_has_no_kdc() {
    let error = located("", &[0xff], KdcSelection::Any).unwrap_err();
    assert!(
        error.starts_with("cannot find a KDC for realm \u{fffd}: "),
        "{error}"
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

/// Host or proxy, port, protocols, and whether it is a primary one.
fn shown(servers: &[KdcServer]) -> Vec<String> {
    let server = |server: &KdcServer| {
        let name = match &server.server {
            Server::Host(address) => format!("{}:{}", address.host, address.port),
            Server::Https { address, path } => format!("https://{}/{path}", address.host),
            Server::UnixSocket(path) => path.clone(),
        };
        let protocols: Vec<_> = server.protocols.iter().map(ToString::to_string).collect();
        let primary = if server.is_primary { " primary" } else { "" };
        format!("{name} {}{primary}", protocols.join("+"))
    };
    servers.iter().map(server).collect()
}

#[test]
fn dns_is_asked_for_uris_and_then_for_both_kinds_of_services() {
    let mut network = Network::default()
        .records(
            "_kerberos._udp.R SRV",
            &[srv(0, 88, "k1.r"), srv(1, 750, "k2.r")],
        )
        .records("_kerberos._tcp.R SRV", &[srv(0, 88, "k1.r")]);
    let servers = network
        .locate(&config(""), b"R", KdcSelection::Any)
        .unwrap();
    assert_eq!(
        shown(&servers),
        ["k1.r.:88 udp", "k2.r.:750 udp", "k1.r.:88 tcp"]
    );
    let asked = [
        "_kerberos.R URI",
        "_kerberos._udp.R SRV",
        "_kerberos._tcp.R SRV",
    ];
    assert_eq!(network.asked(), asked);
    // Without URI records, where they are not wanted.
    let mut network = Network::default();
    let no_uri = config("[libdefaults]\n dns_uri_lookup = no\n");
    assert!(network.locate(&no_uri, b"R", KdcSelection::Any).is_err());
    assert_eq!(network.asked(), asked[1..]);
}

#[test]
fn uris_count_alone_where_they_name_a_server() {
    let uris = [
        uri("krb5srv:m:udp:k1.r"),
        uri("krb5srv::tcp:k2.r:89"),
        uri("http://k3.r"),
    ];
    let with = |uris: &[DnsRecord], selection| {
        let mut network = Network::default()
            .records("_kerberos.R URI", uris)
            .records("_kerberos._udp.R SRV", &[srv(0, 88, "s1.r")])
            .records("_kerberos-master._tcp.R SRV", &[srv(0, 88, "s2.r")]);
        shown(&network.locate(&config(""), b"R", selection).unwrap())
    };
    assert_eq!(
        with(&uris, KdcSelection::Any),
        ["k1.r:88 udp primary", "k2.r:89 tcp"]
    );
    assert_eq!(with(&uris, KdcSelection::Primary), ["k1.r:88 udp primary"]);
    // Those that name none are as good as none.
    assert_eq!(with(&uris[2..], KdcSelection::Any), ["s1.r.:88 udp"]);
    assert_eq!(
        with(&uris[1..], KdcSelection::Primary),
        ["s2.r.:88 tcp primary"]
    );
}

#[test]
fn dns_is_not_asked_where_nothing_needs_it() {
    let kdc = "[realms]\n R = {\n  kdc = k\n  kpasswd_server = p\n }\n";
    let no_dns = "[libdefaults]\n dns_lookup_kdc = false\n";
    for (text, selection, is_found) in [
        (kdc, KdcSelection::Any, true),
        (kdc, KdcSelection::Password, true),
        // Whose KDCs are configured has its primary ones configured, too.
        (kdc, KdcSelection::Primary, false),
        (no_dns, KdcSelection::Any, false),
        (no_dns, KdcSelection::Primary, false),
        (no_dns, KdcSelection::Password, false),
    ] {
        let mut network = Network::default();
        let found = network.locate(&config(text), b"R", selection);
        assert_eq!(found.is_ok(), is_found, "{text} {selection:?}");
        assert!(network.asked().is_empty(), "{:?}", network.asked());
    }
}

#[test]
fn passwords_are_changed_where_dns_says_before_an_administration_server_stands_in() {
    let admin = "[realms]\n R = {\n  admin_server = a:749\n }\n";
    let locate = |network: Network, text: &str| {
        let mut network = network;
        let servers = network.locate(&config(text), b"R", KdcSelection::Password);
        let asked: Vec<_> = network.asked().into_iter().map(str::to_owned).collect();
        (shown(&servers.unwrap()), asked)
    };
    let dns = || Network::default().records("_kpasswd._tcp.R SRV", &[srv(0, 464, "p.r")]);
    let (servers, asked) = locate(dns(), admin);
    assert_eq!(servers, ["p.r.:464 tcp"]);
    assert_eq!(
        asked,
        [
            "_kpasswd.R URI",
            "_kpasswd._udp.R SRV",
            "_kpasswd._tcp.R SRV"
        ]
    );
    assert_eq!(locate(Network::default(), admin).0, ["a:464 udp+tcp"]);
    let adm = Network::default().records("_kerberos-adm._tcp.R SRV", &[srv(0, 749, "a.r")]);
    assert_eq!(locate(adm, "").0, ["a.r.:464 udp+tcp"]);
}

#[test]
fn a_site_is_asked_for_first_and_the_realm_where_it_has_none() {
    let site = config("[realms]\n R = {\n  sitename = HQ\n }\n");
    let mut network = Network::default()
        .records("_kerberos._udp.HQ._sites.R SRV", &[srv(0, 88, "near.r")])
        .records("_kerberos._udp.R SRV", &[srv(0, 88, "far.r")])
        .records("_kerberos._tcp.R SRV", &[srv(0, 88, "far.r")]);
    let servers = network.locate(&site, b"R", KdcSelection::Any).unwrap();
    assert_eq!(shown(&servers), ["near.r.:88 udp", "far.r.:88 tcp"]);
    assert_eq!(
        network.asked(),
        [
            "_kerberos.HQ._sites.R URI",
            "_kerberos.R URI",
            "_kerberos._udp.HQ._sites.R SRV",
            "_kerberos._tcp.HQ._sites.R SRV",
            "_kerberos._tcp.R SRV"
        ]
    );
}

#[test]
fn a_domain_may_say_that_it_has_no_kdc_by_one_protocol_or_at_all() {
    let none = Network::default().records("_kerberos._udp.R SRV", &[srv(0, 0, ".")]);
    let servers = none
        .clone()
        .records("_kerberos._tcp.R SRV", &[srv(0, 88, "k.r")])
        .locate(&config(""), b"R", KdcSelection::Any);
    assert_eq!(shown(&servers.unwrap()), ["k.r.:88 tcp"]);
    let mut none = none.records("_kerberos._tcp.R SRV", &[srv(0, 0, ".")]);
    let error = none
        .locate(&config(""), b"R", KdcSelection::Any)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot find a KDC for realm R: [realms] has no kdc entry for it, and DNS says that there is none"
    );
}

#[test]
fn dns_that_does_not_answer_is_named() {
    let silent = || Network::default().dns_silent("_kerberos._udp.R SRV");
    let error = silent()
        .locate(&config(""), b"R", KdcSelection::Any)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("and DNS can't be asked: no name server answered"),
        "{error}"
    );
    assert_eq!(error.minor_status(), MinorStatus::KRB5_REALM_UNKNOWN);
    // What it answers otherwise is used.
    let mut network = silent().records("_kerberos._tcp.R SRV", &[srv(0, 88, "k.r")]);
    assert!(network.locate(&config(""), b"R", KdcSelection::Any).is_ok());
    let error = Network::default().dns_silent("_kpasswd.R URI").locate(
        &config(""),
        b"R",
        KdcSelection::Password,
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot find who changes passwords in realm R: "),
        "{error}"
    );
}

#[test]
fn a_realm_that_is_no_domain_is_not_asked_for() {
    let mut network = Network::default();
    let error = network
        .locate(&config(""), b"A..B", KdcSelection::Any)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot find a KDC for realm A..B: [realms] has no kdc entry for it, and its name is none that DNS could have"
    );
    assert!(network.asked().is_empty());
}
