//! How a realm is put together.

use core::fmt;
use std::prelude::rust_2024::*;
use std::sync::Arc;

use orthros_crypto::{Enctype, SecretVec};
use orthros_host::{Clock, Environment, MemoryReplayCache, SystemClock};
use orthros_types::Principal;
use orthros_types::keytab::Keytab;

use super::delegation::Delegation;
use super::{Realm, RealmError, config, principals};
use crate::server::{Server, ServerBuilder};
use crate::{
    Kdc, MemoryLookaside, MemoryStore, PrincipalEntry, PrincipalFlags, RealmPolicy, Store,
};

/// Starts a [`Realm`].
pub struct RealmBuilder {
    name: String,
    users: Vec<(String, SecretVec)>,
    services: Vec<String>,
    entries: Vec<PrincipalEntry>,
    delegations: Vec<Delegation>,
    policy: RealmPolicy,
    password_enctypes: Vec<Enctype>,
    store: Option<Arc<dyn Store>>,
    clock: Arc<dyn Clock>,
    server: ServerBuilder,
    lookaside: MemoryLookaside,
}

impl RealmBuilder {
    pub(super) fn new(name: String) -> Self {
        Self {
            policy: RealmPolicy::new(name.as_bytes()),
            name,
            users: Vec::new(),
            services: Vec::new(),
            entries: Vec::new(),
            delegations: Vec::new(),
            password_enctypes: PASSWORD_ENCTYPES.into(),
            store: None,
            clock: Arc::new(SystemClock),
            server: Server::builder(),
            lookaside: MemoryLookaside::default(),
        }
    }

    /// A user with a password: a principal that must preauthenticate. One that the store has already keeps its
    /// password.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl AsRef<[u8]>) -> Self {
        let password = SecretVec::from(password.as_ref());
        self.users.push((name.into(), password));
        self
    }

    /// A service, such as `HTTP/localhost`, with random keys, which the realm's keytab has. One that the store has
    /// already keeps its keys.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.services.push(name.into());
        self
    }

    /// A principal with keys, flags and bounds of the caller's. One that the store has already is left as it is.
    #[must_use]
    pub fn principal(mut self, entry: PrincipalEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Lets a service pass on its clients to another one, by tickets that they gave it: constrained delegation, by the
    /// service's own account ([`PrincipalEntry::delegation_targets`]). Both must be there; what is allowed already
    /// stays.
    #[must_use]
    pub fn delegate(mut self, service: impl Into<String>, target: impl Into<String>) -> Self {
        let (service, target) = (service.into(), target.into());
        self.delegations.push(Delegation::To { service, target });
        self
    }

    /// Lets a service act for users towards another one: resource-based constrained delegation, by the target's
    /// account ([`PrincipalEntry::delegation_sources`]). Both must be there; what is allowed already stays.
    ///
    /// A service without targets of its own may do so for any user, whether they came to it or not; one with such
    /// targets for those alone who did, unless [`protocol_transition`](Self::protocol_transition) is said of it.
    #[must_use]
    pub fn delegate_from(mut self, target: impl Into<String>, service: impl Into<String>) -> Self {
        let (target, service) = (target.into(), service.into());
        self.delegations.push(Delegation::From { target, service });
        self
    }

    /// Lets a service with delegation targets pass on any user, also those who gave it no ticket
    /// ([`PrincipalFlags::OK_TO_AUTH_AS_DELEGATE`]).
    #[must_use]
    pub fn protocol_transition(mut self, service: impl Into<String>) -> Self {
        let service = service.into();
        self.delegations.push(Delegation::AnyUser { service });
        self
    }

    /// What the realm allows: the usual ([`RealmPolicy::new`]) where this is not said. The name stays the builder's.
    #[must_use]
    pub fn policy(mut self, policy: RealmPolicy) -> Self {
        self.policy = policy;
        self.policy.realm = self.name.clone().into_bytes();
        self
    }

    /// Of which enctypes users get keys of their passwords: aes256-cts-hmac-sha1-96 and aes128-cts-hmac-sha1-96 where
    /// this is not said. Those of RFC 8009 take some 15 times as long to derive.
    #[must_use]
    pub fn password_enctypes(mut self, enctypes: impl Into<Vec<Enctype>>) -> Self {
        self.password_enctypes = enctypes.into();
        self
    }

    /// Where its principals are kept: in memory where this is not said. What is in the store stays as it is: the
    /// builder's principals are added where they are missing, and change nothing at the next start.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// The clock of the KDC and of the realm's environments: the system's where this is not said. Keep an [`Arc`] to
    /// move a [`ManualClock`](orthros_host::ManualClock).
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How the KDC is served: [`Server::builder`] where this is not said. For what it has no address for it listens
    /// on a port of the system's choice at 127.0.0.1. Clock and randomness are the realm's, whatever environment the
    /// server was given.
    #[must_use]
    pub fn server(mut self, server: ServerBuilder) -> Self {
        self.server = server;
        self
    }

    /// What it remembers of replies, for clients that ask again.
    #[must_use]
    pub fn lookaside(mut self, lookaside: MemoryLookaside) -> Self {
        self.lookaside = lookaside;
        self
    }

    /// Makes the principals and starts the KDC.
    ///
    /// # Errors
    ///
    /// [`RealmError`]: a name that is none, a store that fails, an address that can't be listened on.
    pub fn start(self) -> Result<Realm, RealmError> {
        if !config::is_plain(&self.name) {
            return Err(RealmError::RealmName { realm: self.name });
        }
        let environment = Environment::builder()
            .clock(Arc::clone(&self.clock))
            .build();
        let store = self.store.clone();
        let store = store.unwrap_or_else(|| Arc::new(MemoryStore::new()));
        if let Some(other) = store.realm().filter(|realm| *realm != self.name.as_bytes()) {
            return Err(RealmError::StoreOfOtherRealm {
                store: String::from_utf8_lossy(other).into(),
                realm: self.name,
            });
        }
        let services = self.services()?;
        let keytab = self.fill(&*store, &services, &environment)?;
        for delegation in &self.delegations {
            delegation.allow(&*store, &self.name)?;
        }
        let allow_rc4 = self.policy.enctypes.contains(&Enctype::ARCFOUR_HMAC);
        let kdc = Kdc::new(self.policy, store)
            .with_replay_cache(Arc::new(MemoryReplayCache::new()))
            .with_replays_known_since(environment.now())
            .with_lookaside(Arc::new(self.lookaside));
        let server = self.server.environment(environment).or_on_loopback();
        let server = server.start(Arc::new(kdc))?;
        let kdcs = [
            ("kdc", server.addresses(), server.paths()),
            (
                "kpasswd_server",
                server.password_addresses(),
                server.password_paths(),
            ),
        ];
        let paths = kdcs.iter().flat_map(|(_, _, paths)| *paths);
        if let Some(path) = paths.into_iter().find(|path| !config::is_plain_path(path)) {
            return Err(RealmError::SocketPath { path: path.clone() });
        }
        let krb5_conf = config::krb5_conf(allow_rc4, &self.name, &kdcs, &services);
        Ok(Realm {
            environment: principals::environment(&krb5_conf, &self.clock, &keytab)?,
            name: self.name,
            server,
            keytab,
            krb5_conf,
            clock: self.clock,
        })
    }

    fn services(&self) -> Result<Vec<Principal>, RealmError> {
        let names = self.services.iter();
        names
            .map(|name| principals::parse(name, &self.name))
            .collect()
    }

    /// Adds all principals that the store lacks, and gives the keys of the services.
    fn fill(
        &self,
        store: &dyn Store,
        services: &[Principal],
        environment: &Environment,
    ) -> Result<Keytab, RealmError> {
        let random = &mut environment.random();
        let enctypes = &self.policy.enctypes;
        let realm = self.name.as_bytes();
        // First, so that the caller may say what the realm's own are.
        for entry in &self.entries {
            principals::seed(store, entry.clone())?;
        }
        let granting = Principal::local_ticket_granting(realm);
        let none = PrincipalFlags::empty();
        principals::seed_service(store, &granting, none, enctypes, random)?;
        let changing = Principal::new(realm, ["kadmin", "changepw"]);
        principals::seed_password_service(store, &changing, enctypes, random)?;
        for (name, password) in &self.users {
            let principal = principals::parse(name, &self.name)?;
            principals::seed_user(store, principal, password, &self.password_enctypes)?;
        }
        let mut keytab = Keytab::default();
        let now = environment.now();
        for service in services {
            principals::seed_service(store, service, none, enctypes, random)?;
            let entry = store.find(service)?;
            let entry = entry.ok_or_else(|| RealmError::NoPrincipal {
                principal: service.clone(),
            })?;
            for entry in principals::keytab_entries(&entry, now) {
                keytab.push(entry);
            }
        }
        Ok(keytab)
    }
}

impl fmt::Debug for RealmBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealmBuilder")
            .field("name", &self.name)
            .field("services", &self.services)
            .field("policy", &self.policy)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// What all clients have, and costs little.
const PASSWORD_ENCTYPES: [Enctype; 2] = [
    Enctype::AES256_CTS_HMAC_SHA1_96,
    Enctype::AES128_CTS_HMAC_SHA1_96,
];
