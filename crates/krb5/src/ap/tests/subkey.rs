//! Of which enctype the acceptor's subkey is.

use alloc::string::ToString as _;
use alloc::vec;

use orthros_asn1::{
    AdType, AuthorizationDataEntry, EncryptionKey, EncryptionType, EtypeList, Message as _,
    SecretOctets,
};
use orthros_crypto::Enctype;

use super::super::ApCheckError;
use super::world::{Issue, Service, key, mutual, request, with_authenticator};

const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const RC4: Enctype = Enctype::ARCFOUR_HMAC;

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

fn offer_of(enctype: Enctype) -> AuthorizationDataEntry {
    let list: EtypeList = [EncryptionType(enctype.number())].into_iter().collect();
    entry(AdType::ETYPE_NEGOTIATION, &list.encode().unwrap())
}

/// Tokens of RFC 4757 don't say which key they are in.
#[test]
fn under_rc4_a_subkey_of_the_acceptor_counts_where_it_makes_the_tokens_rfc_4121_s_alone() {
    for (permitted, offer, expected) in [
        (&[RC4][..], None, None),
        (&[RC4, AES256], Some(offer_of(AES256)), None),
        (&[AES256, RC4], None, None),
        (&[AES256, RC4], Some(offer_of(AES256)), Some(AES256)),
    ] {
        let issue = Issue::new(RC4);
        let (token, _) = mutual(&issue.credential());
        let token = with_authenticator(&issue, &token, |authenticator| {
            authenticator.authorization_data = offer.map(|offer| vec![offer]);
        });
        let mut service = Service::new(RC4);
        service.permitted = permitted;
        let context = service.accept(&token).unwrap().context;
        assert_eq!(
            context.messages.key().enctype(),
            expected.unwrap_or(RC4),
            "{permitted:?}"
        );
        let is_initiators = *context.messages.key() == context.info.initiator_key;
        assert_eq!(is_initiators, expected.is_none());
    }
}

#[test]
fn keys_of_rc4_in_a_request_are_refused_where_it_is_not_permitted() {
    let issue = Issue::new(AES256);
    let with_subkey = with_authenticator(&issue, &request(&issue.credential()), |authenticator| {
        authenticator.subkey = Some(EncryptionKey {
            keytype: EncryptionType(23),
            keyvalue: SecretOctets::new(key(RC4, 9).as_bytes().to_vec()),
        });
    });
    let mut with_session_key = Issue::new(RC4);
    with_session_key.service_key = key(AES256, 2);
    let with_session_key = request(&with_session_key.credential());
    let sealed_in_it = request(&Issue::new(RC4).credential());
    for (token, enctype) in [
        (with_subkey, AES256),
        (with_session_key, AES256),
        (sealed_in_it, RC4),
    ] {
        let mut service = Service::new(enctype);
        service.permitted = &[AES256];
        let error = service.accept(&token).unwrap_err();
        let text = error.to_string();
        assert!(
            text.ends_with(": it needs allow_rc4 = true in [libdefaults]"),
            "{text}"
        );
    }
}

/// As an acceptor could choose one that was misled on what the initiator offers.
#[test]
fn a_subkey_of_rc4_that_was_not_offered_is_refused_with_the_name_of_the_switch() {
    let issue = Issue::new(AES256);
    let (token, awaiting) = mutual(&issue.credential());
    let token = with_authenticator(&issue, &token, |authenticator| {
        authenticator.authorization_data = Some(vec![offer_of(RC4)]);
    });
    let mut service = Service::new(AES256);
    service.permitted = &[RC4, AES256];
    let accepted = service.accept(&token).unwrap();
    let error = awaiting.step(&accepted.token.unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        ApCheckError::Key {
            what: "acceptor's subkey",
            enctype: EncryptionType(23),
        }
        .to_string()
    );
    assert!(error.to_string().contains("allow_rc4 = true"), "{error}");
}
