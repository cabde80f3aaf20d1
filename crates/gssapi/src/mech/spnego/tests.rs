//! Negotiations over a list of several mechanisms.

use orthros_asn1::ObjectIdentifier;
use orthros_asn1::spnego::{NegTokenResp, NegotiationToken};
use orthros_krb5::crypto::Enctype;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use tempfile::TempDir;

use super::acceptor::Acceptor;
use super::initiator::Initiator;
use super::token::{decode, decode_answer, encode};
use crate::error::CallError;
use crate::mech::request::{AcceptRequest, InitRequest};
use crate::mech::token::InitiatorToken;
use crate::mech::{ConcreteMechanism, Negotiable};
use crate::{
    ContextFlags, Credential, CredentialUsage, Environment, Error, ErrorKind, Lifetime, Name, Oid,
    SecurityContext, Step,
};

/// An initiator of two mechanisms, and an acceptor that takes Kerberos alone.
struct World {
    initiator: Initiator,
    acceptor: Acceptor,
    _directory: TempDir,
}

impl World {
    /// The initiator likes another mechanism better.
    fn new() -> Self {
        Self::of(Negotiable {
            best: ConcreteMechanism::UserToUser,
            others: &[ConcreteMechanism::Krb5],
        })
    }

    fn of(offered: Negotiable) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let realm = VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96);
        let environment = environment(&realm, directory.path());
        let accepted = Negotiable {
            best: ConcreteMechanism::Krb5,
            others: &[],
        };
        Self {
            initiator: Initiator::new(offered, init_request(&environment)),
            acceptor: Acceptor::new(accepted, Box::new(accept_request(&environment))),
            _directory: directory,
        }
    }

    /// The acceptor's answer to the list: its choice, and no token of the mechanism.
    fn choice(&mut self) -> Vec<u8> {
        let first = go_on(self.initiator.step(None));
        go_on(self.acceptor.step(inner(&first)))
    }

    /// The acceptor's answer to the first token of the mechanism that it chose.
    fn answer(&mut self) -> Vec<u8> {
        let choice = self.choice();
        let token = go_on(self.initiator.step(Some(&choice)));
        go_on(self.acceptor.step(&token))
    }
}

/// What is in SPNEGO's framing.
fn inner(token: &[u8]) -> &[u8] {
    let token = InitiatorToken::read(token).unwrap();
    token.inner_of(Oid::SPNEGO.octets()).unwrap()
}

/// The token of an acceptor that speaks first, and names this mechanism.
fn hints(mechanism: ConcreteMechanism) -> Vec<u8> {
    let accepted = Negotiable {
        best: mechanism,
        others: &[],
    };
    super::hints::make(accepted).unwrap()
}

fn init_request(environment: &Environment) -> InitRequest {
    let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
    InitRequest {
        environment: environment.clone(),
        credential: Credential::default_initiator(environment).unwrap(),
        peer_name: peer.canonicalize_in(Oid::KRB5, environment).unwrap(),
        peer_ticket: None,
        flags: ContextFlags::MUTUAL,
        no_ci_flags: false,
        lifetime: Lifetime::Indefinite,
        channel_bindings: None,
        tickets: None,
    }
}

fn accept_request(environment: &Environment) -> AcceptRequest {
    let credential = Credential::acquire()
        .usage(CredentialUsage::Accept)
        .environment(environment)
        .build();
    AcceptRequest {
        environment: environment.clone(),
        acceptor: credential.unwrap().acceptor().unwrap().clone(),
        impersonator: None,
        channel_bindings: None,
        require_channel_bindings: false,
        without_gss_checksum: false,
    }
}

#[test]
fn the_mechanism_that_the_acceptor_chooses_is_begun_and_both_make_a_mic_over_the_list() {
    let mut world = World::new();
    let answer = world.answer();
    assert!(decode_answer(&answer).unwrap().mech_list_mic.is_some());
    let (ours, last) = done(world.initiator.step(Some(&answer)));
    assert_eq!(ours.mech_type(), Oid::KRB5);
    let (theirs, nothing) = done(world.acceptor.step(&last.unwrap()));
    assert_eq!(
        theirs.peer_name().to_string(),
        ours.initiator_name().to_string()
    );
    assert_eq!(nothing, None);
}

#[test]
fn an_acceptor_that_passes_over_the_best_mechanism_owes_a_mic() {
    let mut world = World::new();
    let answer = decode_answer(&world.answer()).unwrap();
    let answer = encode(NegTokenResp {
        mech_list_mic: None,
        ..answer
    });
    let error = world.initiator.step(Some(&answer.unwrap())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DefectiveToken);
    assert!(error.to_string().contains("lacks the MIC"), "{error}");
}

#[test]
fn an_acceptor_has_no_token_of_a_mechanism_that_was_not_begun() {
    let mut world = World::new();
    let choice = decode_answer(&world.choice()).unwrap();
    let choice = encode(NegTokenResp {
        response_token: Some(b"early".as_slice().into()),
        ..choice
    });
    let error = world.initiator.step(Some(&choice.unwrap())).unwrap_err();
    assert!(error.to_string().contains("which needs none"), "{error}");
}

#[test]
fn a_choice_that_is_not_in_the_list_is_refused() {
    let mut world = World::new();
    let choice = decode_answer(&world.choice()).unwrap();
    let choice = encode(NegTokenResp {
        supported_mech: ObjectIdentifier::new(Oid::SPNEGO.octets()),
        ..choice
    });
    let error = world.initiator.step(Some(&choice.unwrap())).unwrap_err();
    assert!(error.to_string().contains("was not offered"), "{error}");
}

/// A caller that asks KDCs itself gets them, as it does those of the best one.
#[test]
fn the_tickets_of_the_mechanism_that_the_acceptor_chooses_are_asked_for_with_its_choice() {
    let mut world = World::new();
    assert!(world.initiator.lacks_tickets(None).unwrap().is_none());
    let choice = world.choice();
    for _ in 0..2 {
        let lacking = world.initiator.lacks_tickets(Some(&choice)).unwrap();
        assert!(lacking.unwrap().tickets.is_none());
    }
    let error = Error::from(CallError::UnaskedReply);
    let told = world.initiator.without_tickets(error);
    assert!(told.token().is_some());
    let token = go_on(world.initiator.step(Some(&choice)));
    let answer = go_on(world.acceptor.step(&token));
    assert!(
        world
            .initiator
            .lacks_tickets(Some(&answer))
            .unwrap()
            .is_none()
    );
    done(world.initiator.step(Some(&answer)));
}

#[test]
fn an_initiator_sends_no_token_of_a_mechanism_that_the_acceptor_has_not_named() {
    let mut world = World::new();
    let hints = hints(ConcreteMechanism::Krb5);
    assert!(
        world
            .initiator
            .lacks_tickets(Some(&hints))
            .unwrap()
            .is_none()
    );
    let first = go_on(world.initiator.step(Some(&hints)));
    let NegotiationToken::Init(offer) = decode(inner(&first)).unwrap() else {
        panic!("an answer");
    };
    assert_eq!(offer.mech_types.value().len(), 2);
    assert_eq!(offer.mech_token, None);
    let choice = go_on(world.acceptor.step(inner(&first)));
    let token = go_on(world.initiator.step(Some(&choice)));
    let answer = go_on(world.acceptor.step(&token));
    let (ours, last) = done(world.initiator.step(Some(&answer)));
    assert_eq!(ours.mech_type(), Oid::KRB5);
    done(world.acceptor.step(&last.unwrap()));
}

/// An attacker that rewrites an acceptor's first word can't have a worse mechanism chosen.
#[test]
fn a_mechanism_that_was_taken_out_of_the_acceptors_first_word_is_chosen_all_the_same() {
    let mut world = World::of(Negotiable {
        best: ConcreteMechanism::Krb5,
        others: &[ConcreteMechanism::UserToUser],
    });
    let hints = hints(ConcreteMechanism::UserToUser);
    let first = go_on(world.initiator.step(Some(&hints)));
    let choice = go_on(world.acceptor.step(inner(&first)));
    assert!(
        world
            .initiator
            .lacks_tickets(Some(&choice))
            .unwrap()
            .is_some()
    );
    let token = go_on(world.initiator.step(Some(&choice)));
    let (_, answer) = done(world.acceptor.step(&token));
    let (ours, _) = done(world.initiator.step(answer.as_deref()));
    assert_eq!(ours.mech_type(), Oid::KRB5);
}

#[track_caller]
fn go_on(step: Result<Step, Error>) -> Vec<u8> {
    match step.unwrap() {
        Step::Continue(token) => token,
        Step::Done { .. } => panic!("done"),
    }
}

#[track_caller]
fn done(step: Result<Step, Error>) -> (SecurityContext, Option<Vec<u8>>) {
    match step.unwrap() {
        Step::Done { context, token } => (context, token),
        Step::Continue(_) => panic!("not done"),
    }
}
