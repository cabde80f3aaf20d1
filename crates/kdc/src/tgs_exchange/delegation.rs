//! Constrained delegation (`S4U2Proxy`), MS-SFU section 3.2.5.2: towards which services a service may act for a user.

use orthros_asn1::{KdcOptions, TicketFlags};

use super::TgsRequest;
use super::client::Client;
use super::server::Server;
use crate::ap_req::OpenTicket;
use crate::as_exchange::TGS_OPTIONS;
use crate::context::RequestContext;
use crate::error::{OptionError, PolicyError, RequestPart};
use crate::{PrincipalFlags, RequestError, cammac};

/// Constrained delegation: the evidence is a forwardable ticket of this KDC for the service that sends it, which
/// may delegate to the other one.
pub(super) fn check(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
    evidence: &OpenTicket,
) -> Result<(), RequestError> {
    let client = client.entry.as_ref();
    let forbids = PrincipalFlags::DISALLOW_FORWARDABLE;
    // It may have been forbidden since the evidence was issued.
    if client.is_some_and(|client| client.flags.contains(forbids)) {
        return Err(RequestError::BadOption(OptionError::EvidenceNotForwardable));
    }
    if !evidence.part.flags.contains(TicketFlags::FORWARDABLE) {
        return Err(RequestError::BadOption(OptionError::EvidenceNotForwardable));
    }
    let others = TGS_OPTIONS.difference(KdcOptions::CNAME_IN_ADDL_TKT);
    if request.body.kdc_options.intersects(others) {
        return Err(RequestError::BadOption(OptionError::Conflict));
    }
    if server.is_ticket_granting() {
        return Err(RequestError::Policy(PolicyError::DelegatedTgt));
    }
    if !context.is_client(&evidence.entry, &request.client)? {
        return Err(RequestError::ServerMismatch);
    }
    evidence.check_service(context)?;
    evidence.check_valid()?;
    evidence.check_times(context)?;
    cammac::verify_cammac(context, evidence, RequestPart::Evidence)?;
    let mut targets = evidence.entry.delegation_targets.iter();
    if targets.any(|name| server.entry.is_called(name)) {
        return Ok(());
    }
    Err(RequestError::BadOption(OptionError::DelegationNotAllowed))
}
