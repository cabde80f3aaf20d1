//! Virtual time, and short words for what tests say often.

use orthros_asn1::{
    AsReq, ErrorCode, Exactly, KerberosTime, KrbError, Message as _, Microseconds, PaData,
    PaDataType, PrincipalName, TgsReq,
};
use orthros_crypto::{Enctype, Key, SecretVec};
use orthros_krb5::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError, InitialTicket,
    KdcRefusalError, KdcRequest, ReplyError, ServiceTicket, TgsExchange, TgsStep,
};
pub(crate) use orthros_testing::random::SeededRandom;
use orthros_types::{Credential, Principal, Timestamp};

pub(crate) const REALM: &str = "EXAMPLE.TEST";
pub(crate) const PASSWORD: &str = "open sesame";
pub(crate) const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
pub(crate) const AES128: Enctype = Enctype::AES128_CTS_HMAC_SHA1_96;
/// 2026-11-23 12:00:00 UTC, and a fraction.
pub(crate) const NOW: Timestamp = match Timestamp::new(1_795_435_200, 123_456) {
    Some(now) => now,
    None => Timestamp::EPOCH,
};
pub(crate) const HOUR: i64 = 3600;

pub(crate) fn alice() -> Principal {
    Principal::new(REALM, ["alice"])
}

pub(crate) fn http() -> Principal {
    Principal::host_based("HTTP", "www.example.test", REALM)
}

/// Options that are quick to compute with: one encryption type.
pub(crate) fn options() -> AsRequestOptions {
    let mut options = AsRequestOptions::new(alice());
    options.enctypes = vec![AES256, AES128];
    options
}

pub(crate) fn password(text: &str) -> ClientSecret {
    ClientSecret::Password(SecretVec::from(text.as_bytes()))
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    NOW.saturating_add(orthros_types::Duration::from_seconds(seconds))
}

pub(crate) fn kerberos_time(time: Timestamp) -> KerberosTime {
    KerberosTime::from_seconds(time.seconds()).unwrap()
}

pub(crate) fn name(components: &[&str]) -> PrincipalName {
    PrincipalName {
        name_type: orthros_asn1::NameType(1),
        name_string: components.iter().map(|text| (*text).into()).collect(),
    }
}

pub(crate) fn padata(padata_type: PaDataType, value: &[u8]) -> PaData {
    PaData {
        padata_type,
        padata_value: value.into(),
    }
}

pub(crate) fn key(octet: u8) -> Key {
    Key::new(AES256, &[octet; 32]).unwrap()
}

pub(crate) fn as_req(octets: &[u8]) -> AsReq {
    AsReq::decode(octets).unwrap()
}

pub(crate) fn tgs_req(octets: &[u8]) -> TgsReq {
    TgsReq::decode(octets).unwrap()
}

/// A KRB-ERROR as a KDC of [`REALM`] sends it at `stime`.
pub(crate) fn krb_error(code: ErrorCode, stime: Timestamp) -> KrbError {
    KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: kerberos_time(stime),
        susec: Microseconds::new(stime.microseconds()).unwrap(),
        error_code: code,
        crealm: None,
        cname: None,
        realm: REALM.into(),
        sname: name(&["krbtgt", REALM]),
        e_text: None,
        e_data: None,
    }
}

pub(crate) fn error(code: ErrorCode) -> Vec<u8> {
    krb_error(code, NOW).encode().unwrap()
}

/// Steps an AS exchange with whatever `kdc` answers; a password that is asked for is [`PASSWORD`].
pub(crate) fn acquire(
    options: AsRequestOptions,
    secret: ClientSecret,
    mut kdc: impl FnMut(&KdcRequest) -> Vec<u8>,
) -> Result<InitialTicket, ExchangeError> {
    let mut random = SeededRandom::new(1);
    let mut exchange = AsExchange::new(options, secret)?;
    let mut step = exchange.step(AsInput::Begin, NOW, &mut random)?;
    loop {
        step = match step {
            AsStep::Send(request) => {
                exchange.step(AsInput::Reply(&kdc(&request)), NOW, &mut random)?
            }
            AsStep::NeedPassword { .. } => {
                exchange.step(AsInput::Password(PASSWORD.as_bytes()), NOW, &mut random)?
            }
            AsStep::Done(ticket) => return Ok(*ticket),
        };
    }
}

/// Steps a TGS exchange with whatever `kdc` answers.
pub(crate) fn obtain(
    mut exchange: TgsExchange,
    kdc: impl FnMut(&KdcRequest) -> Vec<u8>,
) -> Result<ServiceTicket, ExchangeError> {
    step_through(&mut exchange, kdc)
}

/// The same, of an exchange that can be looked at afterwards.
pub(crate) fn step_through(
    exchange: &mut TgsExchange,
    mut kdc: impl FnMut(&KdcRequest) -> Vec<u8>,
) -> Result<ServiceTicket, ExchangeError> {
    let mut random = SeededRandom::new(2);
    let mut step = exchange.step(None, NOW, &mut random)?;
    loop {
        step = match step {
            TgsStep::Send(request) => exchange.step(Some(&kdc(&request)), NOW, &mut random)?,
            TgsStep::Done(ticket) => return Ok(*ticket),
        };
    }
}

/// What a reply was refused for.
#[track_caller]
pub(crate) fn defect<T>(result: Result<T, ExchangeError>) -> ReplyError {
    match result {
        Err(ExchangeError::Misbehaved(defect)) => *defect,
        Err(other) => panic!("another error: {other:?}"),
        Ok(_) => panic!("the reply was accepted"),
    }
}

/// What is wrong with the reply.
#[track_caller]
pub(crate) fn reply_error(error: ExchangeError) -> ReplyError {
    defect::<()>(Err(error))
}

/// What the KDC said no with.
#[track_caller]
pub(crate) fn refusal<T>(result: Result<T, ExchangeError>) -> KdcRefusalError {
    match result {
        Err(ExchangeError::Refused(refusal)) => *refusal,
        Err(other) => panic!("another error: {other:?}"),
        Ok(_) => panic!("there was no refusal"),
    }
}

/// A ticket-granting ticket of [`REALM`] for [`alice`], as a [`super::Kdc`] gives it.
pub(crate) fn tgt() -> Credential {
    tgt_in(AES256)
}

/// The same with a session key of this encryption type.
pub(crate) fn tgt_in(enctype: Enctype) -> Credential {
    let mut kdc = super::Kdc::new();
    let mut options = options();
    options.enctypes = vec![enctype, AES256];
    let secret = ClientSecret::Keys(vec![kdc.client_key.clone()]);
    kdc.tamper = Box::new(move |draft| {
        let session = enctype.random_key(&mut SeededRandom::new(8)).unwrap();
        draft.part.key.keytype = orthros_asn1::EncryptionType(enctype.number());
        draft.part.key.keyvalue = orthros_asn1::SecretOctets::new(session.as_bytes().to_vec());
        draft.ticket_part.key = draft.part.key.clone();
    });
    acquire(options, secret, |request| kdc.answer(&request.message))
        .unwrap()
        .credential
}
