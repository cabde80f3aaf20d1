//! Credentials that were delegated, or will be.

use orthros_host::Environment;

use super::{Credential, InitiatorHalf};
use crate::error::{acquire_error, config_error};
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
        let initiator = InitiatorHalf::of_tickets(&first.client, None, tickets, environment)?;
        let usage = CredentialUsage::Initiate;
        Ok(Some(Self::new(environment, usage, Some(initiator), None)))
    }
}

impl InitiatorHalf {
    /// A ticket-granting ticket for a service to use in the client's name, from the KDC.
    pub(crate) fn forwarded_ticket(
        &self,
        environment: &Environment,
    ) -> Result<orthros_types::Credential, Error> {
        let (cache, _) = self.resolve(environment, None)?;
        let options = environment.service_options().map_err(config_error)?;
        environment
            .forwarded_ticket(&cache, &[], &options.request)
            .map_err(acquire_error)
    }
}
