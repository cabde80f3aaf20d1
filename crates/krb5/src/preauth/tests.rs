//! The seam, shown with a mechanism that there is nowhere: two rounds, a response over the request's body, a reply
//! key of its own.

mod spake;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use orthros_asn1::{
    AsRep, AsReq, EncAsRepPart, EncKdcRepPart, EncryptedData, EncryptionKey, EncryptionType,
    ErrorCode, Exactly, KdcRep, KerberosTime, KrbError, Message, MethodData, Microseconds, PaData,
    PaDataType, PrincipalName, Raw, SecretOctets, Ticket, TicketFlags,
};
use orthros_crypto::{Enctype, Key, KeyUsage, RandomSource};
use orthros_types::{Principal, Timestamp};

use super::{ClientKeyOfReply, Mechanism, MechanismRow, Round, find};
use crate::exchange::{
    AsExchange, AsInput, AsRequestOptions, AsStep, ClientSecret, ExchangeError, InitialTicket,
    KdcRefusalError, ReplyError, SecretEvidence,
};
use orthros_testing::random::SeededRandom;

/// Two rounds: the client greets, the KDC sends a challenge, and the client answers it with a checksum over
/// challenge and body. Both make the reply key of the challenge.
enum Toy {
    Greeting,
    Answering { reply_key: Option<Key> },
}

impl Mechanism for Toy {
    fn respond(
        &mut self,
        round: &Round<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<MethodData, ExchangeError> {
        let (next, response) = match self {
            Self::Greeting => (Self::Answering { reply_key: None }, b"hello".to_vec()),
            Self::Answering { .. } => {
                let challenge = find(round.method_data, TOY).ok_or(ReplyError::ChallengeMissing)?;
                let reply_key = Some(toy_key(round.client_key, challenge));
                let response = toy_response(round.client_key, challenge, round.body.octets());
                (Self::Answering { reply_key }, response)
            }
        };
        *self = next;
        Ok(vec![padata(TOY, &response)])
    }

    fn has_further_round(&self) -> bool {
        matches!(self, Self::Answering { reply_key: None })
    }

    fn reply_key(&self, client_key: &mut ClientKeyOfReply<'_>) -> Result<Key, ExchangeError> {
        match self {
            Self::Answering {
                reply_key: Some(key),
            } => Ok(key.clone()),
            _ => client_key(),
        }
    }

    fn check_kdc(&self, reply: &[PaData]) -> Result<(), ExchangeError> {
        match find(reply, TOY) {
            Some(b"welcome") => Ok(()),
            _ => Err(ReplyError::Challenge.into()),
        }
    }
}

const TOY: PaDataType = PaDataType(-1717);
const TOY_ROW: MechanismRow = MechanismRow {
    padata_type: TOY,
    runs_without_armor: true,
    runs_under_armor: true,
    is_allowed: |_| true,
    start: || Box::new(Toy::Greeting),
};
static WITH_TOY: [MechanismRow; 1] = [TOY_ROW];
static UNDER_ARMOR_ONLY: [MechanismRow; 1] = [MechanismRow {
    runs_without_armor: false,
    ..TOY_ROW
}];

const REALM: &str = "EXAMPLE.TEST";
const NOW: Timestamp = Timestamp::from_seconds(1_795_435_200);
const CHALLENGE: &[u8] = b"what is the time?";

fn toy_key(client_key: &Key, challenge: &[u8]) -> Key {
    client_key.fx_cf2(challenge, client_key, b"toy")
}

fn toy_response(client_key: &Key, challenge: &[u8], body: &[u8]) -> Vec<u8> {
    let covered = [challenge, body].concat();
    client_key
        .checksum(KeyUsage::AS_REQ_CHECKSUM, &covered)
        .as_ref()
        .to_vec()
}

fn client_key() -> Key {
    Key::new(Enctype::AES256_CTS_HMAC_SHA1_96, &[7; 32]).unwrap()
}

fn exchange(mechanisms: &'static [MechanismRow]) -> AsExchange {
    let options = AsRequestOptions::new(Principal::new(REALM, ["alice"]));
    let secret = ClientSecret::Keys(vec![client_key()]);
    AsExchange::with_mechanisms(options, secret, mechanisms).unwrap()
}

/// Steps with this reply, or at first without.
fn step(exchange: &mut AsExchange, reply: Option<&[u8]>) -> Result<AsStep, ExchangeError> {
    let input = reply.map_or(AsInput::Begin, AsInput::Reply);
    exchange.step(input, NOW, &mut SeededRandom::new(1))
}

fn sent(step: Result<AsStep, ExchangeError>) -> AsReq {
    match step.unwrap() {
        AsStep::Send(request) => AsReq::decode(&request.message).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn refusal(step: Result<AsStep, ExchangeError>) -> KdcRefusalError {
    match step {
        Err(ExchangeError::Refused(refusal)) => *refusal,
        other => panic!("{other:?}"),
    }
}

fn padata(padata_type: PaDataType, value: &[u8]) -> PaData {
    PaData {
        padata_type,
        padata_value: value.into(),
    }
}

/// The preauthentication data of a request, but for PA-REQ-ENC-PA-REP.
fn response(request: &AsReq) -> Vec<(PaDataType, Vec<u8>)> {
    let padata = request.0.padata.iter().flatten();
    let elements = padata.map(|element| (element.padata_type, element.padata_value.to_vec()));
    elements
        .filter(|(padata_type, _)| *padata_type != PaDataType::REQ_ENC_PA_REP)
        .collect()
}

fn name(components: &[&str]) -> PrincipalName {
    Principal::new(REALM, components.iter().copied()).to_principal_name()
}

fn error(code: ErrorCode, toy: &[u8], cookie: &[u8]) -> Vec<u8> {
    let method_data = vec![padata(TOY, toy), padata(PaDataType::FX_COOKIE, cookie)];
    with_data(code, method_data)
}

/// An error with this METHOD-DATA.
fn with_data(code: ErrorCode, method_data: MethodData) -> Vec<u8> {
    KrbError {
        pvno: Exactly,
        msg_type: Exactly,
        ctime: None,
        cusec: None,
        stime: KerberosTime::from_seconds(NOW.seconds()).unwrap(),
        susec: Microseconds::new(0).unwrap(),
        error_code: code,
        crealm: None,
        cname: None,
        realm: REALM.into(),
        sname: name(&["krbtgt", REALM]),
        e_text: None,
        e_data: Some(method_data.encode().unwrap().into()),
    }
    .encode()
    .unwrap()
}

/// An AS-REP to this request, encrypted in `key`.
fn as_rep(request: &AsReq, key: &Key, toy: &[u8]) -> Vec<u8> {
    let body = request.0.req_body.value();
    let now = KerberosTime::from_seconds(NOW.seconds()).unwrap();
    let part = EncAsRepPart(EncKdcRepPart {
        key: EncryptionKey {
            keytype: EncryptionType(key.enctype().number()),
            keyvalue: SecretOctets::new(vec![9; 32]),
        },
        last_req: Vec::new(),
        nonce: body.nonce,
        key_expiration: None,
        flags: TicketFlags::INITIAL,
        authtime: now,
        starttime: None,
        endtime: body.till,
        renew_till: None,
        srealm: REALM.into(),
        sname: name(&["krbtgt", REALM]),
        caddr: None,
        encrypted_pa_data: None,
    });
    let encrypted = |cipher: Vec<u8>| EncryptedData {
        etype: EncryptionType(key.enctype().number()),
        kvno: None,
        cipher: cipher.into(),
    };
    let plaintext = part.encode().unwrap();
    let cipher = key.encrypt(
        KeyUsage::AS_REP_ENC_PART,
        &plaintext,
        &mut SeededRandom::new(2),
    );
    AsRep(KdcRep {
        pvno: Exactly,
        msg_type: Exactly,
        padata: Some(vec![padata(TOY, toy)]),
        crealm: REALM.into(),
        cname: name(&["alice"]),
        ticket: Raw::new(Ticket {
            tkt_vno: Exactly,
            realm: REALM.into(),
            sname: name(&["krbtgt", REALM]),
            enc_part: encrypted(b"sealed".to_vec()),
        })
        .unwrap(),
        enc_part: encrypted(cipher.unwrap()),
    })
    .encode()
    .unwrap()
}

/// Both rounds, as far as the last request.
fn two_rounds(exchange: &mut AsExchange) -> AsReq {
    sent(step(exchange, None));
    let offer = error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, b"", b"first");
    let greeting = sent(step(exchange, Some(&offer)));
    let cookie = (PaDataType::FX_COOKIE, b"first".to_vec());
    assert_eq!(response(&greeting), [cookie, (TOY, b"hello".to_vec())]);
    let more = ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    sent(step(exchange, Some(&error(more, CHALLENGE, b"second"))))
}

fn done(step: Result<AsStep, ExchangeError>) -> InitialTicket {
    match step.unwrap() {
        AsStep::Done(ticket) => *ticket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_rounds_with_a_cookie_each_end_in_a_reply_key_of_the_mechanisms_own() {
    let mut exchange = exchange(&WITH_TOY);
    let answer = two_rounds(&mut exchange);
    let body = answer.0.req_body.octets();
    let expected = toy_response(&client_key(), CHALLENGE, body);
    let cookie = (PaDataType::FX_COOKIE, b"second".to_vec());
    assert_eq!(response(&answer), [cookie, (TOY, expected)]);
    let reply_key = toy_key(&client_key(), CHALLENGE);
    let reply = as_rep(&answer, &reply_key, b"welcome");
    let ticket = done(step(&mut exchange, Some(&reply)));
    assert_eq!(ticket.preauth, Some(TOY));
}

#[test]
fn a_reply_in_the_clients_key_is_refused_where_the_mechanism_replaces_it() {
    let mut exchange = exchange(&WITH_TOY);
    let answer = two_rounds(&mut exchange);
    let reply = as_rep(&answer, &client_key(), b"welcome");
    let refusal = refusal(step(&mut exchange, Some(&reply)));
    let KdcRefusalError::WrongSecret { evidence, .. } = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(evidence, SecretEvidence::ReplyIntegrity);
}

#[test]
fn a_reply_that_does_not_prove_the_kdc_as_the_mechanism_wants_it_is_refused() {
    let mut exchange = exchange(&WITH_TOY);
    let answer = two_rounds(&mut exchange);
    let reply = as_rep(&answer, &toy_key(&client_key(), CHALLENGE), b"who?");
    let refused = step(&mut exchange, Some(&reply)).unwrap_err();
    assert_eq!(refused, ReplyError::Challenge.into());
}

#[test]
fn a_clock_that_is_wrong_begins_the_mechanism_again_with_the_last_cookie() {
    let mut exchange = exchange(&WITH_TOY);
    two_rounds(&mut exchange);
    let skew = error(ErrorCode::KRB_AP_ERR_SKEW, b"", b"third");
    let greeting = sent(step(&mut exchange, Some(&skew)));
    let cookie = (PaDataType::FX_COOKIE, b"third".to_vec());
    assert_eq!(response(&greeting), [cookie, (TOY, b"hello".to_vec())]);
    let more = error(
        ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED,
        CHALLENGE,
        b"fourth",
    );
    let answer = sent(step(&mut exchange, Some(&more)));
    let reply_key = toy_key(&client_key(), CHALLENGE);
    let reply = as_rep(&answer, &reply_key, b"welcome");
    done(step(&mut exchange, Some(&reply)));
}

#[test]
fn a_round_more_than_the_mechanism_has_ends_the_exchange() {
    let mut exchange = exchange(&WITH_TOY);
    two_rounds(&mut exchange);
    let more = ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    let refusal = refusal(step(&mut exchange, Some(&error(more, b"", b"third"))));
    assert!(matches!(refusal, KdcRefusalError::Other { error, .. } if error.code == more));
}

#[test]
fn a_mechanism_that_needs_armor_is_not_used_without() {
    let mut exchange = exchange(&UNDER_ARMOR_ONLY);
    sent(step(&mut exchange, None));
    let offer = error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, b"", b"first");
    let refusal = refusal(step(&mut exchange, Some(&offer)));
    let KdcRefusalError::PreauthNotPossible { offered, .. } = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(offered, [TOY, PaDataType::FX_COOKIE]);
}

#[test]
fn what_the_kdc_does_not_offer_is_not_used() {
    let mut exchange = exchange(&super::MECHANISMS);
    sent(step(&mut exchange, None));
    let offer = error(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, b"", b"first");
    let refusal = refusal(step(&mut exchange, Some(&offer)));
    assert!(matches!(
        refusal,
        KdcRefusalError::PreauthNotPossible { .. }
    ));
}
