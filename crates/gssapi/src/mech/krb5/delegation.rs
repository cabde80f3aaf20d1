//! What an initiator delegates, and when (RFC 4121 section 4.1.1.1, RFC 5896).

use orthros_types::{Credential, TicketFlags};

use crate::error::config_error;
use crate::mech::request::InitRequest;
use crate::{ContextFlags, Error};

/// Whether to delegate to the service of `ticket`, of which the KDC says whether it may be trusted with that.
pub(super) fn is_delegated(request: &InitRequest, ticket: &Credential) -> Result<bool, Error> {
    let is_trusted = ticket.flags.contains(TicketFlags::OK_AS_DELEGATE);
    let by_policy = is_trusted && request.flags.contains(ContextFlags::DELEG_POLICY);
    if !by_policy && !request.flags.contains(ContextFlags::DELEG) {
        return Ok(false);
    }
    let enforced = request.environment.config().enforce_ok_as_delegate();
    Ok(is_trusted || !enforced.map_err(config_error)?)
}
