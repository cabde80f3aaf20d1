//! The initiating half of a credential.

use std::sync::{Arc, Mutex, PoisonError};

use orthros_host::{Cache, Environment, KeytabHandle};
use orthros_krb5::InitialTicket;
use orthros_types::ccache::{CacheContents, KdcOffset};
use orthros_types::{Duration, Principal, Timestamp};

use crate::error::{CallError, acquire_error, cache_error, config_error};
use crate::{Error, Lifetime, MechName};

mod choice;
mod refresh;

/// A credential cache, and whose it must be; or how to find them when they are first needed.
///
/// The cache may be made, filled and renewed by others meanwhile; what it must not do is to become somebody else's.
#[derive(Debug, Clone)]
pub(crate) struct InitiatorHalf {
    wish: Arc<Wish>,
    resolved: Arc<Mutex<Option<Resolved>>>,
}

/// What an initiator was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub(crate) cache: Option<Cache>,
    pub(crate) client: Option<Principal>,
    pub(crate) client_keytab: ClientKeytab,
    /// How long tickets that are got shall be good.
    pub(crate) lifetime: Lifetime,
}

/// Whose keys initial tickets are got with, where there are none or they end soon.
#[derive(Debug, Clone, Default)]
pub(crate) enum ClientKeytab {
    /// The environment's client keytab, if there is one.
    #[default]
    Default,
    Named(KeytabHandle),
    /// None: the tickets came otherwise.
    None,
}

/// A cache, and whose it was when it was first looked at.
#[derive(Debug, Clone)]
struct Resolved {
    cache: Cache,
    client: Principal,
}

/// A ticket for a service, and how far the clock of the KDC that gave it is ahead of this one.
pub(crate) struct ServiceTicket {
    pub(crate) credential: orthros_types::Credential,
    pub(crate) clock_offset: Duration,
}

impl InitiatorHalf {
    /// Nothing is looked at before it is used.
    pub(crate) fn new(wish: Wish) -> Self {
        Self {
            wish: Arc::new(wish),
            resolved: Arc::default(),
        }
    }

    /// Of a initial ticket, in this cache or else in one that nobody else knows of.
    pub(crate) fn of_ticket(
        ticket: &InitialTicket,
        cache: Option<Cache>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let cache = match cache {
            Some(cache) => cache,
            None => environment.private_cache().map_err(cache_error)?,
        };
        let stored = environment.store_initial(&cache, ticket);
        stored.map_err(cache_error)?;
        Ok(Self::of_cache(cache))
    }

    /// Of tickets, in a cache that nobody else knows of.
    pub(crate) fn of_tickets(
        client: &Principal,
        kdc_offset: Option<KdcOffset>,
        tickets: &[orthros_types::Credential],
        environment: &Environment,
    ) -> Result<Self, Error> {
        let cache = environment.private_cache().map_err(cache_error)?;
        let begun = cache.initialize(client, kdc_offset, tickets);
        begun.map_err(cache_error)?;
        Ok(Self::of_cache(cache))
    }

    fn of_cache(cache: Cache) -> Self {
        Self::new(Wish {
            cache: Some(cache),
            client_keytab: ClientKeytab::None,
            ..Wish::default()
        })
    }

    pub(crate) fn wish(&self) -> &Wish {
        &self.wish
    }

    /// Looks whether there are tickets that are still good, or keys to get some with. Without a wish for any, those of
    /// any cache of the collection do.
    pub(crate) fn check(&self, environment: &Environment) -> Result<(), Error> {
        let is_possible = match (&self.wish.cache, &self.wish.client) {
            (None, None) => self.wish.is_possible(environment),
            (None, Some(client)) => self.wish.has_keys(environment, client),
            _ => false,
        };
        if is_possible {
            return Ok(());
        }
        match self.lifetime(environment)? {
            Lifetime::Seconds(0) => {
                let cache = self.resolve(environment, None)?.0;
                Err(CallError::CacheExpired(cache.name().to_string()).into())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn name(&self, environment: &Environment) -> Result<MechName, Error> {
        let (_, contents) = self.resolve(environment, None)?;
        Ok(MechName::new(contents.principal.clone()))
    }

    /// What is left of the ticket-granting ticket, or without one, of the ticket that is good the longest.
    pub(crate) fn lifetime(&self, environment: &Environment) -> Result<Lifetime, Error> {
        let (cache, contents) = self.resolve(environment, None)?;
        let end = end_time(&contents)
            .ok_or_else(|| Error::from(CallError::CacheEmpty(cache.name().to_string())))?;
        let now = environment.kdc_time(&contents, environment.now());
        Ok(Lifetime::remaining(end.since(now).seconds()))
    }

    /// A ticket for `peer`, from the cache or from the KDC: with a second ticket, the service's own ticket-granting
    /// one, for user-to-user.
    pub(crate) fn service_ticket(
        &self,
        environment: &Environment,
        peer: &MechName,
        lifetime: Lifetime,
        second_ticket: Option<&[u8]>,
    ) -> Result<ServiceTicket, Error> {
        let service = peer.principal();
        let (cache, contents) = self.resolve(environment, Some(service))?;
        let now = environment.now();
        let kdc_now = environment.kdc_time(&contents, now);
        let clock_offset = kdc_now.since(now);
        let mut options = environment.service_options().map_err(config_error)?;
        options.second_ticket = second_ticket.map(<[u8]>::to_vec);
        options.given_host = peer.given_host().map(str::to_owned);
        if let Lifetime::Seconds(seconds @ 1..) = lifetime {
            options.request.end_time =
                Some(kdc_now.saturating_add(Duration::from_seconds(seconds.into())));
        }
        let credential = environment
            .service_ticket(&cache, service, &options)
            .map_err(acquire_error)?;
        Ok(ServiceTicket {
            credential,
            clock_offset,
        })
    }

    /// The ticket-granting ticket, with its session key.
    pub(crate) fn ticket_granting_ticket(
        &self,
        environment: &Environment,
    ) -> Result<orthros_types::Credential, Error> {
        let (cache, _) = self.resolve(environment, None)?;
        environment.initial_ticket(&cache).map_err(acquire_error)
    }

    /// The cache and what is in it now, if it is still of the same client. The first time it is chosen, for `service`
    /// if that is known; each time its tickets are got anew where that is due.
    pub(crate) fn resolve(
        &self,
        environment: &Environment,
        service: Option<&Principal>,
    ) -> Result<(Cache, Arc<CacheContents>), Error> {
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Resolved { cache, client }) = resolved.clone() {
            // Threads that share the credential don't wait for each other's look at the cache.
            drop(resolved);
            let choice = choice::Choice::of(&cache, Some(&client));
            return Ok((cache, self.wish.contents(environment, &choice)?));
        }
        let choice = self.wish.choose(environment, service)?;
        let contents = self.wish.contents(environment, &choice)?;
        *resolved = Some(Resolved {
            cache: choice.cache.clone(),
            client: contents.principal.clone(),
        });
        Ok((choice.cache, contents))
    }

    /// The cache, if it was chosen or named already.
    pub(crate) fn known_cache(&self) -> Option<Cache> {
        let resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = resolved.as_ref().map(|resolved| resolved.cache.clone());
        chosen.or_else(|| self.wish.cache.clone())
    }
}

/// What a person does where there are no tickets, or none that are good.
pub(super) const KINIT: &str = "kinit gets a ticket";

/// When the ticket-granting ticket ends, or without one, the ticket that is good the longest.
fn end_time(contents: &CacheContents) -> Option<Timestamp> {
    let ends = contents
        .tickets()
        .map(|ticket| (ticket.is_local_ticket_granting(), ticket.times.endtime));
    ends.max().map(|(_, end)| end)
}
