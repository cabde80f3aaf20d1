//! Authorization data: what is copied into a ticket, and what the KDC adds; RFC 4120 section 5.2.6, RFC 7751.

use alloc::vec::Vec;

use orthros_asn1::{
    AdCammac, AdIfRelevant, AdType, AuthorizationData, AuthorizationDataEntry, EncTicketPart,
    EncryptedData, Message as _, Raw, UInt32, VerifierMac,
};
use orthros_crypto::{Key, KeyUsage, SecretVec};
use orthros_krb5::Principal;

use crate::case::Case;
use crate::refusal::{Checked, PolicyBreach, Sealed};
use crate::{PrincipalEntry, Refusal, enctypes, fast, wire};

/// Whether there is an element of a type, also among those that may be ignored.
pub(crate) fn contains(data: &[AuthorizationDataEntry], wanted: AdType) -> bool {
    elements(data).any(|element| element.ad_type == wanted)
}

/// The elements, those within AD-IF-RELEVANT too.
fn elements(
    data: &[AuthorizationDataEntry],
) -> impl Iterator<Item = alloc::borrow::Cow<'_, AuthorizationDataEntry>> {
    use alloc::borrow::Cow;
    data.iter().flat_map(|element| {
        let inner = if element.ad_type == AdType::IF_RELEVANT {
            AdIfRelevant::decode(&element.ad_data).unwrap_or_default()
        } else {
            Vec::new()
        };
        core::iter::once(Cow::Borrowed(element)).chain(inner.into_iter().map(Cow::Owned))
    })
}

/// What the client asks to be put into its ticket, without what only a KDC can say.
pub(crate) fn requested(
    sealed: &EncryptedData,
    key: &Key,
    usage: KeyUsage,
) -> Result<AuthorizationData, Refusal> {
    let plaintext = key
        .decrypt(usage, &sealed.cipher)
        .map_err(|_| Refusal::Integrity(Sealed::AuthorizationData))?;
    let mut data = AuthorizationData::decode(&plaintext)?;
    if contains(&data, AdType::MANDATORY_FOR_KDC) {
        let breach = PolicyBreach::MandatoryAuthorizationData;
        return Err(Refusal::Policy(breach));
    }
    data.retain(|element| {
        let entries = core::slice::from_ref(element);
        !ONLY_A_KDC_SAYS.iter().any(|of| contains(entries, *of))
    });
    Ok(data)
}

/// What goes from a ticket into one that is got with it: all but what vouches for that ticket alone.
pub(crate) fn inherited(part: &EncTicketPart) -> AuthorizationData {
    let data = part.authorization_data.clone().unwrap_or_default();
    let vouches =
        |element: &AuthorizationDataEntry| contains(core::slice::from_ref(element), AdType::CAMMAC);
    data.into_iter()
        .filter(|element| !vouches(element))
        .collect()
}

/// A CAMMAC that proves to this KDC, and to nobody else, that a ticket is as it was made: the service, which has the key of the
/// ticket, could otherwise make up evidence for `S4U2Proxy`.
pub(crate) fn vouch(
    case: &Case<'_>,
    part: &EncTicketPart,
) -> Result<AuthorizationDataEntry, Refusal> {
    let tgs = ticket_granting_service(case)?;
    let key = enctypes::ticket_key(case.policy(), &tgs)?;
    let elements = AuthorizationData::new();
    let tag = key
        .key
        .checksum(KeyUsage::CAMMAC, &covered(part, &elements)?);
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
    let ignorable: AdIfRelevant = alloc::vec![AuthorizationDataEntry {
        ad_type: AdType::CAMMAC,
        ad_data: cammac.encode()?.into(),
    }];
    Ok(AuthorizationDataEntry {
        ad_type: AdType::IF_RELEVANT,
        ad_data: ignorable.encode()?.into(),
    })
}

/// Whether a ticket is as this KDC made it.
pub(crate) fn check_vouched(case: &Case<'_>, part: &EncTicketPart) -> Result<(), Refusal> {
    let missing = || Refusal::InappropriateChecksum(Checked::Evidence);
    let data = part.authorization_data.as_deref().unwrap_or_default();
    let element = elements(data)
        .find(|element| element.ad_type == AdType::CAMMAC)
        .ok_or_else(missing)?;
    let cammac = AdCammac::decode(&element.ad_data)?;
    let verifier = cammac.kdc_verifier.as_ref().ok_or_else(missing)?;
    let tgs = ticket_granting_service(case)?;
    let enctype = verifier.enctype.and_then(wire::enctype);
    let key = enctype.and_then(|enctype| tgs.key(enctype, verifier.kvno.map(u32::from)));
    let key = &key.ok_or_else(missing)?.key;
    let covered = covered(part, &cammac.elements)?;
    fast::verify(
        key,
        KeyUsage::CAMMAC,
        &covered,
        &verifier.mac,
        Checked::Evidence,
    )
}

/// What the KDC's MAC covers: the ticket with the elements of the CAMMAC for its authorization data (RFC 7751 section 3).
fn covered(part: &EncTicketPart, elements: &AuthorizationData) -> Result<SecretVec, Refusal> {
    let part = EncTicketPart {
        authorization_data: Some(elements.clone()),
        ..part.clone()
    };
    Ok(part.encode()?.into())
}

fn ticket_granting_service(case: &Case<'_>) -> Result<alloc::sync::Arc<PrincipalEntry>, Refusal> {
    let principal = Principal::local_ticket_granting(case.policy().realm.clone());
    case.find(&principal)?.ok_or(Refusal::NoKey { principal })
}

/// What a client can't ask to have in its ticket.
const ONLY_A_KDC_SAYS: [AdType; 3] = [
    AdType::CAMMAC,
    AdType::AUTHENTICATION_INDICATOR,
    AdType::WIN2K_PAC,
];
