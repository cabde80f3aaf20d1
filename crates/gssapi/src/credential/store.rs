//! Storing a credential's tickets where other programs find them (`gss_store_cred`, `gss_store_cred_into`).

use std::ffi::OsString;

use orthros_host::{Cache, CacheError, Environment, TypedNameError};
use orthros_types::ccache::CacheContents;

use super::{Credential, initiator};
use crate::error::{CallError, cache_error};
use crate::mech::Mechanism;
use crate::{CredentialUsage, Error, Oid, OidSet};

/// How a credential is stored; see [`Credential::store`].
#[derive(Debug, Clone, Default)]
#[must_use = "it says how to store, and stores nothing"]
pub struct StoreOptions {
    usage: CredentialUsage,
    mech: Option<Oid>,
    overwrite: bool,
    make_default: bool,
    cache: Option<OsString>,
}

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The mechanisms whose credentials were.
    pub mechs: OidSet,
    /// The half that was: only tickets can be.
    pub usage: CredentialUsage,
    /// The credential cache that has them now.
    pub cache: String,
}

impl StoreOptions {
    /// Into the default cache or its collection, over nothing that is there.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which half. [`Both`](CredentialUsage::Both), which is the default, stores what can be stored.
    pub fn usage(mut self, usage: CredentialUsage) -> Self {
        self.usage = usage;
        self
    }

    /// Which mechanism's; all, unless it is said.
    pub fn mech(mut self, mech: Oid) -> Self {
        self.mech = Some(mech);
        self
    }

    /// Whether tickets that are there are replaced.
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Whether the cache becomes the primary one of its collection.
    pub fn make_default(mut self, make_default: bool) -> Self {
        self.make_default = make_default;
        self
    }

    /// The credential cache, or the collection, to store into instead of the default one, by its name: see
    /// [`CacheName`](orthros_host::CacheName) (`ccache` in MIT's credential stores).
    pub fn ccache(mut self, cache: impl Into<OsString>) -> Self {
        self.cache = Some(cache.into());
        self
    }
}

impl Credential {
    /// Stores the tickets that it initiates with. In a collection they replace those of the same client, or go into a
    /// new cache; elsewhere they take the place of the whole cache. Everything is there at once, or nothing is
    /// changed.
    ///
    /// # Errors
    ///
    /// `DUPLICATE_ELEMENT` where there are tickets and they are not to be overwritten; `CREDENTIALS_EXPIRED`;
    /// `UNAVAILABLE` where the cache is of a type that can't be written; `BAD_MECH`; `FAILURE` for keys to accept
    /// with, which can't be stored, and where the cache can't be written.
    pub fn store(&self, options: &StoreOptions) -> Result<Stored, Error> {
        options
            .mech
            .map_or(Ok(Mechanism::DEFAULT), Mechanism::from_oid)?;
        if !options.usage.initiates() || !self.usage().initiates() {
            return Err(CallError::StoreAcceptor.into());
        }
        let environment = self.environment();
        let initiator = self.initiator()?;
        let snapshot = initiator.snapshot(environment, None)?;
        initiator::require_good(environment, &snapshot)?;
        let contents = snapshot.contents();
        let cache = target(environment, options, contents)?;
        let (offset, credentials) = (contents.kdc_offset, &contents.credentials);
        let stored = cache.initialize(&contents.principal, offset, credentials);
        stored.map_err(store_error)?;
        if options.make_default {
            cache.switch_to().map_err(store_error)?;
        }
        Ok(Stored {
            mechs: OidSet::from(Mechanism::DEFAULT.oid()),
            usage: CredentialUsage::Initiate,
            cache: cache.name().to_string(),
        })
    }
}

/// The cache to store into.
fn target(
    environment: &Environment,
    options: &StoreOptions,
    contents: &CacheContents,
) -> Result<Cache, Error> {
    let (default, collection) = match &options.cache {
        Some(name) => (
            environment.cache(name),
            environment.cache_collection_of(name),
        ),
        None => (environment.default_cache(), environment.cache_collection()),
    };
    let (default, collection) = (
        default.map_err(store_error)?,
        collection.map_err(store_error)?,
    );
    let existing = if default.name().is_switchable() {
        collection.find(&contents.principal).map_err(store_error)?
    } else {
        default.principal().is_ok().then(|| default.clone())
    };
    match existing {
        Some(cache) if !options.overwrite => {
            Err(CallError::StoredAlready(cache.name().to_string()).into())
        }
        Some(cache) => Ok(cache),
        None if default.name().is_switchable() => collection.new_cache().map_err(store_error),
        None => Ok(default),
    }
}

fn store_error(error: CacheError) -> Error {
    match error {
        CacheError::Name(TypedNameError::UnknownType {
            name, type_name, ..
        }) => {
            let kind = type_name;
            CallError::StoreKind { name, kind }.into()
        }
        error => cache_error(error),
    }
}
