//! SPAKE, against a KDC of the tests' own that can also do what none should.

use orthros_asn1::{PaSpake, SpakeChallenge, SpakeGroup, SpakeSecondFactor, SpakeSecondFactorType};
use orthros_crypto::spake::{Group, Keys, Party, PrivateScalar, Transcript};

use super::*;

const SPAKE: PaDataType = PaDataType::SPAKE;
const MORE: ErrorCode = ErrorCode::KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
const REQUIRED: ErrorCode = ErrorCode::KDC_ERR_PREAUTH_REQUIRED;
const FAILED: ErrorCode = ErrorCode::KDC_ERR_PREAUTH_FAILED;
const NONE: &[SpakeSecondFactorType] = &[SpakeSecondFactorType::SF_NONE];

fn exchange_with(change: impl FnOnce(&mut AsRequestOptions)) -> AsExchange {
    let mut options = AsRequestOptions::new(Principal::new(REALM, ["alice"]));
    change(&mut options);
    let secret = ClientSecret::Keys(vec![client_key()]);
    AsExchange::new(options, secret).unwrap()
}

/// An error with these elements, and an encrypted timestamp that is offered, too.
fn error_with(code: ErrorCode, spake: &[u8]) -> Vec<u8> {
    let data = vec![
        padata(PaDataType::FX_COOKIE, b"cookie"),
        padata(SPAKE, spake),
        padata(PaDataType::ENC_TIMESTAMP, b""),
    ];
    with_data(code, data)
}

/// The KDC of one challenge.
struct Challenger {
    private: PrivateScalar,
    message: Vec<u8>,
}

impl Challenger {
    fn new(group: Group, factors: &[SpakeSecondFactorType]) -> Self {
        let random = &mut SeededRandom::new(17);
        let private = PrivateScalar::draw(group, Party::Kdc, random).unwrap();
        let public = private.public_key(&client_key()).unwrap();
        let message = Self::message(group.number(), &public, factors);
        Self { private, message }
    }

    fn message(group: i32, public: &[u8], factors: &[SpakeSecondFactorType]) -> Vec<u8> {
        let factor = |factor_type: &SpakeSecondFactorType| SpakeSecondFactor {
            factor_type: *factor_type,
            data: None,
        };
        let challenge = PaSpake::Challenge(SpakeChallenge {
            group: SpakeGroup(group),
            pubkey: public.into(),
            factors: factors.iter().map(factor).collect(),
        });
        challenge.encode().unwrap()
    }

    /// The reply key of the response in this request, whose factor decrypts.
    fn reply_key(&self, request: &AsReq, support: &[u8]) -> Key {
        let PaSpake::Response(response) = spake(request) else {
            panic!("no response");
        };
        let mut transcript = Transcript::new(self.private.group());
        transcript.update(&[support, &self.message]);
        transcript.update(&[&response.pubkey]);
        let key = client_key();
        let keys = Keys::agree(&self.private, &key, &response.pubkey, transcript).unwrap();
        let body = request.0.req_body.octets();
        let factor = keys.derive(1, body);
        let factor = factor.decrypt(KeyUsage::SPAKE, &response.factor.cipher);
        let factor = SpakeSecondFactor::decode(&factor.unwrap()).unwrap();
        assert_eq!(factor.factor_type, SpakeSecondFactorType::SF_NONE);
        keys.derive(0, body)
    }
}

/// The message of SPAKE in a request; the cookie is there, too.
fn spake(request: &AsReq) -> PaSpake {
    let padata = response(request);
    assert_eq!(padata[0].0, PaDataType::FX_COOKIE);
    assert_eq!(padata[1].0, SPAKE, "{padata:?}");
    PaSpake::decode(&padata[1].1).unwrap()
}

/// The groups of a support message, and the message.
fn support(request: &AsReq) -> (Vec<i32>, Vec<u8>) {
    let message = spake(request);
    let encoded = message.encode().unwrap();
    let PaSpake::Support(support) = message else {
        panic!("{message:?}");
    };
    let groups = support.groups.iter().map(|group| group.0);
    (groups.collect(), encoded)
}

fn is_timestamp(request: &AsReq) -> bool {
    response(request)
        .iter()
        .any(|(padata_type, _)| *padata_type == PaDataType::ENC_TIMESTAMP)
}

/// What the client sends to this first challenge, of a KDC that has not been asked for one.
fn answered(
    change: impl FnOnce(&mut AsRequestOptions),
    challenge: &[u8],
) -> Result<AsReq, ExchangeError> {
    let mut exchange = exchange_with(change);
    sent(step(&mut exchange, None));
    let offer = error_with(REQUIRED, challenge);
    step(&mut exchange, Some(&offer)).map(|step| sent(Ok(step)))
}

/// What the client says where it can't fall back to a timestamp.
fn refused(challenge: &[u8]) -> ExchangeError {
    let options = |options: &mut AsRequestOptions| options.encrypted_timestamp = false;
    answered(options, challenge).unwrap_err()
}

#[test]
fn groups_challenge_and_response_end_in_a_reply_key_of_their_own() {
    let groups = [Group::P256, Group::Edwards25519];
    let mut exchange = exchange_with(|options| options.spake_groups = groups.to_vec());
    sent(step(&mut exchange, None));
    let request = sent(step(&mut exchange, Some(&error_with(REQUIRED, b""))));
    let (sent_groups, support) = support(&request);
    assert_eq!(sent_groups, [2, 1]);
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    let request = sent(step(&mut exchange, Some(&error_with(MORE, &kdc.message))));
    let reply_key = kdc.reply_key(&request, &support);
    let reply = as_rep(&request, &reply_key, b"");
    let ticket = done(step(&mut exchange, Some(&reply)));
    assert_eq!(ticket.preauth, Some(SPAKE));
}

#[test]
fn a_challenge_in_the_first_error_is_answered_at_once() {
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    let request = answered(|_| {}, &kdc.message).unwrap();
    kdc.reply_key(&request, b"");
}

#[test]
fn a_reply_in_the_clients_key_is_no_reply_to_a_response() {
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    let mut exchange = exchange_with(|_| {});
    sent(step(&mut exchange, None));
    let request = sent(step(
        &mut exchange,
        Some(&error_with(REQUIRED, &kdc.message)),
    ));
    let reply = as_rep(&request, &client_key(), b"");
    let refusal = refusal(step(&mut exchange, Some(&reply)));
    assert!(
        matches!(refusal, KdcRefusalError::WrongSecret { .. }),
        "{refusal:?}"
    );
}

#[test]
fn a_challenge_in_a_group_that_the_client_lacks_is_answered_with_those_that_it_has_once() {
    let mut exchange = exchange_with(|_| {});
    sent(step(&mut exchange, None));
    let other = Challenger::new(Group::P521, NONE);
    let request = sent(step(
        &mut exchange,
        Some(&error_with(REQUIRED, &other.message)),
    ));
    assert_eq!(support(&request).0, [1]);
    // The KDC insists: the client goes on without SPAKE.
    let request = sent(step(&mut exchange, Some(&error_with(MORE, &other.message))));
    assert!(is_timestamp(&request));
    // And says so where it may not.
    let mut exchange = exchange_with(|options| options.encrypted_timestamp = false);
    sent(step(&mut exchange, None));
    sent(step(
        &mut exchange,
        Some(&error_with(REQUIRED, &other.message)),
    ));
    let refused = step(&mut exchange, Some(&error_with(MORE, &other.message))).unwrap_err();
    assert_eq!(refused, ReplyError::SpakeGroup(SpakeGroup(4)).into());
}

#[test]
fn a_client_without_groups_does_not_use_spake() {
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    for offer in [&[][..], &kdc.message] {
        let request = answered(|options| options.spake_groups.clear(), offer).unwrap();
        assert!(is_timestamp(&request));
    }
}

#[test]
fn a_kdc_without_a_common_group_is_sent_a_timestamp_next() {
    let mut exchange = exchange_with(|_| {});
    sent(step(&mut exchange, None));
    support(&sent(step(&mut exchange, Some(&error_with(REQUIRED, b"")))));
    let request = sent(step(&mut exchange, Some(&error_with(FAILED, b""))));
    assert!(is_timestamp(&request));
    // A timestamp that fails is a wrong password.
    let refusal = refusal(step(&mut exchange, Some(&error_with(FAILED, b""))));
    assert!(
        matches!(refusal, KdcRefusalError::WrongSecret { .. }),
        "{refusal:?}"
    );
}

#[test]
fn the_kdcs_refusal_is_told_where_no_other_mechanism_is_left() {
    let mut exchange = exchange_with(|options| options.encrypted_timestamp = false);
    sent(step(&mut exchange, None));
    support(&sent(step(&mut exchange, Some(&error_with(REQUIRED, b"")))));
    let refusal = refusal(step(&mut exchange, Some(&error_with(FAILED, b""))));
    assert!(
        !matches!(refusal, KdcRefusalError::PreauthNotPossible { .. }),
        "{refusal:?}"
    );
}

#[test]
fn once_the_response_is_sent_no_timestamp_is() {
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    for code in [FAILED, MORE] {
        let mut exchange = exchange_with(|_| {});
        sent(step(&mut exchange, None));
        sent(step(
            &mut exchange,
            Some(&error_with(REQUIRED, &kdc.message)),
        ));
        refusal(step(&mut exchange, Some(&error_with(code, &kdc.message))));
    }
}

#[test]
fn a_challenge_without_sf_none_wants_what_the_client_lacks() {
    let factors = [2, 3, -1].map(SpakeSecondFactorType);
    let kdc = Challenger::new(Group::Edwards25519, &factors);
    assert_eq!(refused(&kdc.message), ReplyError::SpakeSecondFactor.into());
    assert!(is_timestamp(&answered(|_| {}, &kdc.message).unwrap()));
    // It need not be the first.
    let factors = [factors.as_slice(), NONE].concat();
    let kdc = Challenger::new(Group::Edwards25519, &factors);
    kdc.reply_key(&answered(|_| {}, &kdc.message).unwrap(), b"");
}

#[test]
fn a_public_key_that_is_none_is_refused() {
    let number = Group::Edwards25519.number();
    let p256 = Challenger::new(Group::P256, NONE).private;
    let other = p256.public_key(&client_key()).unwrap();
    for public in [
        &[][..],
        &[2; 32],
        &[0xff; 32],
        &[1; 33],
        &other,
        &[7; 60_000],
    ] {
        let message = Challenger::message(number, public, NONE);
        let refused = refused(&message);
        let ExchangeError::Misbehaved(error) = &refused else {
            panic!("{refused:?}");
        };
        assert!(
            matches!(**error, ReplyError::SpakePublicKey(_)),
            "{error:?}"
        );
        assert!(is_timestamp(&answered(|_| {}, &message).unwrap()));
    }
}

#[test]
fn other_messages_and_more_factors_than_may_be_listed_are_refused() {
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    let request = answered(|_| {}, &kdc.message).unwrap();
    let response = spake(&request).encode().unwrap();
    assert_eq!(refused(&response), ReplyError::SpakeOutOfTurn.into());
    let factors = vec![SpakeSecondFactorType::SF_NONE; 33];
    let kdc = Challenger::new(Group::Edwards25519, &factors);
    for octets in [&kdc.message[..], b"x", &[0xa1, 0x80]] {
        let refused = refused(octets);
        assert!(
            matches!(refused, ExchangeError::Misbehaved(_)),
            "{refused:?}"
        );
    }
}

#[test]
fn each_challenge_gets_a_scalar_of_its_own() {
    let kdc = Challenger::new(Group::Edwards25519, NONE);
    let public = |seed| {
        let mut exchange = exchange_with(|_| {});
        let random = &mut SeededRandom::new(seed);
        exchange.step(AsInput::Begin, NOW, random).unwrap();
        let offer = error_with(REQUIRED, &kdc.message);
        let step = exchange.step(AsInput::Reply(&offer), NOW, random);
        match spake(&sent(step)) {
            PaSpake::Response(response) => response.pubkey,
            other => panic!("{other:?}"),
        }
    };
    assert_ne!(public(1), public(2));
}
