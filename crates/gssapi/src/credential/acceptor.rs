//! The accepting half of a credential.

use core::fmt;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use orthros_host::{Environment, KeytabFile};
use orthros_krb5::ap::{AcceptorName, KeySource};
use orthros_krb5::keytab::Keytab;
use orthros_krb5::{Principal, ReplayStore};

use crate::error::{Refusal, keytab_error, replay_name_error};
use crate::name::Form;
use crate::{Error, MechName, Name, Oid};

/// A keytab, and which of its principals contexts are accepted for.
#[derive(Debug, Clone)]
pub(crate) struct AcceptorHalf {
    keytab: KeytabFile,
    name: AcceptorName,
    replay: Option<NamedReplayStore>,
}

/// Where this credential's acceptors remember authenticators, if not where the environment's do.
#[derive(Clone)]
struct NamedReplayStore {
    name: OsString,
    store: Arc<dyn ReplayStore>,
}

impl AcceptorHalf {
    /// Looks whether the keytab has such a key now. The file is looked at again for each context, so that a
    /// server need not be restarted for new ones.
    pub(crate) fn acquire(
        keytab: KeytabFile,
        name: Option<&Name>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let principal = match name {
            Some(name) => AcceptorName::Principal(acceptor_principal(name, environment)?),
            None => AcceptorName::Any,
        };
        let half = Self::new(keytab, principal);
        if half.has_key()? {
            return Ok(half);
        }
        Err(half.no_key(name.map(Name::to_string)))
    }

    /// Of this keytab, which is not looked at.
    pub(crate) fn new(keytab: KeytabFile, name: AcceptorName) -> Self {
        Self {
            keytab,
            name,
            replay: None,
        }
    }

    /// With a replay store of its own, by MIT's name for it.
    pub(crate) fn remembering_in(
        self,
        name: Option<OsString>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let Some(name) = name else {
            return Ok(self);
        };
        let store = environment.replay_store_named(&name);
        let store = store.map_err(replay_name_error)?;
        Ok(Self {
            replay: Some(NamedReplayStore { name, store }),
            ..self
        })
    }

    /// Looks whether there is something to accept with.
    pub(crate) fn require_key(&self) -> Result<(), Error> {
        if self.has_key()? {
            return Ok(());
        }
        let name = match &self.name {
            AcceptorName::Any => None,
            AcceptorName::Principal(principal) => Some(principal.to_string()),
        };
        Err(self.no_key(name))
    }

    fn has_key(&self) -> Result<bool, Error> {
        let mut found = false;
        self.keys()?
            .visit(&mut |key| found |= self.name.matches(key.principal));
        Ok(found)
    }

    fn no_key(&self, name: Option<String>) -> Error {
        let keytab = self.keytab_name();
        let name = name.unwrap_or_else(|| "any service".to_owned());
        Refusal::NoKey { keytab, name }.into()
    }

    pub(crate) fn keytab(&self) -> &KeytabFile {
        &self.keytab
    }

    /// Where authenticators are remembered.
    pub(crate) fn replay_store<'a>(&'a self, environment: &'a Environment) -> &'a dyn ReplayStore {
        let own = self.replay.as_ref().map(|replay| &*replay.store);
        own.unwrap_or_else(|| environment.replay_store())
    }

    /// The name of the replay store, where it is this credential's own.
    pub(crate) fn replay_name(&self) -> Option<&OsStr> {
        self.replay.as_ref().map(|replay| replay.name.as_os_str())
    }

    pub(crate) fn keys(&self) -> Result<Arc<Keytab>, Error> {
        self.keytab.snapshot().map_err(keytab_error)
    }

    pub(crate) fn name(&self) -> &AcceptorName {
        &self.name
    }

    pub(crate) fn keytab_name(&self) -> String {
        self.keytab.name().to_string()
    }

    pub(crate) fn mech_name(&self) -> Option<MechName> {
        match &self.name {
            AcceptorName::Any => None,
            AcceptorName::Principal(principal) => Some(MechName::new(principal.clone())),
        }
    }
}

impl fmt::Debug for NamedReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NamedReplayStore").field(&self.name).finish()
    }
}

/// Whom an acceptor of this name answers for. A host-based name matches in any realm, and without a host on any host: a
/// server need not know by which of its names the client came, as in MIT krb5.
fn acceptor_principal(name: &Name, environment: &Environment) -> Result<Principal, Error> {
    let Form::HostBased(host_based) = name.form() else {
        let name = name.canonicalize_in(Oid::KRB5, environment)?;
        return Ok(name.principal().clone());
    };
    let host = match &host_based.host {
        Some(_) => host_based.canonical_host(environment)?,
        None => String::new(),
    };
    Ok(Principal::host_based(host_based.service.clone(), host, ""))
}
