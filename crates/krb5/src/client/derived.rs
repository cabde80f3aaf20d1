//! Tickets in place of others: forwarded, renewed, or in another client's name.

use orthros_crypto::RandomSource;
use orthros_types::ccache::CacheContents;
use orthros_types::{Credential, HostAddress, Principal, Timestamp};

use super::armoring_realms::ArmoringRealms;
use super::error::ClientError;
use super::machine::{Answer, ClientMachine, Done, Progress};
use super::snapshot::ClientSnapshot;
use super::update::CacheUpdate;
use crate::{
    ExchangeError, ExchangeMisuseError, KdcSelection, TgsExchange, TgsRequestOptions, TgsStep,
};

/// A request for a ticket that a KDC makes of one in the cache, which takes its place or is kept nowhere.
#[derive(Debug)]
pub struct DerivedTicketRequest {
    snapshot: ClientSnapshot,
    armoring: ArmoringRealms,
    exchange: TgsExchange,
    /// Whether the cache begins anew with the ticket.
    renews: bool,
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
    /// 3.1.5.1.1).
    ///
    /// # Errors
    ///
    /// As [`ClientSnapshot::initial_ticket`], and [`ExchangeMisuseError`] where the user is of another realm.
    pub fn for_user(
        snapshot: ClientSnapshot,
        user: Principal,
        options: TgsRequestOptions,
        now: Timestamp,
    ) -> Result<Self, ClientError> {
        Self::of_initial(snapshot, options, now, |tgt, options| {
            TgsExchange::for_user(tgt, user, options)
        })
    }

    /// A ticket for `service` in the name of the client of `evidence`, a ticket for the cache's client (`S4U2Proxy`,
    /// MS-SFU section 3.1.5.2.1).
    ///
    /// # Errors
    ///
    /// As [`ClientSnapshot::initial_ticket`], and [`ExchangeMisuseError`] where the evidence is no ticket.
    pub fn on_behalf_of(
        snapshot: ClientSnapshot,
        evidence: &Credential,
        service: Principal,
        options: TgsRequestOptions,
        now: Timestamp,
    ) -> Result<Self, ClientError> {
        Self::of_initial(snapshot, options, now, |tgt, options| {
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
            exchange,
            renews: true,
        })
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
            exchange,
            renews: false,
        })
    }

    fn advance(
        &mut self,
        reply: Option<&[u8]>,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> Progress<Credential> {
        let step = self
            .exchange
            .step(reply, self.snapshot.kdc_time(now), random);
        match step {
            Ok(TgsStep::Send(request)) => Progress::kdc(request, KdcSelection::Any),
            Ok(TgsStep::Done(ticket)) => self.done(Ok(ticket.credential)),
            Err(error) => self.done(Err(error.into())),
        }
    }

    fn done(&mut self, result: Result<Credential, ClientError>) -> Progress<Credential> {
        self.armoring.learn(&self.exchange);
        let contents = &self.snapshot.contents;
        let learned = self.armoring.notes(&contents.principal);
        let update = match &result {
            Ok(renewed) if self.renews => {
                let mut entries = self.snapshot.notes();
                entries.extend(learned);
                entries.push(renewed.clone());
                CacheUpdate::Replace(CacheContents::new(
                    contents.principal.clone(),
                    contents.kdc_offset,
                    entries,
                ))
            }
            _ => CacheUpdate::add(learned),
        };
        Progress::Done(Done { result, update })
    }
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
