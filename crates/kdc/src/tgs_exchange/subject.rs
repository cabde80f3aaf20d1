//! For whom the ticket is to be.

use alloc::sync::Arc;

use orthros_asn1::{KdcOptions, TicketFlags};
use orthros_types::Principal;

use super::Asked;
use super::user::ForUser;
use crate::ap_req::OpenTicket;
use crate::case::Case;
use crate::refusal::{BadOption, Sealed};
use crate::{PrincipalEntry, Refusal};

/// For whom the ticket is to be.
pub(super) struct Subject {
    pub(super) client: Principal,
    /// What is known of it, where it is of this realm.
    pub(super) entry: Option<Arc<PrincipalEntry>>,
    pub(super) kind: SubjectKind,
}

/// Why the ticket is to be for it.
pub(super) enum SubjectKind {
    /// It holds the ticket that is shown.
    Holder,
    /// The same, and the new ticket is to be encrypted in the session key of the service's own (RFC 4120 section 3.7).
    UserToUser(OpenTicket),
    /// The service says that it serves that user (`S4U2Self`, MS-SFU section 3.2.5.1).
    Impersonated(ForUser),
    /// The service shows a ticket that the client has used with it (`S4U2Proxy`, MS-SFU section 3.2.5.2).
    Delegated(OpenTicket),
}

impl Subject {
    /// Finds it by what the request says. `additional` is the additional ticket, if it is open already.
    pub(super) fn find(
        case: &mut Case<'_>,
        asked: &Asked,
        additional: Option<OpenTicket>,
    ) -> Result<Self, Refusal> {
        let options = asked.body.kdc_options;
        let opened =
            |case: &Case<'_>| additional.map_or_else(|| additional_ticket(case, asked), Ok);
        if let Some((user, entry)) = ForUser::find(case, asked)? {
            return Ok(Self {
                client: user.client.clone(),
                entry: Some(entry),
                kind: SubjectKind::Impersonated(user),
            });
        }
        if options.contains(KdcOptions::CNAME_IN_ADDL_TKT) {
            let evidence = opened(case)?;
            return Ok(Self {
                client: evidence.client(),
                entry: evidence.check_client(case)?,
                kind: SubjectKind::Delegated(evidence),
            });
        }
        let kind = if options.contains(KdcOptions::ENC_TKT_IN_SKEY) {
            SubjectKind::UserToUser(opened(case)?)
        } else {
            SubjectKind::Holder
        };
        Ok(Self {
            client: asked.header.client.clone(),
            entry: asked.header.presented.client.clone(),
            kind,
        })
    }

    /// The flags of the ticket that is shown which say how the client was authenticated. Where a service shows it for another
    /// client, that one's evidence must have them, too.
    pub(super) fn authenticated(&self, asked: &Asked) -> TicketFlags {
        let shown = asked.header.presented.ticket.part.flags;
        let Some(evidence) = self.evidence() else {
            return shown & AUTHENTICATION;
        };
        let anonymous = evidence.part.flags & TicketFlags::ANONYMOUS;
        (shown & evidence.part.flags & AUTHENTICATION) | anonymous
    }

    /// The evidence that a service shows for its client.
    pub(super) const fn evidence(&self) -> Option<&OpenTicket> {
        match &self.kind {
            SubjectKind::Delegated(evidence) => Some(evidence),
            _ => None,
        }
    }
}

/// The additional ticket, opened.
pub(super) fn additional_ticket(case: &Case<'_>, asked: &Asked) -> Result<OpenTicket, Refusal> {
    let tickets = asked.body.additional_tickets.as_deref();
    let ticket = tickets
        .and_then(<[_]>::first)
        .ok_or(Refusal::BadOption(BadOption::NoAdditionalTicket))?;
    OpenTicket::open(case, ticket.value(), Sealed::AdditionalTicket)
}

/// Flags that say how a client was authenticated.
const AUTHENTICATION: TicketFlags = TicketFlags::PRE_AUTHENT
    .union(TicketFlags::HW_AUTHENT)
    .union(TicketFlags::ANONYMOUS);
