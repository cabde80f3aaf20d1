//! Networks in virtual time: what each KDC does with a request is said in advance, no second is waited for, and every
//! request is noted with the time at which it was sent.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use orthros_asn1::{
    ErrorCode, Exactly, KerberosTime, KrbError, Microseconds, NameType, PrincipalName,
};
use orthros_krb5::dns::{DnsAnswer, DnsError, DnsQuestion, DnsRecord, SrvRecord, UriRecord};
use orthros_krb5::failover::{
    ConnectionEvent, FailoverStep, KdcAddress, KdcFailover, Protocol, Timing,
};
use orthros_krb5::locate::{KdcLocator, KdcServer, LocateStep};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::config::{Config, ServerAddress};

/// What comes of one request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// So many milliseconds after it was sent this happens on its socket.
    Then(Vec<(u64, ConnectionEvent)>),
    /// It can't be sent.
    Unsendable,
}

/// A network with KDCs at 192.0.2.1, 192.0.2.2 and so on.
#[derive(Clone, Debug, Default)]
pub struct Network {
    now: Duration,
    fates: Vec<((u8, Protocol), VecDeque<Fate>)>,
    under_way: Vec<(Duration, Socket, ConnectionEvent)>,
    sent: Vec<String>,
    /// What DNS has, by the question.
    records: Vec<(String, Result<Vec<DnsRecord>, DnsError>)>,
    asked: Vec<String>,
}

/// A connection, and the KDC that it leads to.
#[derive(Clone, Copy, Debug)]
struct Socket {
    connection: usize,
    kdc: u8,
}

impl Network {
    /// What comes of the next request to a KDC that has no fate yet; where none is left, it is lost.
    #[must_use]
    pub fn on(mut self, kdc: u8, protocol: Protocol, fate: &[(u64, ConnectionEvent)]) -> Self {
        self.add(kdc, protocol, Fate::Then(fate.to_vec()));
        self
    }

    /// The next request to a KDC that has no fate yet can't be sent.
    #[must_use]
    pub fn unsendable(mut self, kdc: u8, protocol: Protocol) -> Self {
        self.add(kdc, protocol, Fate::Unsendable);
        self
    }

    /// What comes of the next request to a KDC that has no fate yet.
    pub fn add(&mut self, kdc: u8, protocol: Protocol, fate: Fate) {
        let key = (kdc, protocol);
        match self.fates.iter_mut().find(|(other, _)| *other == key) {
            Some((_, fates)) => fates.push_back(fate),
            None => self.fates.push((key, [fate].into())),
        }
    }

    /// DNS has these records for a question, as `_kerberos._udp.R SRV`; none for others.
    #[must_use]
    pub fn records(mut self, question: &str, records: &[DnsRecord]) -> Self {
        self.records
            .push((question.to_owned(), Ok(records.to_vec())));
        self
    }

    /// DNS does not answer a question.
    #[must_use]
    pub fn dns_silent(mut self, question: &str) -> Self {
        let error = DnsError::Unanswered {
            attempts: Vec::new(),
        };
        self.records.push((question.to_owned(), Err(error)));
        self
    }

    /// What DNS was asked, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<&str> {
        self.asked.iter().map(String::as_str).collect()
    }

    /// When what was sent to which KDC: `1.5 udp 2`.
    #[must_use]
    pub fn sent(&self) -> Vec<&str> {
        self.sent.iter().map(String::as_str).collect()
    }

    /// Since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// Finds the KDCs in the configuration and brings them the request, with MIT's patience.
    ///
    /// # Errors
    ///
    /// Where no KDC is known or none replies.
    pub fn exchange(
        &mut self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        let servers = self.locate(config, &request.realm, selection)?;
        let timing = Timing::default();
        let failover = KdcFailover::new(config, request, selection, &servers, &timing)?;
        self.run(failover).map(|(_, reply)| reply)
    }

    /// What a locator finds, with the records that were said in advance.
    ///
    /// # Errors
    ///
    /// Where no KDC is known.
    pub fn locate(
        &mut self,
        config: &Config,
        realm: &[u8],
        selection: KdcSelection,
    ) -> Result<Vec<KdcServer>, TransportError> {
        let mut locator = KdcLocator::new(realm, selection);
        loop {
            match locator.step(config)? {
                LocateStep::AskDns(question) => locator.answered(self.ask_dns(&question)),
                LocateStep::Found(servers) => return Ok(servers),
            }
        }
    }

    /// What DNS has: what was said in advance, else nothing.
    ///
    /// # Errors
    ///
    /// Where it was said to be silent.
    pub fn ask_dns(&mut self, question: &DnsQuestion) -> Result<DnsAnswer, DnsError> {
        let question = question.to_string();
        let known = self.records.iter().find(|(known, _)| *known == question);
        let records = match known {
            Some((_, records)) => records.clone(),
            None => Ok(Vec::new()),
        };
        self.asked.push(question);
        let ttl = Duration::from_secs(60);
        records.map(|records| DnsAnswer { records, ttl })
    }

    /// Does what a failover says: the KDC that has replied and its reply.
    ///
    /// # Errors
    ///
    /// Where none replies.
    pub fn run(&mut self, mut failover: KdcFailover<'_>) -> Result<(u8, KdcReply), TransportError> {
        let started = self.now;
        self.under_way.clear();
        loop {
            match failover.next(self.now - started) {
                FailoverStep::Resolve(host) => failover.resolved(resolve(host)),
                FailoverStep::Send {
                    connection,
                    address,
                    protocol,
                    ..
                } => {
                    let result = self.send(connection, &address, protocol);
                    failover.sent(connection, result, self.now - started);
                }
                FailoverStep::Wait { until } => {
                    let Some((socket, event)) = self.wait(started + until, &failover) else {
                        continue;
                    };
                    let now = self.now - started;
                    if let Some(reply) = failover.handle(socket.connection, event, now) {
                        return Ok((socket.kdc, reply));
                    }
                }
                FailoverStep::GiveUp => return Err(failover.into_error()),
            }
        }
    }

    fn send(
        &mut self,
        connection: usize,
        address: &KdcAddress,
        protocol: Protocol,
    ) -> Result<(), String> {
        let ip = match address {
            KdcAddress::Ip(SocketAddr::V4(address)) => *address.ip(),
            // A path or a URL stands for the KDC that its last letter names.
            KdcAddress::Unix(name) | KdcAddress::Url(name) => {
                Ipv4Addr::from([0, 0, 0, name.bytes().last().unwrap_or(0)])
            }
            KdcAddress::Ip(_) => return Err(format!("{address} is not of this network")),
        };
        let [.., kdc] = ip.octets();
        let seconds = self.now.as_secs_f64();
        self.sent.push(format!("{seconds} {protocol} {kdc}"));
        let fates = self.fates.iter_mut();
        let fate = fates
            .filter(|(key, _)| *key == (kdc, protocol))
            .find_map(|(_, fates)| fates.pop_front());
        match fate {
            None => Ok(()),
            Some(Fate::Unsendable) => Err("network unreachable".to_owned()),
            Some(Fate::Then(events)) => {
                let socket = Socket { connection, kdc };
                for (after, event) in events {
                    let at = self.now + Duration::from_millis(after);
                    self.under_way.push((at, socket, event));
                }
                self.under_way.sort_by_key(|(at, ..)| *at);
                Ok(())
            }
        }
    }

    /// What happens next, not later than then. What happens on sockets that are closed is not noticed.
    fn wait(
        &mut self,
        until: Duration,
        failover: &KdcFailover<'_>,
    ) -> Option<(Socket, ConnectionEvent)> {
        self.under_way
            .retain(|(_, socket, _)| failover.is_active(socket.connection));
        match self.under_way.first() {
            Some((at, ..)) if *at <= until => {
                let (at, socket, event) = self.under_way.remove(0);
                self.now = at;
                Some((socket, event))
            }
            _ => {
                self.now = until;
                None
            }
        }
    }
}

/// A name of digits is the KDCs of these numbers.
fn resolve(host: &ServerAddress) -> Result<Vec<SocketAddr>, String> {
    if let Ok(ip) = host.host.parse::<IpAddr>() {
        return Ok(vec![(ip, host.port).into()]);
    }
    let address = |digit: char| {
        let kdc = digit.to_digit(10).and_then(|kdc| u8::try_from(kdc).ok());
        let kdc = kdc.ok_or("no such host")?;
        Ok((Ipv4Addr::new(192, 0, 2, kdc), host.port).into())
    };
    host.host.chars().map(address).collect()
}

/// A server; none where the target is `.`.
#[must_use]
pub fn srv(priority: u16, port: u16, target: &str) -> DnsRecord {
    DnsRecord::Srv(SrvRecord {
        priority,
        weight: 0,
        port,
        target: (target != ".").then(|| target.to_owned()),
    })
}

/// A server, as a URI.
#[must_use]
pub fn uri(target: &str) -> DnsRecord {
    DnsRecord::Uri(UriRecord {
        priority: 0,
        weight: 0,
        target: target.to_owned(),
    })
}

/// A text.
#[must_use]
pub fn txt(text: &str) -> DnsRecord {
    DnsRecord::Txt(text.as_bytes().to_vec())
}

/// A datagram, or some octets of a stream.
#[must_use]
pub fn says(octets: &[u8]) -> ConnectionEvent {
    ConnectionEvent::Received(octets.to_vec())
}

/// A reply on a stream, behind its length.
#[must_use]
pub fn framed(reply: &[u8]) -> ConnectionEvent {
    let length = u32::try_from(reply.len()).unwrap_or(u32::MAX);
    says(&[&length.to_be_bytes(), reply].concat())
}

/// Nothing listens at the KDC's port.
#[must_use]
pub fn refused() -> ConnectionEvent {
    ConnectionEvent::Failed("connection refused".to_owned())
}

/// A KDC's error reply.
#[must_use]
pub fn error_reply(error_code: ErrorCode) -> KrbError {
    KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: KerberosTime::EPOCH,
        susec: Microseconds::default(),
        error_code,
        crealm: None,
        cname: None,
        realm: "ORTHROS.TEST".into(),
        sname: PrincipalName {
            name_type: NameType::SRV_INST,
            name_string: ["krbtgt", "ORTHROS.TEST"].map(Into::into).to_vec(),
        },
        e_text: None,
        e_data: None,
    }
}
