//! The transport over the host's own network.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orthros_krb5::dns::{DnsAnswer, DnsError, DnsQuestion};
use orthros_krb5::failover::{KdcFailover, Timing, time_limit};
use orthros_krb5::locate::{
    KdcLocator, KdcServer, LocateStep, has_primary_reply, is_primary_in_doubt,
};
use orthros_krb5::observe::{Event, Observer};
use orthros_krb5::{KdcReply, KdcRequest, KdcSelection, TransportError};
use orthros_types::config::{Config, Server};

use super::KdcTransport;
use super::proxy::{Proxies, anchors};
use super::sockets::Sockets;
use crate::dns::{DnsClient, StubResolver};
use crate::http::HttpClient;

/// UDP, TCP and Unix domain sockets to the `kdc` entries of `[realms]`, or UDP and TCP to the servers that DNS has, in
/// MIT's order and with MIT's patience, which [`orthros_krb5::locate`] and [`orthros_krb5::failover`] have. Starts no
/// thread; holds its sockets only while it asks.
///
/// KDC proxies are asked by the [`HttpClient`] that it is given. While that waits, for as long as for an established
/// stream, what other servers have sent stays in their sockets.
#[derive(Clone, Debug)]
pub struct NetworkTransport {
    timing: Timing,
    dns: Arc<dyn DnsClient>,
    http_client: Option<Arc<dyn HttpClient>>,
}

/// The servers of a realm.
struct Located {
    servers: Vec<KdcServer>,
    /// Whether they are DNS's.
    by_dns: bool,
}

impl Default for NetworkTransport {
    fn default() -> Self {
        Self::with_timing(Timing::default())
    }
}

impl NetworkTransport {
    /// With a patience of one's own.
    #[must_use]
    pub fn with_timing(timing: Timing) -> Self {
        Self {
            timing,
            dns: Arc::new(StubResolver::default()),
            http_client: None,
        }
    }

    /// The same with another way to the records of DNS.
    #[must_use]
    pub fn with_dns(self, dns: Arc<dyn DnsClient>) -> Self {
        Self { dns, ..self }
    }

    /// The same with a way to KDC proxies.
    #[must_use]
    pub fn with_http_client(self, client: Arc<dyn HttpClient>) -> Self {
        Self {
            http_client: Some(client),
            ..self
        }
    }

    fn locate(
        &self,
        config: &Config,
        realm: &[u8],
        selection: KdcSelection,
        deadline: Option<Instant>,
        observer: &Observer,
    ) -> Result<Located, TransportError> {
        let mut locator = KdcLocator::new(realm, selection);
        let mut by_dns = false;
        loop {
            match locator.step(config)? {
                LocateStep::AskDns(question) => {
                    by_dns = true;
                    observer.tell(|| Event::DnsAsked {
                        question: &question,
                    });
                    let answer = self.dns.ask(&question, deadline);
                    tell_answer(observer, &question, &answer);
                    locator.answered(answer);
                }
                LocateStep::Found(servers) => return Ok(Located { servers, by_dns }),
            }
        }
    }

    /// Whether `server`, which DNS has named, is a primary KDC of the realm.
    fn is_primary(
        &self,
        config: &Config,
        realm: &[u8],
        server: Option<&Server>,
        deadline: Option<Instant>,
        observer: &Observer,
    ) -> bool {
        match self.locate(config, realm, KdcSelection::Primary, deadline, observer) {
            Ok(primaries) => {
                server.is_some_and(|server| has_primary_reply(server, &primaries.servers))
            }
            // As by MIT: where no primary one is known, none is behind another.
            Err(_) => true,
        }
    }
}

fn tell_answer(observer: &Observer, question: &DnsQuestion, answer: &Result<DnsAnswer, DnsError>) {
    match answer {
        Ok(DnsAnswer { records, .. }) if records.is_empty() => {
            observer.tell(|| Event::DnsEmpty { question });
        }
        Ok(DnsAnswer { records, .. }) => {
            for record in records {
                observer.tell(|| Event::DnsRecord { record });
            }
        }
        Err(reason) => observer.tell(|| Event::DnsFailed { reason }),
    }
}

impl KdcTransport for NetworkTransport {
    fn exchange(
        &self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        self.exchange_observed(config, request, selection, &Observer::NONE)
    }

    fn exchange_observed(
        &self,
        config: &Config,
        request: &KdcRequest,
        selection: KdcSelection,
        observer: &Observer,
    ) -> Result<KdcReply, TransportError> {
        let started = Instant::now();
        let deadline = time_limit(config, &self.timing)?;
        let deadline = deadline.and_then(|limit: Duration| started.checked_add(limit));
        let located = self.locate(config, &request.realm, selection, deadline, observer)?;
        let failover =
            KdcFailover::new(config, request, selection, &located.servers, &self.timing)?;
        let proxies = Proxies {
            client: self.http_client.as_deref(),
            anchors: anchors(config, &request.realm, &located.servers)?,
            patience: self.timing.stream,
            deadline,
        };
        let (mut reply, server) = Sockets::since(started, observer).run(failover, &proxies)?;
        if located.by_dns && is_primary_in_doubt(request, &reply) {
            reply.from_primary =
                self.is_primary(config, &request.realm, server, deadline, observer);
        }
        Ok(reply)
    }
}
