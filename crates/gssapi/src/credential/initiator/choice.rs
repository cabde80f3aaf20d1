//! Which cache an initiator uses, as MIT krb5 chooses it.

use orthros_host::{
    Cache, CacheError, CacheSelection, CacheSnapshot, CollectionSnapshot, Environment, KeytabHandle,
};
use orthros_types::Principal;

use super::{ClientKeytab, DesiredCredential, KINIT};
use crate::Error;
use crate::error::{CallError, cache_error, keytab_error};

/// A cache, which need not be there yet, and the client that it has to be of, if that matters.
pub(super) struct ChosenCache {
    pub(super) cache: Cache,
    pub(super) client: Option<Principal>,
    /// Whether it was only made to get tickets into it.
    pub(super) is_new: bool,
    /// What was in it, where it was chosen for that: it is not looked at again.
    pub(super) seen: Option<CacheSnapshot>,
}

impl ChosenCache {
    pub(super) fn of(cache: Cache, client: Option<Principal>) -> Self {
        Self {
            cache,
            client,
            is_new: false,
            seen: None,
        }
    }

    fn seen(snapshot: CacheSnapshot, client: Option<Principal>) -> Self {
        let cache = snapshot.cache().clone();
        Self {
            seen: Some(snapshot),
            ..Self::of(cache, client)
        }
    }
}

impl DesiredCredential {
    /// The cache that was named; else that of the client that was; else the one that the service selects; else the
    /// default one; and where that is not there, that of the client in the client keytab.
    pub(super) fn choose(
        &self,
        environment: &Environment,
        service: Option<&Principal>,
    ) -> Result<ChosenCache, Error> {
        if let Some(cache) = &self.cache {
            return Ok(ChosenCache::of(cache.clone(), self.client.clone()));
        }
        let collection = environment.cache_collection().map_err(cache_error)?;
        let look = collection.look().map_err(cache_error)?;
        if let Some(client) = &self.client {
            return self.cache_of(environment, &look, client);
        }
        match service.map(|service| look.select(service)) {
            Some(CacheSelection::Cache(found)) => return Ok(ChosenCache::seen(found, None)),
            Some(CacheSelection::NoCacheOf(client)) => {
                return self.cache_of(environment, &look, &client);
            }
            _ => {}
        }
        let default = environment.default_cache().map_err(cache_error)?;
        match look.snapshot_of(&default) {
            Ok(found) => Ok(ChosenCache::seen(found, None)),
            Err(CacheError::Absent { .. }) => match self.first_client(environment) {
                Some(client) => self.cache_of(environment, &look, &client),
                None => Ok(ChosenCache::of(default, None)),
            },
            // The error is told where it is used.
            Err(_) => Ok(ChosenCache::of(default, None)),
        }
    }

    /// The client's cache in the collection. Where there is none, but keys to get tickets with, they go into the
    /// default cache if it is not there yet, and into a new one of a collection.
    fn cache_of(
        &self,
        environment: &Environment,
        look: &CollectionSnapshot,
        client: &Principal,
    ) -> Result<ChosenCache, Error> {
        if let Some(found) = look.find(client) {
            return Ok(ChosenCache::seen(found, Some(client.clone())));
        }
        let default = environment.default_cache().map_err(cache_error)?;
        let can_get = self.can_get(environment, client)?;
        if can_get && default.name().is_switchable() {
            let cache = look.collection().new_cache().map_err(cache_error)?;
            return Ok(ChosenCache {
                is_new: true,
                ..ChosenCache::of(cache, Some(client.clone()))
            });
        }
        match look.snapshot_of(&default) {
            Err(CacheError::Absent { .. }) if can_get => {
                Ok(ChosenCache::of(default, Some(client.clone())))
            }
            Err(error @ CacheError::Absent { .. }) => {
                let absent =
                    cache_error(error).or_else_tried(format!("{client} was asked for; {KINIT}"));
                Err(match self.keytab(environment) {
                    Some(keytab) => absent.or_else_tried(format!(
                        "keytab {} has no key for it either",
                        keytab.name()
                    )),
                    None => absent,
                })
            }
            Err(error) => Err(cache_error(error)),
            Ok(found) => Err(other_client(&default, client, &found.contents().principal)),
        }
    }

    /// Whether there is a cache to look at, or a keytab, without choosing any.
    pub(super) fn is_possible(&self, environment: &Environment) -> bool {
        if self.first_client(environment).is_some() {
            return true;
        }
        // The default cache itself is looked at more closely, and with better errors.
        let default = environment.default_cache();
        let is_absent =
            default.is_ok_and(|cache| matches!(cache.principal(), Err(CacheError::Absent { .. })));
        let caches = environment.cache_collection().and_then(|all| all.caches());
        is_absent && caches.is_ok_and(|all| all.iter().any(|cache| cache.principal().is_ok()))
    }

    pub(super) fn keytab(&self, environment: &Environment) -> Option<KeytabHandle> {
        match &self.client_keytab {
            ClientKeytab::Named(keytab) => Some(keytab.clone()),
            ClientKeytab::Default => environment.client_keytab().ok(),
            ClientKeytab::None => None,
        }
    }

    /// The principal of the first key in the client keytab. MIT takes a keytab that can't be read for an empty one.
    pub(super) fn first_client(&self, environment: &Environment) -> Option<Principal> {
        let keytab = self.keytab(environment)?.read().ok()?;
        let first = keytab.entries().first()?;
        Some(first.principal.clone())
    }

    /// Whether tickets can be got with keys of this client, in a keytab that was not named for it alone.
    pub(super) fn has_keys(&self, environment: &Environment, client: &Principal) -> bool {
        matches!(self.client_keytab, ClientKeytab::Default)
            && self.can_get(environment, client).is_ok_and(|can| can)
    }

    /// Whether there are keys of this client. One that was named and has none is an error.
    fn can_get(&self, environment: &Environment, client: &Principal) -> Result<bool, Error> {
        let keys = self
            .keytab(environment)
            .map(|keytab| keytab.client_keys(client));
        match (keys, &self.client_keytab) {
            (Some(Err(error)), ClientKeytab::Named(_)) => Err(keytab_error(error)),
            (keys, _) => Ok(keys.is_some_and(|keys| keys.is_ok())),
        }
    }
}

pub(super) fn other_client(cache: &Cache, desired: &Principal, found: &Principal) -> Error {
    CallError::OtherClient {
        cache: cache.name().to_string(),
        desired: desired.to_string(),
        found: found.to_string(),
    }
    .into()
}
