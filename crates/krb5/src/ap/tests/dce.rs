//! Three legs without framing.

use alloc::vec::Vec;

use orthros_asn1::ErrorCode;
use orthros_crypto::Enctype;

use super::super::*;
use super::world::{Issue, NOW, SKEW, Service, options, request};
use crate::MalformedTokenError;
use orthros_testing::random::{NoRandom, SeededRandom};

const AES256: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;

/// An initiator's first token, and what waits for the second.
fn initiation(issue: &Issue, seed: u64) -> (Vec<u8>, AwaitingDceReply) {
    let options = options(ContextFlags::DCE_STYLE);
    let random = &mut SeededRandom::new(seed);
    let initiation = initiate(&issue.credential(), &options, NOW, random).unwrap();
    match initiation.next {
        Initiated::AwaitingDceReply(next) => (initiation.token, *next),
        other => panic!("{other:?}"),
    }
}

fn complete(waiting: AwaitingDceReply, token: &[u8]) -> Result<DceCompletion, ApError> {
    waiting.step(token, NOW, &mut SeededRandom::new(3))
}

fn is_mutual_failed<T: core::fmt::Debug>(result: Result<T, ApError>) -> bool {
    let error = result.unwrap_err();
    matches!(error, ApError::Misbehaved(defect) if *defect == ApCheckError::MutualFailed)
}

#[test]
fn both_heads_agree_after_three_tokens() {
    for enctype in Enctype::ALL.iter().copied() {
        let issue = Issue::new(enctype);
        let (token, waiting) = initiation(&issue, 1);
        assert!(
            waiting
                .flags()
                .contains(ContextFlags::DCE_STYLE | ContextFlags::MUTUAL)
        );
        let accepted = Service::new(enctype).accept_dce(&token, 2).unwrap();
        let DceCompletion { token, mut context } = complete(waiting, &accepted.token).unwrap();
        let mut theirs = accepted.next.step(&token).unwrap();
        for info in [&context.info, &theirs.info] {
            assert!(
                info.flags
                    .contains(ContextFlags::DCE_STYLE | ContextFlags::MUTUAL)
            );
        }
        assert_eq!(context.messages.key(), theirs.messages.key());
        assert_ne!(*context.messages.key(), context.info.initiator_key);
        let mic = context.messages.sender().get_mic_vec(b"message").unwrap();
        theirs
            .messages
            .receiver()
            .verify_mic(b"message", &mic)
            .unwrap();
        let mic = theirs.messages.sender().get_mic_vec(b"answer").unwrap();
        context
            .messages
            .receiver()
            .verify_mic(b"answer", &mic)
            .unwrap();
    }
}

#[test]
fn a_third_token_that_is_not_the_answer_to_the_second_is_refused() {
    let issue = Issue::new(AES256);
    let (token, waiting) = initiation(&issue, 1);
    let service = Service::new(AES256);
    let accepted = service.accept_dce(&token, 2).unwrap();
    // The acceptor's own token, sent back, has a subkey.
    assert!(is_mutual_failed(accepted.next.step(&accepted.token)));

    let recorded = complete(waiting, &accepted.token).unwrap().token;
    let other_service = Service::new(AES256);
    let again = other_service.accept_dce(&token, 7).unwrap();
    assert!(is_mutual_failed(again.next.step(&recorded)));

    let (token, _) = initiation(&issue, 8);
    for garbage in [&b""[..], b"garbage", &token] {
        let accepted = Service::new(AES256).accept_dce(&token, 2).unwrap();
        let refused = accepted.next.step(garbage).unwrap_err();
        assert!(matches!(refused, ApError::Malformed(_)), "{refused}");
    }
}

#[test]
fn framing_and_the_flag_must_agree() {
    let issue = Issue::new(AES256);
    let service = Service::new(AES256);
    let framed = request(&issue.credential());
    // An AP-REQ out of its framing, which the authenticator does not ask for.
    let start = framed.iter().position(|octet| *octet == 0x6e).unwrap();
    let refused = service.accept_dce(&framed[start..], 2).unwrap_err();
    assert!(matches!(
        refused.error(),
        ApError::Malformed(MalformedTokenError::DceStyle)
    ));

    let (bare, _) = initiation(&issue, 1);
    let refused = service.accept(&bare).unwrap_err();
    assert!(matches!(
        refused.error(),
        ApError::Malformed(MalformedTokenError::Framing(_))
    ));
}

#[test]
fn an_initiator_understands_errors_framed_and_bare() {
    let issue = Issue::new(AES256);
    let mut service = Service::new(AES256);
    service.skew = orthros_types::Duration::ZERO;
    let options = options(ContextFlags::DCE_STYLE);
    let early = NOW.saturating_sub(SKEW);
    let initiation = initiate(
        &issue.credential(),
        &options,
        early,
        &mut SeededRandom::new(1),
    )
    .unwrap();
    let refused = service.accept_dce(&initiation.token, 2).unwrap_err();
    let framed = refused.token().unwrap();
    let start = framed.iter().position(|octet| *octet == 0x7e).unwrap();
    for token in [framed, &framed[start..]] {
        let (_, waiting) = self::initiation(&issue, 1);
        let Err(ApError::Refused(error)) = complete(waiting, token) else {
            panic!("the acceptor refused");
        };
        assert_eq!(error.code, ErrorCode::KRB_AP_ERR_SKEW);
    }
}

#[test]
fn a_reply_that_is_none_is_refused() {
    let issue = Issue::new(AES256);
    let (token, _) = initiation(&issue, 1);
    let accepted = Service::new(AES256).accept_dce(&token, 2).unwrap();
    let framed = Service::new(AES256)
        .accept(&request(&issue.credential()))
        .unwrap();
    for wrong in [&b""[..], b"garbage", &token, &framed.token.unwrap()] {
        let (_, waiting) = initiation(&issue, 1);
        let refused = complete(waiting, wrong).unwrap_err();
        assert!(matches!(refused, ApError::Malformed(_)), "{refused}");
    }
    let (_, waiting) = initiation(&issue, 1);
    let dry = waiting
        .step(&accepted.token, NOW, &mut NoRandom)
        .unwrap_err();
    assert!(matches!(dry, ApError::Random(_)));
}
