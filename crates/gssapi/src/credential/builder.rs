//! What is acquired.

use core::fmt;
use std::ffi::{OsStr, OsString};

use orthros_host::{Cache, Environment, KeytabHandle};
use orthros_types::{Duration, Principal};

use super::initiator::ClientKeytab;
use super::{AcceptorCredential, Credential, DesiredCredential, InitiatorCredential, verify};
use crate::error::{CallError, acquire_error, cache_error, config_error, keytab_error};
use crate::mech::Mechanism;
use crate::mech::inquiry::mechanisms;
use crate::{CredentialUsage, Error, Lifetime, Name, NameType, OidSet, SecretVec};

/// Acquires a [`Credential`] (`gss_acquire_cred`, `gss_acquire_cred_with_password`). What it is not told is the
/// default: the environment's default cache and default keytab, whatever their principals are.
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
    replay_cache: Option<OsString>,
    verify: Option<String>,
    user_to_user: bool,
    repeated: Option<String>,
    environment: Option<Environment>,
}

impl Credential {
    /// A credential to be acquired; see [`CredentialBuilder`] for what it can be told.
    pub fn acquire() -> CredentialBuilder {
        CredentialBuilder::new()
    }
}

impl CredentialBuilder {
    fn new() -> Self {
        Self {
            name: None,
            usage: None,
            lifetime: Lifetime::Indefinite,
            mechs: None,
            password: None,
            cache: None,
            keytab: None,
            client_keytab: None,
            replay_cache: None,
            verify: None,
            user_to_user: false,
            repeated: None,
            environment: None,
        }
    }

    /// The identity: the client that the cache must be of, or the service that the keytab must have a key of. A
    /// host-based service without a host stands for that service on any host.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What for. Unless it is said, [`Both`](CredentialUsage::Both), or [`Initiate`](CredentialUsage::Initiate) with a
    /// password or a client keytab that is not for [`user_to_user`](Self::user_to_user).
    pub fn usage(mut self, usage: CredentialUsage) -> Self {
        self.usage = Some(usage);
        self
    }

    /// How long tickets that are got shall be good at most; 0 seconds are as good as none. The KDC decides.
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

    /// Gets tickets from the KDC with the client's keys in this keytab, `FILE:path` or a path, instead of the
    /// environment's client keytab: where the cache has none, when half of their time is over, and when they end.
    /// Without a name the client is the one whose key comes first.
    ///
    /// They are kept in the cache that [`ccache`](Self::ccache) names; else in that of the client in the collection;
    /// else in the default cache where that is not there yet, or in a new one of the collection.
    pub fn client_keytab(mut self, keytab: impl Into<OsString>) -> Self {
        self.client_keytab = Some(keytab.into());
        self
    }

    /// The credential cache to initiate with: `FILE:path`, `DIR:path`, `MEMORY:name` or a path.
    pub fn ccache(mut self, cache: impl Into<OsString>) -> Self {
        self.cache = Some(cache.into());
        self
    }

    /// The keytab to accept with: `FILE:path` or a path.
    pub fn keytab(mut self, keytab: impl Into<OsString>) -> Self {
        self.keytab = Some(keytab.into());
        self
    }

    /// Where acceptors remember authenticators, instead of where the environment's do: `dfl:`, `file2:path` or
    /// `none:`.
    pub fn rcache(mut self, name: impl Into<OsString>) -> Self {
        self.replay_cache = Some(name.into());
        self
    }

    /// Verifies that the tickets which a password gets came from the real KDC, with the keytab's key of this
    /// principal; with an empty name, with that of any host. A program that only asks for a password to let a user in
    /// has to do this.
    pub fn verify(mut self, principal: impl Into<String>) -> Self {
        self.verify = Some(principal.into());
        self
    }

    /// Accepts with the session key of the ticket-granting ticket that it initiates with, instead of the keys of a
    /// keytab (user-to-user, RFC 4120 section 2.9.2): a user can be connected to then. Initiators need [that
    /// ticket](Credential::ticket_granting_ticket) before, or ask for it with [`Oid::KRB5_USER_TO_USER`].
    pub fn user_to_user(mut self, user_to_user: bool) -> Self {
        self.user_to_user = user_to_user;
        self
    }

    /// Takes a credential store as MIT has it (`gss_acquire_cred_from`): pairs of a key and a value, with the keys
    /// `ccache`, `client_keytab`, `keytab`, `password`, `rcache` and `verify`, each of which is a method here too.
    /// Other keys are for other mechanisms and don't count. A key that is there twice is an error when the credential
    /// is built.
    pub fn cred_store<'a>(self, elements: impl IntoIterator<Item = (&'a str, &'a OsStr)>) -> Self {
        let mut seen = Vec::new();
        elements
            .into_iter()
            .fold(self, |mut builder, (key, value)| {
                if seen.contains(&key) {
                    builder.repeated = Some(key.to_owned());
                }
                seen.push(key);
                match key {
                    "ccache" => builder.ccache(value),
                    "client_keytab" => builder.client_keytab(value),
                    "keytab" => builder.keytab(value),
                    "password" => builder.password(value.as_encoded_bytes()),
                    "rcache" => builder.rcache(value),
                    "verify" => builder.verify(value.to_string_lossy()),
                    _ => builder,
                }
            })
    }

    /// Which caches, keytabs, configuration, clock and network to use, instead of the process'.
    pub fn environment(mut self, environment: &Environment) -> Self {
        self.environment = Some(environment.clone());
        self
    }

    /// Acquires it.
    ///
    /// Keys to accept with must be there now. So must tickets, or keys to get them with, unless it is for both uses:
    /// then they are looked at when first used, as in MIT krb5. Without a name and a cache, which cache it is is
    /// chosen when it is first used.
    ///
    /// # Errors
    ///
    /// `NO_CRED` where there is no cache or key; `CREDENTIALS_EXPIRED` where the tickets have expired;
    /// `DEFECTIVE_CREDENTIAL` where a cache or keytab is damaged; `DUPLICATE_ELEMENT` and `FAILURE` for elements that
    /// don't go together; `BAD_MECH`; `BAD_NAME`; `FAILURE` where the KDC gives no tickets: the minor status tells a
    /// wrong password (`KRB5KDC_ERR_PREAUTH_FAILED` or `KRB5KRB_AP_ERR_BAD_INTEGRITY`) from a KDC that does not
    /// answer, and so does [`Error::kind`].
    pub fn build(self) -> Result<Credential, Error> {
        if let Some(mechs) = &self.mechs {
            require_supported(mechs)?;
        }
        self.require_sense()?;
        let environment = match &self.environment {
            Some(environment) => environment.current(),
            None => crate::environment::process()?,
        };
        let usage = self.usage.unwrap_or(self.default_usage());
        if self.user_to_user && usage.accepts() {
            return self.build_user_to_user(usage, &environment);
        }
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

    fn build_user_to_user(
        self,
        usage: CredentialUsage,
        environment: &Environment,
    ) -> Result<Credential, Error> {
        let initiator = self.initiator(usage, environment)?;
        let acceptor = AcceptorCredential::of_ticket(initiator.clone())
            .remembering_in(self.replay_cache, environment)?;
        acceptor.require_key(None, environment)?;
        let initiator = Some(initiator).filter(|_| usage.initiates());
        Ok(Credential::new(
            environment,
            usage,
            initiator,
            Some(acceptor),
        ))
    }

    fn default_usage(&self) -> CredentialUsage {
        let gets_tickets = self.password.is_some() || self.client_keytab.is_some();
        if gets_tickets && !self.user_to_user {
            CredentialUsage::Initiate
        } else {
            CredentialUsage::Both
        }
    }

    /// What MIT refuses: elements that contradict each other, or would have no effect.
    fn require_sense(&self) -> Result<(), Error> {
        let refused = |element, why| Err(CallError::StoreElement(element, why).into());
        let accepts_only = self.usage == Some(CredentialUsage::Accept) && !self.user_to_user;
        if let Some(key) = &self.repeated {
            return Err(CallError::StoreElementTwice(key.clone()).into());
        }
        if self.user_to_user && self.keytab.is_some() {
            return refused("keytab", "for user-to-user");
        }
        match (&self.password, &self.verify) {
            (None, Some(_)) => refused("principal to verify with", "without a password"),
            (Some(_), _) if accepts_only => refused("password", "for accepting"),
            (Some(_), _) if self.client_keytab.is_some() => {
                refused("client keytab", "beside a password")
            }
            _ => Ok(()),
        }
    }

    fn acceptor(&self, environment: &Environment) -> Result<AcceptorCredential, Error> {
        let keytab = self.accepting_keytab(environment)?;
        AcceptorCredential::acquire(keytab, self.name.as_ref(), environment)?
            .remembering_in(self.replay_cache.clone(), environment)
    }

    fn accepting_keytab(&self, environment: &Environment) -> Result<KeytabHandle, Error> {
        let keytab = match &self.keytab {
            Some(name) => environment.keytab(name),
            None => environment.default_keytab(),
        };
        keytab.map_err(keytab_error)
    }

    fn initiator(
        &self,
        usage: CredentialUsage,
        environment: &Environment,
    ) -> Result<InitiatorCredential, Error> {
        let client = self.name.as_ref();
        let client = client
            .map(|name| client_principal(name, environment))
            .transpose()?;
        let cache = self.cache.as_ref().map(|name| environment.cache(name));
        let cache = cache.transpose().map_err(cache_error)?;
        if let Some(password) = &self.password {
            let client = client.ok_or(CallError::NoClient)?;
            return self.first_ticket(client, password, cache, environment);
        }
        let client_keytab = match &self.client_keytab {
            None => ClientKeytab::Default,
            Some(name) => ClientKeytab::Named(environment.keytab(name).map_err(keytab_error)?),
        };
        let initiator = InitiatorCredential::new(DesiredCredential {
            cache,
            client,
            client_keytab,
            lifetime: self.lifetime,
        });
        if usage == CredentialUsage::Initiate {
            initiator.check(environment)?;
        }
        Ok(initiator)
    }

    /// Gets a ticket-granting ticket and puts it into a cache.
    fn first_ticket(
        &self,
        client: Principal,
        password: &SecretVec,
        cache: Option<Cache>,
        environment: &Environment,
    ) -> Result<InitiatorCredential, Error> {
        let mut options = environment.initial_options(client).map_err(config_error)?;
        if let Lifetime::Seconds(seconds @ 1..) = self.lifetime {
            options.lifetime = Duration::from_seconds(seconds.into());
        }
        let ticket = environment.acquire_with_password(options, password.clone());
        let ticket = ticket.map_err(acquire_error)?;
        if let Some(verifier) = &self.verify {
            // The ticket is in no cache that others see before it is verified.
            let fresh = InitiatorCredential::of_ticket(&ticket, None, environment)?;
            let service = verifier_principal(verifier, environment)?;
            let keytab = self.accepting_keytab(environment)?;
            verify::verify(&fresh, service, &keytab, environment)?;
        }
        InitiatorCredential::of_ticket(&ticket, cache, environment)
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

/// The client of a name. A service that is one is in the default realm where its host's realm is not configured: there
/// is no ticket yet that a KDC could refer with.
fn client_principal(name: &Name, environment: &Environment) -> Result<Principal, Error> {
    let name = name.canonicalize_in(Mechanism::DEFAULT.oid(), environment)?;
    let principal = name.principal().clone();
    match environment.config().default_realm() {
        Some(realm) if principal.realm().is_empty() => Ok(principal.with_realm(realm)),
        _ => Ok(principal),
    }
}

/// With whose key tickets are verified; `None` for any host's.
fn verifier_principal(name: &str, environment: &Environment) -> Result<Option<Principal>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    let name = Name::new(name, NameType::KRB5_PRINCIPAL_NAME)?;
    client_principal(&name, environment).map(Some)
}

fn require_supported(mechs: &OidSet) -> Result<(), Error> {
    let supported = mechanisms();
    match mechs.first() {
        Some(first) if !mechs.iter().any(|mech| supported.contains(mech)) => {
            Mechanism::from_oid(*first).map(drop)
        }
        _ => Ok(()),
    }
}
