//! The KDC's signature of a ticket: a CAMMAC that proves to this KDC, and to no other party, that it made the
//! ticket (RFC 7751).
//!
//! A service has the key of its tickets, and so can write into one whatever it likes. Before the KDC takes anything
//! out of a ticket that is not in its own key, for another ticket or as evidence for `S4U2Proxy`, it checks that it
//! has signed it.
//!
//! The signature is the last element of the authorization data. It covers the whole ticket: the elements of the
//! CAMMAC are the service for which the ticket was issued and all other authorization data, and its kdc-verifier
//! is, as in RFC 7751 section 4, over the ticket with these elements for its authorization data.

use alloc::vec::Vec;

use orthros_asn1::{
    AdCammac, AdIfRelevant, AdType, AuthorizationData, AuthorizationDataEntry, EncTicketPart,
    Message as _, Raw, TicketFlags, UInt32, VerifierMac,
};
use orthros_crypto::{KeyUsage, SecretVec};
use orthros_types::Principal;

use crate::ap_req::OpenTicket;
use crate::context::RequestContext;
use crate::error::RequestPart;
use crate::{PrincipalEntry, PrincipalFlags, RequestError, enctypes, principal_state, wire};

/// Signs a ticket for `service` that could be sent to this KDC again: to be renewed, validated, forwarded or
/// proxied, or as evidence. The ticket-granting service's own needs no signature, and one whose service takes no
/// authorization data of the KDC's gets none.
pub(crate) fn make_cammac(
    context: &RequestContext<'_>,
    service: &PrincipalEntry,
    part: &mut EncTicketPart,
) -> Result<(), RequestError> {
    let tgs_name = Principal::local_ticket_granting(context.policy.realm.clone());
    let silent = PrincipalFlags::NO_AUTH_DATA_REQUIRED;
    if service.principal == tgs_name
        || service.flags.contains(silent)
        || !part.flags.intersects(SHOWN_AGAIN)
    {
        return Ok(());
    }
    // The verifier is in the key in which ticket-granting tickets are: that no service has.
    let tgs = context.ticket_granting_service()?;
    let key = enctypes::ticket_key(context.policy, &tgs)?;
    let others = part.authorization_data.as_deref().unwrap_or_default();
    let elements = elements(&service.principal, others)?;
    let covered = covered(part, &elements)?;
    let tag = key.key.checksum(KeyUsage::CAMMAC, &covered);
    let cammac = AdCammac {
        elements: Raw::new(elements)?,
        kdc_verifier: Some(VerifierMac {
            identifier: None,
            kvno: Some(UInt32(key.kvno)),
            enctype: Some(wire::encryption_type(key.key.enctype())),
            mac: wire::checksum(&key.key, &tag),
        }),
        svc_verifier: None,
        other_verifiers: None,
    };
    // Services that don't know a CAMMAC pass over it in there.
    let ignorable: AdIfRelevant = alloc::vec![AuthorizationDataEntry {
        ad_type: AdType::CAMMAC,
        ad_data: cammac.encode()?.into(),
    }];
    let data = part.authorization_data.get_or_insert_default();
    data.push(AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: ignorable.encode()?.into(),
    });
    Ok(())
}

/// Refuses a ticket that is not as this KDC has made and signed it, for the service whose key it is in. It may have
/// been signed with an old key of the ticket-granting service.
///
/// `what` says which ticket it is, for the refusal.
pub(crate) fn verify_cammac(
    context: &RequestContext<'_>,
    ticket: &OpenTicket,
    what: RequestPart,
) -> Result<(), RequestError> {
    let missing = || RequestError::InappropriateChecksum(what);
    let data = ticket.part.authorization_data.as_deref();
    let (last, others) = data.and_then(<[_]>::split_last).ok_or_else(missing)?;
    let cammac = cammac(last).ok_or_else(missing)?;
    let verifier = cammac.kdc_verifier.as_ref().ok_or_else(missing)?;
    let elements = elements(&ticket.entry.principal, others)?;
    if *cammac.elements != elements {
        return Err(RequestError::Modified(what));
    }
    let tgs = context.ticket_granting_service()?;
    // A lock of the ticket-granting service ends all that it has signed.
    if let Some(state) = principal_state::of_service(&tgs, context.now) {
        let service = tgs.principal.clone();
        return Err(RequestError::TicketService { service, state });
    }
    let enctype = verifier.enctype.and_then(wire::enctype);
    let key = enctype.and_then(|enctype| tgs.key(enctype, verifier.kvno.map(u32::from)));
    let key = &key.ok_or_else(missing)?.key;
    let covered = covered(&ticket.part, &elements)?;
    wire::verify_checksum(key, KeyUsage::CAMMAC, &covered, &verifier.mac, what)
}

/// The CAMMAC that is alone in this element.
fn cammac(element: &AuthorizationDataEntry) -> Option<AdCammac> {
    let is_ignorable = element.ad_type == AdType::IF_RELEVANT;
    let inner = is_ignorable.then(|| AdIfRelevant::decode(&element.ad_data).ok())??;
    let [element] = inner.as_slice() else {
        return None;
    };
    let is_cammac = element.ad_type == AdType::CAMMAC;
    is_cammac.then(|| AdCammac::decode(&element.ad_data).ok())?
}

/// What the signature covers besides the fields of the ticket: for which service it is, and its other authorization
/// data.
fn elements(
    service: &Principal,
    others: &[AuthorizationDataEntry],
) -> Result<AuthorizationData, RequestError> {
    let mut elements = alloc::vec![AuthorizationDataEntry {
        ad_type: SIGNED_SERVICE,
        ad_data: unambiguous(service).into(),
    }];
    if !others.is_empty() {
        elements.push(AuthorizationDataEntry {
            ad_type: SIGNED_DATA,
            ad_data: AuthorizationData::from(others).encode()?.into(),
        });
    }
    Ok(elements)
}

/// Realm and components, each behind the number of its bytes. The type of the name is not part of it.
fn unambiguous(name: &Principal) -> Vec<u8> {
    let mut bytes = Vec::new();
    let components = name.components().iter().map(Vec::as_slice);
    for part in core::iter::once(name.realm()).chain(components) {
        // No length has more than 64 bits.
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The ticket with the elements of the CAMMAC for its authorization data (RFC 7751 section 4).
fn covered(part: &EncTicketPart, elements: &AuthorizationData) -> Result<SecretVec, RequestError> {
    let part = EncTicketPart {
        authorization_data: Some(elements.clone()),
        ..part.clone()
    };
    Ok(part.encode()?.into())
}

/// Flags of tickets that can be sent to a KDC again.
const SHOWN_AGAIN: TicketFlags = TicketFlags::FORWARDABLE
    .union(TicketFlags::PROXIABLE)
    .union(TicketFlags::RENEWABLE)
    .union(TicketFlags::INVALID);

/// Within the CAMMAC: for which service the ticket was issued. Negative types are for local use (RFC 4120 section
/// 5.2.6).
const SIGNED_SERVICE: AdType = AdType(-7751);
/// Within the CAMMAC: the other authorization data of the ticket, which are not of the KDC's making for being there.
const SIGNED_DATA: AdType = AdType(-7752);
