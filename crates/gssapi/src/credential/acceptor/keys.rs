//! What an acceptor opens tickets with.

use core::fmt;
use std::sync::Arc;

use orthros_host::{Environment, KeytabHandle};
use orthros_krb5::ap::{AcceptorKey, KeySource};

use crate::Error;
use crate::credential::InitiatorCredential;
use crate::error::keytab_error;

/// Where the keys are. They are looked at again for each context.
#[derive(Debug, Clone)]
pub(crate) enum AcceptorKeys {
    /// In a keytab.
    Keytab(KeytabHandle),
    /// In a credential cache: the session key of its ticket-granting ticket (user-to-user).
    Ticket(InitiatorCredential),
}

impl AcceptorKeys {
    /// The keys as they are now.
    pub(crate) fn source(&self, environment: &Environment) -> Result<Arc<dyn KeySource>, Error> {
        match self {
            Self::Keytab(keytab) => Ok(keytab.snapshot().map_err(keytab_error)?),
            Self::Ticket(initiator) => {
                let ticket = initiator.ticket_granting_ticket(environment)?;
                Ok(Arc::new(SessionKey(ticket)))
            }
        }
    }
}

impl fmt::Display for AcceptorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keytab(keytab) => write!(f, "keytab {}", keytab.name()),
            Self::Ticket(initiator) => match initiator.known_cache() {
                Some(cache) => write!(f, "credential cache {}", cache.name()),
                None => f.write_str("credential cache"),
            },
        }
    }
}

/// That of a ticket-granting ticket.
struct SessionKey(orthros_types::Credential);

impl KeySource for SessionKey {
    fn visit(&self, _: &mut dyn FnMut(AcceptorKey<'_>)) {}

    fn visit_session_keys(&self, visitor: &mut dyn FnMut(AcceptorKey<'_>)) {
        visitor(AcceptorKey {
            principal: &self.0.client,
            kvno: 0,
            key: &self.0.session_key,
        });
    }
}
