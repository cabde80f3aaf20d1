//! Which key of which enctype.

use orthros_asn1::EncryptionType;
use orthros_crypto::Enctype;

use crate::{PrincipalEntry, PrincipalKey, RealmPolicy, Refusal, wire};

/// The enctypes that a client offers and the realm permits, in the client's order, each once.
pub(crate) fn offered<'o>(
    policy: &'o RealmPolicy,
    etypes: &'o [EncryptionType],
) -> impl Iterator<Item = Enctype> + 'o {
    let known = etypes.iter().enumerate().filter_map(|(index, etype)| {
        let earlier = etypes.get(..index).unwrap_or_default();
        (!earlier.contains(etype)).then(|| wire::enctype(*etype))?
    });
    known.filter(|enctype| policy.enctypes.contains(enctype))
}

/// The current keys of a client that it can make use of, in its order of preference.
pub(crate) fn client_keys<'e>(
    policy: &'e RealmPolicy,
    client: &'e PrincipalEntry,
    etypes: &'e [EncryptionType],
) -> impl Iterator<Item = &'e PrincipalKey> {
    offered(policy, etypes).filter_map(|enctype| current_key(client, enctype))
}

/// The enctype of a session key: the first that the client offers of those for which the service has a key, so that it knows them.
pub(crate) fn session(
    policy: &RealmPolicy,
    service: &PrincipalEntry,
    etypes: &[EncryptionType],
) -> Result<Enctype, Refusal> {
    offered(policy, etypes)
        .find(|enctype| current_key(service, *enctype).is_some())
        .ok_or(Refusal::NoCommonEnctype)
}

/// The key that tickets for a service are encrypted in: its first one.
pub(crate) fn ticket_key<'e>(
    policy: &RealmPolicy,
    service: &'e PrincipalEntry,
) -> Result<&'e PrincipalKey, Refusal> {
    service
        .current_keys()
        .find(|key| policy.enctypes.contains(&key.key.enctype()))
        .ok_or_else(|| Refusal::NoKey {
            principal: service.principal.clone(),
        })
}

pub(crate) fn current_key(entry: &PrincipalEntry, enctype: Enctype) -> Option<&PrincipalKey> {
    entry
        .current_keys()
        .find(|key| key.key.enctype() == enctype)
}
