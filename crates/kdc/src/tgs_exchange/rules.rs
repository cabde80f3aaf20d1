//! Whether what is asked for may be granted.

use orthros_asn1::{KdcOptions, TicketFlags};

use super::client::{Client, ClientKind};
use super::server::Server;
use super::{TgsRequest, delegation};
use crate::ap_req::{Author, OpenTicket};
use crate::as_exchange::TGS_OPTIONS;
use crate::context::RequestContext;
use crate::error::{OptionError, PolicyError};
use crate::{PrincipalEntry, PrincipalFlags, RequestError, principal_state, wire};

/// Whether the request may be granted, in the order in which MIT's KDC asks: first what the protocol says,
/// then policy.
pub(super) fn check(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
) -> Result<(), RequestError> {
    check_ticket_flags(request)?;
    check_ticket_times(context, request)?;
    check_ticket_service(request, server)?;
    check_subject(context, request, server, client)?;
    check_service(context, request, server, client)?;
    check_renewal(request, server, client)?;
    if let Some(client) = &client.entry {
        principal_state::check_client(client, context.now)?;
    }
    check_anonymous(request)
}

/// Options that the header ticket must allow.
fn check_ticket_flags(request: &TgsRequest) -> Result<(), RequestError> {
    let options = request.body.kdc_options;
    let flags = request.header.ticket.part.flags;
    for (option, flag, missing) in NEEDED_FLAGS {
        if options.intersects(option) && !flags.contains(flag) {
            return Err(RequestError::BadOption(missing));
        }
    }
    if !options.contains(KdcOptions::VALIDATE) {
        request.header.ticket.check_valid()?;
    }
    Ok(())
}

fn check_ticket_times(
    context: &RequestContext<'_>,
    request: &TgsRequest,
) -> Result<(), RequestError> {
    let ticket = &request.header.ticket;
    let options = request.body.kdc_options;
    if options.contains(KdcOptions::VALIDATE) && ticket.starttime() > context.now {
        return Err(RequestError::TicketNotYetValid);
    }
    let renew_till = ticket.part.renew_till.map(wire::timestamp);
    let over = renew_till.is_none_or(|till| till < context.now);
    if options.contains(KdcOptions::RENEW) && over {
        return Err(RequestError::TicketExpired);
    }
    Ok(())
}

/// The header ticket must be a ticket-granting one, or where its options ask for another like it, for the service
/// itself.
fn check_ticket_service(request: &TgsRequest, server: &Server) -> Result<(), RequestError> {
    let options = request.body.kdc_options;
    let ticket = &request.header.ticket;
    let header_service = &ticket.service;
    if options.contains(KdcOptions::PROXY) && server.is_ticket_granting() {
        return Err(RequestError::BadOption(OptionError::ProxyOfTgt));
    }
    let same = *header_service == server.name;
    if options.intersects(SAME_SERVICE) {
        return if same && ticket.author != Author::OtherRealm {
            Ok(())
        } else {
            Err(RequestError::ServerMismatch)
        };
    }
    if ticket.author != Author::Service || (options.contains(KdcOptions::PROXY) && same) {
        return Ok(());
    }
    Err(RequestError::NotUs {
        service: header_service.clone(),
    })
}

fn check_subject(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
) -> Result<(), RequestError> {
    match &client.kind {
        ClientKind::Impersonated(_) => check_impersonation(context, request, server),
        ClientKind::Delegated {
            evidence,
            resource_based,
        } => {
            check_lineage(context, request)?;
            delegation::check_evidence(context, request, client.entry.as_deref(), evidence)?;
            delegation::check_permission(server, evidence, *resource_based)
        }
        ClientKind::UserToUser(additional) => {
            check_lineage(context, request)?;
            check_user_to_user(context, server, additional)
        }
        ClientKind::Holder => check_lineage(context, request),
    }
}

/// No other realm's KDC authenticates a client of this one.
fn check_lineage(context: &RequestContext<'_>, request: &TgsRequest) -> Result<(), RequestError> {
    let here = &context.policy.realm;
    if request.issuer() != here && request.client.realm() == here {
        return Err(RequestError::Policy(PolicyError::Lineage));
    }
    Ok(())
}

/// A service gets tickets for a user to itself only.
fn check_impersonation(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
) -> Result<(), RequestError> {
    check_lineage(context, request)?;
    if !context.is_client(&server.entry, &request.client)? {
        return Err(RequestError::BadMatch);
    }
    if request.body.kdc_options.intersects(TGS_OPTIONS) {
        return Err(RequestError::BadOption(OptionError::Conflict));
    }
    Ok(())
}

/// The additional ticket of a user-to-user request is the service's own ticket-granting ticket: any other service
/// could have made it up.
fn check_user_to_user(
    context: &RequestContext<'_>,
    server: &Server,
    additional: &OpenTicket,
) -> Result<(), RequestError> {
    if additional.author != Author::ThisKdc {
        return Err(RequestError::Policy(PolicyError::NotTicketGranting));
    }
    if !context.is_client(&server.entry, &additional.client())? {
        return Err(RequestError::ServerMismatch);
    }
    additional.check_service(context)?;
    additional.check_valid()?;
    additional.check_times(context)
}

/// What the service's own flags and times allow.
fn check_service(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    server: &Server,
    client: &Client,
) -> Result<(), RequestError> {
    let service = &server.entry;
    let options = request.body.kdc_options;
    let header_ticket = &request.header.ticket;
    let has = |flag| service.flags.contains(flag);
    let user_to_user = options.contains(KdcOptions::ENC_TKT_IN_SKEY);
    let postdated = KdcOptions::ALLOW_POSTDATE | KdcOptions::POSTDATED;
    if options.intersects(postdated) && has(PrincipalFlags::DISALLOW_POSTDATED) {
        return Err(RequestError::CannotPostdate);
    }
    if user_to_user && has(PrincipalFlags::DISALLOW_USER_TO_USER) {
        return Err(RequestError::NoUserToUser);
    }
    if has(PrincipalFlags::LOCKED) {
        return Err(RequestError::ServiceLocked);
    }
    if has(PrincipalFlags::DISALLOW_SERVICE) && !user_to_user {
        return Err(RequestError::MustUseUserToUser);
    }
    if has(PrincipalFlags::DISALLOW_TGT_BASED) && header_ticket.entry.principal.is_ticket_granting()
    {
        return Err(RequestError::MustUseAsExchange);
    }
    let proved = client.authenticated(request);
    if has(PrincipalFlags::REQUIRES_PREAUTH) && !proved.contains(TicketFlags::PRE_AUTHENT) {
        return Err(RequestError::NotPreauthenticated);
    }
    if service.is_expired(context.now) {
        return Err(RequestError::ServiceExpired);
    }
    if service.is_not_yet_valid(context.now) {
        return Err(RequestError::ServiceNotYet);
    }
    Ok(())
}

/// Refuses a renewal where client or service may not have renewable tickets any more.
fn check_renewal(
    request: &TgsRequest,
    server: &Server,
    client: &Client,
) -> Result<(), RequestError> {
    let forbids =
        |entry: &&PrincipalEntry| entry.flags.contains(PrincipalFlags::DISALLOW_RENEWABLE);
    let entries = [Some(&*server.entry), client.entry.as_deref()];
    let renews = request.body.kdc_options.contains(KdcOptions::RENEW);
    if renews && entries.iter().flatten().any(forbids) {
        return Err(RequestError::BadOption(OptionError::NotRenewable));
    }
    Ok(())
}

/// Only an anonymous ticket gets anonymous tickets.
fn check_anonymous(request: &TgsRequest) -> Result<(), RequestError> {
    let flags = request.header.ticket.part.flags;
    let wanted = KdcOptions::REQUEST_ANONYMOUS;
    if request.body.kdc_options.contains(wanted) && !flags.contains(TicketFlags::ANONYMOUS) {
        return Err(RequestError::BadOption(OptionError::Anonymous));
    }
    Ok(())
}

/// Options, the flag that the header ticket needs for them, and what it is without.
const NEEDED_FLAGS: [(KdcOptions, TicketFlags, OptionError); 5] = [
    (
        KdcOptions::FORWARDED,
        TicketFlags::FORWARDABLE,
        OptionError::NotForwardable,
    ),
    (
        KdcOptions::PROXY,
        TicketFlags::PROXIABLE,
        OptionError::NotProxiable,
    ),
    (
        KdcOptions::ALLOW_POSTDATE.union(KdcOptions::POSTDATED),
        TicketFlags::MAY_POSTDATE,
        OptionError::NotPostdatable,
    ),
    (
        KdcOptions::VALIDATE,
        TicketFlags::INVALID,
        OptionError::AlreadyValid,
    ),
    (
        KdcOptions::RENEW,
        TicketFlags::RENEWABLE,
        OptionError::NotRenewable,
    ),
];

/// Options that ask for the header ticket with something changed, and so for the same service.
const SAME_SERVICE: KdcOptions = KdcOptions::FORWARDED
    .union(KdcOptions::RENEW)
    .union(KdcOptions::VALIDATE);
