//! Tickets in the name of others: `S4U2Self` and `S4U2Proxy` (MS-SFU).

use orthros_asn1::{
    Checksum, CksumType, KdcOptions, Message as _, PaDataType, PaForUser, PaPacOptions,
    PaS4uX509User, PacOptions, Raw, S4uUserId, S4uUserOptions,
};
use orthros_crypto::{Key, KeyUsage};
use orthros_krb5::{
    ExchangeError, ExchangeMisuseError, ReplyError, TgsExchange, TgsRequestOptions,
};
use orthros_types::{Credential, NameType, Principal};

use crate::support::*;

fn bob() -> Principal {
    Principal::new(REALM, ["bob"])
}

fn plain() -> TgsRequestOptions {
    TgsRequestOptions {
        fast: None,
        ..TgsRequestOptions::default()
    }
}

/// What a KDC reads of a request in bob's name: the user, and the subkey.
fn read_user(kdc: &Kdc, message: &[u8]) -> (S4uUserId, Key) {
    let request = tgs_req(message).0;
    let (ticket, authenticator) = kdc.shown(&request);
    let (session, subkey) = (to_key(&ticket.key), to_key(&authenticator.subkey.unwrap()));
    let padata = request.padata.unwrap();
    let value = |wanted| {
        let mut elements = padata.iter();
        &elements
            .find(|element| element.padata_type == wanted)
            .unwrap()
            .padata_value
    };
    let for_user = PaForUser::decode(value(PaDataType::FOR_USER)).unwrap();
    assert_eq!(for_user.user_name, name(&["bob"]));
    let mut covered = 1_u32.to_le_bytes().to_vec();
    covered.extend(b"bobEXAMPLE.TESTKerberos");
    let usage = KeyUsage::PA_FOR_USER_CHECKSUM;
    session
        .verify_hmac_md5(usage, &covered, &for_user.cksum.checksum)
        .unwrap();
    let x509_user = PaS4uX509User::decode(value(PaDataType::FOR_X509_USER)).unwrap();
    let usage = KeyUsage::S4U_X509_USER_REQUEST;
    let checksum = &x509_user.checksum.checksum;
    subkey
        .verify_checksum(usage, x509_user.user_id.octets(), checksum)
        .unwrap();
    let user_id = x509_user.user_id.into_value();
    assert_eq!(user_id.options, Some(S4uUserOptions::USE_REPLY_KEY_USAGE));
    (user_id, subkey)
}

/// A ticket for alice in bob's name, with what a KDC repeats of him spoilt.
fn get(spoil: impl Fn(&mut S4uUserId), usage: KeyUsage) -> Result<Credential, ExchangeError> {
    get_as(bob(), read_user, spoil, usage)
}

/// The same, asked for by any name of bob's.
fn get_as(
    asked: Principal,
    read: impl Fn(&Kdc, &[u8]) -> (S4uUserId, Key),
    spoil: impl Fn(&mut S4uUserId),
    usage: KeyUsage,
) -> Result<Credential, ExchangeError> {
    let exchange = TgsExchange::for_user(&tgt(), asked, plain()).unwrap();
    let mut kdc = Kdc::new();
    let ticket = obtain(exchange, |request| {
        let (mut user_id, subkey) = read(&kdc, &request.message);
        spoil(&mut user_id);
        let user_id = Raw::new(user_id).unwrap();
        let reply = PaS4uX509User {
            checksum: Checksum {
                cksumtype: CksumType(subkey.enctype().checksum_type().number()),
                checksum: subkey.checksum(usage, user_id.octets()).as_ref().into(),
            },
            user_id,
        };
        let reply = padata(PaDataType::FOR_X509_USER, &reply.encode().unwrap());
        kdc.tamper = Box::new(move |draft| {
            draft.cname = name(&["bob"]);
            draft.padata.push(reply.clone());
        });
        kdc.answer(&request.message)
    });
    ticket.map(|ticket| ticket.credential)
}

#[test]
fn a_service_gets_a_ticket_to_itself_in_a_users_name() {
    let ticket = get(|_| {}, KeyUsage::S4U_X509_USER_REPLY).unwrap();
    assert_eq!((ticket.client, ticket.server), (bob(), alice()));
    assert!(!ticket.is_skey && ticket.second_ticket.is_empty());
}

#[test]
fn the_principal_of_an_enterprise_name_is_the_kdcs_to_say_under_its_checksum() {
    let asked = || Principal::new(REALM, ["bob@mail.test"]).with_name_type(NameType::ENTERPRISE);
    let read = |kdc: &Kdc, message: &[u8]| {
        let request = tgs_req(message).0;
        let (_, authenticator) = kdc.shown(&request);
        let padata = request.padata.unwrap();
        let mut elements = padata.iter();
        let user = elements.find(|element| element.padata_type == PaDataType::FOR_X509_USER);
        let user = PaS4uX509User::decode(&user.unwrap().padata_value).unwrap();
        (
            user.user_id.into_value(),
            to_key(&authenticator.subkey.unwrap()),
        )
    };
    let says = |cname: &'static str| {
        let say = move |user: &mut S4uUserId| user.cname = Some(name(&[cname]));
        get_as(asked(), read, say, KeyUsage::S4U_X509_USER_REPLY)
    };
    assert_eq!(says("bob").unwrap().client, bob());
    // The name outside has to be the one that the checksum covers.
    assert_eq!(defect(says("mallory")), ReplyError::UserChecksum);
    // And without a checksum nothing says who it is.
    let exchange = TgsExchange::for_user(&tgt(), asked(), plain()).unwrap();
    let mut kdc = Kdc::new();
    let stripped = obtain(exchange, |request| kdc.answer(&request.message));
    assert_eq!(defect(stripped), ReplyError::UserMissing);
}

#[test]
fn a_reply_stripped_of_the_user_is_refused_whomever_it_names_outside() {
    // An attacker on the path took the user out of the request: it is alice's own ticket that the KDC gives.
    for options in [plain(), TgsRequestOptions::default()] {
        let exchange = TgsExchange::for_user(&tgt(), bob(), options).unwrap();
        let mut kdc = Kdc::new();
        let result = obtain(exchange, |request| {
            let reply = kdc.answer(&request.message);
            let mut reply = orthros_asn1::TgsRep::decode(&reply).unwrap();
            reply.0.cname = name(&["bob"]);
            reply.encode().unwrap()
        });
        assert_eq!(defect(result), ReplyError::UserMissing);
    }
}

#[test]
fn a_reply_that_repeats_another_user_is_refused() {
    let usage = KeyUsage::S4U_X509_USER_REPLY;
    let other = get(|user| user.cname = Some(name(&["mallory"])), usage);
    assert_eq!(defect(other), ReplyError::UserChecksum);
    let elsewhere = get(|user| user.crealm = "OTHER.TEST".into(), usage);
    assert_eq!(defect(elsewhere), ReplyError::UserChecksum);
    let nobody = get(|user| user.cname = None, usage);
    assert_eq!(defect(nobody), ReplyError::UserChecksum);
}

#[test]
fn a_reply_to_another_request_is_refused() {
    let result = get(|user| user.nonce.0 ^= 1, KeyUsage::S4U_X509_USER_REPLY);
    assert_eq!(defect(result), ReplyError::UserChecksum);
}

#[test]
fn what_the_request_said_is_no_reply() {
    let result = get(|_| {}, KeyUsage::S4U_X509_USER_REQUEST);
    assert_eq!(defect(result), ReplyError::UserChecksum);
}

#[test]
fn a_kdc_that_knows_no_users_name_gives_a_ticket_of_ones_own_which_is_refused() {
    let exchange = TgsExchange::for_user(&tgt(), bob(), plain()).unwrap();
    let mut kdc = Kdc::new();
    let result = obtain(exchange, |request| kdc.answer(&request.message));
    assert!(matches!(defect(result), ReplyError::Client { expected, .. } if expected == bob()));
}

#[test]
fn the_users_name_is_under_the_armor_and_next_to_it() {
    let exchange = TgsExchange::for_user(&tgt(), bob(), TgsRequestOptions::default()).unwrap();
    let mut kdc = FastKdc::new();
    kdc.kdc.tamper = Box::new(|draft| draft.cname = name(&["bob"]));
    let ticket = obtain(exchange, |request| {
        read_user(&kdc.kdc, &request.message);
        kdc.answer(&request.message)
    });
    assert_eq!(ticket.unwrap().credential.client, bob());
    let inner: Vec<_> = kdc
        .inner
        .unwrap()
        .padata
        .iter()
        .map(|e| e.padata_type)
        .collect();
    assert_eq!(inner, [PaDataType::FOR_X509_USER, PaDataType::FOR_USER]);
}

#[test]
fn a_user_of_another_realm_is_the_callers_mistake() {
    let foreign = bob().with_realm("OTHER.TEST");
    let result = TgsExchange::for_user(&tgt(), foreign, plain());
    let Err(ExchangeError::Misused(misuse)) = result else {
        panic!("{result:?}")
    };
    assert_eq!(misuse, ExchangeMisuseError::ForeignUser);
}

#[test]
fn evidence_of_a_user_gets_a_ticket_for_another_service_in_the_users_name() {
    let evidence = get(|_| {}, KeyUsage::S4U_X509_USER_REPLY).unwrap();
    for (named, is_taken) in [("bob", true), ("alice", false)] {
        let exchange = TgsExchange::on_behalf_of(&tgt(), &evidence, http(), plain()).unwrap();
        let mut kdc = Kdc::spoiling(move |draft| draft.cname = name(&[named]));
        let result = obtain(exchange, |request| {
            let message = tgs_req(&request.message).0;
            let padata = message.padata.as_ref().unwrap();
            let options = PaPacOptions::decode(&padata[1].padata_value).unwrap();
            let expected = PacOptions::RESOURCE_BASED_CONSTRAINED_DELEGATION;
            assert_eq!(options.flags, expected);
            let body = message.req_body.into_value();
            assert!(body.kdc_options.contains(KdcOptions::CNAME_IN_ADDL_TKT));
            assert_eq!(
                body.additional_tickets.unwrap()[0].octets(),
                evidence.ticket
            );
            kdc.answer(&request.message)
        });
        if is_taken {
            let ticket = result.unwrap().credential;
            assert_eq!((ticket.client, ticket.server), (bob(), http()));
            // By the evidence MIT finds it in a cache.
            assert!(!ticket.is_skey);
            assert_eq!(ticket.second_ticket, evidence.ticket);
        } else {
            assert!(matches!(defect(result), ReplyError::Client { .. }));
        }
    }
}
