//! What lasts through the search for a service, by whichever name.

use alloc::boxed::Box;
use alloc::vec::Vec;

use orthros_types::{Credential, Principal, Timestamp};

use super::options::ServiceTicketOptions;
use crate::client::armoring_realms::ArmoringRealms;
use crate::client::error::ClientError;
use crate::client::host_names::{FallbackServices, HostnameError, HostnameRules};
use crate::client::proxy::ProxyTickets;
use crate::client::snapshot::ClientSnapshot;
use crate::client::update::CacheUpdate;
use crate::observe::Event;
use crate::{KdcRefusalError, ServiceTicket, TgsExchange};

/// What lasts through all states.
#[derive(Debug)]
pub(super) struct Search {
    snapshot: ClientSnapshot,
    service: Principal,
    options: ServiceTicketOptions,
    armoring: ArmoringRealms,
}

/// Where a ticket for one name is got.
pub(super) enum Source {
    /// It is in the cache.
    Cached(Box<Credential>),
    /// A KDC has it.
    Kdc(Box<TgsExchange>),
}

/// A ticket that was found, and what of it is new to the cache.
pub(super) struct Found {
    pub(super) credential: Box<Credential>,
    pub(super) new: Vec<Credential>,
}

impl Search {
    pub(super) fn new(
        snapshot: ClientSnapshot,
        service: Principal,
        options: ServiceTicketOptions,
    ) -> Self {
        Self {
            armoring: ArmoringRealms::of(&snapshot),
            snapshot,
            service,
            options,
        }
    }

    /// The service by its first name.
    pub(super) fn service(&self) -> &Principal {
        &self.service
    }

    pub(super) fn snapshot(&self) -> &ClientSnapshot {
        &self.snapshot
    }

    /// The other names that the service may have.
    pub(super) fn fallback(&self) -> Result<Option<FallbackServices<'_>>, HostnameError> {
        let rules = HostnameRules {
            config: &self.snapshot.config,
            search_domains: &self.snapshot.search_domains,
        };
        rules.fallback(&self.service, self.options.given_host.as_deref())
    }

    /// Where a ticket for exactly this name is got.
    pub(super) fn source(
        &self,
        service: &Principal,
        now: Timestamp,
    ) -> Result<Source, ClientError> {
        let cached = self.snapshot.cached_ticket(service, &self.options, now);
        self.options.request.observer.tell(|| Event::CacheLookup {
            cache: &self.snapshot.cache,
            client: &self.snapshot.contents.principal,
            service,
            found: cached.is_some(),
        });
        if let Some(cached) = cached {
            return Ok(Source::Cached(Box::new(cached.clone())));
        }
        if self.options.cached_only {
            return Err(self.snapshot.not_cached(service));
        }
        let mut request = self.armoring.require(self.options.request.clone());
        if self.options.second_ticket.is_none()
            && let Some(ProxyTickets { tgt, evidence }) =
                self.snapshot.proxy_tickets(service, now)?
        {
            let exchange = TgsExchange::on_behalf_of(tgt, evidence, service.clone(), request)?;
            return Ok(Source::Kdc(Box::new(exchange)));
        }
        let tgt = self.snapshot.ticket_granting_ticket(service, now)?;
        if request.realm_path.is_empty() {
            request.realm_path = self.snapshot.realms_between(service.realm());
        }
        let service = service.clone();
        let exchange = match &self.options.second_ticket {
            Some(second) => TgsExchange::user_to_user(tgt, service, second, request)?,
            None => TgsExchange::new(tgt, service, request)?,
        };
        Ok(Source::Kdc(Box::new(exchange)))
    }

    /// What an exchange has shown of its KDCs.
    pub(super) fn learn(&mut self, exchange: &TgsExchange) {
        self.armoring.learn(exchange);
    }

    /// The result of an exchange, filed under the name that it was asked for by: perhaps with the realm left open.
    pub(super) fn found(&self, mut got: ServiceTicket, filed_as: Principal) -> Found {
        if !got.credential.server.is_ticket_granting() {
            got.credential.server = filed_as;
        }
        Found {
            new: self.snapshot.to_be_kept(&got),
            credential: Box::new(got.credential),
        }
    }

    /// What the cache has to learn, with what of a ticket is new.
    pub(super) fn update(&self, new: Vec<Credential>) -> CacheUpdate {
        if !self.options.store {
            return CacheUpdate::Nothing;
        }
        let mut entries = self.armoring.notes(&self.snapshot.contents.principal);
        entries.extend(new);
        CacheUpdate::add(entries)
    }
}

/// Whether the KDC does not know the service.
pub(super) fn is_unknown(refusal: &KdcRefusalError) -> bool {
    matches!(refusal, KdcRefusalError::ServiceUnknown { .. })
}
