//! KDC proxies (MS-KKDCP) among the servers of a realm.

use std::time::Duration;

use orthros_asn1::{KdcProxyMessage, Message as _};
use orthros_krb5::failover::{ConnectionEvent, FailoverStep, KdcAddress, KdcFailover, Protocol};
use orthros_krb5::{AttemptOutcome, KdcReply, KdcSelection, Transport, TransportError};
use orthros_testing::virtual_network::{Network, says, uri};

use super::{REPLY, Udp, config, request, timing};
use Protocol::Https;

/// A response with this message and realm.
fn responds(reply: &[u8], realm: Option<&str>) -> ConnectionEvent {
    let length = u32::try_from(reply.len()).unwrap();
    let message = KdcProxyMessage {
        kerb_message: [&length.to_be_bytes(), reply].concat().into(),
        target_domain: realm.map(Into::into),
        dclocator_hint: None,
    };
    says(&message.encode().unwrap())
}

fn exchange(
    network: &mut Network,
    kdcs: &str,
    transport: Transport,
) -> Result<KdcReply, TransportError> {
    let text = format!("[realms]\n R = {{\n{kdcs} }}\n");
    network.exchange(&config(&text), &request(transport), KdcSelection::Any)
}

/// As `KdcAddress::Url` stands for a KDC in a virtual network: by its last letter.
const ONE: u8 = b'1';
const TWO: u8 = b'2';
const PROXIES: &str = "kdc = https://proxy.r/kdc1\nkdc = https://proxy.r/kdc2\n";

#[test]
fn a_proxy_is_asked_when_it_is_its_turn_whatever_protocol_is_preferred() {
    let kdcs = "kdc = 192.0.2.9\nkdc = https://proxy.r/kdc1\n";
    for (transport, expected) in [
        (Transport::Datagram, ["0 udp 9", "1 https 49"]),
        (Transport::Stream, ["0 tcp 9", "1 https 49"]),
    ] {
        let answer = [(20, responds(REPLY, None))];
        let mut network = Network::default().on(ONE, Https, &answer);
        let reply = exchange(&mut network, kdcs, transport).unwrap();
        assert_eq!(reply.message, REPLY);
        assert_eq!(network.sent(), expected);
    }
}

#[test]
fn the_request_is_posted_once_with_its_realm_to_the_url_as_it_is_configured() {
    for (server, url) in [
        ("https://proxy.r/KdcProxy", "https://proxy.r/KdcProxy"),
        ("https://proxy.r:8443", "https://proxy.r:8443/"),
        ("https://[2001:db8::1]/a?b=c", "https://[2001:db8::1]/a?b=c"),
    ] {
        let config = config(&format!("[realms]\n R = {{\n  kdc = {server}\n }}\n"));
        let mut network = Network::default();
        let any = KdcSelection::Any;
        let servers = network.locate(&config, b"R", any).unwrap();
        let request = request(Transport::Datagram);
        let mut failover =
            KdcFailover::new(&config, &request, any, &servers, &timing(|_| ())).unwrap();
        let FailoverStep::Send {
            connection,
            address,
            protocol,
            octets,
            ..
        } = failover.next(Duration::ZERO)
        else {
            panic!("{failover:?}");
        };
        assert_eq!((address, protocol), (KdcAddress::Url(url.into()), Https));
        let posted = KdcProxyMessage::decode(&octets).unwrap();
        assert_eq!(posted.target_domain.unwrap().0, b"R");
        assert_eq!(posted.kerb_message[..4], [0, 0, 0, 100]);
        assert_eq!(posted.kerb_message[4..], request.message);
        failover.sent(connection, Ok(()), Duration::ZERO);
        let error = network.run(failover).unwrap_err().to_string();
        assert!(network.sent().is_empty(), "{:?}", network.sent());
        assert!(
            error.ends_with(&format!("{url} (https): timed out")),
            "{error}"
        );
    }
}

#[test]
fn a_reply_for_another_realm_is_not_the_kdcs_and_the_next_proxy_is_asked_at_once() {
    let mut network = Network::default()
        .on(ONE, Https, &[(30, responds(REPLY, Some("OTHER")))])
        .on(TWO, Https, &[(30, responds(REPLY, Some("R")))]);
    assert!(exchange(&mut network, PROXIES, Transport::Datagram).is_ok());
    assert_eq!(network.sent(), ["0 https 49", "0.03 https 50"]);
}

#[test]
fn what_is_wrong_with_each_response_is_said() {
    let mut network = Network::default()
        .on(ONE, Https, &[(1, responds(REPLY, Some("OTHER")))])
        .on(TWO, Https, &[(1, says(b"<html>"))]);
    let error = exchange(&mut network, PROXIES, Transport::Datagram).unwrap_err();
    let TransportError::Unreachable { attempts, .. } = &error else {
        panic!("{error}");
    };
    for attempt in attempts {
        assert!(
            matches!(attempt.outcome, AttemptOutcome::ProxyReply(_)),
            "{attempt}"
        );
    }
    let error = error.to_string();
    for expected in [
        "https://proxy.r/kdc1 (https): answered for realm OTHER; ",
        "https://proxy.r/kdc2 (https): answered with something that is no KDC-PROXY-MESSAGE: ",
    ] {
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_proxied_message_is_looked_at_as_any_other() {
    let mut network = Network::default().on(ONE, Https, &[(1, responds(b"garbage", None))]);
    let kdc = "kdc = https://proxy.r/kdc1\n";
    let error = exchange(&mut network, kdc, Transport::Datagram).unwrap_err();
    let expected =
        "https://proxy.r/kdc1 (https): answered with something that is no Kerberos message";
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[test]
fn a_proxy_that_is_connected_is_given_ten_seconds() {
    let mut network = Network::default().on(ONE, Https, &[(100, ConnectionEvent::Connected)]);
    exchange(&mut network, PROXIES, Transport::Datagram).unwrap_err();
    assert_eq!(network.sent(), ["0 https 49", "10.1 https 50"]);
}

#[test]
fn a_proxy_that_dns_names_is_asked() {
    let mut network = Network::default()
        .records(
            "_kerberos.R URI",
            &[uri("krb5srv:m:kkdcp:https://proxy.r/kdc1")],
        )
        .on(ONE, Https, &[(1, responds(REPLY, None))]);
    let any = KdcSelection::Any;
    let reply = network.exchange(&config(""), &request(Transport::Datagram), any);
    assert!(reply.unwrap().from_primary);
}

/// Neither in the configuration nor in DNS: an HTTP client that does not look at its URL could be made to send more
/// than one request, or another.
#[test]
fn a_url_with_what_no_url_has_is_refused() {
    for bad in [
        "https://proxy.r/a b",
        "https://proxy.r/a#b",
        "https://proxy.r/a\u{e9}",
        "https://user@proxy.r/",
        "https://proxy.r?a/",
        "http://proxy.r/",
        "https://",
        "https:///a",
    ] {
        let kdc = format!("kdc = {bad}\n");
        let error = exchange(&mut Network::default(), &kdc, Transport::Datagram);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("not a server's address"), "{bad}: {error}");
        let record = uri(&format!("krb5srv:m:kkdcp:{bad}"));
        let mut network = Network::default().records("_kerberos.R URI", &[record]);
        let found = network.locate(&config(""), b"R", KdcSelection::Any);
        assert!(found.is_err(), "{bad}: {found:?}");
    }
    let injected = uri("krb5srv:m:kkdcp:https://proxy.r/a\r\nHost: b");
    let mut network = Network::default().records("_kerberos.R URI", &[injected]);
    assert!(
        network
            .locate(&config(""), b"R", KdcSelection::Any)
            .is_err()
    );
}

#[test]
fn servers_that_change_passwords_can_be_behind_a_proxy() {
    let text = "[realms]\n R = {\n  kpasswd_server = https://proxy.r/kdc1\n }\n";
    let mut network = Network::default().on(ONE, Https, &[(1, ConnectionEvent::Ended)]);
    let password = KdcSelection::Password;
    let error = network.exchange(&config(text), &request(Transport::Datagram), password);
    assert_eq!(network.sent(), ["0 https 49"]);
    assert!(error.unwrap_err().to_string().contains("(https): closed"));
    // Not by datagram, and not twice, also where nothing else is there.
    let mut network = Network::default().on(1, Udp, &[(1, says(REPLY))]);
    let error = network.exchange(&config(text), &request(Transport::Datagram), password);
    assert!(error.is_err());
    assert_eq!(network.sent(), ["0 https 49"]);
}
