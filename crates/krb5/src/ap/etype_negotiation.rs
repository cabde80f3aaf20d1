//! Encryption types for the acceptor's subkey (RFC 4537): the KDC chose that of the session key; the two sides may
//! agree on one that both like better.

use orthros_asn1::{
    AdType, AuthorizationData, AuthorizationDataEntry, EncryptionType, EtypeList, Message,
};
use orthros_crypto::Enctype;

use super::error::ApError;

/// The element that offers `enctypes`, the best first, down to that of the session key. `None` if none is better than
/// that one.
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

/// The first of the `permitted` types that the initiator offers or has a key of, which is MIT's choice, too.
///
/// Session key and subkey were found to be permitted, so there is one; else it is the session key's.
pub(super) fn choose(
    data: Option<&AuthorizationData>,
    subkey: Option<Enctype>,
    session_key: Enctype,
    permitted: &[Enctype],
) -> Enctype {
    let offered = offered(data);
    let is_known = |enctype: &&Enctype| {
        **enctype == session_key
            || Some(**enctype) == subkey
            || offered.contains(&EncryptionType(enctype.number()))
    };
    let chosen = permitted.iter().find(is_known);
    chosen.copied().unwrap_or(session_key)
}

/// The initiator's list: the first one, be it critical or not. One that can't be read is no list.
fn offered(data: Option<&AuthorizationData>) -> EtypeList {
    let is_list = |entry: &AuthorizationDataEntry| entry.ad_type == AdType::ETYPE_NEGOTIATION;
    let list = data.into_iter().flatten().find_map(|entry| {
        if is_list(entry) {
            return Some(entry.ad_data.clone());
        }
        let relevant = (entry.ad_type == AdType::IF_RELEVANT)
            .then(|| AuthorizationData::decode(&entry.ad_data).ok())??;
        relevant
            .into_iter()
            .find(is_list)
            .map(|entry| entry.ad_data)
    });
    list.and_then(|list| EtypeList::decode(&list).ok())
        .unwrap_or_default()
}
