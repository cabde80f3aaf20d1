//! The search for a service by one of its names.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use orthros_crypto::RandomSource;
use orthros_types::{Credential, Principal, Timestamp};

use super::search::{Found, Search, Source, is_unknown};
use crate::client::error::ClientError;
use crate::client::machine::{Answer, Need};
use crate::locate::{HostRealmLocator, RealmStep};
use crate::{
    ExchangeError, ExchangeMisuseError, KdcRefusalError, KdcSelection, ServiceTicket, TgsExchange,
    TgsStep,
};

/// A search for a service of exactly one name. Where its realm is open, and the own realm's KDC neither knows the
/// service nor refers to a realm that does, it is looked for in the realm that its host's domain is called after, as
/// by MIT.
#[derive(Debug)]
pub(super) enum NameSearch {
    /// In the realm that the name has, or in the one that the KDC refers to.
    Named(Named),
    /// In none: it is being found out which one to guess.
    Unguessed(Box<Unguessed>),
    /// In a realm that is guessed.
    Guessed(Guessed),
}

/// What a search needs, or gives.
pub(super) enum NameStep {
    Need(NameSearch, Need),
    Found(Found),
    Failed(ClientError),
}

#[derive(Debug)]
pub(super) struct Named {
    service: Principal,
    exchange: Box<TgsExchange>,
}

#[derive(Debug)]
pub(super) struct Unguessed {
    service: Principal,
    refused: Box<KdcRefusalError>,
    realm: HostRealmLocator,
}

#[derive(Debug)]
pub(super) struct Guessed {
    /// The name with its realm left open, under which the ticket is filed.
    service: Principal,
    exchange: Box<TgsExchange>,
    /// What the KDC said of that name.
    refused: Box<KdcRefusalError>,
}

/// What a reply, or that there is none, makes of an exchange.
enum Outcome {
    Send(Need),
    Ticket(Box<ServiceTicket>),
    Refused(Box<KdcRefusalError>),
    Failed(ClientError),
}

impl NameSearch {
    pub(super) fn begin(
        service: Principal,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        match search.source(&service, now) {
            Ok(Source::Cached(credential)) => NameStep::cached(credential),
            Ok(Source::Kdc(exchange)) => {
                let named = Named { service, exchange };
                named.advance(None, search, now, random)
            }
            Err(error) => NameStep::Failed(error),
        }
    }

    pub(super) fn answer(
        self,
        answer: Answer,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        match (self, answer) {
            (Self::Named(state), Answer::Kdc(reply)) => {
                state.advance(Some(&reply.message), search, now, random)
            }
            (Self::Guessed(state), Answer::Kdc(reply)) => {
                state.advance(Some(&reply.message), search, now, random)
            }
            (
                Self::Named(Named { exchange, .. }) | Self::Guessed(Guessed { exchange, .. }),
                Answer::NoKdc,
            ) => {
                search.learn(&exchange);
                NameStep::Failed(ClientError::NoReply)
            }
            (Self::Unguessed(mut state), Answer::Dns(answer)) => {
                state.realm.answered(answer);
                state.advance(search, now, random)
            }
            _ => {
                let misuse = ExchangeError::from(ExchangeMisuseError::UnexpectedInput);
                NameStep::Failed(misuse.into())
            }
        }
    }
}

impl Named {
    fn advance(
        mut self,
        reply: Option<&[u8]>,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        match step(&mut self.exchange, reply, search, now, random) {
            Outcome::Send(need) => NameStep::Need(NameSearch::Named(self), need),
            Outcome::Ticket(ticket) => NameStep::Found(search.found(*ticket, self.service)),
            Outcome::Refused(refusal)
                if is_unknown(&refusal) && self.service.realm().is_empty() =>
            {
                Unguessed::begin(self.service, refusal, search, now, random)
            }
            Outcome::Refused(refusal) => NameStep::refused(refusal),
            Outcome::Failed(error) => NameStep::Failed(error),
        }
    }
}

impl Unguessed {
    /// Guesses the realm of a service that the client's own KDC does not know.
    fn begin(
        service: Principal,
        refused: Box<KdcRefusalError>,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        let Some(host) = host(&service) else {
            return NameStep::refused(refused);
        };
        let realm = HostRealmLocator::of_host(host, &search.snapshot().config);
        let state = Self {
            service,
            refused,
            realm,
        };
        Box::new(state).advance(search, now, random)
    }

    fn advance(
        mut self: Box<Self>,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        match self.realm.step(&search.snapshot().config) {
            RealmStep::AskDns(question) => {
                NameStep::Need(NameSearch::Unguessed(self), Need::Dns(question))
            }
            RealmStep::Found(realm) => {
                Guessed::begin(self.service, realm, self.refused, search, now, random)
            }
        }
    }
}

impl Guessed {
    fn begin(
        service: Principal,
        realm: Option<String>,
        refused: Box<KdcRefusalError>,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        let is_other = |realm: &String| realm.as_bytes() != search.snapshot().start_realm();
        let Some(realm) = realm.filter(is_other) else {
            return NameStep::refused(refused);
        };
        let there = service.clone().with_realm(realm.as_bytes());
        match search.source(&there, now) {
            Ok(Source::Cached(credential)) => NameStep::cached(credential),
            Ok(Source::Kdc(exchange)) => {
                let guessed = Self {
                    service,
                    exchange,
                    refused,
                };
                guessed.advance(None, search, now, random)
            }
            Err(error) => NameStep::Failed(error),
        }
    }

    fn advance(
        mut self,
        reply: Option<&[u8]>,
        search: &mut Search,
        now: Timestamp,
        random: &mut dyn RandomSource,
    ) -> NameStep {
        match step(&mut self.exchange, reply, search, now, random) {
            Outcome::Send(need) => NameStep::Need(NameSearch::Guessed(self), need),
            Outcome::Ticket(ticket) => NameStep::Found(search.found(*ticket, self.service)),
            // The realm was a guess: that there is no such, or no such service in it, is no better an answer than the
            // first.
            Outcome::Refused(refusal) if is_unknown(&refusal) || is_unreachable(&refusal) => {
                NameStep::refused(self.refused)
            }
            Outcome::Refused(refusal) => NameStep::refused(refusal),
            Outcome::Failed(error) => NameStep::Failed(error),
        }
    }
}

impl NameStep {
    /// A ticket that the cache has is not new to it.
    fn cached(credential: Box<Credential>) -> Self {
        Self::Found(Found {
            credential,
            new: Vec::new(),
        })
    }

    fn refused(refusal: Box<KdcRefusalError>) -> Self {
        Self::Failed(ExchangeError::Refused(refusal).into())
    }
}

/// Steps an exchange by the KDC's clock, and remembers what it has shown when it ends.
fn step(
    exchange: &mut TgsExchange,
    reply: Option<&[u8]>,
    search: &mut Search,
    now: Timestamp,
    random: &mut dyn RandomSource,
) -> Outcome {
    match exchange.step(reply, search.snapshot().kdc_time(now), random) {
        Ok(TgsStep::Send(request)) => Outcome::Send(Need::Kdc {
            request,
            kdcs: KdcSelection::Any,
        }),
        Ok(TgsStep::Done(ticket)) => {
            search.learn(exchange);
            Outcome::Ticket(ticket)
        }
        Err(error) => {
            search.learn(exchange);
            match error {
                ExchangeError::Refused(refusal) => Outcome::Refused(refusal),
                error => Outcome::Failed(error.into()),
            }
        }
    }
}

/// The host of a service, without a port.
fn host(service: &Principal) -> Option<&str> {
    let [_, host, ..] = service.components() else {
        return None;
    };
    let host = str::from_utf8(host).ok()?;
    Some(host.split_once(':').map_or(host, |(bare, _)| bare))
}

/// Whether no KDC leads to the service's realm.
fn is_unreachable(refusal: &KdcRefusalError) -> bool {
    matches!(refusal, KdcRefusalError::RealmNotReachable { .. })
}
