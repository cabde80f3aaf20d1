//! For which service the ticket is to be.

use alloc::sync::Arc;

use orthros_asn1::{KdcOptions, NameType};
use orthros_krb5::Principal;

use super::Asked;
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
    /// Looks up the service that was asked for, or the realm that is nearer to it.
    pub(super) fn find(case: &mut Case<'_>, asked: &Asked) -> Result<Self, Refusal> {
        let name = match &case.service {
            Some(name) => name.clone(),
            None => user_to_user_name(case, asked)?,
        };
        case.service = Some(name.clone());
        // The ticket-granting service of this realm as another one knows it is in the store, but not this KDC's to serve.
        if name.realm() != case.policy().realm {
            return Err(Refusal::ServiceUnknown);
        }
        if let Some(entry) = case.find(&name)? {
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

/// A user-to-user request may leave it to the additional ticket for whom it is.
fn user_to_user_name(case: &Case<'_>, asked: &Asked) -> Result<Principal, Refusal> {
    if !asked.body.kdc_options.contains(KdcOptions::ENC_TKT_IN_SKEY) {
        return Err(Refusal::ServiceUnknown);
    }
    Ok(super::subject::additional_ticket(case, asked)?.client())
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
    let candidates = core::iter::once(realm.to_vec()).chain(between.into_iter().rev());
    for candidate in candidates {
        let tgs = Principal::ticket_granting(candidate, here.clone());
        if let Some(entry) = case.find(&tgs)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}
