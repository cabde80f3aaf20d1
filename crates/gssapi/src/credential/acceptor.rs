//! The accepting half of a credential.

use std::sync::Arc;

use orthros_host::{Environment, KeytabFile};
use orthros_krb5::Principal;
use orthros_krb5::ap::{AcceptorName, KeySource};
use orthros_krb5::keytab::Keytab;

use crate::error::{Refusal, keytab_error};
use crate::name::Form;
use crate::{Error, MechName, Name, Oid};

/// A keytab, and which of its principals contexts are accepted for.
#[derive(Debug, Clone)]
pub(crate) struct AcceptorHalf {
    keytab: KeytabFile,
    name: AcceptorName,
}

impl AcceptorHalf {
    /// Looks whether the keytab has such a key now. The file is looked at again for each context, so that a
    /// server need not be restarted for new ones.
    pub(crate) fn acquire(
        keytab: KeytabFile,
        name: Option<&Name>,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let half = Self {
            keytab,
            name: match name {
                Some(name) => AcceptorName::Principal(acceptor_principal(name, environment)?),
                None => AcceptorName::Any,
            },
        };
        let mut found = false;
        half.keys()?
            .visit(&mut |key| found |= half.name.matches(key.principal));
        if found {
            Ok(half)
        } else {
            let keytab = half.keytab_name();
            let name = name.map_or_else(|| "any service".to_owned(), Name::to_string);
            Err(Refusal::NoKey { keytab, name }.into())
        }
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
