//! Which key of which enctype.

use alloc::vec::Vec;

use orthros_asn1::EncryptionType;
use orthros_crypto::Enctype;
use orthros_types::EnctypeName;

use crate::{PrincipalEntry, PrincipalKey, RealmPolicy, RequestError, wire};

/// The enctypes that a client offers and the realm permits, in the client's order, each once. RC4 comes last wherever
/// the client has it: its list may have been changed on its way.
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
    offered.sort_by_key(|enctype| is_last_resort(*enctype));
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

/// The key that tickets for a service are encrypted in: its first one, but RC4's only where there is no other.
pub(crate) fn ticket_key<'e>(
    policy: &RealmPolicy,
    service: &'e PrincipalEntry,
) -> Result<&'e PrincipalKey, RequestError> {
    service
        .current_keys()
        .filter(|key| policy.enctypes.contains(&key.key.enctype()))
        .min_by_key(|key| is_last_resort(key.key.enctype()))
        .ok_or_else(|| RequestError::NoKey {
            principal: service.principal.clone(),
        })
}

pub(crate) fn current_key(entry: &PrincipalEntry, enctype: Enctype) -> Option<&PrincipalKey> {
    entry
        .current_keys()
        .find(|key| key.key.enctype() == enctype)
}

/// Whether it is RC4, which RFC 8429 deprecates.
fn is_last_resort(enctype: Enctype) -> bool {
    enctype == Enctype::ARCFOUR_HMAC
}

/// Whether a client that offers these is one of before RFC 4120, and understands ETYPE-INFO alone (section 5.2.7.4):
/// DES, triple DES and RC4 are all that it has.
pub(crate) fn are_old(etypes: &[EncryptionType]) -> bool {
    etypes
        .iter()
        .all(|etype| EnctypeName(*etype).is_deprecated())
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use orthros_testing::random::SeededRandom;
    use orthros_types::Principal;

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

    #[test]
    fn rc4_is_no_one_s_choice_where_there_is_another_and_none_at_all_unless_permitted() {
        let mut policy = RealmPolicy::new("X");
        let list = || [23, 18, 17].map(EncryptionType);
        let [rc4, aes256, aes128] = list().map(|etype| wire::enctype(etype).unwrap());
        assert_eq!(offered(&policy, list()), [aes256, aes128]);
        assert_eq!(offered(&policy, [EncryptionType(23)]), []);
        policy.enctypes.insert(0, rc4);
        assert_eq!(offered(&policy, list()), [aes256, aes128, rc4]);
        let entry = PrincipalEntry::new(
            Principal::new("X", ["x"]),
            [rc4, aes256]
                .map(|enctype| PrincipalKey::random(1, enctype, &mut SeededRandom::new(1)).unwrap())
                .into(),
        );
        assert_eq!(session(&entry, &offered(&policy, list())).unwrap(), aes256);
        assert_eq!(ticket_key(&policy, &entry).unwrap().key.enctype(), aes256);
        policy.enctypes.retain(|enctype| *enctype == rc4);
        assert_eq!(ticket_key(&policy, &entry).unwrap().key.enctype(), rc4);
        policy.enctypes = alloc::vec![aes128];
        assert!(ticket_key(&policy, &entry).is_err());
    }

    #[test]
    fn a_client_of_before_rfc_4120_offers_no_newer_enctype() {
        let old = |list: &[i32]| {
            let list: Vec<_> = list.iter().copied().map(EncryptionType).collect();
            are_old(&list)
        };
        assert!(old(&[23, 16, 3, 1]));
        assert!(!old(&[23, 18]));
        assert!(!old(&[23, 99]));
    }
}
