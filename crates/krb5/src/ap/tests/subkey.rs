//! Of which enctype the acceptor's subkey is.

use alloc::vec;

use orthros_asn1::{
    AdType, AuthorizationDataEntry, EncryptionKey, EncryptionType, EtypeList, Message as _,
    SecretOctets,
};
use orthros_crypto::Enctype;

use super::world::{Issue, Service, key, request, with_authenticator};

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

fn entry(ad_type: AdType, data: &[u8]) -> AuthorizationDataEntry {
    AuthorizationDataEntry {
        ad_type,
        ad_data: data.into(),
    }
}

/// The enctype of the acceptor's subkey, where the initiator has a subkey of this type and offers these.
fn chosen(
    session_key: Enctype,
    subkey: Enctype,
    offer: Option<AuthorizationDataEntry>,
    permitted: &'static [Enctype],
) -> Enctype {
    let issue = Issue::new(session_key);
    let token = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.subkey = Some(EncryptionKey {
            keytype: EncryptionType(subkey.number()),
            keyvalue: SecretOctets::new(key(subkey, 9).as_bytes().to_vec()),
        });
        authenticator.authorization_data = offer.map(|offer| vec![offer]);
    });
    let mut service = Service::new(session_key);
    service.permitted = permitted;
    let accepted = service.accept(&token).unwrap();
    accepted.context.messages.key().enctype()
}

#[test]
fn the_acceptors_subkey_is_of_the_type_that_it_prefers_of_all_that_the_initiator_knows() {
    const SHA384: Enctype = Enctype::AES256_CTS_HMAC_SHA384_192;
    const OURS: &[Enctype] = &[AES256, AES128, SHA384];
    const OTHERS: &[Enctype] = &[SHA384, AES128, AES256];
    let offer = |enctypes: &[Enctype]| {
        let numbers = enctypes.iter().map(|enctype| enctype.number());
        let list: EtypeList = numbers.map(EncryptionType).collect();
        entry(AdType::ETYPE_NEGOTIATION, &list.encode().unwrap())
    };
    let relevant = |enctypes| {
        let list = vec![offer(enctypes)].encode().unwrap();
        entry(AdType::IF_RELEVANT, &list)
    };
    // By its own preference over subkey and session key, without any offer.
    assert_eq!(chosen(AES256, AES128, None, OURS), AES256);
    assert_eq!(chosen(AES256, AES128, None, OTHERS), AES128);
    assert_eq!(chosen(AES128, AES256, None, OURS), AES256);
    // The initiator's order does not count, only what is in its list.
    let listed = |enctypes| Some(relevant(enctypes));
    assert_eq!(
        chosen(AES128, AES128, listed(&[SHA384, AES256]), OURS),
        AES256
    );
    assert_eq!(
        chosen(AES128, AES128, listed(&[AES256, SHA384]), OTHERS),
        SHA384
    );
    // What is not in the list, and not permitted, is not chosen.
    assert_eq!(chosen(AES128, AES128, listed(&[SHA384]), OURS), AES128);
    assert_eq!(
        chosen(AES128, AES128, listed(&[SHA384, AES256]), &[AES128]),
        AES128
    );
    // A list that is critical counts as well, as in MIT krb5.
    assert_eq!(chosen(AES128, AES128, Some(offer(&[AES256])), OURS), AES256);
}
