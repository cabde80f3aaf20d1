//! SPNEGO from both sides, against each other and against peers that are made up token by token.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests fail the test, too"
)]

mod common;

use common::{World, done, go_on};
use orthros::{
    AcceptContext, ContextFlags, Error, ErrorKind, InitContext, MinorStatus, Oid, Protection,
    SecurityContext, Step,
};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::{
    MechTypeList, NegHints, NegState, NegTokenInit, NegTokenResp, NegotiationToken,
};
use orthros_asn1::{Message as _, ObjectIdentifier, Raw, limits};

const NTLM: Oid = Oid::new(&[1, 3, 6, 1, 4, 1, 311, 2, 2, 10]);
const MICROSOFT: Oid = Oid::new(&[1, 2, 840, 48018, 1, 2, 2]);

impl World {
    fn initiator_by(&self, mech: Oid, flags: ContextFlags) -> InitContext {
        let builder = self.builder().mech_type(mech);
        builder.flags(flags).build().unwrap()
    }
}

const MUTUAL: ContextFlags = ContextFlags::MUTUAL;
const ONE_WAY: ContextFlags = ContextFlags::empty();

fn mechanisms(oids: &[Oid]) -> Raw<MechTypeList> {
    let list = oids.iter();
    let list = list.map(|oid| ObjectIdentifier::new(oid.octets()).unwrap());
    Raw::new(list.collect()).unwrap()
}

fn init(oids: &[Oid], mech_token: Option<&[u8]>) -> NegTokenInit {
    NegTokenInit {
        mech_types: mechanisms(oids),
        req_flags: None,
        mech_token: mech_token.map(Into::into),
        neg_hints: None,
        mech_list_mic: None,
    }
}

fn framed(init: NegTokenInit) -> Vec<u8> {
    let inner = NegotiationToken::Init(init).encode().unwrap();
    let mechanism = Oid::SPNEGO;
    let framing = InitialContextToken {
        mechanism: mechanism.octets(),
        inner: &inner,
    };
    framing.encode()
}

fn offered(token: &[u8]) -> NegTokenInit {
    let framing = InitialContextToken::decode(token).unwrap();
    assert_eq!(framing.mechanism, Oid::SPNEGO.octets());
    match NegotiationToken::decode(framing.inner).unwrap() {
        NegotiationToken::Init(init) => init,
        NegotiationToken::Resp(_) => panic!("an answer"),
    }
}

fn encoded(answer: NegTokenResp) -> Vec<u8> {
    NegotiationToken::Resp(answer).encode().unwrap()
}

fn answer(state: NegState, token: Option<&[u8]>, mic: Option<&[u8]>) -> NegTokenResp {
    NegTokenResp {
        neg_state: Some(state),
        supported_mech: None,
        response_token: token.map(Into::into),
        mech_list_mic: mic.map(Into::into),
    }
}

fn answered(token: &[u8]) -> NegTokenResp {
    match NegotiationToken::decode(token).unwrap() {
        NegotiationToken::Resp(answer) => answer,
        NegotiationToken::Init(_) => panic!("an offer"),
    }
}

#[track_caller]
fn exchange_messages(ours: &mut SecurityContext, theirs: &mut SecurityContext) {
    let token = ours.wrap(b"sealed", Protection::CONFIDENTIALITY).unwrap();
    let unwrapped = theirs.unwrap(&token, Protection::CONFIDENTIALITY).unwrap();
    assert_eq!(unwrapped.in_sequence().unwrap(), b"sealed");
    let mic = theirs.get_mic(b"signed").unwrap();
    let verified = ours.verify_mic(b"signed", &mic).unwrap();
    verified.in_sequence().unwrap();
}

#[test]
fn kerberos_is_negotiated_in_two_tokens() {
    let world = World::new();
    for flags in [MUTUAL, ONE_WAY] {
        let mut initiator = world.initiator_by(Oid::SPNEGO, flags);
        let mut acceptor = world.acceptor();
        assert_eq!(initiator.mech_type(), Oid::SPNEGO);
        let request = go_on(initiator.step(None));
        assert!(!initiator.established());
        let (mut theirs, reply) = done(acceptor.step(&request));
        let reply = reply.unwrap();
        let said = answered(&reply);
        assert_eq!(said.neg_state, Some(NegState::AcceptCompleted));
        assert_eq!(said.response_token.is_some(), flags == MUTUAL);
        assert_eq!(said.mech_list_mic, None);
        let (mut ours, rest) = done(initiator.step(Some(&reply)));
        assert_eq!(rest, None);
        assert!(initiator.established() && acceptor.established());
        assert_eq!(ours.mech_type(), Oid::KRB5);
        exchange_messages(&mut ours, &mut theirs);
        for error in [initiator.step(Some(&reply)), acceptor.step(&request)] {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::NoContext);
        }
    }
}

#[test]
fn dce_style_takes_four_tokens() {
    let world = World::new();
    let mut initiator = world.initiator_by(Oid::SPNEGO, ContextFlags::DCE_STYLE);
    let mut acceptor = world.acceptor();
    let reply = go_on(acceptor.step(&go_on(initiator.step(None))));
    assert_eq!(answered(&reply).neg_state, Some(NegState::AcceptIncomplete));
    let confirmation = go_on(initiator.step(Some(&reply)));
    let (mut theirs, last) = done(acceptor.step(&confirmation));
    let (mut ours, rest) = done(initiator.step(last.as_deref()));
    assert_eq!(rest, None);
    exchange_messages(&mut ours, &mut theirs);
}

#[test]
fn a_bare_kerberos_token_is_taken_without_a_negotiation() {
    let world = World::new();
    let mut initiator = world.initiator_by(Oid::KRB5, MUTUAL);
    let (_, reply) = done(world.acceptor().step(&go_on(initiator.step(None))));
    done(initiator.step(reply.as_deref()));
}

#[test]
fn kerberos_is_found_under_microsofts_name_and_answered_with_it() {
    let world = World::new();
    let token = go_on(world.initiator_by(Oid::KRB5, MUTUAL).step(None));
    let mut hinted = init(&[MICROSOFT, Oid::KRB5, NTLM], Some(&token));
    hinted.neg_hints = Some(NegHints::default());
    let (_, reply) = done(world.acceptor().step(&framed(hinted)));
    let said = answered(&reply.unwrap());
    assert_eq!(said.neg_state, Some(NegState::AcceptCompleted));
    assert_eq!(said.supported_mech.unwrap().contents(), MICROSOFT.octets());
}

#[test]
fn an_acceptor_that_answers_with_microsofts_name_or_none_is_believed() {
    for choice in [Some(MICROSOFT), None] {
        let world = World::new();
        let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
        let offer = offered(&go_on(initiator.step(None)));
        let (_, reply) = done(world.acceptor().step(&offer.mech_token.unwrap()));
        let said = NegTokenResp {
            supported_mech: choice.map(|oid| ObjectIdentifier::new(oid.octets()).unwrap()),
            ..answer(NegState::AcceptCompleted, reply.as_deref(), None)
        };
        done(initiator.step(Some(&encoded(said))));
    }
}

#[test]
fn windows_2000s_copy_of_the_token_is_no_mic() {
    let world = World::new();
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    let offer = offered(&go_on(initiator.step(None)));
    let (_, reply) = done(world.acceptor().step(&offer.mech_token.unwrap()));
    let reply = reply.as_deref();
    let (_, rest) = done(initiator.step(Some(&encoded(answer(
        NegState::AcceptCompleted,
        reply,
        reply,
    )))));
    assert_eq!(rest, None);
}

/// An initiator of the tests' own that would rather have NTLM, up to the acceptor's MIC.
struct Second {
    list: Raw<MechTypeList>,
    acceptor: AcceptContext,
    context: SecurityContext,
    mic: Vec<u8>,
}

impl Second {
    fn new(world: &World) -> Self {
        let list = mechanisms(&[NTLM, Oid::KRB5]);
        let mut acceptor = world.acceptor();
        let said = go_on(acceptor.step(&framed(init(&[NTLM, Oid::KRB5], Some(b"NTLMSSP\0")))));
        let said = answered(&said);
        assert_eq!(said.neg_state, Some(NegState::RequestMic));
        assert_eq!(said.supported_mech.unwrap().contents(), Oid::KRB5.octets());
        assert_eq!(said.response_token, None);
        let mut kerberos = world.initiator_by(Oid::KRB5, MUTUAL);
        let token = go_on(kerberos.step(None));
        let request = answer(NegState::AcceptIncomplete, Some(&token), None);
        let said = answered(&go_on(acceptor.step(&encoded(request))));
        assert_eq!(said.neg_state, Some(NegState::AcceptIncomplete));
        assert_eq!(said.supported_mech, None);
        let (context, _) = done(kerberos.step(said.response_token.as_deref()));
        Self {
            list,
            acceptor,
            context,
            mic: said.mech_list_mic.unwrap().to_vec(),
        }
    }
}

#[test]
fn a_second_choice_is_signed_by_both() {
    let world = World::new();
    let mut second = Second::new(&world);
    let verified = second.context.verify_mic(second.list.octets(), &second.mic);
    verified.unwrap().in_sequence().unwrap();
    let mic = second.context.get_mic(second.list.octets()).unwrap();
    let last = answer(NegState::AcceptCompleted, None, Some(&mic));
    let (mut theirs, rest) = done(second.acceptor.step(&encoded(last)));
    assert_eq!(rest, None);
    exchange_messages(&mut second.context, &mut theirs);
}

#[test]
fn a_list_that_was_changed_on_the_way_is_noticed() {
    let world = World::new();
    let mut second = Second::new(&world);
    let sent = mechanisms(&[MICROSOFT, Oid::KRB5]);
    let mic = second.context.get_mic(sent.octets()).unwrap();
    let last = answer(NegState::AcceptCompleted, None, Some(&mic));
    let error = second.acceptor.step(&encoded(last)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadSignature);
    let said = answered(error.token().unwrap());
    assert_eq!(said.neg_state, Some(NegState::Reject));
}

#[test]
fn a_second_choice_without_the_initiators_mic_is_refused() {
    let world = World::new();
    let mut second = Second::new(&world);
    let last = answer(NegState::AcceptCompleted, None, None);
    let error = second.acceptor.step(&encoded(last)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DefectiveToken);
    assert!(error.to_string().contains("MIC"), "{error}");

    // Without mutual authentication the initiator has the mechanism's last token.
    let mut acceptor = world.acceptor();
    go_on(acceptor.step(&framed(init(&[NTLM, Oid::KRB5], None))));
    let token = done(world.initiator_by(Oid::KRB5, ONE_WAY).step(None)).1;
    let request = answer(NegState::AcceptIncomplete, token.as_deref(), None);
    let error = acceptor.step(&encoded(request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DefectiveToken);
}

#[test]
fn an_acceptors_mic_is_verified_and_answered() {
    let world = World::new();
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    let offer = offered(&go_on(initiator.step(None)));
    let (mut theirs, reply) = done(world.acceptor().step(&offer.mech_token.unwrap()));
    let mic = theirs.get_mic(offer.mech_types.octets()).unwrap();
    let said = answer(NegState::RequestMic, reply.as_deref(), Some(&mic));
    let (mut ours, last) = done(initiator.step(Some(&encoded(said))));
    let last = answered(&last.unwrap());
    assert_eq!(last.neg_state, Some(NegState::AcceptCompleted));
    let mic = last.mech_list_mic.unwrap();
    let verified = theirs.verify_mic(offer.mech_types.octets(), &mic);
    verified.unwrap().in_sequence().unwrap();
    exchange_messages(&mut ours, &mut theirs);
}

#[test]
fn an_acceptors_mic_that_is_wrong_or_missing_is_refused() {
    for (state, wrong, kind) in [
        (NegState::AcceptCompleted, true, ErrorKind::BadSignature),
        (NegState::RequestMic, true, ErrorKind::BadSignature),
        (NegState::RequestMic, false, ErrorKind::DefectiveToken),
    ] {
        let world = World::new();
        let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
        let offer = offered(&go_on(initiator.step(None)));
        let (mut theirs, reply) = done(world.acceptor().step(&offer.mech_token.unwrap()));
        let mic = theirs.get_mic(b"another list").unwrap();
        let mic = wrong.then_some(&*mic);
        let said = answer(state, reply.as_deref(), mic);
        let error = initiator.step(Some(&encoded(said))).unwrap_err();
        assert_eq!(error.kind(), kind);
        let said = answered(error.token().unwrap());
        assert_eq!(said.neg_state, Some(NegState::Reject));
    }
}

#[test]
fn a_mic_is_exchanged_where_the_mechanism_has_no_answer_too() {
    let world = World::new();
    let mut initiator = world.initiator_by(Oid::SPNEGO, ONE_WAY);
    let offer = offered(&go_on(initiator.step(None)));
    let (mut theirs, _) = done(world.acceptor().step(&offer.mech_token.unwrap()));
    let said = encoded(answer(NegState::RequestMic, None, None));
    let signed = answered(&go_on(initiator.step(Some(&said))));
    let list = offer.mech_types.octets();
    let verified = theirs.verify_mic(list, &signed.mech_list_mic.unwrap());
    verified.unwrap().in_sequence().unwrap();
    let mic = theirs.get_mic(list).unwrap();
    let last = encoded(answer(NegState::AcceptCompleted, None, Some(&mic)));
    let (mut ours, rest) = done(initiator.step(Some(&last)));
    assert_eq!(rest, None);
    exchange_messages(&mut ours, &mut theirs);
}

#[test]
fn without_kerberos_in_the_list_both_sides_know_why() {
    let world = World::new();
    let mut acceptor = world.acceptor();
    let error = acceptor.step(&framed(init(&[NTLM], Some(b"NTLMSSP\0"))));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadMechanism);
    assert_eq!(error.mech_type(), Some(Oid::SPNEGO));
    assert!(
        error.to_string().contains("1.3.6.1.4.1.311.2.2.10 (NTLM)"),
        "{error}"
    );

    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    go_on(initiator.step(None));
    let error = initiator.step(error.token()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadMechanism);
    assert_eq!(error.token(), None);
}

#[test]
fn what_kerberos_has_against_an_initiator_comes_through() {
    let world = World::new();
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    let request = go_on(initiator.step(None));
    done(world.acceptor().step(&request));
    let error = world.acceptor().step(&request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DuplicateToken);
    let said = answered(error.token().unwrap());
    assert_eq!(said.neg_state, Some(NegState::Reject));
    let error = initiator.step(error.token()).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_REPEAT);
}

#[test]
fn a_list_of_more_mechanisms_than_anything_has_is_refused() {
    let world = World::new();
    let mut list = vec![NTLM; limits::MECHANISMS - 1];
    let error = world.acceptor().step(&framed(init(&list, None)));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadMechanism);
    let more = format!("{} more", limits::MECHANISMS - 2);
    assert!(error.to_string().contains(&more), "{error}");
    list.push(Oid::KRB5);
    go_on(world.acceptor().step(&framed(init(&list, None))));
    list.push(Oid::KRB5);
    let error = world.acceptor().step(&framed(init(&list, None)));
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DefectiveToken);
    let list = vec![NTLM; 200_000];
    let error = world.acceptor().step(&framed(init(&list, None)));
    assert!(error.unwrap_err().to_string().contains("longer than any"));
}

#[test]
fn tokens_out_of_place_are_defective() {
    let world = World::new();
    let defective = |error: Result<Step, Error>| {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::DefectiveToken);
    };
    let empty = encoded(NegTokenResp::default());
    let request = go_on(world.initiator_by(Oid::KRB5, MUTUAL).step(None));

    // An offer where an answer is due, an answer without the token that is due, or with a choice that was not offered.
    let bare = NegotiationToken::Init(init(&[Oid::KRB5], None));
    let chosen = NegTokenResp {
        supported_mech: ObjectIdentifier::new(NTLM.octets()),
        ..answer(NegState::RequestMic, None, None)
    };
    for token in [
        &bare.encode().unwrap(),
        &empty,
        &encoded(chosen),
        &b"\0".to_vec(),
    ] {
        let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
        go_on(initiator.step(None));
        defective(initiator.step(Some(token)));
    }
    let mut initiator = world.initiator_by(Oid::SPNEGO, ONE_WAY);
    go_on(initiator.step(None));
    let unasked = answer(NegState::AcceptCompleted, Some(&request), None);
    defective(initiator.step(Some(&encoded(unasked))));
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    defective(initiator.step(Some(&empty)));

    // The acceptor's side.
    let framing = InitialContextToken {
        mechanism: Oid::SPNEGO.octets(),
        inner: &empty,
    };
    defective(world.acceptor().step(&framing.encode()));
    let chosen = NegTokenResp {
        supported_mech: ObjectIdentifier::new(Oid::KRB5.octets()),
        ..answer(NegState::AcceptIncomplete, Some(&request), None)
    };
    for token in [&empty, &encoded(chosen), &b"\0".to_vec()] {
        let mut acceptor = world.acceptor();
        go_on(acceptor.step(&framed(init(&[Oid::KRB5], None))));
        defective(acceptor.step(token));
    }
    // A negotiation is not negotiated.
    let nested = framed(init(&[Oid::KRB5], Some(&request)));
    let error = world
        .acceptor()
        .step(&framed(init(&[Oid::KRB5], Some(&nested))));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BadMechanism);
}

#[test]
fn a_peer_that_gives_up_ends_the_negotiation() {
    let world = World::new();
    let reject = encoded(answer(NegState::Reject, None, None));
    let mut acceptor = world.acceptor();
    go_on(acceptor.step(&framed(init(&[Oid::KRB5], None))));
    let error = acceptor.step(&reject).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failure);
    assert_eq!(error.token(), None);
}

#[test]
fn no_damage_to_a_token_is_more_than_an_error() {
    let world = World::new();
    let token = go_on(world.initiator_by(Oid::SPNEGO, MUTUAL).step(None));
    for at in 1..token.len() {
        let cut = world.acceptor().step(&token[..at]);
        assert!(cut.is_err(), "cut at {at}");
    }
    let mut accepted = 0;
    for at in 0..token.len() {
        let mut damaged = token.clone();
        damaged[at] ^= 0x81;
        // Where the mechanism's name or what is optional is hit, Kerberos itself may still be all right, once.
        accepted += usize::from(world.acceptor().step(&damaged).is_ok());
    }
    assert!(accepted <= 1, "{accepted}");
}

#[test]
fn an_acceptor_that_speaks_first_says_what_it_takes() {
    let world = World::new();
    let mut acceptor = world.acceptor();
    let token = go_on(acceptor.step(b""));
    let framing = InitialContextToken::decode(&token).unwrap();
    assert_eq!(framing.mechanism, Oid::SPNEGO.octets());
    let NegotiationToken::Init(said) = NegotiationToken::decode(framing.inner).unwrap() else {
        panic!("not a first token");
    };
    let hints = NegHints {
        hint_name: Some("not_defined_in_RFC4178@please_ignore".into()),
        hint_address: None,
    };
    let expected = NegTokenInit {
        neg_hints: Some(hints),
        ..init(&[Oid::KRB5], None)
    };
    assert_eq!(said, expected);
    // The negotiation begins with the initiator's token all the same.
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    let request = go_on(initiator.step(None));
    let (_, answer) = done(acceptor.step(&request));
    done(initiator.step(answer.as_deref()));
}

#[test]
fn who_was_told_what_can_be_negotiated_need_not_negotiate() {
    let world = World::new();
    let mut acceptor = world.acceptor();
    go_on(acceptor.step(b""));
    let (request, _) = world.begun();
    done(acceptor.step(&request));
}

/// In the name of Kerberos, which the list offers.
#[test]
fn ntlm_within_a_negotiation_is_named() {
    let world = World::new();
    let offer = framed(init(&[Oid::KRB5], Some(b"NTLMSSP\0\x01\0\0\0")));
    let error = world.acceptor().step(&offer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadMechanism, "{error}");
    assert!(error.to_string().contains("NTLM"), "{error}");
    let said = answered(error.token().unwrap());
    assert_eq!(said.neg_state, Some(NegState::Reject));
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    go_on(initiator.step(None));
    let challenge = answer(
        NegState::AcceptIncomplete,
        Some(b"NTLMSSP\0\x02\0\0\0"),
        None,
    );
    let error = initiator.step(Some(&encoded(challenge))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadMechanism, "{error}");
}

#[test]
fn an_initiator_takes_the_first_word_of_an_acceptor_that_speaks_first() {
    let world = World::new();
    let mut acceptor = world.acceptor();
    let hints = go_on(acceptor.step(b""));
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    let request = go_on(initiator.step(Some(&hints)));
    let (mut theirs, reply) = done(acceptor.step(&request));
    let (mut ours, _) = done(initiator.step(reply.as_deref()));
    exchange_messages(&mut ours, &mut theirs);
    // Windows' have more in them, some servers' no hints, and neither their order nor anything else is heeded.
    let theirs = NegTokenInit {
        mech_list_mic: Some(b"no key to make it with".as_slice().into()),
        ..init(&[NTLM, MICROSOFT, Oid::KRB5], Some(b"of no mechanism"))
    };
    let offer = go_on(
        world
            .initiator_by(Oid::SPNEGO, MUTUAL)
            .step(Some(&framed(theirs))),
    );
    let offer = offered(&offer);
    assert_eq!(offer.mech_types.value().len(), 1);
    assert!(offer.mech_token.is_some());
    // It is the first word only, and only of a negotiation.
    let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
    go_on(initiator.step(Some(&hints)));
    let again = initiator.step(Some(&hints)).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::DefectiveToken);
    let unasked = world.initiator_by(Oid::KRB5, MUTUAL).step(Some(&hints));
    assert_eq!(unasked.unwrap_err().kind(), ErrorKind::DefectiveToken);
    let garbage = world.initiator_by(Oid::SPNEGO, MUTUAL).step(Some(b"\0"));
    assert_eq!(garbage.unwrap_err().kind(), ErrorKind::DefectiveToken);
}

#[test]
fn an_acceptor_that_says_first_that_it_takes_no_kerberos_is_believed_and_not_answered() {
    let world = World::new();
    for (list, text) in [
        (
            &[NTLM][..],
            "the acceptor offers 1.3.6.1.4.1.311.2.2.10 (NTLM) only",
        ),
        (&[NTLM, NTLM], "and 1 more, none of them Kerberos"),
        (&[], "the acceptor offers no mechanism at all"),
    ] {
        let hints = framed(init(list, None));
        let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
        let error = initiator.step(Some(&hints)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadMechanism);
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.token(), None);
        assert!(initiator.step(None).is_err());
    }
}

#[test]
fn no_damage_to_an_acceptors_first_word_is_more_than_an_error_without_an_answer() {
    let world = World::new();
    let hints = go_on(world.acceptor().step(b""));
    for at in 1..hints.len() {
        let mut initiator = world.initiator_by(Oid::SPNEGO, MUTUAL);
        let error = initiator.step(Some(&hints[..at])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DefectiveToken, "cut at {at}");
        assert_eq!(error.token(), None);
    }
    for at in 0..hints.len() {
        let mut damaged = hints.clone();
        damaged[at] ^= 0x81;
        let step = world.initiator_by(Oid::SPNEGO, MUTUAL).step(Some(&damaged));
        assert_eq!(
            step.err().and_then(|error| error.token().map(<[u8]>::len)),
            None
        );
    }
    let many = framed(init(&vec![Oid::KRB5; 200_000], None));
    let error = world.initiator_by(Oid::SPNEGO, MUTUAL).step(Some(&many));
    assert!(error.unwrap_err().to_string().contains("longer than any"));
}
