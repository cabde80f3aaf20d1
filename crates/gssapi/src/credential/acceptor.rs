//! The accepting half of a credential.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use orthros_host::{Environment, KeytabHandle};
use orthros_krb5::ap::AcceptorKey;
pub(super) use orthros_krb5::ap::AcceptorName;
use orthros_types::{Principal, ReplayCache};

use super::InitiatorCredential;
use crate::error::{CallError, config_error, hostname_error, replay_name_error};
use crate::mech::Mechanism;
use crate::{Error, Name};

mod keys;

pub(crate) use keys::AcceptorKeys;

/// Keys, and which of their principals contexts are accepted for.
#[derive(Debug, Clone)]
pub(crate) struct AcceptorCredential {
    keys: AcceptorKeys,
    name: AcceptorName,
    replay: Option<NamedReplayCache>,
}

/// Where this credential's acceptors remember authenticators, if not where the environment's do.
#[derive(Clone)]
struct NamedReplayCache {
    name: OsString,
    store: Arc<dyn ReplayCache>,
}

impl AcceptorCredential {
    /// Looks whether the keytab has such a key now. The file is looked at again for each context, so that a
    /// server need not be restarted for new ones.
    pub(crate) fn acquire(
        keytab: KeytabHandle,
        name: Option<&Name>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let Some(name) = name else {
            let half = Self::new(keytab, AcceptorName::Any);
            return half.require_key(None, environment).map(|()| half);
        };
        let mut names = acceptor_principals(name, environment)?.into_iter();
        let of = |principal| Self::new(keytab.clone(), AcceptorName::Principal(principal));
        let first = names.next().map(&of).ok_or(CallError::NoClient)?;
        let missing = match first.require_key(Some(name.to_string()), environment) {
            Ok(()) => return Ok(first),
            Err(error) => error,
        };
        let has_key = |half: &Self| half.require_key(None, environment).is_ok();
        names.map(of).find(has_key).ok_or(missing)
    }

    /// The principal whose key comes first, where it accepts with any.
    pub(crate) fn first_principal(
        &self,
        environment: &Environment,
    ) -> Result<Option<Principal>, Error> {
        let mut first = None;
        let keys = self.keys.source(environment)?;
        keys.visit(&mut |key| {
            first.get_or_insert_with(|| key.principal.clone());
        });
        Ok(first)
    }

    /// Of this keytab, which is not looked at.
    pub(crate) fn new(keytab: KeytabHandle, name: AcceptorName) -> Self {
        Self {
            keys: AcceptorKeys::Keytab(keytab),
            name,
            replay: None,
        }
    }

    /// Of the session key of a ticket-granting ticket (user-to-user), which is not looked at.
    pub(crate) fn of_ticket(initiator: InitiatorCredential) -> Self {
        Self {
            keys: AcceptorKeys::Ticket(initiator),
            name: AcceptorName::Any,
            replay: None,
        }
    }

    /// With a replay cache of its own, by MIT's name for it.
    pub(crate) fn remembering_in(
        self,
        name: Option<OsString>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let Some(name) = name else {
            return Ok(self);
        };
        let store = environment.replay_cache_named(&name);
        let store = store.map_err(replay_name_error)?;
        Ok(Self {
            replay: Some(NamedReplayCache { name, store }),
            ..self
        })
    }

    /// Looks whether there is a key to accept with; the error names the missing one as `name`.
    pub(crate) fn require_key(
        &self,
        name: Option<String>,
        environment: &Environment,
    ) -> Result<(), Error> {
        let keys = self.keys.source(environment)?;
        let mut found = false;
        let mut visitor = |key: AcceptorKey<'_>| found |= self.name.matches(key.principal);
        keys.visit(&mut visitor);
        keys.visit_session_keys(&mut visitor);
        if found {
            return Ok(());
        }
        let keys = self.keys.to_string();
        let name = name.unwrap_or_else(|| self.name.to_string());
        Err(CallError::NoKey { keys, name }.into())
    }

    /// Where authenticators are remembered.
    pub(crate) fn replay_cache<'a>(&'a self, environment: &'a Environment) -> &'a dyn ReplayCache {
        let own = self.replay.as_ref().map(|replay| &*replay.store);
        own.unwrap_or_else(|| environment.replay_cache())
    }

    /// The name of the replay cache, where it is this credential's own.
    pub(crate) fn replay_name(&self) -> Option<&OsStr> {
        self.replay.as_ref().map(|replay| replay.name.as_os_str())
    }

    pub(crate) fn keys(&self) -> &AcceptorKeys {
        &self.keys
    }

    pub(crate) fn name(&self) -> &AcceptorName {
        &self.name
    }

    /// The holder of the ticket-granting ticket that it accepts with, where it does that.
    pub(crate) fn ticket_holder(&self) -> Option<&InitiatorCredential> {
        match &self.keys {
            AcceptorKeys::Ticket(initiator) => Some(initiator),
            AcceptorKeys::Keytab(_) => None,
        }
    }
}

impl fmt::Debug for NamedReplayCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NamedReplayCache").field(&self.name).finish()
    }
}

/// The principals that an acceptor of this name answers for: the first that there is a key of. A host-based name
/// matches in any realm, and without a host, or with `ignore_acceptor_hostname`, on any host: a server need not know
/// by which of its names the client came, as in MIT krb5.
fn acceptor_principals(name: &Name, environment: &Environment) -> Result<Vec<Principal>, Error> {
    let Some(host_based) = name.host_based()? else {
        let name = name.canonicalize_in(Mechanism::DEFAULT.oid(), environment)?;
        return Ok(vec![name.principal().clone()]);
    };
    let ignores_host = environment.config().ignore_acceptor_hostname();
    if host_based.host.is_none() || ignores_host.map_err(config_error)? {
        return Ok(vec![Principal::host_based(host_based.service, "", "")]);
    }
    let name = name.canonicalize_in(Mechanism::DEFAULT.oid(), environment)?;
    let others = environment.fallback_services(name.principal(), name.given_host());
    let others = others.map_err(hostname_error)?;
    let names = core::iter::once(name.principal()).chain(&others);
    Ok(names.map(|name| name.clone().with_realm("")).collect())
}
