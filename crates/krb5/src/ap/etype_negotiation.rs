//! Encryption types for the acceptor's subkey (RFC 4537): a session key is of a type that the KDC chose; the two sides may agree on
//! one that both like better.

use orthros_asn1::{
    AdType, AuthorizationData, AuthorizationDataEntry, EncryptionType, EtypeList, Message,
};
use orthros_crypto::Enctype;

use super::error::ApError;

/// The element that offers `enctypes`, the best first, down to that of the session key. `None` if none is better than that one.
pub(super) fn offer(
    enctypes: &[Enctype],
    session_key: Enctype,
) -> Result<Option<AuthorizationDataEntry>, ApError> {
    let better = enctypes.iter().take_while(|better| **better != session_key);
    let numbers = better.map(|better| EncryptionType(better.number()));
    let mut list: EtypeList = numbers.collect();
    if list.is_empty() {
        return Ok(None);
    }
    list.push(EncryptionType(session_key.number()));
    Ok(Some(AuthorizationDataEntry {
        ad_type: AdType::ETYPE_NEGOTIATION,
        ad_data: list.encode()?.into(),
    }))
}

/// The first of the offered types that is permitted here. What can't be read is not relevant (RFC 4120 section 5.2.6.1).
pub(super) fn choose(data: Option<&AuthorizationData>, permitted: &[Enctype]) -> Option<Enctype> {
    let containers = data.into_iter().flatten();
    containers
        .filter(|entry| entry.ad_type == AdType::IF_RELEVANT)
        .filter_map(|entry| AuthorizationData::decode(&entry.ad_data).ok())
        .flatten()
        .filter(|entry| entry.ad_type == AdType::ETYPE_NEGOTIATION)
        .filter_map(|entry| EtypeList::decode(&entry.ad_data).ok())
        .flatten()
        .filter_map(|offered| Enctype::from_number(offered.0))
        .find(|offered| permitted.contains(offered))
}
