//! Which key of which enctype.

use alloc::vec::Vec;

use orthros_asn1::EncryptionType;
use orthros_crypto::Enctype;

use crate::{PrincipalEntry, PrincipalKey, RealmPolicy, RequestError, wire};

/// The enctypes that a client offers and the realm permits, in the client's order, each once.
///
/// The list is a peer's: it is gone through once, and what is kept of it is no longer than the realm's own.
pub(crate) fn offered(
    policy: &RealmPolicy,
    etypes: impl IntoIterator<Item = EncryptionType>,
) -> Vec<Enctype> {
    let mut offered = Vec::new();
    for enctype in etypes.into_iter().filter_map(wire::enctype) {
        if policy.enctypes.contains(&enctype) && !offered.contains(&enctype) {
            offered.push(enctype);
        }
    }
    offered
}

/// The current keys of a client that it can make use of, in its order of preference.
pub(crate) fn client_keys<'e>(
    client: &'e PrincipalEntry,
    offered: &'e [Enctype],
) -> impl Iterator<Item = &'e PrincipalKey> {
    let enctypes = offered.iter();
    enctypes.filter_map(|enctype| current_key(client, *enctype))
}

/// The enctype of a session key: the first that the client offers of those for which the service has a key, so that
/// it knows them.
pub(crate) fn session(
    service: &PrincipalEntry,
    offered: &[Enctype],
) -> Result<Enctype, RequestError> {
    let mut enctypes = offered.iter().copied();
    enctypes
        .find(|enctype| current_key(service, *enctype).is_some())
        .ok_or(RequestError::NoCommonEnctype)
}

/// The key that tickets for a service are encrypted in: its first one.
pub(crate) fn ticket_key<'e>(
    policy: &RealmPolicy,
    service: &'e PrincipalEntry,
) -> Result<&'e PrincipalKey, RequestError> {
    service
        .current_keys()
        .find(|key| policy.enctypes.contains(&key.key.enctype()))
        .ok_or_else(|| RequestError::NoKey {
            principal: service.principal.clone(),
        })
}

pub(crate) fn current_key(entry: &PrincipalEntry, enctype: Enctype) -> Option<&PrincipalKey> {
    entry
        .current_keys()
        .find(|key| key.key.enctype() == enctype)
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    #[test]
    fn a_long_list_of_enctypes_is_gone_through_once_and_not_kept() {
        let policy = RealmPolicy::new("X");
        let taken = Cell::new(0_usize);
        let list = (0..100_000).chain(0..20).map(|number| {
            taken.set(taken.get() + 1);
            EncryptionType(number)
        });
        let offered = offered(&policy, list);
        assert_eq!(taken.get(), 100_020);
        assert_eq!(offered.len(), policy.enctypes.len());
        assert!(offered.capacity() < 16);
    }
}
