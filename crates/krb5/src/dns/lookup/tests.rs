use super::*;
use crate::dns::{DnsName, DnsRecord, RecordType};
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec;
use orthros_testing::random::SeededRandom;

fn question() -> DnsQuestion {
    DnsQuestion {
        name: DnsName::new(&["_kerberos"], b"R").unwrap(),
        record_type: RecordType::Txt,
    }
}

fn config(count: u8) -> ResolverConfig {
    ResolverConfig {
        name_servers: (1..=count)
            .map(|host| ([192, 0, 2, host], 53).into())
            .collect(),
        ..ResolverConfig::default()
    }
}

/// The reply to a query with these flags, and with the realm `R` where they say that there is no error.
fn reply(query: &[u8], flags: u16) -> Vec<u8> {
    let mut reply = query.to_vec();
    reply[2..4].copy_from_slice(&flags.to_be_bytes());
    if flags & 0x020f == 0 {
        reply[7] = 1;
        reply.extend_from_slice(b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x02\x01R");
    }
    reply
}

const GOOD: u16 = 0x8180;
const TRUNCATED: u16 = 0x8380;
const SERVER_FAILURE: u16 = 0x8182;

/// What one server does with a query.
type Behaviour<'a> = &'a mut dyn FnMut(&DnsQuery) -> Vec<DnsEvent>;

/// Drives a look-up in virtual time: when which server was asked by what, and how it ended.
fn run(
    config: &ResolverConfig,
    deadline: Option<Duration>,
    behaviour: Behaviour<'_>,
) -> (Vec<String>, Result<DnsAnswer, DnsError>) {
    let (question, mut random) = (question(), SeededRandom::new(5));
    let mut lookup = DnsLookup::new(&question, config, deadline);
    let (mut now, mut asked) = (Duration::ZERO, Vec::new());
    loop {
        let query = match lookup.next(now, &mut random) {
            DnsStep::Ask(query) => query,
            DnsStep::Done(result) => return (asked, result),
        };
        let [.., host] = match query.server {
            SocketAddr::V4(address) => address.ip().octets(),
            SocketAddr::V6(address) => panic!("{address}"),
        };
        asked.push(format!("{} {} {host}", now.as_secs(), query.protocol));
        let is_over = behaviour(&query)
            .into_iter()
            .any(|event| lookup.handle(event, &mut random));
        if !is_over {
            now = query.until;
            assert!(lookup.handle(DnsEvent::TimedOut, &mut random));
        }
    }
}

fn received(bytes: Vec<u8>) -> Vec<DnsEvent> {
    vec![DnsEvent::Received(bytes)]
}

/// As on the stream.
fn framed_reply(query: &DnsQuery, flags: u16) -> Vec<u8> {
    framed(Protocol::Tcp, reply(&query.bytes[2..], flags))
}

fn is_r(result: &Result<DnsAnswer, DnsError>) -> bool {
    matches!(result, Ok(answer) if answer.records == [DnsRecord::Txt(b"R".to_vec())])
}

#[test]
fn silent_servers_are_asked_again_and_named() {
    let (asked, result) = run(&config(2), None, &mut |_| Vec::new());
    assert_eq!(asked, ["0 udp 1", "5 udp 2", "10 udp 1", "15 udp 2"]);
    assert_eq!(
        result.unwrap_err().to_string(),
        "no name server answered: 192.0.2.1:53: timed out; 192.0.2.2:53: timed out"
    );
    let patient = ResolverConfig {
        timeout: Duration::from_secs(1),
        attempts: 3,
        ..config(1)
    };
    assert_eq!(
        run(&patient, None, &mut |_| Vec::new()).0,
        ["0 udp 1", "1 udp 1", "2 udp 1"]
    );
}

#[test]
fn a_deadline_ends_it() {
    let limit = Some(Duration::from_secs(7));
    let (asked, result) = run(&config(3), limit, &mut |_| Vec::new());
    assert_eq!(asked, ["0 udp 1", "5 udp 2"]);
    assert!(result.is_err());
    let (asked, result) = run(&config(1), Some(Duration::ZERO), &mut |_| Vec::new());
    assert!(asked.is_empty() && result.is_err());
}

#[test]
fn the_next_server_is_asked_where_one_refuses_and_that_one_no_more() {
    let (asked, result) = run(
        &config(3),
        None,
        &mut |query| match query.server.to_string().as_str() {
            "192.0.2.1:53" => received(reply(&query.bytes, SERVER_FAILURE)),
            "192.0.2.2:53" => vec![DnsEvent::Failed("connection refused".into())],
            _ => Vec::new(),
        },
    );
    assert_eq!(asked, ["0 udp 1", "0 udp 2", "0 udp 3", "5 udp 3"]);
    assert_eq!(
        result.unwrap_err().to_string(),
        "no name server answered: 192.0.2.1:53: server failure; 192.0.2.2:53: connection refused; \
         192.0.2.3:53: timed out"
    );
}

#[test]
fn what_does_not_fit_into_a_datagram_is_asked_for_over_tcp() {
    let (asked, result) = run(&config(1), None, &mut |query| match query.protocol {
        Protocol::Udp => received(reply(&query.bytes, TRUNCATED)),
        _ => {
            let reply = framed_reply(query, GOOD);
            // A stream brings it in any pieces.
            reply
                .chunks(3)
                .map(|some| DnsEvent::Received(some.to_vec()))
                .collect()
        }
    });
    assert_eq!(asked, ["0 udp 1", "0 tcp 1"]);
    assert!(is_r(&result), "{result:?}");
}

#[test]
fn a_stream_is_not_believed_more_than_a_datagram() {
    for (flags, event) in [
        (TRUNCATED, None),
        (SERVER_FAILURE, None),
        (GOOD, Some(DnsEvent::Ended)),
    ] {
        let (asked, result) = run(&config(1), None, &mut |query| match query.protocol {
            Protocol::Udp => received(reply(&query.bytes, TRUNCATED)),
            _ => match &event {
                Some(event) => {
                    let mut reply = framed_reply(query, flags);
                    reply.pop();
                    vec![DnsEvent::Received(reply), event.clone()]
                }
                None => received(framed_reply(query, flags)),
            },
        });
        assert_eq!(asked, ["0 udp 1", "0 tcp 1"]);
        assert!(result.is_err(), "{result:?}");
    }
}

#[test]
fn tcp_alone_is_used_where_that_is_wanted() {
    let config = ResolverConfig {
        use_vc: true,
        ..config(1)
    };
    let (asked, result) = run(&config, None, &mut |query| {
        received(framed_reply(query, GOOD))
    });
    assert_eq!(asked, ["0 tcp 1"]);
    assert!(is_r(&result), "{result:?}");
}

#[test]
fn any_server_is_the_first_where_they_rotate() {
    let config = ResolverConfig {
        rotate: true,
        ..config(3)
    };
    let question = question();
    let mut first = Vec::new();
    for seed in 0..30 {
        let mut lookup = DnsLookup::new(&question, &config, None);
        match lookup.next(Duration::ZERO, &mut SeededRandom::new(seed)) {
            DnsStep::Ask(query) => first.push(query.server),
            DnsStep::Done(result) => panic!("{result:?}"),
        }
    }
    first.sort();
    first.dedup();
    assert_eq!(first, config.name_servers);
}

#[test]
fn a_forged_number_is_passed_over() {
    let (_, result) = run(&config(1), None, &mut |query| {
        let mut forged = reply(&query.bytes, SERVER_FAILURE);
        forged[0] ^= 1;
        vec![
            DnsEvent::Received(forged),
            DnsEvent::Received(reply(&query.bytes, GOOD)),
        ]
    });
    assert!(is_r(&result), "{result:?}");
}

#[test]
fn guessing_at_the_number_leads_to_tcp() {
    let (asked, result) = run(&config(1), None, &mut |query| match query.protocol {
        Protocol::Udp => (0..u16::MAX)
            .map(|guess| {
                let mut forged = reply(&query.bytes, GOOD);
                let id = u16::from_be_bytes([forged[0], forged[1]]);
                forged[..2].copy_from_slice(&id.wrapping_add(guess + 1).to_be_bytes());
                DnsEvent::Received(forged)
            })
            .collect(),
        _ => received(framed_reply(query, GOOD)),
    });
    assert_eq!(asked, ["0 udp 1", "0 tcp 1"]);
    assert!(is_r(&result), "{result:?}");
}

#[test]
fn each_query_has_a_number_of_its_own() {
    let mut ids = Vec::new();
    let _ = run(&config(3), None, &mut |query| {
        ids.push([query.bytes[0], query.bytes[1]]);
        Vec::new()
    });
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}
