//! What an initiator delegates, and when (RFC 4121 section 4.1.1.1, RFC 5896).

use orthros_types::TicketFlags;

use super::request::Request;
use crate::error::config_error;
use crate::{ContextFlags, Error};

impl Request {
    /// The ticket to delegate to the service of `ticket`, if one was asked for, the policies allow it, and the KDC gives one. As with MIT, a
    /// context comes about without it, too; its flags tell.
    pub(super) fn delegation(
        &self,
        ticket: &orthros_types::Credential,
    ) -> Result<Vec<orthros_types::Credential>, Error> {
        if !self.delegates(ticket)? {
            return Ok(Vec::new());
        }
        let forwarded = self
            .credential
            .initiator()?
            .forwarded_ticket(&self.environment);
        Ok(forwarded.into_iter().collect())
    }

    /// Whether to delegate to the service of `ticket`, of which the KDC says whether it may be trusted with that.
    fn delegates(&self, ticket: &orthros_types::Credential) -> Result<bool, Error> {
        let is_trusted = ticket.flags.contains(TicketFlags::OK_AS_DELEGATE);
        let by_policy = is_trusted && self.flags.contains(ContextFlags::DELEG_POLICY);
        if !by_policy && !self.flags.contains(ContextFlags::DELEG) {
            return Ok(false);
        }
        let enforced = self.environment.config().enforce_ok_as_delegate();
        Ok(is_trusted || !enforced.map_err(config_error)?)
    }
}
