//! What is acquired.

use core::fmt;
use std::ffi::{OsStr, OsString};

use orthros_host::{Cache, Environment, KeytabHandle};
use orthros_krb5::{KdcReply, TransportError};
use orthros_types::{Duration, Principal};

use super::acquisition::{Acquisition, AcquisitionStep, PasswordOptions, Plan, PlannedAcceptor};
use super::initiator::ClientKeytab;
use super::verify::Verifier;
use super::{AcceptorCredential, Credential, DesiredCredential, InitiatorCredential};
use crate::error::{CallError, cache_error, config_error, keytab_error};
use crate::mech::Mechanism;
use crate::mech::inquiry::mechanisms;
use crate::{CredentialUsage, Error, Lifetime, Name, NameType, OidSet, Progress, SecretVec};

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
    /// What a KDC's reply is waited for.
    waiting: Option<Box<Acquisition>>,
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
            waiting: None,
        }
    }

    /// The identity: the client that the cache must be of, or the service that the keytab must have a key of. A
    /// host-based service without a host stands for that service on any host.
    pub fn name(mut self, name: impl Into<Name>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What for. Unless it is said, [`Both`](CredentialUsage::Both), or [`Initiate`](CredentialUsage::Initiate) with a
    /// password or a client keytab that is not for [`user_to_user`](Self::user_to_user). Only where `Both` is said are
    /// its tickets used in the names of the users whose contexts it accepts:
    /// [`delegated_cred`](crate::SecurityContext::delegated_cred).
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

    /// The credential cache to initiate with, by its name: see [`CacheName`](orthros_host::CacheName).
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
    /// keytab (user-to-user, RFC 4120 section 2.9.2): a user can be connected to then. Initiators need
    /// [that ticket](Credential::ticket_granting_ticket) before, or ask for it with
    /// [`Oid::KRB5_USER_TO_USER`](crate::Oid::KRB5_USER_TO_USER).
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
        let mut step = self.begin()?;
        loop {
            match step {
                AcquisitionStep::AskKdc {
                    acquisition,
                    request,
                    kdcs,
                } => {
                    let reply = acquisition.environment().ask_kdc(&request, kdcs);
                    step = acquisition.answer(reply)?;
                }
                AcquisitionStep::Ready(credential) => return Ok(credential),
            }
        }
    }

    /// Begins to acquire it for a caller that asks KDCs itself: over another transport, or without blocking.
    /// [`build`](Self::build) does the same over the environment's transport.
    ///
    /// Nothing is sent; caches, keytabs and, where a KDC does not know a service by its first name, the environment's
    /// [`Resolver`](crate::environment::Resolver) are looked at. The builder can be begun with again when it has come
    /// to its end.
    ///
    /// ```no_run
    /// use orthros::environment::{KdcReply, KdcRequest, KdcSelection, TransportError};
    /// use orthros::{Credential, Error, Name, Progress};
    /// # async fn ask(_: KdcRequest, _: KdcSelection) -> Result<KdcReply, TransportError> { unimplemented!() }
    ///
    /// async fn log_in(user: &str, password: &str) -> Result<Credential, Error> {
    ///     let mut builder = Credential::acquire().name(Name::user(user)?).password(password);
    ///     let mut progress = builder.start()?;
    ///     loop {
    ///         match progress {
    ///             Progress::AskKdc { request, kdcs } => {
    ///                 progress = builder.answer(ask(request, kdcs).await)?;
    ///             }
    ///             Progress::Ready(credential) => return Ok(credential),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn start(&mut self) -> Result<Progress<Credential>, Error> {
        // What was begun and not answered is given up.
        self.waiting = None;
        let step = self.begin()?;
        Ok(self.progress(step))
    }

    /// Goes on with what a KDC replied, or why none did.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and `FAILURE` where no KDC was to be asked.
    pub fn answer(
        &mut self,
        reply: Result<KdcReply, TransportError>,
    ) -> Result<Progress<Credential>, Error> {
        let acquisition = self.waiting.take().ok_or(CallError::UnaskedReply)?;
        let step = acquisition.answer(reply)?;
        Ok(self.progress(step))
    }

    fn progress(&mut self, step: AcquisitionStep) -> Progress<Credential> {
        match step {
            AcquisitionStep::AskKdc {
                acquisition,
                request,
                kdcs,
            } => {
                self.waiting = Some(acquisition);
                Progress::AskKdc { request, kdcs }
            }
            AcquisitionStep::Ready(credential) => Progress::Ready(credential),
        }
    }

    fn begin(&self) -> Result<AcquisitionStep, Error> {
        if let Some(mechs) = &self.mechs {
            require_supported(mechs)?;
        }
        self.require_sense()?;
        let environment = match &self.environment {
            Some(environment) => environment.current(),
            None => crate::environment::process()?,
        };
        let usage = self.usage.unwrap_or(self.default_usage());
        let accepts_with_ticket = self.user_to_user && usage.accepts();
        let acceptor = match usage.accepts() {
            true if accepts_with_ticket => PlannedAcceptor::Ticket(self.replay_cache.clone()),
            true => PlannedAcceptor::Keytab(self.acceptor(&environment)?),
            false => PlannedAcceptor::None,
        };
        let needs_tickets = usage.initiates() || accepts_with_ticket;
        let plan = Plan {
            environment,
            usage,
            is_for_both: self.usage == Some(CredentialUsage::Both),
            acceptor,
        };
        match &self.password {
            _ if !needs_tickets => plan.without_tickets(),
            Some(password) => {
                let options = self.password_options(password, &plan.environment)?;
                plan.with_password(options)
            }
            None => {
                let desired = self.desired(&plan.environment)?;
                plan.with_cache(InitiatorCredential::new(desired))
            }
        }
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
                refused("client keytab", "together with a password")
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

    /// The cache to initiate with, and the client keytab.
    fn desired(&self, environment: &Environment) -> Result<DesiredCredential, Error> {
        let client_keytab = match &self.client_keytab {
            None => ClientKeytab::Default,
            Some(name) => ClientKeytab::Named(environment.keytab(name).map_err(keytab_error)?),
        };
        Ok(DesiredCredential {
            cache: self.cache(environment)?,
            client: self.client(environment)?,
            client_keytab,
            lifetime: self.lifetime,
        })
    }

    /// A ticket-granting ticket by password, which goes into a cache.
    fn password_options(
        &self,
        password: &SecretVec,
        environment: &Environment,
    ) -> Result<PasswordOptions, Error> {
        let client = self.client(environment)?.ok_or(CallError::NoClient)?;
        let mut request = environment.initial_options(client).map_err(config_error)?;
        if let Lifetime::Seconds(seconds @ 1..) = self.lifetime {
            request.lifetime = Duration::from_seconds(seconds.into());
        }
        let verifier = self.verify.as_ref().map(|name| {
            Ok::<_, Error>(Verifier {
                service: verifier_principal(name, environment)?,
                keytab: self.accepting_keytab(environment)?,
            })
        });
        Ok(PasswordOptions {
            request,
            password: password.clone(),
            cache: self.cache(environment)?,
            verifier: verifier.transpose()?,
        })
    }

    fn client(&self, environment: &Environment) -> Result<Option<Principal>, Error> {
        let name = self.name.as_ref();
        name.map(|name| client_principal(name, environment))
            .transpose()
    }

    fn cache(&self, environment: &Environment) -> Result<Option<Cache>, Error> {
        let cache = self.cache.as_ref().map(|name| environment.cache(name));
        cache.transpose().map_err(cache_error)
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
    let name = name.canonicalize_client(Mechanism::DEFAULT.oid(), environment)?;
    let principal = name.principal().clone();
    if !principal.realm().is_empty() {
        return Ok(principal);
    }
    Ok(match environment.default_realm() {
        Some(realm) => principal.with_realm(realm),
        None => principal,
    })
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
