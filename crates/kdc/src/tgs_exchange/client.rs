//! The client of the new ticket: that of the header ticket, or with S4U the user of a service.

use alloc::sync::Arc;

use orthros_asn1::{KdcOptions, Message as _, PaDataType, PaPacOptions, PacOptions, TicketFlags};
use orthros_types::Principal;

use super::TgsRequest;
use super::user::ForUser;
use crate::ap_req::OpenTicket;
use crate::context::RequestContext;
use crate::error::{OptionError, RequestPart};
use crate::{PrincipalEntry, RequestError, wire};

/// The client of the new ticket.
pub(super) struct Client {
    pub(super) client: Principal,
    /// Its entry in the store, where it is of this realm.
    pub(super) entry: Option<Arc<PrincipalEntry>>,
    pub(super) kind: ClientKind,
}

/// How the request names the client of the new ticket.
pub(super) enum ClientKind {
    /// It is the client of the header ticket.
    Holder,
    /// User-to-user: the same, and the new ticket is to be encrypted in the session key of the service's own (RFC
    /// 4120 section 3.7).
    UserToUser(OpenTicket),
    /// The service says that it serves that user (`S4U2Self`, MS-SFU section 3.2.5.1).
    Impersonated(ForUser),
    /// The service sends a ticket that the client has used with it (`S4U2Proxy`, constrained delegation, MS-SFU
    /// section 3.2.5.2).
    Delegated {
        evidence: OpenTicket,
        /// Whether the request may also go by what the target's account allows.
        resource_based: bool,
    },
}

impl Client {
    /// Finds the client that the request is for. `additional` is the additional ticket, if it is open already.
    pub(super) fn find(
        context: &RequestContext<'_>,
        request: &TgsRequest,
        additional: Option<OpenTicket>,
    ) -> Result<Self, RequestError> {
        let options = request.body.kdc_options;
        let opened = |context: &RequestContext<'_>| {
            additional.map_or_else(|| additional_ticket(context, request), Ok)
        };
        if let Some((user, entry)) = ForUser::find(context, request)? {
            return Ok(Self {
                client: user.client.clone(),
                entry: Some(entry),
                kind: ClientKind::Impersonated(user),
            });
        }
        if options.contains(KdcOptions::CNAME_IN_ADDL_TKT) {
            let evidence = opened(context)?;
            return Ok(Self {
                client: evidence.client(),
                entry: evidence.check_client(context)?,
                kind: ClientKind::Delegated {
                    evidence,
                    resource_based: is_resource_based(request)?,
                },
            });
        }
        let kind = if options.contains(KdcOptions::ENC_TKT_IN_SKEY) {
            ClientKind::UserToUser(opened(context)?)
        } else {
            ClientKind::Holder
        };
        Ok(Self {
            client: request.client.clone(),
            entry: request.header.client.clone(),
            kind,
        })
    }

    /// The flags of the header ticket which say how the client was authenticated. Where a service sends it for another
    /// client, that one's evidence ticket must have them, too.
    pub(super) fn authenticated(&self, request: &TgsRequest) -> TicketFlags {
        let header_flags = request.header.ticket.part.flags;
        let Some(evidence) = self.evidence() else {
            return header_flags & AUTHENTICATION;
        };
        let anonymous = evidence.part.flags & TicketFlags::ANONYMOUS;
        (header_flags & evidence.part.flags & AUTHENTICATION) | anonymous
    }

    /// The evidence ticket that a service sends for its client.
    pub(super) const fn evidence(&self) -> Option<&OpenTicket> {
        match &self.kind {
            ClientKind::Delegated { evidence, .. } => Some(evidence),
            _ => None,
        }
    }
}

/// Opens the additional ticket of the request.
pub(super) fn additional_ticket(
    context: &RequestContext<'_>,
    request: &TgsRequest,
) -> Result<OpenTicket, RequestError> {
    let tickets = request.body.additional_tickets.as_deref();
    let ticket = tickets
        .and_then(<[_]>::first)
        .ok_or(RequestError::BadOption(OptionError::NoAdditionalTicket))?;
    OpenTicket::open(context, ticket.value(), RequestPart::AdditionalTicket)
}

/// Flags that say how a client was authenticated.
const AUTHENTICATION: TicketFlags = TicketFlags::PRE_AUTHENT
    .union(TicketFlags::HW_AUTHENT)
    .union(TicketFlags::ANONYMOUS);

/// Whether the request may also go by what the target's account allows: its sender says so in PA-PAC-OPTIONS (MS-KILE
/// section 2.2.10).
fn is_resource_based(request: &TgsRequest) -> Result<bool, RequestError> {
    let Some(bytes) = wire::find(&request.padata, PaDataType::PAC_OPTIONS) else {
        return Ok(false);
    };
    let wanted = PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION;
    Ok(PaPacOptions::decode(bytes)?.flags.contains(wanted))
}
