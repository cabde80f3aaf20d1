//! The initiating half of a credential.

use std::sync::{Arc, Mutex, PoisonError};

use orthros_host::{Cache, CacheContents, Environment};
use orthros_krb5::crypto::RandomSource;
use orthros_krb5::{Duration, InitialTicket, Principal};

use crate::error::{Refusal, acquire_error, cache_error, config_error};
use crate::{Error, Lifetime, MechName};

/// A credential cache, and whose it must be.
///
/// The cache may be made, filled and renewed by others meanwhile; what it must not do is to become somebody else's.
#[derive(Debug, Clone)]
pub(crate) struct InitiatorHalf {
    cache: Cache,
    /// The desired client, or the one that the cache was of when it was first looked at.
    client: Arc<Mutex<Option<Principal>>>,
    /// For a cache that nobody else knows of.
    _owned: Option<Arc<OwnedCache>>,
}

/// A cache that goes with the last handle of its credential.
#[derive(Debug)]
struct OwnedCache(Cache);

impl Drop for OwnedCache {
    fn drop(&mut self) {
        // It fails only where the cache is gone already.
        let _ = self.0.destroy();
    }
}

/// A ticket for a service, and how far the clock of the KDC that gave it is ahead of this one.
pub(crate) struct ServiceTicket {
    pub(crate) credential: orthros_krb5::Credential,
    pub(crate) clock_offset: Duration,
}

impl InitiatorHalf {
    /// Of this cache, and of this client if one is desired. It is not looked at before it is used.
    pub(crate) fn new(cache: Cache, client: Option<Principal>) -> Self {
        Self {
            cache,
            client: Arc::new(Mutex::new(client)),
            _owned: None,
        }
    }

    /// Of a cache in memory under a name of its own, which ends with the last clone of this.
    pub(crate) fn in_memory(environment: &Environment) -> Result<Self, Error> {
        let mut unique = [0; 16];
        let drawn = environment.random().fill(&mut unique);
        drawn.map_err(|_| Refusal::NoRandomness)?;
        let name = format!("MEMORY:{:032x}", u128::from_be_bytes(unique));
        let cache = environment.cache(name).map_err(cache_error)?;
        Ok(Self {
            _owned: Some(Arc::new(OwnedCache(cache.clone()))),
            ..Self::new(cache, None)
        })
    }

    /// Begins the cache anew with a first ticket.
    pub(crate) fn store(
        self,
        ticket: &InitialTicket,
        environment: &Environment,
    ) -> Result<Self, Error> {
        environment
            .store_initial(&self.cache, ticket)
            .map_err(cache_error)?;
        Ok(self)
    }

    /// Looks whether the cache is there, of the right client, and has tickets that are still good.
    pub(crate) fn check(&self, environment: &Environment) -> Result<(), Error> {
        match self.lifetime(environment)? {
            Lifetime::Seconds(0) => {
                Err(Refusal::CacheExpired(self.cache.name().to_string()).into())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn name(&self) -> Result<MechName, Error> {
        self.contents()
            .map(|contents| MechName::new(contents.principal))
    }

    /// What is left of the ticket-granting ticket, or without one, of the ticket that is good the longest.
    pub(crate) fn lifetime(&self, environment: &Environment) -> Result<Lifetime, Error> {
        let contents = self.contents()?;
        let end = contents
            .tickets()
            .map(|ticket| (ticket.is_local_ticket_granting(), ticket.times.endtime))
            .max()
            .map(|(_, end)| end);
        let end =
            end.ok_or_else(|| Error::from(Refusal::CacheEmpty(self.cache.name().to_string())))?;
        let now = environment.kdc_time(&contents, environment.now());
        Ok(Lifetime::remaining(end.since(now).seconds()))
    }

    /// A ticket for `service`, from the cache or from the KDC.
    pub(crate) fn service_ticket(
        &self,
        environment: &Environment,
        service: &Principal,
        lifetime: Lifetime,
    ) -> Result<ServiceTicket, Error> {
        let contents = self.contents()?;
        let now = environment.now();
        let kdc_now = environment.kdc_time(&contents, now);
        let clock_offset = kdc_now.since(now);
        let mut options = environment.service_options().map_err(config_error)?;
        if let Lifetime::Seconds(seconds @ 1..) = lifetime {
            options.request.end_time =
                Some(kdc_now.saturating_add(Duration::from_seconds(seconds.into())));
        }
        let credential = environment
            .service_ticket(&self.cache, service, &options)
            .map_err(acquire_error)?;
        Ok(ServiceTicket {
            credential,
            clock_offset,
        })
    }

    /// The cache as it is now, if it is still of the same client.
    fn contents(&self) -> Result<CacheContents, Error> {
        let contents = self.cache.contents().map_err(cache_error)?;
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let desired = client.get_or_insert_with(|| contents.principal.clone());
        if *desired == contents.principal {
            return Ok(contents);
        }
        Err(Refusal::OtherClient {
            cache: self.cache.name().to_string(),
            desired: desired.to_string(),
            found: contents.principal.to_string(),
        }
        .into())
    }
}
