//! SPAKE, by a client of the tests' own that can also do what none should.

use orthros_asn1::{
    PaSpake, SpakeGroup, SpakeResponse, SpakeSecondFactor, SpakeSecondFactorType, SpakeSupport,
};
use orthros_crypto::spake::{Group, Keys, Party, PrivateScalar, Transcript};
use orthros_crypto::{RandomError, RandomSource};

use super::*;

const SPAKE: PaDataType = PaDataType::SPAKE;
const FAILED: ErrorCode = ErrorCode::KDC_ERR_PREAUTH_FAILED;
const MORE: ErrorCode = ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;

/// A realm that takes these groups, and challenges in this one without being asked.
fn realm(groups: &[Group], challenge: Option<Group>) -> Realm {
    let mut realm = Realm::new();
    let mut policy = RealmPolicy::new("R");
    policy.spake_groups = groups.to_vec();
    policy.spake_challenge = challenge;
    realm.kdc = Kdc::new(policy, realm.store.clone());
    realm
}

fn support(groups: &[i32]) -> Vec<u8> {
    let groups = groups.iter().copied().map(SpakeGroup).collect();
    let support = PaSpake::Support(SpakeSupport { groups });
    support.encode().unwrap()
}

/// What the KDC said, and the cookie that goes with it.
#[derive(Clone)]
struct Challenge {
    /// The client's message that it answers; empty if it came by itself.
    support: Vec<u8>,
    message: Vec<u8>,
    cookie: Vec<u8>,
}

impl Challenge {
    /// That of the METHOD-DATA.
    fn of(support: &[u8], data: &MethodData) -> Self {
        Self {
            support: support.to_vec(),
            message: wire::find(data, SPAKE).unwrap().to_vec(),
            cookie: wire::find(data, PaDataType::FX_COOKIE).unwrap().to_vec(),
        }
    }

    /// That which answers this support message.
    fn asked(realm: &Realm, client: &str, groups: &[i32]) -> Self {
        let support = support(groups);
        let (code, data) = realm.refused(client, vec![element(SPAKE, support.clone())], 0);
        assert_eq!(code, MORE);
        Self::of(&support, &data)
    }

    fn group(&self) -> Group {
        let PaSpake::Challenge(challenge) = PaSpake::decode(&self.message).unwrap() else {
            panic!("{:?}", self.message);
        };
        assert_eq!(challenge.factors.len(), 1);
        Group::from_number(challenge.group.0).unwrap()
    }

    /// The response of a client with this key, and the reply key; with this factor.
    fn answer_with(&self, key: &Key, factor: i32) -> (SpakeResponse, Key) {
        let PaSpake::Challenge(challenge) = PaSpake::decode(&self.message).unwrap() else {
            panic!("{:?}", self.message);
        };
        let group = self.group();
        let random = &mut SeededRandom::new(99);
        let private = PrivateScalar::draw(group, Party::Client, random).unwrap();
        let public = private.public_key(key).unwrap();
        let mut transcript = Transcript::new(group);
        transcript.update(&[&self.support, &self.message]);
        transcript.update(&[&public]);
        let keys = Keys::agree(&private, key, &challenge.pubkey, transcript).unwrap();
        let body = body("alice");
        let factor = SpakeSecondFactor {
            factor_type: SpakeSecondFactorType(factor),
            data: None,
        };
        let key = keys.derive(1, body.octets());
        let response = SpakeResponse {
            pubkey: public.into(),
            factor: wire::encrypt(&factor, &key, None, KeyUsage::SPAKE, random).unwrap(),
        };
        (response, keys.derive(0, body.octets()))
    }

    fn answer(&self, key: &Key) -> (SpakeResponse, Key) {
        self.answer_with(key, 1)
    }

    fn padata(&self, message: PaSpake) -> MethodData {
        vec![
            element(PaDataType::FX_COOKIE, self.cookie.clone()),
            element(SPAKE, message.encode().unwrap()),
        ]
    }

    fn response(&self, key: &Key) -> MethodData {
        self.padata(PaSpake::Response(self.answer(key).0))
    }
}

/// Refuses to see the ticket but in the reply key.
fn granted(realm: &Realm, challenge: &Challenge) {
    let key = realm.key("alice");
    let (response, reply_key) = challenge.answer(&key);
    let reply = realm.granted("alice", challenge.padata(PaSpake::Response(response)));
    let cipher = &reply.enc_part.cipher;
    assert!(key.decrypt(KeyUsage::AS_REP_ENC_PART, cipher).is_err());
    let part = reply_key.decrypt(KeyUsage::AS_REP_ENC_PART, cipher);
    let EncAsRepPart(part) = EncAsRepPart::decode(&part.unwrap()).unwrap();
    assert!(part.flags.contains(TicketFlags::PRE_AUTHENT));
    assert_eq!(reply.enc_part.kvno, None);
}

fn refusal(realm: &Realm, padata: MethodData) -> ErrorCode {
    let (code, hints) = realm.refused("alice", padata, 1);
    // What a client needs to try otherwise comes along.
    assert_eq!(
        code == FAILED,
        wire::find(&hints, PaDataType::ETYPE_INFO2).is_some()
    );
    code
}

#[test]
fn each_group_gives_a_ticket_in_its_reply_key() {
    for group in Group::ALL {
        let realm = realm(&[group], None);
        let challenge = Challenge::asked(&realm, "alice", &[group.number()]);
        assert_eq!(challenge.group(), group);
        granted(&realm, &challenge);
    }
}

#[test]
fn the_clients_first_group_that_the_realm_has_is_taken() {
    let realm = realm(&[Group::Edwards25519, Group::P256], None);
    for (offered, taken) in [
        (&[2, 1][..], Group::P256),
        (&[1, 2], Group::Edwards25519),
        (&[0, -7, 3, 99, 2], Group::P256),
    ] {
        let challenge = Challenge::asked(&realm, "alice", offered);
        assert_eq!(challenge.group(), taken, "{offered:?}");
    }
}

#[test]
fn a_client_without_a_group_of_the_realm_is_refused_with_the_other_mechanisms() {
    let realm = realm(&[Group::P384], None);
    let alone = vec![element(SPAKE, support(&[1, 2, 99]))];
    let (code, hints) = realm.refused("alice", alone, 1);
    assert_eq!(code, FAILED);
    assert!(wire::find(&hints, PaDataType::ENC_TIMESTAMP).is_some());
}

#[test]
fn an_optimistic_challenge_is_answered_at_once() {
    let group = Group::Edwards25519;
    let realm = realm(&[group], Some(group));
    let (code, hints) = realm.refused("alice", vec![], 0);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    granted(&realm, &Challenge::of(b"", &hints));
}

#[test]
fn a_rejected_optimistic_challenge_leaves_nothing_in_the_next_one() {
    let realm = realm(
        &[Group::Edwards25519, Group::P256],
        Some(Group::Edwards25519),
    );
    let (_, hints) = realm.refused("alice", vec![], 0);
    let rejected = Challenge::of(b"", &hints);
    let support = support(&[2]);
    let mut padata = vec![element(PaDataType::FX_COOKIE, rejected.cookie.clone())];
    padata.push(element(SPAKE, support.clone()));
    let (code, data) = realm.refused("alice", padata, 0);
    assert_eq!(code, MORE);
    let challenge = Challenge::of(&support, &data);
    granted(&realm, &challenge);
    // Neither goes with the cookie of the other.
    for (challenge, other) in [(&challenge, &rejected), (&rejected, &challenge)] {
        let mixed = Challenge {
            cookie: other.cookie.clone(),
            ..challenge.clone()
        };
        assert_eq!(refusal(&realm, mixed.response(&realm.key("alice"))), FAILED);
    }
}

#[test]
fn an_optimistic_challenge_in_a_group_that_the_realm_does_not_have_is_not_sent() {
    let realm = realm(&[Group::P256], Some(Group::Edwards25519));
    let (_, hints) = realm.refused("alice", vec![], 0);
    assert_eq!(wire::find(&hints, SPAKE), Some(&b""[..]));
}

#[test]
fn a_realm_without_groups_neither_offers_spake_nor_verifies_it() {
    let challenge = Challenge::asked(&realm(&[Group::P256], None), "alice", &[2]);
    let realm = realm(&[], Some(Group::P256));
    let (code, hints) = realm.refused("alice", challenge.response(&realm.key("alice")), 1);
    assert_eq!(code, ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    assert_eq!(wire::find(&hints, SPAKE), None);
}

#[test]
fn a_group_that_was_withdrawn_is_not_finished_in() {
    let challenge = Challenge::asked(&realm(&[Group::P256], None), "alice", &[2]);
    let realm = realm(&[Group::Edwards25519], None);
    assert_eq!(
        refusal(&realm, challenge.response(&realm.key("alice"))),
        FAILED
    );
}

#[test]
fn another_password_is_refused_as_often_as_it_is_tried() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    for seed in 20..24 {
        let guess = AES256.random_key(&mut SeededRandom::new(seed)).unwrap();
        assert_eq!(refusal(&realm, challenge.response(&guess)), FAILED);
    }
    granted(&realm, &challenge);
}

#[test]
fn a_response_without_the_cookie_of_its_challenge_is_refused() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    let key = realm.key("alice");
    let without = challenge.response(&key).split_off(1);
    assert_eq!(refusal(&realm, without), FAILED);
    let others = [
        cookie::WITHOUT_STATE.to_vec(),
        realm.sealed("alice", TWO_ROUNDS, b"state"),
        Challenge::asked(&realm, "bob", &[1]).cookie,
    ];
    for cookie in others {
        let other = Challenge {
            cookie,
            ..challenge.clone()
        };
        assert_eq!(refusal(&realm, other.response(&key)), FAILED);
    }
}

#[test]
fn a_recorded_response_is_good_for_its_own_request_only() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    let padata = challenge.response(&realm.key("alice"));
    let mut request = AsReq::decode(&request("alice", padata)).unwrap();
    let mut body = request.0.req_body.value().clone();
    body.nonce = UInt32(6);
    request.0.req_body = Raw::new(body).unwrap();
    let now = Timestamp::from_seconds(NOW);
    let random = &mut SeededRandom::new(1);
    let message = request.encode().unwrap();
    let reply = realm.kdc.handle(&message, &SOURCE, now, random).reply;
    let error = KrbError::decode(&reply.unwrap()).unwrap();
    assert_eq!(error.error_code, FAILED);
}

#[test]
fn a_public_key_of_another_group_or_of_none_is_refused() {
    let realm = realm(&Group::ALL, None);
    let key = realm.key("alice");
    for group in Group::ALL {
        let challenge = Challenge::asked(&realm, "alice", &[group.number()]);
        let (mut response, _) = challenge.answer(&key);
        let mut refused = |public: &[u8]| {
            response.pubkey = public.into();
            let message = PaSpake::Response(response.clone());
            assert_eq!(refusal(&realm, challenge.padata(message)), FAILED);
        };
        for other in Group::ALL.into_iter().filter(|other| *other != group) {
            let random = &mut SeededRandom::new(3);
            let private = PrivateScalar::draw(other, Party::Client, random).unwrap();
            refused(&private.public_key(&key).unwrap());
        }
        for octets in [
            &[][..],
            &[0],
            &[1; 32],
            &[0; 32],
            &[2; 33],
            &[0; 33],
            &[0xff; 4000],
        ] {
            refused(octets);
        }
    }
}

#[test]
fn the_kdcs_own_public_key_sent_back_is_refused() {
    let realm = realm(&Group::ALL, None);
    for group in Group::ALL {
        let challenge = Challenge::asked(&realm, "alice", &[group.number()]);
        let PaSpake::Challenge(sent) = PaSpake::decode(&challenge.message).unwrap() else {
            panic!();
        };
        let (mut response, _) = challenge.answer(&realm.key("alice"));
        response.pubkey = sent.pubkey;
        let message = PaSpake::Response(response);
        assert_eq!(refusal(&realm, challenge.padata(message)), FAILED);
    }
}

#[test]
fn a_message_that_no_client_sends_is_refused() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    let (response, _) = challenge.answer(&realm.key("alice"));
    for message in [
        PaSpake::decode(&challenge.message).unwrap(),
        PaSpake::Encdata(response.factor),
    ] {
        assert_eq!(refusal(&realm, challenge.padata(message)), FAILED);
    }
}

#[test]
fn a_second_factor_that_was_not_offered_is_refused() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    for factor in [0, 2, -1] {
        let (response, _) = challenge.answer_with(&realm.key("alice"), factor);
        let message = PaSpake::Response(response);
        assert_eq!(refusal(&realm, challenge.padata(message)), FAILED);
    }
}

#[test]
fn a_state_that_is_none_is_refused() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    let mut states = vec![vec![], vec![0; 4], vec![0xff; 200], vec![0; 76]];
    // Of another group than its scalar and its transcript.
    let mut state = vec![0, 0, 0, 3, 0, 0, 0, 32];
    state.extend([1; 32]);
    state.extend([0, 0, 0, 32]);
    state.extend([1; 32]);
    states.push(state);
    for state in states {
        let other = Challenge {
            cookie: realm.sealed("alice", SPAKE, &state),
            ..challenge.clone()
        };
        assert_eq!(refusal(&realm, other.response(&realm.key("alice"))), FAILED);
    }
}

/// Counts what is drawn.
struct Counted(SeededRandom, usize);

impl RandomSource for Counted {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        self.1 += out.len();
        self.0.fill(out)
    }
}

#[test]
fn a_request_makes_one_challenge_however_much_it_lists() {
    let realm = realm(&Group::ALL, Some(Group::Edwards25519));
    let drawn = |padata| {
        let random = &mut Counted(SeededRandom::new(1), 0);
        let now = Timestamp::from_seconds(NOW);
        let message = request("alice", padata);
        let _ = realm.kdc.handle(&message, &SOURCE, now, random);
        random.1
    };
    let one = drawn(vec![element(SPAKE, support(&[1]))]);
    let groups: Vec<i32> = (0..32).map(|index| index % 4 + 1).collect();
    let many: MethodData =
        vec![element(SPAKE, support(&[[1].as_slice(), &groups[1..]].concat())); 60];
    assert_eq!(drawn(many), one);
    // The scalar, and the confounder of the cookie.
    assert_eq!(one, 64 + 16);
    // More groups than may be listed are no message at all.
    let too_many = vec![1; 33];
    assert!(drawn(vec![element(SPAKE, support(&too_many))]) < 64);
    // A refusal has one challenge, too: that of the hints.
    let challenge = Challenge::asked(&realm, "alice", &[4]);
    let guess = AES256.random_key(&mut SeededRandom::new(5)).unwrap();
    let mut responses = challenge.response(&guess);
    responses.extend(challenge.response(&realm.key("alice")));
    assert_eq!(drawn(responses), 64 + 16);
}

#[test]
fn the_first_of_several_responses_counts() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    let guess = AES256.random_key(&mut SeededRandom::new(5)).unwrap();
    let mut responses = challenge.response(&guess);
    responses.extend(challenge.response(&realm.key("alice")));
    assert_eq!(refusal(&realm, responses), FAILED);
}

#[test]
fn a_cookie_has_the_state_of_each_mechanism_that_began_with_the_hints() {
    let realm = realm(&[Group::Edwards25519], None);
    let context = realm.kdc.context(&SOURCE, Timestamp::from_seconds(NOW));
    let alice = realm.store.find(&Principal::new("R", ["alice"])).unwrap();
    let body = body("alice");
    let request = preauth_request(&context, alice.as_deref().unwrap(), &body);
    let states = [
        (SPAKE, b"one".as_slice().into()),
        (TWO_ROUNDS, b"two".as_slice().into()),
    ];
    let cookie = cookie::seal(&request, &states, &mut SeededRandom::new(1)).unwrap();
    for (mechanism, state) in states {
        assert_eq!(
            cookie::open(&request, mechanism, &cookie).unwrap(),
            Some(state)
        );
    }
    let other = cookie::open(&request, PaDataType::ENC_TIMESTAMP, &cookie);
    assert_eq!(other.unwrap(), None);
}

#[test]
fn the_cookie_shows_nothing_of_the_private_scalar_or_the_client() {
    let realm = realm(&[Group::Edwards25519], None);
    let challenge = Challenge::asked(&realm, "alice", &[1]);
    assert!(!challenge.cookie.windows(5).any(|part| part == b"alice"));
    let [one, other] = [1, 2].map(|seconds| {
        let padata = vec![element(SPAKE, support(&[1]))];
        Challenge::of(b"", &realm.refused("alice", padata, seconds).1)
    });
    assert_ne!(one.message, other.message);
}
