//! Several rounds, the cookie between them and the reply key, by a mechanism that only tests have.

mod armored;
mod spake;

use alloc::sync::Arc;
use alloc::vec;
use core::net::{IpAddr, Ipv4Addr};

use orthros_asn1::{
    AsRep, AsReq, EncAsRepPart, ErrorCode, Exactly, KdcOptions, KdcRep, KdcReq, KerberosTime,
    KrbError, UInt32,
};
use orthros_crypto::Enctype;
use orthros_testing::random::SeededRandom;
use orthros_types::{Principal, Timestamp};

use super::two_rounds::{CHALLENGE, HELLO, TWO_ROUNDS, WELCOME, reply_key};
use super::*;
use crate::{Kdc, MemoryStore, PrincipalFlags, RealmPolicy, Source, Store as _, Transport};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const NOW: i64 = 1_800_000_000;
const SOURCE: Source = Source {
    address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    transport: Transport::Stream,
};

struct Realm {
    kdc: Kdc,
    store: Arc<MemoryStore>,
}

impl Realm {
    /// A realm with `alice` and `bob`, who must preauthenticate.
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        for (seed, name) in [
            (1, ["alice"].as_slice()),
            (2, &["bob"]),
            (3, &["krbtgt", "R"]),
        ] {
            let random = &mut SeededRandom::new(seed);
            let key = PrincipalKey::random(7, AES256, random).unwrap();
            let mut entry =
                PrincipalEntry::new(Principal::new("R", name.iter().copied()), vec![key]);
            if name.len() == 1 {
                entry.flags |= PrincipalFlags::REQUIRES_PREAUTH;
            }
            store.put(entry).unwrap();
        }
        Self {
            kdc: Kdc::new(RealmPolicy::new("R"), store.clone()),
            store,
        }
    }

    fn key(&self, client: &str) -> Key {
        self.key_of(&[client])
    }

    fn key_of(&self, name: &[&str]) -> Key {
        let name = Principal::new("R", name.iter().copied());
        let entry = self.store.find(&name).unwrap();
        entry.unwrap().keys[0].key.clone()
    }

    fn answer(&self, client: &str, padata: MethodData, seconds: i64) -> Vec<u8> {
        let now = Timestamp::from_seconds(NOW + seconds);
        let random = &mut SeededRandom::new(seconds.unsigned_abs());
        let request = request(client, padata);
        self.kdc
            .handle(&request, &SOURCE, now, random)
            .reply
            .unwrap()
    }

    fn refused(&self, client: &str, padata: MethodData, seconds: i64) -> (ErrorCode, MethodData) {
        let error = KrbError::decode(&self.answer(client, padata, seconds)).unwrap();
        let data = error.e_data.map(|data| MethodData::decode(&data).unwrap());
        (error.error_code, data.unwrap_or_default())
    }

    fn granted(&self, client: &str, padata: MethodData) -> KdcRep<11> {
        AsRep::decode(&self.answer(client, padata, 1)).unwrap().0
    }

    /// The first round: what the client is challenged with, and the cookie.
    fn challenge(&self, client: &str) -> (Vec<u8>, Vec<u8>) {
        // The cookie of the hints goes along, as each does.
        let hello = vec![
            element(TWO_ROUNDS, HELLO.to_vec()),
            element(PaDataType::FX_COOKIE, cookie::WITHOUT_STATE.to_vec()),
        ];
        let (code, data) = self.refused(client, hello, 0);
        assert_eq!(code, ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED);
        let of = |wanted| wire::find(&data, wanted).unwrap().to_vec();
        (of(TWO_ROUNDS), of(PaDataType::FX_COOKIE))
    }

    /// A cookie with this state of a mechanism, without armor.
    fn sealed(&self, client: &str, mechanism: PaDataType, state: &[u8]) -> Vec<u8> {
        let context = self.kdc.context(&SOURCE, Timestamp::from_seconds(NOW));
        let entry = self.store.find(&Principal::new("R", [client])).unwrap();
        let body = body(client);
        let request = preauth_request(&context, entry.as_deref().unwrap(), &body);
        let states = [(mechanism, state.into())];
        cookie::seal(&request, &states, &mut SeededRandom::new(1)).unwrap()
    }

    /// What is encrypted in such a cookie of the second round.
    fn contents(&self, client: &str) -> Vec<u8> {
        let cookie = EncryptedData::decode(&self.sealed(client, TWO_ROUNDS, b"state")).unwrap();
        let plaintext = self
            .key_of(&["krbtgt", "R"])
            .decrypt(cookie::COOKIE, &cookie.cipher);
        plaintext.unwrap().to_vec()
    }

    /// A cookie with these contents, in the key of the ticket-granting service.
    fn encrypted(&self, contents: &[u8]) -> Vec<u8> {
        let random = &mut SeededRandom::new(3);
        let cipher = self
            .key_of(&["krbtgt", "R"])
            .encrypt(cookie::COOKIE, contents, random);
        let cookie = EncryptedData {
            etype: wire::encryption_type(AES256),
            kvno: Some(UInt32(7)),
            cipher: cipher.unwrap().into(),
        };
        cookie.encode().unwrap()
    }

    /// The second round, to this challenge.
    fn response(&self, client: &str, challenge: &[u8], cookie: Vec<u8>) -> MethodData {
        let covered = [challenge, body(client).octets()].concat();
        let response = self.key(client).checksum(CHALLENGE, &covered);
        vec![
            element(TWO_ROUNDS, response.as_ref().to_vec()),
            element(PaDataType::FX_COOKIE, cookie),
        ]
    }
}

fn preauth_request<'r>(
    context: &'r RequestContext<'r>,
    client: &'r PrincipalEntry,
    body: &'r Raw<KdcReqBody>,
) -> PreauthRequest<'r> {
    PreauthRequest {
        context,
        client,
        keys: &[],
        armor: None,
        padata: &[],
        body,
        is_required: true,
    }
}

fn body(client: &str) -> Raw<KdcReqBody> {
    let client = Principal::new("R", [client]);
    Raw::new(KdcReqBody {
        kdc_options: KdcOptions::empty(),
        cname: Some(client.to_principal_name()),
        realm: client.to_realm(),
        sname: Some(Principal::local_ticket_granting("R").to_principal_name()),
        from: None,
        till: KerberosTime::EPOCH,
        rtime: None,
        nonce: UInt32(5),
        etype: vec![wire::encryption_type(AES256)],
        addresses: None,
        enc_authorization_data: None,
        additional_tickets: None,
    })
    .unwrap()
}

fn request(client: &str, padata: MethodData) -> Vec<u8> {
    let request = AsReq(KdcReq {
        pvno: Exactly,
        msg_type: Exactly,
        padata: (!padata.is_empty()).then_some(padata),
        req_body: body(client),
    });
    request.encode().unwrap()
}

#[test]
fn each_mechanism_that_is_available_is_hinted_at_in_the_order_of_the_table() {
    let (code, hints) = Realm::new().refused("alice", vec![], 0);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    let types: Vec<PaDataType> = hints.iter().map(|hint| hint.padata_type).collect();
    let expected = [
        PaDataType::FX_FAST,
        PaDataType::ETYPE_INFO2,
        PaDataType::SPAKE,
        PaDataType::ENC_TIMESTAMP,
        TWO_ROUNDS,
        PaDataType::FX_COOKIE,
    ];
    assert_eq!(types, expected);
    assert_eq!(wire::find(&hints, PaDataType::SPAKE), Some(&b""[..]));
    assert_eq!(wire::find(&hints, TWO_ROUNDS), Some(&b"say hello"[..]));
}

#[test]
fn two_rounds_give_a_ticket_with_their_flags_in_a_reply_key_of_their_own() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("alice");
    let reply = realm.granted("alice", realm.response("alice", &challenge, cookie));
    let key = reply_key(&realm.key("alice"), &challenge);
    let part = key.decrypt(KeyUsage::AS_REP_ENC_PART, &reply.enc_part.cipher);
    let EncAsRepPart(part) = EncAsRepPart::decode(&part.unwrap()).unwrap();
    let expected = TicketFlags::PRE_AUTHENT | TicketFlags::HW_AUTHENT;
    assert!(part.flags.contains(expected));
    let padata = reply.padata.unwrap();
    assert_eq!(wire::find(&padata, TWO_ROUNDS), Some(WELCOME));
    // The client's own key has no part in it.
    assert_eq!(wire::find(&padata, PaDataType::ETYPE_INFO2), None);
    assert_eq!(reply.enc_part.kvno, None);
}

#[test]
fn a_wrong_answer_in_the_second_round_is_refused_with_the_hints() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("alice");
    let mut response = realm.response("alice", &challenge, cookie);
    response[0].padata_value = b"wrong".as_slice().into();
    let (code, hints) = realm.refused("alice", response, 1);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    assert!(wire::find(&hints, TWO_ROUNDS).is_some());
}

#[test]
fn a_cookie_that_was_tampered_with_is_refused_wherever_it_was_changed() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("alice");
    for at in 0..cookie.len() {
        let mut cookie = cookie.clone();
        cookie[at] ^= 1;
        let response = realm.response("alice", &challenge, cookie);
        let (code, _) = realm.refused("alice", response, 1);
        assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED, "at {at}");
    }
    for cookie in [&cookie[..cookie.len() - 1], b"other", b""] {
        let response = realm.response("alice", &challenge, cookie.to_vec());
        let (code, _) = realm.refused("alice", response, 1);
        assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    }
}

#[test]
fn a_cookie_of_another_client_is_refused() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("bob");
    let response = realm.response("alice", &challenge, cookie);
    let (code, _) = realm.refused("alice", response, 1);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
}

#[test]
fn a_cookie_of_another_mechanism_is_no_state_of_this_one() {
    let realm = Realm::new();
    // The client began with another mechanism, and goes on with the first round of this one: it sends the last
    // cookie that it got, as each client does (RFC 6113 section 5.2).
    let cookie = realm.sealed("alice", PaDataType::ENC_TIMESTAMP, b"state");
    let hello = vec![
        element(TWO_ROUNDS, HELLO.to_vec()),
        element(PaDataType::FX_COOKIE, cookie.clone()),
    ];
    let (code, data) = realm.refused("alice", hello, 1);
    assert_eq!(code, ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED);
    // Its state is not taken for this one's: it can't be answered as a challenge.
    let response = realm.response("alice", b"state", cookie);
    let (code, _) = realm.refused("alice", response, 1);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    // The new conversation goes on.
    let of = |wanted| wire::find(&data, wanted).unwrap().to_vec();
    let cookie = of(PaDataType::FX_COOKIE);
    realm.granted("alice", realm.response("alice", &of(TWO_ROUNDS), cookie));
}

#[test]
fn a_cookie_of_another_realm_is_refused_even_if_its_key_is_the_same() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("alice");
    let random = &mut SeededRandom::new(8);
    let mut other = Realm::new();
    let tgs = realm.store.find(&Principal::local_ticket_granting("R"));
    let tgs = PrincipalEntry {
        principal: Principal::local_ticket_granting("S"),
        ..(*tgs.unwrap().unwrap()).clone()
    };
    let key = PrincipalKey::random(7, AES256, random).unwrap();
    let alice = PrincipalEntry::new(Principal::new("S", ["alice"]), vec![key]);
    for entry in [tgs, alice] {
        other.store.put(entry).unwrap();
    }
    other.kdc = Kdc::new(RealmPolicy::new("S"), other.store.clone());
    let context = other.kdc.context(&SOURCE, Timestamp::from_seconds(NOW));
    let alice = other.store.find(&Principal::new("S", ["alice"])).unwrap();
    let body = body("alice");
    let request = preauth_request(&context, alice.as_deref().unwrap(), &body);
    let opened = cookie::open(&request, TWO_ROUNDS, &cookie);
    assert!(matches!(opened, Err(RequestError::PreauthCookie)));
    // It is the realm that matters.
    realm.granted("alice", realm.response("alice", &challenge, cookie));
}

#[test]
fn contents_that_this_kdc_has_not_written_are_refused_even_in_its_key() {
    let realm = Realm::new();
    let genuine = realm.contents("alice");
    let cookie = realm.encrypted(&genuine);
    let response = realm.response("alice", b"state", cookie);
    realm.granted("alice", response);
    for length in 0..genuine.len() - b"state".len() {
        let cookie = realm.encrypted(&genuine[..length]);
        let (code, _) = realm.refused("alice", realm.response("alice", b"", cookie), 1);
        assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED, "{length}");
    }
    let random = &mut SeededRandom::new(12);
    for round in 0..2000 {
        let mut contents = genuine.clone();
        let mut noise = [0; 4];
        random.fill(&mut noise).unwrap();
        let at = usize::from(noise[0]) % (contents.len() - b"state".len());
        contents[at] = noise[1];
        contents.truncate(contents.len() - usize::from(noise[2] % 8));
        if genuine.starts_with(&contents) {
            continue;
        }
        let cookie = realm.encrypted(&contents);
        let reply = realm.answer("alice", realm.response("alice", b"state", cookie), 1);
        // The last byte of the time may be another one that is now.
        if at != 7 {
            KrbError::decode(&reply).unwrap_or_else(|_| panic!("{round}: {at} {noise:?}"));
        }
    }
}

#[test]
fn a_client_that_saw_no_hints_is_told_how_its_key_is_made() {
    let realm = Realm::new();
    let optimistic = vec![element(TWO_ROUNDS, HELLO.to_vec())];
    let (code, data) = realm.refused("alice", optimistic, 0);
    assert_eq!(code, ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED);
    let types: Vec<PaDataType> = data.iter().map(|data| data.padata_type).collect();
    let expected = [TWO_ROUNDS, PaDataType::ETYPE_INFO2, PaDataType::FX_COOKIE];
    assert_eq!(types, expected);
    // With a cookie it has seen the hints.
    let hello = vec![
        element(TWO_ROUNDS, HELLO.to_vec()),
        element(PaDataType::FX_COOKIE, cookie::WITHOUT_STATE.to_vec()),
    ];
    let (_, data) = realm.refused("alice", hello, 0);
    assert_eq!(wire::find(&data, PaDataType::ETYPE_INFO2), None);
}

#[test]
fn a_long_cookie_or_element_makes_linear_work() {
    let realm = Realm::new();
    let (challenge, _) = realm.challenge("alice");
    let cookie = |octets| realm.encrypted(&vec![0; octets]);
    let noise = |octets: usize| vec![0x30; octets];
    let mut last: [u64; 3] = [u64::MAX / 8; 3];
    for octets in [2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000] {
        let mut long_element = realm.response("alice", &challenge, cookie::WITHOUT_STATE.into());
        long_element[0].padata_value = noise(octets).into();
        let requests = [
            realm.response("alice", &challenge, cookie(octets)),
            realm.response("alice", &challenge, noise(octets)),
            long_element,
        ];
        for (padata, last) in requests.into_iter().zip(&mut last) {
            let work = allocation_counter::measure(|| {
                let (code, _) = realm.refused("alice", padata, 1);
                assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
            });
            assert!(work.bytes_total <= 5 * *last / 2 + 100_000, "{octets}");
            assert!(work.bytes_max < 20 * octets as u64 + 100_000, "{octets}");
            *last = work.bytes_total;
        }
    }
}

#[test]
fn a_cookie_that_is_too_old_has_the_client_begin_again() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("alice");
    for (seconds, code) in [
        (600, None),
        (601, Some(ErrorCode::KDC_ERR_PREAUTH_EXPIRED)),
        (-601, Some(ErrorCode::KDC_ERR_PREAUTH_EXPIRED)),
    ] {
        let response = realm.response("alice", &challenge, cookie.clone());
        let reply = realm.answer("alice", response, seconds);
        let error = KrbError::decode(&reply).ok();
        assert_eq!(error.map(|error| error.error_code), code, "{seconds}");
    }
}

#[test]
fn a_cookie_is_opened_after_the_realms_key_was_changed() {
    let realm = Realm::new();
    let (challenge, cookie) = realm.challenge("alice");
    let mut rotate = |entry: &mut PrincipalEntry| {
        let random = &mut SeededRandom::new(9);
        entry.rotate_keys(&[AES256], random).unwrap();
    };
    let tgs = Principal::local_ticket_granting("R");
    realm.store.update(&tgs, &mut rotate).unwrap();
    realm.granted("alice", realm.response("alice", &challenge, cookie));
}

#[test]
fn a_second_round_without_its_cookie_is_a_first_one() {
    let realm = Realm::new();
    let (challenge, _) = realm.challenge("alice");
    for cookie in [
        vec![],
        vec![element(PaDataType::FX_COOKIE, cookie::WITHOUT_STATE.into())],
    ] {
        let mut response = realm.response("alice", &challenge, vec![]);
        response.truncate(1);
        response.extend(cookie);
        let (code, _) = realm.refused("alice", response, 1);
        assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_FAILED);
    }
}

#[test]
fn the_cookies_contents_are_for_the_kdc_alone() {
    let (challenge, cookie) = Realm::new().challenge("alice");
    for secret in [&challenge[..], b"alice"] {
        assert!(!cookie.windows(secret.len()).any(|part| part == secret));
    }
}

#[test]
fn a_reply_key_is_left_strengthened_or_replaced() {
    let random = &mut SeededRandom::new(4);
    let [client, other] = [(); 2].map(|()| AES256.random_key(random).unwrap());
    assert_eq!(ReplyKey::ClientKey.derive(&client), client);
    let strengthened = other.fx_cf2(b"strengthenkey", &client, b"replykey");
    let of = ReplyKey::Strengthened(other.clone());
    assert_eq!(of.derive(&client), strengthened);
    assert!(of.needs_client_key());
    assert_eq!(ReplyKey::Replaced(other.clone()).derive(&client), other);
}
