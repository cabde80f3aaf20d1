//! Critical authorization data: RFC 4120 section 5.2.6 has an acceptor refuse what it does not know.
//!
//! An element restricts the use of its ticket. An acceptor that does not know it can't honor it, so it has to be
//! known, unless it stands in an AD-IF-RELEVANT (section 5.2.6.1). MIT krb5 accepts it all the same; this acceptor
//! does not.

use orthros_asn1::{AdAndOr, AdCammac, AdKdcIssued, AdType, AuthorizationDataEntry, Message as _};

/// The types that are accepted outside of AD-IF-RELEVANT.
///
/// Each either grants something, which is for the application to read and to believe or not, or is looked at in this
/// module's neighbors, or is addressed to others than acceptors. Containers are not in this list: what is in them
/// counts.
const KNOWN: &[AdType] = &[
    // Its contents may be ignored, whatever they are.
    AdType::IF_RELEVANT,
    // For KDCs, which refuse what they do not know in it (RFC 4120 section 5.2.6.4).
    AdType::MANDATORY_FOR_KDC,
    AdType::SIGNTICKET,
    // Tell how the client was authenticated, or who it is.
    AdType::INITIAL_VERIFIED_CAS,
    AdType::AUTHENTICATION_INDICATOR,
    AdType::WIN2K_PAC,
    AdType::KERB_AUTH_DATA_TOKEN_RESTRICTIONS,
    AdType::KERB_LOCAL,
    AdType::TARGET_PRINCIPAL,
    // Of the authenticator: see `etype_negotiation` and `ap_options`.
    AdType::ETYPE_NEGOTIATION,
    AdType::AP_OPTIONS,
];

/// Whether each of these elements is known, or need not be.
///
/// # Errors
///
/// The type of the first one that has to be known and is not, or can't be read.
pub(super) fn check(data: Option<&[AuthorizationDataEntry]>) -> Result<(), AdType> {
    check_all(data.unwrap_or_default(), DEEPEST)
}

fn check_all(data: &[AuthorizationDataEntry], depth: usize) -> Result<(), AdType> {
    data.iter().try_for_each(|entry| check_one(entry, depth))
}

fn check_one(entry: &AuthorizationDataEntry, depth: usize) -> Result<(), AdType> {
    let ad_type = entry.ad_type;
    if KNOWN.contains(&ad_type) {
        return Ok(());
    }
    let deeper = depth.checked_sub(1).ok_or(ad_type)?;
    let unreadable = |_| ad_type;
    match ad_type {
        AdType::AND_OR => {
            let group = AdAndOr::decode(&entry.ad_data).map_err(unreadable)?;
            check_group(&group, deeper)
        }
        AdType::KDC_ISSUED => {
            let issued = AdKdcIssued::decode(&entry.ad_data).map_err(unreadable)?;
            check_all(issued.elements.value(), deeper)
        }
        AdType::CAMMAC => {
            let container = AdCammac::decode(&entry.ad_data).map_err(unreadable)?;
            check_all(container.elements.value(), deeper)
        }
        _ => Err(ad_type),
    }
}

/// As many of a group's elements have to be known as it says (RFC 4120 section 5.2.6.3).
fn check_group(group: &AdAndOr, depth: usize) -> Result<(), AdType> {
    let mut needed = group.condition_count;
    let mut first_unknown = None;
    for entry in &group.elements {
        match check_one(entry, depth) {
            Ok(()) => needed = needed.saturating_sub(1),
            Err(unknown) => first_unknown = first_unknown.or(Some(unknown)),
        }
    }
    if needed <= 0 {
        Ok(())
    } else {
        Err(first_unknown.unwrap_or(AdType::AND_OR))
    }
}

/// Containers within containers. KDCs nest once.
const DEEPEST: usize = 8;
