//! Constrained delegation (`S4U2Proxy`), MS-SFU section 3.2.5.2: towards which services a service may act for a user.
//!
//! The permission stands with the service's account, as a list of its targets, or resource-based with the target's
//! account, as a list of its sources. It makes no difference to what evidence has to be: a forwardable ticket of the
//! user for the service, under this KDC's signature.
//!
//! A service can have a ticket of any user to itself (`S4U2Self`). Those are forwardable, and so evidence, where the
//! service is trusted with all users (protocol transition), and where it has no targets, so that it depends on the
//! sources that others name (MS-SFU section 3.2.5.1.2). A target's list must not make more of them than that: else a
//! service that is to pass on none but users who have come to it could launder the others by its own list, or by that
//! of a service which takes its word.

use orthros_asn1::{KdcOptions, TicketFlags};

use super::TgsRequest;
use super::server::Server;
use crate::ap_req::OpenTicket;
use crate::as_exchange::TGS_OPTIONS;
use crate::context::RequestContext;
use crate::error::{OptionError, PolicyError, RequestPart};
use crate::{PrincipalEntry, PrincipalFlags, RequestError, cammac};

/// The evidence must be a forwardable ticket of this KDC, of a user who may be forwarded, for the service that sends
/// it.
pub(super) fn check_evidence(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    user: Option<&PrincipalEntry>,
    evidence: &OpenTicket,
) -> Result<(), RequestError> {
    let forbids = PrincipalFlags::DISALLOW_FORWARDABLE;
    // It may have been forbidden since the evidence was issued.
    if user.is_some_and(|user| user.flags.contains(forbids)) {
        return Err(RequestError::BadOption(OptionError::EvidenceNotForwardable));
    }
    if !evidence.part.flags.contains(TicketFlags::FORWARDABLE) {
        return Err(RequestError::BadOption(OptionError::EvidenceNotForwardable));
    }
    let others = TGS_OPTIONS.difference(KdcOptions::CNAME_IN_ADDL_TKT);
    if request.body.kdc_options.intersects(others) {
        return Err(RequestError::BadOption(OptionError::Conflict));
    }
    if !context.is_client(&evidence.entry, &request.client)? {
        return Err(RequestError::ServerMismatch);
    }
    evidence.check_service(context)?;
    evidence.check_valid()?;
    evidence.check_times(context)?;
    cammac::verify_cammac(context, evidence, RequestPart::Evidence)
}

/// The service that the evidence is for must be one that may act for users towards the server.
pub(super) fn check_permission(
    server: &Server,
    evidence: &OpenTicket,
    resource_based: bool,
) -> Result<(), RequestError> {
    if server.is_ticket_granting() {
        return Err(RequestError::Policy(PolicyError::DelegatedTgt));
    }
    if is_target(evidence, server) || (resource_based && is_source(evidence, server)) {
        return Ok(());
    }
    Err(RequestError::BadOption(OptionError::DelegationNotAllowed))
}

/// Whether the service of the evidence may pass on its users to the server, by its own account.
pub(super) fn is_target(evidence: &OpenTicket, server: &Server) -> bool {
    let mut targets = evidence.entry.delegation_targets.iter();
    targets.any(|name| server.entry.is_called(name))
}

/// Whether the service of the evidence may act for users towards the server, by the server's account.
fn is_source(evidence: &OpenTicket, server: &Server) -> bool {
    let service = &evidence.entry;
    // A service of another realm is not this KDC's to vouch for, whatever its name here.
    let is_local = service.principal.realm() == server.entry.principal.realm();
    let mut sources = server.entry.delegation_sources.iter();
    is_local && sources.any(|name| service.is_called(name))
}

/// Whether a service may pass on users who did not come to it: the KDC trusts it with that, or no account but those of
/// its targets says towards which services.
pub(super) fn may_pass_on_all_users(service: &PrincipalEntry) -> bool {
    let trusted = PrincipalFlags::OK_TO_AUTH_AS_DELEGATE;
    service.flags.contains(trusted) || service.delegation_targets.is_empty()
}
