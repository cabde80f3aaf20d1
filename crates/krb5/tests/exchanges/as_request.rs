//! What an AS-REQ says.

use orthros_asn1::{
    AddressType, EncryptedData, EncryptionType, ErrorCode, KdcOptions, KdcReqBody, Message as _,
    PaDataType, PaEncTsEnc, PaPacRequest,
};
use orthros_crypto::KeyUsage;
use orthros_krb5::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError,
    ExchangeMisuseError, KdcRequest, Transport,
};
use orthros_types::{Duration, HostAddress, Principal, Timestamp};

use crate::support::*;

/// The first request of an exchange.
fn first(options: AsRequestOptions, secret: ClientSecret) -> KdcRequest {
    let mut exchange = AsExchange::new(options, secret).unwrap();
    match exchange.step(AsInput::Begin, NOW, &mut SeededRandom::new(5)) {
        Ok(AsStep::Send(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn body(options: AsRequestOptions) -> KdcReqBody {
    let request = first(options, password(PASSWORD));
    as_req(&request.message).0.req_body.into_value()
}

fn etypes(body: &KdcReqBody) -> Vec<i32> {
    body.etype.iter().map(|etype| etype.0).collect()
}

#[test]
fn first_request_has_no_proof_of_the_client_and_asks_for_one_of_itself() {
    let request = first(options(), password(PASSWORD));
    assert_eq!(request.realm, REALM.as_bytes());
    assert_eq!(request.transport, Transport::Datagram);
    let data = as_req(&request.message).0.padata.unwrap();
    let types: Vec<PaDataType> = data.iter().map(|element| element.padata_type).collect();
    assert_eq!(types, [PaDataType::REQ_ENC_PA_REP]);
}

#[test]
fn default_service_is_the_realms_ticket_granting_one() {
    let body = body(options());
    assert_eq!(body.cname.unwrap(), name(&["alice"]));
    assert_eq!(*body.realm, *REALM.as_bytes());
    let sname = body.sname.unwrap();
    assert_eq!(sname.name_string, name(&["krbtgt", REALM]).name_string);
}

#[test]
fn a_service_is_asked_for_in_the_realm_of_the_client() {
    let mut options = options();
    options.service = Some(Principal::new("ELSEWHERE", ["kadmin", "changepw"]));
    let body = body(options);
    assert_eq!(*body.realm, *REALM.as_bytes());
    let sname = body.sname.unwrap();
    assert_eq!(sname.name_string, name(&["kadmin", "changepw"]).name_string);
}

#[test]
fn nonces_have_31_bits_and_differ() {
    let mut seen = Vec::new();
    for seed in 0..64 {
        let mut exchange = AsExchange::new(options(), password(PASSWORD)).unwrap();
        let step = exchange.step(AsInput::Begin, NOW, &mut SeededRandom::new(seed));
        let Ok(AsStep::Send(request)) = step else {
            panic!("{step:?}")
        };
        let nonce = as_req(&request.message).0.req_body.nonce.0;
        assert!(nonce < 1 << 31);
        assert!(!seen.contains(&nonce));
        seen.push(nonce);
    }
}

#[test]
fn the_second_request_has_another_nonce() {
    let mut kdc = Kdc::new();
    let mut nonces = Vec::new();
    acquire(options(), password(PASSWORD), |request| {
        nonces.push(as_req(&request.message).0.req_body.nonce);
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(nonces.len(), 2);
    assert_ne!(nonces[0], nonces[1]);
}

#[test]
fn lifetimes_count_from_now() {
    let mut options = options();
    options.lifetime = Duration::from_hours(10);
    let body = body(options);
    assert_eq!(body.from, None);
    assert_eq!(body.till.seconds(), NOW.seconds() + 10 * HOUR);
    assert_eq!(body.rtime, None);
    assert_eq!(body.kdc_options, KdcOptions::RENEWABLE_OK);
}

#[test]
fn a_renewable_life_is_never_shorter_than_the_life() {
    let mut options = options();
    options.lifetime = Duration::from_hours(10);
    options.renewable_lifetime = Some(Duration::from_hours(2));
    let body = body(options);
    assert_eq!(body.rtime, Some(body.till));
    assert_eq!(body.kdc_options, KdcOptions::RENEWABLE);
}

#[test]
fn a_postdated_ticket_counts_from_its_start() {
    let mut options = options();
    options.lifetime = Duration::from_hours(1);
    options.start_after = Some(Duration::from_hours(5));
    options.renewable_ok = false;
    let body = body(options);
    assert_eq!(body.from.unwrap().seconds(), NOW.seconds() + 5 * HOUR);
    assert_eq!(body.till.seconds(), NOW.seconds() + 6 * HOUR);
    let both = KdcOptions::ALLOW_POSTDATE | KdcOptions::POSTDATED;
    assert_eq!(body.kdc_options, both);
}

#[test]
fn flags_and_addresses_are_asked_for() {
    let mut options = options();
    options.forwardable = true;
    options.proxiable = true;
    options.canonicalize = true;
    options.renewable_ok = false;
    options.addresses = vec![HostAddress {
        addr_type: AddressType(2),
        address: [127, 0, 0, 1].as_slice().into(),
    }];
    let body = body(options);
    let flags = KdcOptions::FORWARDABLE | KdcOptions::PROXIABLE | KdcOptions::CANONICALIZE;
    assert_eq!(body.kdc_options, flags);
    let address = HostAddress {
        addr_type: AddressType(2),
        address: [127, 0, 0, 1].as_slice().into(),
    };
    assert_eq!(body.addresses, Some(vec![address]));
}

#[test]
fn encryption_types_that_there_are_keys_of_come_first() {
    let options = options();
    assert_eq!(etypes(&body(options.clone())), [18, 17]);
    let key = AES128.random_key(&mut SeededRandom::new(3)).unwrap();
    let request = first(options, ClientSecret::Keys(vec![key]));
    let body = as_req(&request.message).0.req_body.into_value();
    assert_eq!(etypes(&body), [17, 18]);
}

#[test]
fn no_encryption_type_or_no_usable_key_is_the_callers_mistake() {
    let mut none = options();
    none.enctypes = Vec::new();
    let error = AsExchange::new(none, password(PASSWORD)).unwrap_err();
    assert_eq!(
        error,
        ExchangeError::Misused(ExchangeMisuseError::NoEnctypes)
    );
    let mut other = options();
    other.enctypes = vec![AES128];
    let error = AsExchange::new(other, ClientSecret::Keys(vec![key(1)])).unwrap_err();
    assert_eq!(
        error,
        ExchangeError::Misused(ExchangeMisuseError::NoUsableKey)
    );
}

#[test]
fn a_time_that_no_message_can_carry_is_the_callers_mistake() {
    let mut options = options();
    options.lifetime = Duration::from_seconds(i64::MAX);
    let error = acquire(options, password(PASSWORD), |_| unreachable!()).unwrap_err();
    assert_eq!(
        error,
        ExchangeError::Misused(ExchangeMisuseError::TimeOutOfRange)
    );
}

#[test]
fn the_proof_is_the_time_in_the_clients_key() {
    let mut kdc = Kdc::new();
    let client_key = kdc.client_key.clone();
    let mut stamps = Vec::new();
    acquire(options(), password(PASSWORD), |request| {
        let data = as_req(&request.message).0.padata.unwrap();
        if data[0].padata_type == PaDataType::ENC_TIMESTAMP {
            let sealed = EncryptedData::decode(&data[0].padata_value).unwrap();
            assert_eq!(sealed.etype, EncryptionType(18));
            assert_eq!(sealed.kvno, None);
            let usage = KeyUsage::AS_REQ_PA_ENC_TIMESTAMP;
            let plaintext = client_key.decrypt(usage, &sealed.cipher).unwrap();
            stamps.push(PaEncTsEnc::decode(&plaintext).unwrap());
        }
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(stamps.len(), 1);
    assert_eq!(stamps[0].patimestamp.seconds(), NOW.seconds());
    assert_eq!(stamps[0].pausec.unwrap().value(), NOW.microseconds());
}

#[test]
fn the_kdcs_cookie_is_sent_back_as_it_came() {
    let mut kdc = Kdc::new();
    kdc.more_method_data = vec![padata(PaDataType::FX_COOKIE, b"MIT cookie")];
    let mut cookies = Vec::new();
    acquire(options(), password(PASSWORD), |request| {
        let data = as_req(&request.message).0.padata.unwrap();
        cookies.extend(
            data.into_iter()
                .filter(|d| d.padata_type == PaDataType::FX_COOKIE),
        );
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(cookies, [padata(PaDataType::FX_COOKIE, b"MIT cookie")]);
}

#[test]
fn requests_are_made_for_the_kdcs_time() {
    let mut kdc = Kdc::new();
    kdc.now = later(2 * HOUR);
    let mut tills = Vec::new();
    acquire(options(), password(PASSWORD), |request| {
        tills.push(as_req(&request.message).0.req_body.till.seconds());
        kdc.answer(&request.message)
    })
    .unwrap();
    assert_eq!(
        tills,
        [NOW.seconds() + 24 * HOUR, NOW.seconds() + 26 * HOUR]
    );
}

#[test]
fn a_kdc_too_old_to_prove_requests_is_asked_again_without() {
    let mut kdc = Kdc::new();
    let mut counts = Vec::new();
    acquire(options(), password(PASSWORD), |request| {
        let data = as_req(&request.message).0.padata.unwrap_or_default();
        counts.push(data.len());
        match counts.len() {
            1 => error(ErrorCode::KDC_ERR_PREAUTH_FAILED),
            _ => kdc.answer(&request.message),
        }
    })
    .unwrap();
    assert_eq!(counts, [1, 0, 1]);
}

#[test]
fn times_before_the_epoch_can_be_written() {
    let mut exchange = AsExchange::new(options(), password(PASSWORD)).unwrap();
    let long_ago = Timestamp::from_seconds(-1_000_000_000);
    let step = exchange.step(AsInput::Begin, long_ago, &mut SeededRandom::new(5));
    assert!(matches!(step, Ok(AsStep::Send(_))));
}

#[test]
fn what_could_be_guessed_against_is_not_shown() {
    let mut kdc = Kdc::new();
    let mut shown = Vec::new();
    let ticket = acquire(options(), password(PASSWORD), |request| {
        shown.push(format!("{request:?}"));
        assert!(
            shown
                .last()
                .unwrap()
                .contains(&format!("{} bytes", request.message.len()))
        );
        kdc.answer(&request.message)
    })
    .unwrap();
    shown.push(format!("{ticket:?}"));
    for text in shown {
        assert!(
            text.len() < 1200 && !text.contains("[106,") && !text.contains("[97,"),
            "{text}"
        );
    }
}

#[test]
fn whether_there_shall_be_a_pac_is_said_where_the_caller_cares() {
    let said = |request_pac| {
        let request = first(
            AsRequestOptions {
                request_pac,
                ..options()
            },
            password(PASSWORD),
        );
        let data = as_req(&request.message).0.padata.unwrap();
        let element = data
            .into_iter()
            .find(|data| data.padata_type == PaDataType::PAC_REQUEST)?;
        Some(
            PaPacRequest::decode(&element.padata_value)
                .unwrap()
                .include_pac,
        )
    };
    for request_pac in [None, Some(false), Some(true)] {
        assert_eq!(said(request_pac), request_pac);
    }
}
