//! SPNEGO's tokens: what is in them.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken vector or message fails the test that uses it"
)]

mod common;

use common::samples::reference_with;
use orthros_asn1::spnego::{
    ContextFlags, MechTypeList, NegHints, NegState, NegTokenInit, NegTokenResp, NegotiationToken,
};
use orthros_asn1::{DecodeErrorKind, Message, ObjectIdentifier, Raw, limits};

#[test]
fn a_windows_servers_hints_are_hints() {
    let NegotiationToken::Init(offer) = token("a Windows server's hints") else {
        panic!("not an offer");
    };
    let mechanisms: Vec<String> = offer.mech_types.iter().map(ToString::to_string).collect();
    assert_eq!(
        mechanisms,
        [
            "1.3.6.1.4.1.311.2.2.30",
            "1.2.840.48018.1.2.2",
            "1.2.840.113554.1.2.2",
            "1.2.840.113554.1.2.2.3",
            "1.3.6.1.4.1.311.2.2.10",
        ]
    );
    let hints = NegHints {
        hint_name: Some("not_defined_in_RFC4178@please_ignore".into()),
        hint_address: None,
    };
    assert_eq!(offer.neg_hints, Some(hints));
    assert_eq!((offer.mech_token, offer.mech_list_mic), (None, None));
}

#[test]
fn a_mic_is_a_mic_with_hints_before_it_and_without() {
    for contents in [
        "all flags of RFC 4178 and a MIC",
        "hints with address, and a MIC behind",
    ] {
        let NegotiationToken::Init(offer) = token(contents) else {
            panic!("not an offer");
        };
        assert_eq!(offer.mech_list_mic, Some(b"mic"[..].into()), "{contents}");
        assert_eq!(offer.mech_token, Some(b"tok"[..].into()), "{contents}");
    }
}

#[test]
fn flags_are_those_of_rfc_4178() {
    let NegotiationToken::Init(offer) = token("all flags of RFC 4178 and a MIC") else {
        panic!("not an offer");
    };
    let all = ContextFlags::DELEG
        | ContextFlags::MUTUAL
        | ContextFlags::REPLAY
        | ContextFlags::SEQUENCE
        | ContextFlags::ANON
        | ContextFlags::CONF
        | ContextFlags::INTEG;
    assert_eq!(offer.req_flags, Some(all));
}

#[test]
fn answers_hold_what_was_answered() {
    let everything = NegTokenResp {
        neg_state: Some(NegState::AcceptCompleted),
        supported_mech: Some(kerberos()),
        response_token: Some(b"tok"[..].into()),
        mech_list_mic: Some(b"mic"[..].into()),
    };
    let expected = NegotiationToken::Resp(everything);
    assert_eq!(token("accept-completed with everything"), expected);
    for (contents, neg_state) in [
        ("reject", Some(NegState::Reject)),
        ("request-mic", Some(NegState::RequestMic)),
        ("nothing", None),
    ] {
        let NegotiationToken::Resp(answer) = token(contents) else {
            panic!("not an answer");
        };
        assert_eq!(answer.neg_state, neg_state, "{contents}");
    }
}

#[test]
fn the_octets_that_a_mic_covers_are_those_of_the_list_alone() {
    let list: MechTypeList = vec![kerberos()];
    let offer = NegTokenInit {
        mech_types: Raw::new(list).unwrap(),
        req_flags: None,
        mech_token: None,
        neg_hints: None,
        mech_list_mic: None,
    };
    let token = NegotiationToken::Init(offer).encode().unwrap();
    let NegotiationToken::Init(offer) = NegotiationToken::decode(&token).unwrap() else {
        panic!("not an offer");
    };
    assert_eq!(offer.mech_types.octets(), &token[6..]);
    assert_eq!(offer.mech_types.octets()[..4], [0x30, 11, 0x06, 9]);
}

#[test]
fn what_is_wrong_with_the_last_mechanism_of_a_full_list_is_found_there() {
    let list: MechTypeList = vec![kerberos(); limits::MECHANISMS];
    let mut octets = list.encode().unwrap();
    assert_eq!(MechTypeList::decode(&octets), Ok(list));
    // The defect at the very end is found where it is.
    *octets.last_mut().unwrap() = 0x80;
    let error = MechTypeList::decode(&octets).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::ObjectIdentifier);
    assert_eq!(error.offset(), octets.len() - 9);
}

fn token(contents: &str) -> NegotiationToken {
    reference_with("NegotiationToken", contents)
}

fn kerberos() -> ObjectIdentifier {
    ObjectIdentifier::new(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02]).unwrap()
}
