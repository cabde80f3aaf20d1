//! Messages (RFC 1035 section 4).

#[cfg(test)]
mod tests;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use domain::base::iana::{Class, Opcode, Rcode, Rtype};
use domain::base::message::RecordSection;
use domain::base::name::ParsedName;
use domain::base::rdata::UnknownRecordData;
use domain::base::wire::ParseError;
use domain::base::{Message, ParsedRecord, ToName as _, Ttl};
use domain::rdata::{Cname, Soa, Srv, Txt};

use super::records::{DnsAnswer, DnsQuestion, DnsRecord, RecordType, SrvRecord, UriRecord};

/// What a reply says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The answer.
    Answer(DnsAnswer),
    /// That it does not fit into a datagram.
    Truncated,
}

/// Why a message is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadReply {
    /// It is no reply to this query: it has another number or another question, or is no reply at all.
    Unrelated,
    /// It is one, but is not well-formed.
    Malformed,
    /// The server does not answer, with this code (RFC 1035 section 4.1.1).
    Refused(u8),
}

/// A query with this number; recursion is desired.
#[must_use]
pub fn encode(question: &DnsQuestion, id: u16) -> Vec<u8> {
    let mut message = Vec::from(id.to_be_bytes());
    message.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    message.extend_from_slice(question.name.inner().as_slice());
    message.extend_from_slice(&rtype(question.record_type).to_int().to_be_bytes());
    message.extend_from_slice(&Class::IN.to_int().to_be_bytes());
    message
}

/// Reads the reply to the query with this number. Its work is bounded by the limits below, whatever its header counts.
///
/// # Errors
///
/// [`BadReply`].
pub fn decode(question: &DnsQuestion, id: u16, bytes: &[u8]) -> Result<Reply, BadReply> {
    let message = Message::from_slice(bytes).map_err(|_| BadReply::Unrelated)?;
    let header = message.header();
    let asked = message.sole_question().map_err(|_| BadReply::Unrelated)?;
    let is_reply = header.qr() && header.id() == id && header.opcode() == Opcode::QUERY;
    let is_asked = asked.qtype() == rtype(question.record_type)
        && asked.qclass() == Class::IN
        && asked.qname().name_eq(question.name.inner());
    if !is_reply || !is_asked {
        return Err(BadReply::Unrelated);
    }
    if header.tc() {
        return Ok(Reply::Truncated);
    }
    match header.rcode() {
        Rcode::NOERROR | Rcode::NXDOMAIN => {}
        code => return Err(BadReply::Refused(code.to_int())),
    }
    answer(question.record_type, *asked.qname(), message).map(Reply::Answer)
}

type Parsed<'a> = ParsedRecord<'a, [u8]>;

/// The records of one type that the name has.
fn answer<'a>(
    record_type: RecordType,
    mut owner: ParsedName<&'a [u8]>,
    message: &'a Message<[u8]>,
) -> Result<DnsAnswer, BadReply> {
    let records = records(message.answer().map_err(malformed)?)?;
    let mut shortest = LONGEST_TTL;
    // An alias stands in front of what it leads to, in any order of the records (RFC 1034 section 3.6.2).
    for _ in 0..=MOST_ALIASES {
        let owned = || {
            records
                .iter()
                .filter(|record| record.owner().name_eq(&owner))
        };
        let of_type = |wanted: Rtype| owned().filter(move |record| record.rtype() == wanted);
        let wanted: Vec<_> = of_type(rtype(record_type)).collect();
        if !wanted.is_empty() {
            let ttls = wanted.iter().map(|record| ttl(record.ttl()));
            shortest = ttls.fold(shortest, Duration::min);
            let data = wanted
                .into_iter()
                .filter_map(|record| data(record_type, record).transpose());
            return Ok(DnsAnswer {
                records: data.collect::<Result<_, _>>()?,
                ttl: shortest,
            });
        }
        let Some(alias) = of_type(Rtype::CNAME).next() else {
            return Ok(DnsAnswer {
                records: Vec::new(),
                ttl: shortest.min(negative_ttl(message)?),
            });
        };
        shortest = shortest.min(ttl(alias.ttl()));
        owner = target(alias)?;
    }
    Err(BadReply::Malformed)
}

/// The records of a section in class IN.
fn records<'a>(section: RecordSection<'a, [u8]>) -> Result<Vec<Parsed<'a>>, BadReply> {
    let mut records = Vec::new();
    for record in section {
        let record = record.map_err(malformed)?;
        if records.len() == MOST_RECORDS {
            return Err(BadReply::Malformed);
        }
        if record.class() == Class::IN {
            records.push(record);
        }
    }
    Ok(records)
}

fn target<'a>(alias: &Parsed<'a>) -> Result<ParsedName<&'a [u8]>, BadReply> {
    let record = alias
        .to_record::<Cname<ParsedName<&[u8]>>>()
        .map_err(malformed)?;
    let record = record.ok_or(BadReply::Malformed)?;
    Ok(*record.data().cname())
}

/// The data of a record; nothing where it names a server in a way that none can have.
fn data(record_type: RecordType, record: &Parsed<'_>) -> Result<Option<DnsRecord>, BadReply> {
    Ok(match record_type {
        RecordType::Srv => srv(record)?.map(DnsRecord::Srv),
        RecordType::Uri => uri(record)?.map(DnsRecord::Uri),
        RecordType::Txt => {
            let record = record.to_record::<Txt<&[u8]>>().map_err(malformed)?;
            let text = record.and_then(|record| record.data().iter().next().map(Vec::from));
            text.map(DnsRecord::Txt)
        }
    })
}

fn srv(record: &Parsed<'_>) -> Result<Option<SrvRecord>, BadReply> {
    let record = record
        .to_record::<Srv<ParsedName<&[u8]>>>()
        .map_err(malformed)?;
    let record = record.ok_or(BadReply::Malformed)?;
    let data = record.data();
    let Some(target) = host(data.target()) else {
        return Ok(None);
    };
    Ok(Some(SrvRecord {
        priority: data.priority(),
        weight: data.weight(),
        port: data.port(),
        target: (!data.target().is_root()).then_some(target),
    }))
}

/// A host's name in lower case, without a final dot. Nothing where it has a character that no host's name has: it goes
/// to the system's resolver, and into error messages.
fn host(name: &ParsedName<&[u8]>) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_host = name.iter().all(|label| label.iter().all(is_plain));
    is_host.then(|| name.to_string().to_ascii_lowercase())
}

fn uri(record: &Parsed<'_>) -> Result<Option<UriRecord>, BadReply> {
    let record = record
        .to_record::<UnknownRecordData<&[u8]>>()
        .map_err(malformed)?;
    let record = record.ok_or(BadReply::Malformed)?;
    let [p0, p1, w0, w1, target @ ..] = *record.data().data() else {
        return Err(BadReply::Malformed);
    };
    let is_uri = target.iter().all(u8::is_ascii_graphic) && target.len() <= LONGEST_URI;
    Ok(is_uri.then(|| UriRecord {
        priority: u16::from_be_bytes([*p0, *p1]),
        weight: u16::from_be_bytes([*w0, *w1]),
        target: String::from_utf8_lossy(target).into_owned(),
    }))
}

/// For how long it may be kept that there is nothing: what the zone's SOA record says of that (RFC 2308 section 5), at
/// most five minutes. Without one, not at all.
fn negative_ttl(message: &Message<[u8]>) -> Result<Duration, BadReply> {
    let section = message.authority().map_err(malformed)?;
    for record in records(section)? {
        if let Some(soa) = record
            .to_record::<Soa<ParsedName<&[u8]>>>()
            .map_err(malformed)?
        {
            let shorter = ttl(soa.ttl()).min(ttl(soa.data().minimum()));
            return Ok(shorter.min(LONGEST_NEGATIVE_TTL));
        }
    }
    Ok(Duration::ZERO)
}

/// One with the highest bit set is none (RFC 2181 section 8).
fn ttl(ttl: Ttl) -> Duration {
    if ttl.as_secs() > i32::MAX.cast_unsigned() {
        return Duration::ZERO;
    }
    ttl.into_duration()
}

const fn rtype(record_type: RecordType) -> Rtype {
    match record_type {
        RecordType::Srv => Rtype::SRV,
        RecordType::Uri => Rtype::URI,
        RecordType::Txt => Rtype::TXT,
    }
}

fn malformed(_: ParseError) -> BadReply {
    BadReply::Malformed
}

/// Records of one section: a forest of five hundred KDCs fits.
const MOST_RECORDS: usize = 1024;
/// Aliases that are followed.
const MOST_ALIASES: usize = 8;
/// No host, port and path are longer.
const LONGEST_URI: usize = 1024;
/// What was answered once is asked again after that, whatever it says.
const LONGEST_TTL: Duration = Duration::from_secs(3600);
const LONGEST_NEGATIVE_TTL: Duration = Duration::from_secs(300);
