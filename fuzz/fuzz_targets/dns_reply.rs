//! Replies of a name server: an answer is bounded, names hosts that there can be, and is the answer to what was asked;
//! a look-up ends, and so does the search for KDCs that it is of.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use orthros_krb5::KdcSelection;
use orthros_krb5::dns::wire::{Reply, decode};
use orthros_krb5::dns::{
    DnsEvent, DnsLookup, DnsName, DnsQuestion, DnsRecord, DnsStep, RecordType, ResolverConfig,
};
use orthros_krb5::locate::{KdcLocator, LocateStep};
use orthros_testing::random::SeededRandom;
use orthros_types::config::Config;

const ID: u16 = 0x1234;

fuzz_target!(|data: &[u8]| {
    let Some((kind, reply)) = data.split_first() else {
        return;
    };
    let question = DnsQuestion {
        name: DnsName::new(&["_kerberos", "_udp"], b"R").unwrap(),
        record_type: [RecordType::Srv, RecordType::Uri, RecordType::Txt][usize::from(kind % 3)],
    };
    if let Ok(Reply::Answer(answer)) = decode(&question, ID, reply) {
        assert_eq!(reply[..2], ID.to_be_bytes());
        assert!(answer.ttl <= Duration::from_secs(3600) && answer.records.len() <= 1024);
        assert!(answer.records.iter().all(is_plain));
    }
    look_up(&question, reply);
    locate(reply);
});

/// What goes to the system's resolver, into messages and into errors.
fn is_plain(record: &DnsRecord) -> bool {
    match record {
        DnsRecord::Srv(srv) => srv.target.as_deref().is_none_or(|host| {
            host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        }),
        DnsRecord::Uri(uri) => uri.target.bytes().all(|byte| byte.is_ascii_graphic()),
        DnsRecord::Txt(text) => text.len() <= 255,
    }
}

/// Every query gets the same reply, with its own number. How many queries there are is bounded.
fn look_up(question: &DnsQuestion, reply: &[u8]) -> Option<orthros_krb5::dns::DnsAnswer> {
    let (config, mut random) = (ResolverConfig::default(), SeededRandom::new(1));
    let mut lookup = DnsLookup::new(question, &config, None);
    for _ in 0..=4 {
        let query = match lookup.next(Duration::ZERO, &mut random) {
            DnsStep::Ask(query) => query,
            DnsStep::Done(result) => return result.ok(),
        };
        let framing = query.bytes.len() - reply_offset(&query.bytes, question);
        let mut bytes = reply.to_vec();
        if let (Some(number), Some(id)) = (bytes.get_mut(..2), query.bytes.get(framing..framing + 2)) {
            number.copy_from_slice(id);
        }
        if framing == 2 {
            let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
            bytes.splice(..0, length.to_be_bytes());
        }
        if !lookup.handle(DnsEvent::Received(bytes), &mut random) {
            assert!(lookup.handle(DnsEvent::TimedOut, &mut random));
        }
    }
    unreachable!("a look-up at one server has four queries at most");
}

/// The length of a query without what stands before it on a stream.
fn reply_offset(query: &[u8], question: &DnsQuestion) -> usize {
    let message = orthros_krb5::dns::wire::encode(question, 0).len();
    message.min(query.len())
}

fn locate(reply: &[u8]) {
    let config = Config::default();
    let mut locator = KdcLocator::new(b"R", KdcSelection::Any);
    for _ in 0..=3 {
        match locator.step(&config) {
            Ok(LocateStep::AskDns(question)) => {
                let answer = look_up(&question, reply);
                locator.answered(answer.ok_or(orthros_krb5::dns::DnsError::Unanswered {
                    attempts: Vec::new(),
                }));
            }
            Ok(LocateStep::Found(servers)) => return assert!((1..=64).contains(&servers.len())),
            Err(error) => return assert!(!error.to_string().is_empty()),
        }
    }
    unreachable!("there are three questions");
}
