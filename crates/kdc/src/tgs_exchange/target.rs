//! For which service the ticket is to be.

use alloc::sync::Arc;

use orthros_asn1::{KdcOptions, NameType};
use orthros_types::Principal;

use super::Asked;
use crate::ap_req::OpenTicket;
use crate::case::Case;
use crate::paths;
use crate::{PrincipalEntry, Refusal};

/// The service that the ticket is to be for.
pub(super) struct Target {
    pub(super) entry: Arc<PrincipalEntry>,
    /// What the ticket calls it. In a TGS exchange that is what the client does (RFC 6806 section 6), unless it is a referral.
    pub(super) name: Principal,
}

impl Target {
    /// Looks up the service that was asked for, or the realm that is nearer to it. Gives the additional ticket, too, if it had
    /// to be opened for that.
    pub(super) fn find(
        case: &mut Case<'_>,
        asked: &Asked,
    ) -> Result<(Self, Option<OpenTicket>), Refusal> {
        let (name, additional) = match &case.service {
            Some(name) => (name.clone(), None),
            None => {
                let additional = user_to_user_ticket(case, asked)?;
                (additional.client(), Some(additional))
            }
        };
        case.service = Some(name.clone());
        Ok((Self::named(case, asked, name)?, additional))
    }

    fn named(case: &Case<'_>, asked: &Asked, name: Principal) -> Result<Self, Refusal> {
        // The ticket-granting service of this realm as another one knows it is in the store, but not this KDC's to serve.
        if name.realm() != case.policy().realm {
            return Err(Refusal::ServiceUnknown);
        }
        if let Some(entry) = case.find(&name)? {
            // It may have a name in this realm, too.
            if entry.principal.realm() != case.policy().realm {
                return Err(Refusal::ServiceUnknown);
            }
            return Ok(Self { entry, name });
        }
        let realm = elsewhere(case, asked, &name).ok_or(Refusal::ServiceUnknown)?;
        let entry = nearest(case, &realm)?.ok_or(Refusal::ServiceUnknown)?;
        Ok(Self {
            name: entry.principal.clone(),
            entry,
        })
    }
}

impl Target {
    /// Whether it is the ticket-granting service of any realm, under whatever name: that is not encrypted, and the client can
    /// put another in its place.
    pub(super) fn is_ticket_granting(&self) -> bool {
        self.entry.principal.is_ticket_granting() || self.name.is_ticket_granting()
    }
}

/// A user-to-user request may leave it to the additional ticket for whom it is.
fn user_to_user_ticket(case: &Case<'_>, asked: &Asked) -> Result<OpenTicket, Refusal> {
    if !asked.body.kdc_options.contains(KdcOptions::ENC_TKT_IN_SKEY) {
        return Err(Refusal::ServiceUnknown);
    }
    super::subject::additional_ticket(case, asked)
}

/// The realm where the service must be, if this is not it.
fn elsewhere(case: &Case<'_>, asked: &Asked, name: &Principal) -> Option<alloc::vec::Vec<u8>> {
    let here = &case.policy().realm;
    if let Some(served) = name.served_realm() {
        return (served != here).then(|| served.to_vec());
    }
    let options = asked.body.kdc_options;
    let refers = options.contains(KdcOptions::CANONICALIZE)
        && !options.contains(KdcOptions::ENC_TKT_IN_SKEY)
        && matches!(name.name_type(), NameType::SRV_HST | NameType::SRV_INST);
    let [_, host] = name.components() else {
        return None;
    };
    let realm = case.policy().realm_of_host(host).filter(|_| refers)?;
    (realm != here).then(|| realm.to_vec())
}

/// The ticket-granting service of the realm, or of the one nearest to it on the way there.
fn nearest(case: &Case<'_>, realm: &[u8]) -> Result<Option<Arc<PrincipalEntry>>, Refusal> {
    let here = &case.policy().realm;
    let between = paths::between(case.policy(), here, realm);
    let candidates = core::iter::once(realm).chain(between.into_iter().rev());
    for candidate in candidates {
        let tgs = Principal::ticket_granting(candidate, here.clone());
        if let Some(entry) = case.find(&tgs)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
