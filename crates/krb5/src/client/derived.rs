//! Tickets in place of others: forwarded, renewed, or in another client's name.

use alloc::boxed::Box;

use orthros_crypto::RandomSource;
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, CredentialQuery, HostAddress, Principal, Timestamp};

use super::armoring_realms::ArmoringRealms;
use super::error::ClientError;
use super::machine::{Answer, ClientMachine, Done, Progress};
use super::service::ServiceTicketOptions;
use super::snapshot::{ClientSnapshot, found};
use super::update::CacheUpdate;
use crate::{
    ExchangeError, ExchangeMisuseError, KdcSelection, TgsExchange, TgsRequestOptions, TgsStep,
};

/// A request for a ticket that a KDC makes of one in the cache.
#[derive(Debug)]
pub struct DerivedTicketRequest {
    snapshot: ClientSnapshot,
    armoring: ArmoringRealms,
    source: Source,
    storage: Storage,
}

/// Where the ticket is from.
#[derive(Debug)]
enum Source {
    /// The cache has one that serves.
    Cache(Box<Credential>),
    Kdc(Box<TgsExchange>),
}

/// What becomes of the ticket in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    Nothing,
    /// It is kept beside the others.
    Add,
    /// The cache begins anew with it.
    Replace,
}

impl DerivedTicketRequest {
    /// A ticket-granting ticket of the cache's client for use at `addresses`, or anywhere if there are none: what is
    /// delegated to a server (RFC 4120 section 2.6).
    ///
    /// # Errors
    ///
    /// As [`ClientSnapshot::initial_ticket`], and [`ExchangeMisuseError`] where that one is not forwardable.
    pub fn forwarded(
        snapshot: ClientSnapshot,
        addresses: &[HostAddress],
        options: TgsRequestOptions,
        now: Timestamp,
    ) -> Result<Self, ClientError> {
        Self::of_initial(snapshot, options, now, |tgt, options| {
            TgsExchange::forward(tgt, addresses, options)
        })
    }

    /// A ticket for the cache's client, a service, in the name of a user of its realm (`S4U2Self`, MS-SFU section
    /// 3.1.5.1.1): the one that the cache has and that has not expired, else one from a KDC. There may be one all the
    /// same where the KDC's name for the user is another, as for an enterprise name: then that one is it.
    ///
    /// Of the options, a second ticket and a host mean nothing here.
    ///
    /// # Errors
    ///
    /// As [`ClientSnapshot::initial_ticket`], [`ExchangeMisuseError`] where the user is of another realm, and
    /// [`ClientError::NotCached`] where no KDC is to be asked.
    pub fn for_user(
        snapshot: ClientSnapshot,
        user: Principal,
        options: ServiceTicketOptions,
        now: Timestamp,
    ) -> Result<Self, ClientError> {
        let service = snapshot.contents.principal.clone();
        let cached = in_name_of(&snapshot, &user, &service, &[], &options, now);
        Self::for_other(snapshot, cached, &service, options, now, |tgt, options| {
            TgsExchange::for_user(tgt, user, options)
        })
    }

    /// A ticket for `service` in the name of the client of `evidence`, a ticket for the cache's client (`S4U2Proxy`,
    /// MS-SFU section 3.1.5.2.1): the one that the cache has of this evidence, else one from a KDC.
    ///
    /// Of the options, a second ticket and a host mean nothing here.
    ///
    /// # Errors
    ///
    /// As [`ClientSnapshot::initial_ticket`], [`ExchangeMisuseError`] where the evidence is no ticket, and
    /// [`ClientError::NotCached`] where no KDC is to be asked.
    pub fn on_behalf_of(
        snapshot: ClientSnapshot,
        evidence: &Credential,
        service: Principal,
        options: ServiceTicketOptions,
        now: Timestamp,
    ) -> Result<Self, ClientError> {
        let (user, second) = (&evidence.client, &evidence.ticket);
        let cached = in_name_of(&snapshot, user, &service, second, &options, now);
        let named = service.clone();
        Self::for_other(snapshot, cached, &named, options, now, |tgt, options| {
            TgsExchange::on_behalf_of(tgt, evidence, service, options)
        })
    }

    /// A new ticket in place of one of the cache, the ticket-granting ticket unless `service` names another (RFC 4120
    /// section 2.3). The cache begins anew with it, and keeps its notes.
    ///
    /// # Errors
    ///
    /// [`ClientError::NotCached`] where there is none, and [`ExchangeMisuseError`] where it is not renewable.
    pub fn renewed(
        snapshot: ClientSnapshot,
        service: Option<&Principal>,
        options: TgsRequestOptions,
    ) -> Result<Self, ClientError> {
        let tgs = Principal::local_ticket_granting(snapshot.start_realm());
        let service = service.unwrap_or(&tgs);
        let old = snapshot.ticket_for(service, None)?;
        let old = old.ok_or_else(|| snapshot.not_cached(service))?;
        let armoring = ArmoringRealms::of(&snapshot);
        let exchange = TgsExchange::renew(old, armoring.require(options))?;
        Ok(Self {
            snapshot,
            armoring,
            source: Source::Kdc(Box::new(exchange)),
            storage: Storage::Replace,
        })
    }

    /// A ticket in the name of another client, if it is not `cached`.
    fn for_other(
        snapshot: ClientSnapshot,
        cached: Option<Credential>,
        service: &Principal,
        options: ServiceTicketOptions,
        now: Timestamp,
        exchange: impl FnOnce(&Credential, TgsRequestOptions) -> Result<TgsExchange, ExchangeError>,
    ) -> Result<Self, ClientError> {
        if let Some(cached) = cached {
            return Ok(Self {
                armoring: ArmoringRealms::of(&snapshot),
                snapshot,
                source: Source::Cache(Box::new(cached)),
                storage: Storage::Nothing,
            });
        }
        if options.cached_only {
            return Err(snapshot.not_cached(service));
        }
        let storage = if options.store {
            Storage::Add
        } else {
            Storage::Nothing
        };
        let request = Self::of_initial(snapshot, options.request, now, exchange)?;
        Ok(Self { storage, ..request })
    }

    /// An exchange that shows the initial ticket, for a ticket that goes into no cache.
    fn of_initial(
        snapshot: ClientSnapshot,
        options: TgsRequestOptions,
        now: Timestamp,
        exchange: impl FnOnce(&Credential, TgsRequestOptions) -> Result<TgsExchange, ExchangeError>,
    ) -> Result<Self, ClientError> {
        let tgt = snapshot.initial_ticket(now)?;
        let armoring = ArmoringRealms::of(&snapshot);
        let exchange = exchange(tgt, armoring.require(options))?;
        Ok(Self {
            snapshot,
            armoring,
            source: Source::Kdc(Box::new(exchange)),
            storage: Storage::Nothing,
        })
    }

    fn advance(
        &mut self,
        reply: Option<&[u8]>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<Credential> {
        let now = self.snapshot.kdc_time(now);
        let step = match &mut self.source {
            Source::Cache(ticket) => {
                let ticket = (**ticket).clone();
                return self.done(Ok(ticket));
            }
            Source::Kdc(exchange) => exchange.step(reply, now, random),
        };
        match step {
            Ok(TgsStep::Send(request)) => Progress::kdc(request, KdcSelection::Any),
            Ok(TgsStep::Done(ticket)) => {
                let ticket = self.kept_before(ticket.credential, now);
                self.done(Ok(ticket))
            }
            Err(error) => self.done(Err(error.into())),
        }
    }

    /// The ticket that is to be added, or the one that would be there twice: that of a user whom the KDC knows by
    /// another name than was asked for.
    fn kept_before(&mut self, ticket: Credential, now: Timestamp) -> Credential {
        if self.storage != Storage::Add {
            return ticket;
        }
        let query = CredentialQuery {
            authorization_data: Some(&ticket.authorization_data),
            second_ticket: Some(&ticket.second_ticket),
            enctype: Some(ticket.session_key.enctype()),
            ..CredentialQuery::service(&ticket.client, &ticket.server, now)
        };
        match query.first(self.snapshot.contents.tickets()) {
            Some(kept) => {
                self.storage = Storage::Nothing;
                kept.clone()
            }
            None => ticket,
        }
    }

    fn done(&mut self, result: Result<Credential, ClientError>) -> Progress<Credential> {
        if let Source::Kdc(exchange) = &self.source {
            self.armoring.learn(exchange);
        }
        let contents = &self.snapshot.contents;
        let mut learned = self.armoring.notes(&contents.principal);
        let update = match (&result, self.storage) {
            (Ok(renewed), Storage::Replace) => {
                let mut entries = self.snapshot.notes();
                entries.extend(learned);
                entries.push(renewed.clone());
                CacheUpdate::Replace(CacheContents::new(
                    contents.principal.clone(),
                    contents.kdc_offset,
                    entries,
                ))
            }
            (Ok(ticket), Storage::Add) => {
                learned.push(ticket.clone());
                CacheUpdate::add(learned)
            }
            _ => CacheUpdate::add(learned),
        };
        Progress::Done(Done { result, update })
    }
}

/// The ticket that the cache of a service has for `service` in the name of `user`.
fn in_name_of(
    snapshot: &ClientSnapshot,
    user: &Principal,
    service: &Principal,
    second_ticket: &[u8],
    options: &ServiceTicketOptions,
    now: Timestamp,
) -> Option<Credential> {
    let query = CredentialQuery {
        authorization_data: Some(&options.request.authorization_data),
        second_ticket: Some(second_ticket),
        ..CredentialQuery::service(user, service, snapshot.kdc_time(now))
    };
    found(snapshot.contents.find(&query, &options.request.enctypes)).cloned()
}

impl ClientMachine for DerivedTicketRequest {
    type Output = Credential;

    fn step(
        &mut self,
        answer: Answer,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<Credential> {
        match answer {
            Answer::Begin => self.advance(None, now, random),
            Answer::Kdc(reply) => self.advance(Some(&reply.message), now, random),
            Answer::NoKdc => self.done(Err(ClientError::NoReply)),
            _ => Progress::misused(ExchangeMisuseError::UnexpectedInput),
        }
    }
}
