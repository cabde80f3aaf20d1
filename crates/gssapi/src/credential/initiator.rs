//! The credential of an initiator: tickets in a cache, and how they are got.

use std::sync::{Arc, Mutex, PoisonError};

use orthros_host::{Cache, CacheSnapshot, Environment, KeytabHandle};
use orthros_krb5::InitialTicket;
use orthros_types::ccache::{CacheContents, KdcOffset};
use orthros_types::{Principal, Timestamp};

use crate::error::{CallError, acquire_error, cache_error};
use crate::{Error, Lifetime, MechName};
use choice::ChosenCache;
pub(crate) use refresh::{Look, Refresh};

mod choice;
mod refresh;

/// A credential cache and the client that it must be of, or how to find them when they are first needed.
///
/// Other processes may make, fill and renew the cache meanwhile; it must not become another client's.
#[derive(Debug, Clone)]
pub(crate) struct InitiatorCredential {
    shared: Arc<Shared>,
}

/// What copies of a credential share.
#[derive(Debug)]
struct Shared {
    desired: DesiredCredential,
    owned: Mutex<Option<OwnedCache>>,
}

/// What an initiator was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct DesiredCredential {
    pub(crate) cache: Option<Cache>,
    pub(crate) client: Option<Principal>,
    pub(crate) client_keytab: ClientKeytab,
    /// How long tickets that are got shall be good.
    pub(crate) lifetime: Lifetime,
}

/// The keys that initial tickets are got with, where there are none or they end soon.
#[derive(Debug, Clone, Default)]
pub(crate) enum ClientKeytab {
    /// The environment's client keytab, if there is one.
    #[default]
    Default,
    Named(KeytabHandle),
    /// None: the tickets came otherwise.
    None,
}

/// A cache, and the client that it was of when it was first looked at.
#[derive(Debug, Clone)]
struct OwnedCache {
    cache: Cache,
    client: Principal,
}

impl InitiatorCredential {
    /// Nothing is looked at before it is used.
    pub(crate) fn new(desired: DesiredCredential) -> Self {
        Self {
            shared: Arc::new(Shared {
                desired,
                owned: Mutex::default(),
            }),
        }
    }

    /// Of an initial ticket, in this cache or else in one that no name leads to.
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

    /// Of tickets, in a cache that no name leads to.
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
        Self::new(DesiredCredential {
            cache: Some(cache),
            client_keytab: ClientKeytab::None,
            ..DesiredCredential::default()
        })
    }

    pub(crate) fn desired(&self) -> &DesiredCredential {
        &self.shared.desired
    }

    /// Whether it can be told without choosing a cache that tickets are there or can be got: where none were asked
    /// for, those of any cache of the collection do, and keys as well.
    pub(crate) fn is_possible(&self, environment: &Environment) -> bool {
        match (&self.shared.desired.cache, &self.shared.desired.client) {
            (None, None) => self.shared.desired.is_possible(environment),
            (None, Some(client)) => self.shared.desired.has_keys(environment, client),
            _ => false,
        }
    }

    pub(crate) fn name(&self, environment: &Environment) -> Result<MechName, Error> {
        let snapshot = self.snapshot(environment, None)?;
        Ok(MechName::new(snapshot.contents().principal.clone()))
    }

    /// What is left of the ticket-granting ticket, or without one, of the ticket that is good the longest.
    pub(crate) fn lifetime(&self, environment: &Environment) -> Result<Lifetime, Error> {
        lifetime(environment, &self.snapshot(environment, None)?)
    }

    /// The ticket-granting ticket, with its session key.
    pub(crate) fn ticket_granting_ticket(
        &self,
        environment: &Environment,
    ) -> Result<orthros_types::Credential, Error> {
        ticket_granting_ticket(environment, &self.snapshot(environment, None)?)
    }

    /// One look at the cache, as [`look`](Self::look); tickets that are due are got over the environment's own
    /// transport.
    pub(crate) fn snapshot(
        &self,
        environment: &Environment,
        service: Option<&Principal>,
    ) -> Result<CacheSnapshot, Error> {
        let mut refresh = match self.look(environment, service)? {
            Look::Ready(snapshot) => return Ok(snapshot),
            Look::Due(refresh) => refresh,
        };
        let got = environment.run(refresh.task());
        self.refreshed(*refresh, got.map_err(Box::new), environment)
    }

    /// One look at the cache, if it is still of the same client: what all decisions about one context go by. The first
    /// time it is chosen, for `service` if that is known; each time its tickets are to be got anew where that is due.
    pub(crate) fn look(
        &self,
        environment: &Environment,
        service: Option<&Principal>,
    ) -> Result<Look, Error> {
        let owned = self.lock().clone();
        let chosen = match owned {
            Some(OwnedCache { cache, client }) => ChosenCache::of(cache, Some(client)),
            None => self.shared.desired.choose(environment, service)?,
        };
        let look = self.shared.desired.look(environment, chosen)?;
        Ok(match look {
            Look::Ready(snapshot) => Look::Ready(self.own(snapshot)?),
            Look::Due(refresh) => Look::Due(refresh),
        })
    }

    /// The look at the cache after its tickets were got anew, or could not be.
    pub(crate) fn refreshed(
        &self,
        refresh: Refresh,
        got: Result<InitialTicket, Box<orthros_host::AcquireError>>,
        environment: &Environment,
    ) -> Result<CacheSnapshot, Error> {
        let is_new = refresh.is_new();
        let refreshed = refresh.finish(&self.shared.desired, got, environment)?;
        let owned = self.own(refreshed.clone())?;
        if is_new && owned.name() != refreshed.name() {
            // It is of no use to anyone.
            let _ = refreshed.cache().destroy();
        }
        Ok(owned)
    }

    /// Remembers the cache that was chosen. Where another thread was faster, with another cache, that one counts.
    fn own(&self, snapshot: CacheSnapshot) -> Result<CacheSnapshot, Error> {
        let mut owned = self.lock();
        match &*owned {
            Some(first) if first.cache.name() != snapshot.name() => {
                let found = first.cache.snapshot().map_err(cache_error)?;
                let client = &found.contents().principal;
                if *client != first.client {
                    return Err(choice::other_client(&first.cache, &first.client, client));
                }
                Ok(found)
            }
            Some(_) => Ok(snapshot),
            None => {
                *owned = Some(OwnedCache {
                    cache: snapshot.cache().clone(),
                    client: snapshot.contents().principal.clone(),
                });
                Ok(snapshot)
            }
        }
    }

    /// The cache, if it was chosen or named already.
    pub(crate) fn known_cache(&self) -> Option<Cache> {
        let chosen = self.lock().as_ref().map(|owned| owned.cache.clone());
        chosen.or_else(|| self.shared.desired.cache.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<OwnedCache>> {
        // A cache is put there whole.
        self.shared
            .owned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// That a cache's tickets are still good.
pub(super) fn require_good(
    environment: &Environment,
    snapshot: &CacheSnapshot,
) -> Result<(), Error> {
    match lifetime(environment, snapshot)? {
        Lifetime::Seconds(0) => Err(CallError::CacheExpired(snapshot.name().to_string()).into()),
        _ => Ok(()),
    }
}

/// The ticket-granting ticket of a cache, with its session key.
pub(super) fn ticket_granting_ticket(
    environment: &Environment,
    snapshot: &CacheSnapshot,
) -> Result<orthros_types::Credential, Error> {
    let client = environment.client_snapshot(snapshot);
    let ticket = client.initial_ticket(environment.now()).cloned();
    ticket.map_err(|error| acquire_error(error.into()))
}

/// What is left of the tickets of a cache.
pub(super) fn lifetime(
    environment: &Environment,
    snapshot: &CacheSnapshot,
) -> Result<Lifetime, Error> {
    let contents = snapshot.contents();
    let end = end_time(contents)
        .ok_or_else(|| Error::from(CallError::CacheEmpty(snapshot.name().to_string())))?;
    let now = environment.kdc_time(contents, environment.now());
    Ok(Lifetime::remaining(end.since(now).seconds()))
}

/// What helps where there are no tickets, or none that are good.
pub(super) const KINIT: &str = "kinit gets a ticket";

/// When the ticket-granting ticket ends, or without one, the ticket that is good the longest. In another's name a
/// service acts for as long as its evidence is good.
fn end_time(contents: &CacheContents) -> Option<Timestamp> {
    if let Some(service) = contents.impersonator() {
        let evidence = contents.evidence(&service);
        return evidence.map(|ticket| ticket.times.endtime).max();
    }
    let ends = contents
        .tickets()
        .map(|ticket| (ticket.is_local_ticket_granting(), ticket.times.endtime));
    ends.max().map(|(_, end)| end)
}
