//! What is acquired.

use core::fmt;
use std::ffi::OsString;

use orthros_host::Environment;
use orthros_krb5::crypto::SecretVec;
use orthros_krb5::{Duration, Principal};

use super::{AcceptorHalf, Credential, InitiatorHalf};
use crate::error::{Refusal, acquire_error, cache_error, config_error, keytab_error};
use crate::mechanism;
use crate::{CredentialUsage, Error, Lifetime, Name, Oid, OidSet};

/// Acquires a [`Credential`] (`gss_acquire_cred`, `gss_acquire_cred_with_password`). What it is not told is the default: the
/// environment's default cache and default keytab, whoever they are of.
#[must_use = "it acquires nothing until it is built"]
pub struct CredentialBuilder {
    name: Option<Name>,
    usage: Option<CredentialUsage>,
    lifetime: Lifetime,
    mechs: Option<OidSet>,
    password: Option<SecretVec>,
    cache: Option<OsString>,
    keytab: Option<OsString>,
    client_keytab: Option<OsString>,
    environment: Option<Environment>,
}

impl CredentialBuilder {
    pub(super) fn new() -> Self {
        Self {
            name: None,
            usage: None,
            lifetime: Lifetime::Indefinite,
            mechs: None,
            password: None,
            cache: None,
            keytab: None,
            client_keytab: None,
            environment: None,
        }
    }

    /// Whom to be: the client that the cache must be of, or the service that the keytab must have a key of. A host-based service
    /// without a host stands for that service on any host.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What for. Unless it is said, [`Both`](CredentialUsage::Both), or [`Initiate`](CredentialUsage::Initiate) with a password or a
    /// client keytab.
    pub fn usage(mut self, usage: CredentialUsage) -> Self {
        self.usage = Some(usage);
        self
    }

    /// How long tickets that are got shall be good at most; 0 seconds are as good as no wish. The KDC decides.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// For which mechanisms; at least one must be supported.
    pub fn mechs(mut self, mechs: &OidSet) -> Self {
        self.mechs = Some(mechs.clone());
        self
    }

    /// Gets fresh tickets from the KDC with this password, at once. They are kept in memory, or in the cache that
    /// [`ccache`](Self::ccache) names.
    pub fn password(mut self, password: impl AsRef<[u8]>) -> Self {
        self.password = Some(SecretVec::from(password.as_ref()));
        self
    }

    /// Gets fresh tickets from the KDC with the client's keys in this keytab, `FILE:path` or a path, at once. They are kept
    /// in memory, or in the cache that [`ccache`](Self::ccache) names.
    pub fn client_keytab(mut self, keytab: impl Into<OsString>) -> Self {
        self.client_keytab = Some(keytab.into());
        self
    }

    /// The credential cache to initiate with: `FILE:path`, `MEMORY:name` or a path.
    pub fn ccache(mut self, cache: impl Into<OsString>) -> Self {
        self.cache = Some(cache.into());
        self
    }

    /// The keytab to accept with: `FILE:path` or a path.
    pub fn keytab(mut self, keytab: impl Into<OsString>) -> Self {
        self.keytab = Some(keytab.into());
        self
    }

    /// Whose caches, keytabs, configuration, clock and network to use, instead of the process'.
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = Some(environment.clone());
        self
    }

    /// Acquires it.
    ///
    /// Keys to accept with must be there now. So must the tickets of a cache, unless it is for both uses, or a name picks the
    /// default cache: then they are looked at when first used, as in MIT krb5.
    ///
    /// # Errors
    ///
    /// `NO_CRED` where there is no cache or key; `CREDENTIALS_EXPIRED` where the tickets have expired; `DEFECTIVE_CREDENTIAL` where a
    /// cache or keytab is damaged; `BAD_MECH`; `BAD_NAME`; `FAILURE` where the KDC gives no tickets: the minor status tells a
    /// wrong password (`KRB5KDC_ERR_PREAUTH_FAILED` or `KRB5KRB_AP_ERR_BAD_INTEGRITY`) from a KDC that does not answer.
    pub fn build(self) -> Result<Credential, Error> {
        if let Some(mechs) = &self.mechs {
            require_supported(mechs)?;
        }
        let environment = match &self.environment {
            Some(environment) => environment.clone(),
            None => crate::environment::process()?,
        };
        let usage = self.usage.unwrap_or(self.default_usage());
        let acceptor = match usage.accepts() {
            true => Some(self.acceptor(&environment)?),
            false => None,
        };
        let initiator = match usage.initiates() {
            true => Some(self.initiator(usage, &environment)?),
            false => None,
        };
        Ok(Credential::new(&environment, usage, initiator, acceptor))
    }

    fn default_usage(&self) -> CredentialUsage {
        if self.password.is_some() || self.client_keytab.is_some() {
            CredentialUsage::Initiate
        } else {
            CredentialUsage::Both
        }
    }

    fn acceptor(&self, environment: &Environment) -> Result<AcceptorHalf, Error> {
        let keytab = match &self.keytab {
            Some(name) => environment.keytab(name),
            None => environment.default_keytab(),
        };
        AcceptorHalf::acquire(
            keytab.map_err(keytab_error)?,
            self.name.as_ref(),
            environment,
        )
    }

    fn initiator(
        &self,
        usage: CredentialUsage,
        environment: &Environment,
    ) -> Result<InitiatorHalf, Error> {
        let client = self.name.as_ref();
        let client = client
            .map(|name| client_principal(name, environment))
            .transpose()?;
        if self.password.is_some() || self.client_keytab.is_some() {
            let client = client.ok_or_else(|| Error::from(Refusal::NoClient))?;
            return self.first_ticket(client, environment);
        }
        let cache = match &self.cache {
            Some(name) => environment.cache(name),
            None => environment.default_cache(),
        };
        let is_lazy = usage == CredentialUsage::Both || (self.cache.is_none() && client.is_some());
        let initiator = InitiatorHalf::new(cache.map_err(cache_error)?, client);
        if !is_lazy {
            initiator.check(environment)?;
        }
        Ok(initiator)
    }

    /// Gets a ticket-granting ticket and puts it into a cache.
    fn first_ticket(
        &self,
        client: Principal,
        environment: &Environment,
    ) -> Result<InitiatorHalf, Error> {
        let mut options = environment.initial_options(client).map_err(config_error)?;
        if let Lifetime::Seconds(seconds @ 1..) = self.lifetime {
            options.lifetime = Duration::from_seconds(seconds.into());
        }
        let ticket = match (&self.password, &self.client_keytab) {
            (Some(password), _) => environment.acquire_with_password(options, password.clone()),
            (None, Some(keytab)) => {
                let keytab = environment.keytab(keytab).map_err(keytab_error)?;
                environment.acquire_with_keytab(options, &keytab)
            }
            (None, None) => return Err(Refusal::NoClient.into()),
        };
        let ticket = ticket.map_err(acquire_error)?;
        let initiator = match &self.cache {
            Some(name) => InitiatorHalf::new(environment.cache(name).map_err(cache_error)?, None),
            None => InitiatorHalf::in_memory(environment)?,
        };
        initiator.store(&ticket, environment)
    }
}

impl fmt::Debug for CredentialBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialBuilder")
            .field("name", &self.name)
            .field("usage", &self.usage)
            .field("lifetime", &self.lifetime)
            .field("mechs", &self.mechs)
            .field("has_password", &self.password.is_some())
            .field("cache", &self.cache)
            .field("keytab", &self.keytab)
            .field("client_keytab", &self.client_keytab)
            .finish_non_exhaustive()
    }
}

/// The client of a name. A service that is one is in the default realm where its host's realm is not configured: there is no
/// ticket yet that a KDC could refer with.
fn client_principal(name: &Name, environment: &Environment) -> Result<Principal, Error> {
    let name = name.canonicalize_in(Oid::KRB5, environment)?;
    let principal = name.principal().clone();
    match environment.config().default_realm() {
        Some(realm) if principal.realm().is_empty() => Ok(principal.with_realm(realm)),
        _ => Ok(principal),
    }
}

fn require_supported(mechs: &OidSet) -> Result<(), Error> {
    let supported = mechanism::mechanisms();
    match mechs.first() {
        Some(first) if !mechs.iter().any(|mech| supported.contains(mech)) => {
            mechanism::require(*first)
        }
        _ => Ok(()),
    }
}
