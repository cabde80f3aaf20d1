//! Whether a principal may be client or service at present.

use orthros_types::Timestamp;

use crate::error::ServiceState;
use crate::{PrincipalEntry, PrincipalFlags, RequestError};

/// Refuses a client that is locked, has expired or is not yet valid.
pub(crate) fn check_client(client: &PrincipalEntry, now: Timestamp) -> Result<(), RequestError> {
    if client.is_expired(now) {
        return Err(RequestError::ClientExpired);
    }
    if client.is_not_yet_valid(now) {
        return Err(RequestError::ClientNotYet);
    }
    if client.flags.contains(PrincipalFlags::LOCKED) {
        return Err(RequestError::ClientLocked);
    }
    Ok(())
}

/// Why tickets in a service's key are not taken, if they are not.
pub(crate) fn of_service(service: &PrincipalEntry, now: Timestamp) -> Option<ServiceState> {
    if service.flags.contains(PrincipalFlags::LOCKED) {
        Some(ServiceState::Locked)
    } else if service.flags.contains(PrincipalFlags::DISALLOW_SERVICE) {
        Some(ServiceState::UserToUserOnly)
    } else if service.is_expired(now) {
        Some(ServiceState::Expired)
    } else if service.is_not_yet_valid(now) {
        Some(ServiceState::NotYetValid)
    } else {
        None
    }
}
