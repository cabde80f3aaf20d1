use super::*;
use crate::dns::DnsName;
use alloc::format;
use orthros_testing::vectors::{Stanza, stanzas};

const ID: u16 = 0x1234;

fn question(record_type: RecordType) -> DnsQuestion {
    DnsQuestion {
        name: DnsName::new(&["_kerberos", "_udp"], b"R").unwrap(),
        record_type,
    }
}

/// As the vectors write it.
fn shown(reply: &Result<Reply, BadReply>) -> String {
    let answer = match reply {
        Ok(Reply::Answer(answer)) => answer,
        Ok(Reply::Truncated) => return "truncated".into(),
        Err(BadReply::Unrelated) => return "unrelated".into(),
        Err(BadReply::Malformed) => return "malformed".into(),
        Err(BadReply::Refused(code)) => return format!("refused {code}"),
    };
    let record = |record: &DnsRecord| match record {
        DnsRecord::Srv(srv) => {
            let target = srv.target.as_deref().unwrap_or(".");
            format!("SRV {} {} {} {target}", srv.priority, srv.weight, srv.port)
        }
        DnsRecord::Uri(uri) => format!("URI {} {} {}", uri.priority, uri.weight, uri.target),
        DnsRecord::Txt(text) => format!("TXT {}", String::from_utf8_lossy(text)),
    };
    let records: Vec<_> = answer.records.iter().map(record).collect();
    let shown = format!("{} {}", answer.ttl.as_secs(), records.join("; "));
    shown.trim_end().into()
}

#[test]
fn replies_are_what_they_say_or_refused_after_their_defects() {
    for case in stanzas("dns/replies.txt") {
        let reply = decode(&question(RecordType::Srv), ID, &case.octets("reply"));
        assert_eq!(shown(&reply), case.text("answer"), "{}", case.text("name"));
    }
}

/// The question of a query, from its bytes.
fn asked(case: &Stanza) -> DnsQuestion {
    let query = case.octets("query");
    let question = Message::from_slice(&query)
        .unwrap()
        .sole_question()
        .unwrap();
    DnsQuestion {
        name: DnsName::new(&[], question.qname().to_string().as_bytes()).unwrap(),
        record_type: match question.qtype() {
            Rtype::SRV => RecordType::Srv,
            Rtype::URI => RecordType::Uri,
            _ => RecordType::Txt,
        },
    }
}

#[test]
fn a_real_server_is_asked_and_understood() {
    for case in stanzas("dns/dnsmasq.txt") {
        let question = asked(&case);
        assert_eq!(encode(&question, ID), case.octets("query"), "{question}");
        let reply = decode(&question, ID, &case.octets("reply"));
        assert_eq!(shown(&reply), case.text("answer"), "{question}");
    }
}

#[test]
fn a_reply_that_is_cut_anywhere_is_no_answer() {
    for case in stanzas("dns/dnsmasq.txt") {
        let (question, reply) = (asked(&case), case.octets("reply"));
        let is_truncated = shown(&decode(&question, ID, &reply)) == "truncated";
        for length in 0..reply.len() {
            let cut = decode(&question, ID, &reply[..length]);
            assert!(
                is_truncated || cut.is_err(),
                "{question} cut at {length}: {cut:?}"
            );
        }
    }
}

#[test]
fn no_more_records_are_read_than_there_may_be() {
    let with = |count: u16| {
        let mut message = encode(&question(RecordType::Srv), ID);
        message[2] |= 0x80;
        message[6..8].copy_from_slice(&count.to_be_bytes());
        for _ in 0..count {
            message.extend_from_slice(
                b"\xc0\x0c\0\x21\0\x01\0\0\0\x3c\0\x09\0\x01\0\x02\0\x58\x01k\0",
            );
        }
        decode(&question(RecordType::Srv), ID, &message)
    };
    assert!(matches!(with(1024), Ok(Reply::Answer(answer)) if answer.records.len() == 1024));
    assert_eq!(with(1025), Err(BadReply::Malformed));
}

#[test]
fn uris_are_printable_and_short() {
    let with = |data: &[u8]| {
        let mut message = encode(&question(RecordType::Uri), ID);
        message[2] |= 0x80;
        message[7] = 1;
        message.extend_from_slice(b"\xc0\x0c\x01\0\0\x01\0\0\0\x3c");
        message.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        message.extend_from_slice(data);
        shown(&decode(&question(RecordType::Uri), ID, &message))
    };
    assert_eq!(with(b"\0\x01\0\x02krb5srv"), "60 URI 1 2 krb5srv");
    assert_eq!(with(b"\0\x01\0\x02\x1b[2J"), "60");
    assert_eq!(with(b"\0\x01\0\x02\xc3\xa4"), "60");
    assert_eq!(with(&[&b"\0\x01\0\x02"[..], &[b'a'; 1025]].concat()), "60");
    assert_eq!(with(b"\0\x01\0"), "malformed");
}
