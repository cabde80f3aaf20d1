//! The server of the new ticket: the service that was asked for, or a ticket-granting service on the way to it.

use alloc::sync::Arc;

use orthros_asn1::{KdcOptions, NameType};
use orthros_types::Principal;

use super::TgsRequest;
use crate::ap_req::OpenTicket;
use crate::context::RequestContext;
use crate::paths;
use crate::{PrincipalEntry, RequestError};

/// The server of the new ticket: a service of this realm, or in a referral another realm's ticket-granting service.
pub(super) struct Server {
    pub(super) entry: Arc<PrincipalEntry>,
    /// What the ticket calls it. In a TGS exchange that is what the client does (RFC 6806 section 6), unless it is
    /// a referral.
    pub(super) name: Principal,
}

impl Server {
    /// Looks up the service of this name; where it is another realm's, the cross-realm ticket-granting service that is
    /// nearest to it, for a referral (RFC 6806 section 8).
    pub(super) fn find(
        context: &RequestContext<'_>,
        request: &TgsRequest,
        name: Principal,
    ) -> Result<Self, RequestError> {
        // The ticket-granting service of this realm as another one knows it is in the store, but not this KDC's to
        // serve.
        if name.realm() != context.policy.realm {
            return Err(RequestError::ServiceUnknown);
        }
        if let Some(entry) = context.find(&name)? {
            // It may have a name in this realm, too.
            if entry.principal.realm() != context.policy.realm {
                return Err(RequestError::ServiceUnknown);
            }
            return Ok(Self { entry, name });
        }
        let realm = other_realm(context, request, &name).ok_or(RequestError::ServiceUnknown)?;
        let entry = nearest(context, &realm)?.ok_or(RequestError::ServiceUnknown)?;
        Ok(Self {
            name: entry.principal.clone(),
            entry,
        })
    }
}

impl Server {
    /// Whether it is the ticket-granting service of any realm, under whatever name: that is not encrypted, and the
    /// client can put another in its place.
    pub(super) fn is_ticket_granting(&self) -> bool {
        self.entry.principal.is_ticket_granting() || self.name.is_ticket_granting()
    }
}

/// The name of the service: `named` by the request, or where it names none that of its additional ticket, which
/// comes with it.
pub(super) fn name(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    named: Option<&Principal>,
) -> Result<(Principal, Option<OpenTicket>), RequestError> {
    if let Some(name) = named {
        return Ok((name.clone(), None));
    }
    let additional = user_to_user_ticket(context, request)?;
    Ok((additional.client(), Some(additional)))
}

/// A user-to-user request may leave it to the additional ticket to name the service.
fn user_to_user_ticket(
    context: &RequestContext<'_>,
    request: &TgsRequest,
) -> Result<OpenTicket, RequestError> {
    if !request
        .body
        .kdc_options
        .contains(KdcOptions::ENC_TKT_IN_SKEY)
    {
        return Err(RequestError::ServiceUnknown);
    }
    super::client::additional_ticket(context, request)
}

/// The other realm that a service is in, where the request can be referred there.
fn other_realm(
    context: &RequestContext<'_>,
    request: &TgsRequest,
    name: &Principal,
) -> Option<alloc::vec::Vec<u8>> {
    let here = &context.policy.realm;
    if let Some(served) = name.served_realm() {
        return (served != here).then(|| served.to_vec());
    }
    let options = request.body.kdc_options;
    let refers = options.contains(KdcOptions::CANONICALIZE)
        && !options.contains(KdcOptions::ENC_TKT_IN_SKEY)
        && matches!(name.name_type(), NameType::SRV_HST | NameType::SRV_INST);
    let [_, host] = name.components() else {
        return None;
    };
    let realm = context.policy.realm_of_host(host).filter(|_| refers)?;
    (realm != here).then(|| realm.to_vec())
}

/// The cross-realm ticket-granting service of a realm, or of the realm that is nearest to it on the path there.
fn nearest(
    context: &RequestContext<'_>,
    realm: &[u8],
) -> Result<Option<Arc<PrincipalEntry>>, RequestError> {
    let here = &context.policy.realm;
    let between = paths::between(context.policy, here, realm);
    let candidates = core::iter::once(realm).chain(between.into_iter().rev());
    for candidate in candidates {
        let tgs = Principal::ticket_granting(candidate, here.clone());
        if let Some(entry) = context.find(&tgs)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
