//! Responses of a KDC proxy: a reply is what stands in the response behind its length, for the realm that was asked;
//! all else ends the attempt, and says why.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use orthros_asn1::{KdcProxyMessage, Message as _};
use orthros_krb5::failover::{ConnectionEvent, FailoverStep, KdcFailover, Protocol, Timing};
use orthros_krb5::locate::KdcServer;
use orthros_krb5::{KdcRequest, KdcSelection, Transport};
use orthros_types::config::{Config, KDC_PORT, Server};

fuzz_target!(|body: &[u8]| {
    let (config, now) = (Config::default(), Duration::ZERO);
    let request = KdcRequest {
        realm: b"R".to_vec(),
        message: vec![0x6a, 0],
        transport: Transport::Datagram,
    };
    let servers = [KdcServer {
        server: Server::parse("https://proxy.r/kdc", KDC_PORT).expect("it is a proxy"),
        protocols: &[Protocol::Https],
        is_primary: false,
    }];
    let (any, timing) = (KdcSelection::Any, Timing::default());
    let mut failover = KdcFailover::new(&config, &request, any, &servers, &timing)
        .expect("the request is short");
    let FailoverStep::Send { connection, .. } = failover.next(now) else {
        panic!("there is one server to ask");
    };
    failover.sent(connection, Ok(()), now);
    let event = ConnectionEvent::Received(body.to_vec());
    match failover.handle(connection, event, now) {
        Some(reply) => {
            let message = KdcProxyMessage::decode(body).expect("it was read");
            let realm = message.target_domain;
            assert!(realm.is_none_or(|realm| realm.0.eq_ignore_ascii_case(b"R")));
            let length = u32::try_from(reply.message.len()).expect("replies are short");
            let framed = [&length.to_be_bytes()[..], &reply.message].concat();
            assert_eq!(message.kerb_message[..], framed);
        }
        None => {
            assert!(!failover.is_active(connection));
            assert!(failover.into_error().to_string().contains("https://proxy.r/kdc"));
        }
    }
});
