//! Credentials that were delegated, or will be.

use orthros_host::Environment;

use super::{Credential, InitiatorCredential};
use crate::{CredentialUsage, Error};

impl Credential {
    /// A credential of tickets that their client delegated, in a cache in memory; `None` if there are none.
    pub(crate) fn of_delegated(
        tickets: &[orthros_types::Credential],
        environment: &Environment,
    ) -> Result<Option<Self>, Error> {
        let Some(first) = tickets.first() else {
            return Ok(None);
        };
        let initiator = InitiatorCredential::of_tickets(&first.client, None, tickets, environment)?;
        let usage = CredentialUsage::Initiate;
        Ok(Some(Self::new(environment, usage, Some(initiator), None)))
    }
}
