//! Authorization data that are copied into a ticket, and which of them only a KDC can state; RFC 4120 section 5.2.6.

use alloc::vec::Vec;

use orthros_asn1::{
    AdAndOr, AdIfRelevant, AdType, AuthorizationData, AuthorizationDataEntry, EncTicketPart,
    EncryptedData, Message as _,
};
use orthros_crypto::{Key, KeyUsage};

use crate::RequestError;
use crate::error::{PolicyError, RequestPart};

/// Whether there is an element of a type, within AD-IF-RELEVANT and AD-AND-OR too. Containers that can't be read,
/// and those deeper than [`DEPTH`], are passed over.
pub(crate) fn contains(data: &[AuthorizationDataEntry], wanted: AdType) -> bool {
    data.iter()
        .any(|element| holds(element, &[wanted], DEPTH) == Some(true))
}

/// What the client asks to be put into its ticket, without what only a KDC can state.
pub(crate) fn requested(
    encrypted: &EncryptedData,
    key: &Key,
    usage: KeyUsage,
) -> Result<AuthorizationData, RequestError> {
    let plaintext = key
        .decrypt(usage, &encrypted.cipher)
        .map_err(|_| RequestError::Integrity(RequestPart::AuthorizationData))?;
    copied(AuthorizationData::decode(&plaintext)?)
}

/// What goes from a ticket into one that is got with it: all but what only a KDC can state. This KDC states nothing
/// in a ticket-granting ticket; what another realm's states is about that realm; and a signature is about one
/// ticket alone.
pub(crate) fn inherited(part: &EncTicketPart) -> Result<AuthorizationData, RequestError> {
    copied(part.authorization_data.clone().unwrap_or_default())
}

/// The elements that may go into another ticket. An element that might hide what only a KDC can state is left out
/// with it.
fn copied(mut data: AuthorizationData) -> Result<AuthorizationData, RequestError> {
    if contains(&data, AdType::MANDATORY_FOR_KDC) {
        let breach = PolicyError::MandatoryAuthorizationData;
        return Err(RequestError::Policy(breach));
    }
    data.retain(|element| holds(element, &ONLY_A_KDC_STATES, DEPTH) == Some(false));
    Ok(data)
}

/// Whether an element is of one of these types, or contains one. `None` where that can't be told: it contains what
/// can't be read, or more than `depth` containers in each other. The work is linear: each byte is read once for
/// each level of depth.
fn holds(element: &AuthorizationDataEntry, wanted: &[AdType], depth: usize) -> Option<bool> {
    if wanted.contains(&element.ad_type) {
        return Some(true);
    }
    let is_container = [AdType::IF_RELEVANT, AdType::AND_OR].contains(&element.ad_type);
    if !is_container {
        return Some(false);
    }
    let depth = depth.checked_sub(1)?;
    let inner: Vec<AuthorizationDataEntry> = if element.ad_type == AdType::AND_OR {
        AdAndOr::decode(&element.ad_data).ok()?.elements
    } else {
        AdIfRelevant::decode(&element.ad_data).ok()?
    };
    let mut found = Some(false);
    for element in &inner {
        match holds(element, wanted, depth) {
            Some(false) => {}
            Some(true) => return Some(true),
            None => found = None,
        }
    }
    found
}

/// What a client can't ask to have in its ticket, and no ticket passes on.
const ONLY_A_KDC_STATES: [AdType; 6] = [
    AdType::KDC_ISSUED,
    AdType::INITIAL_VERIFIED_CAS,
    AdType::CAMMAC,
    AdType::AUTHENTICATION_INDICATOR,
    AdType::WIN2K_PAC,
    SIGNTICKET,
];

/// The signature of a ticket for `S4U2Proxy` by KDCs of MIT and Heimdal, before there was one in the PAC.
const SIGNTICKET: AdType = AdType(512);

/// How many containers may be in each other.
const DEPTH: usize = 8;
