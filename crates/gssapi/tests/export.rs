//! Exported contexts between two environments of one process. Between processes, with MIT's library as the peer:
//! `interop`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use orthros::{
    AcceptContext, Environment, ErrorKind, InitContext, Lifetime, Name, PrfKey, Protection,
    SecurityContext, Step, Supplementary,
};
use orthros_host::ManualClock;
use orthros_krb5::crypto::Enctype;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use orthros_types::{Duration, MinorStatus};
use std::sync::Arc;

/// Both ends of a mutual context, and another process' environment, at the same time.
fn world() -> (SecurityContext, SecurityContext, Environment) {
    let realm = VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96);
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&realm, directory.path());
    let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
    let initiator = InitContext::builder(peer).environment(&environment);
    let mut initiator = initiator.build().unwrap();
    let acceptor = AcceptContext::builder().environment(&environment);
    let mut acceptor = acceptor.build().unwrap();
    let Step::Continue(request) = initiator.step(None).unwrap() else {
        panic!("the initiator does not wait for an answer");
    };
    let (theirs, reply) = done(acceptor.step(&request).unwrap());
    let (ours, _) = done(initiator.step(reply.as_deref()).unwrap());
    let clock = Arc::new(ManualClock::at(realm.now()));
    (ours, theirs, Environment::builder().clock(clock).build())
}

fn done(step: Step) -> (SecurityContext, Option<Vec<u8>>) {
    match step {
        Step::Done { context, token } => (context, token),
        Step::Continue(_) => panic!("one round trip is not enough"),
    }
}

#[test]
fn all_that_is_known_of_a_context_moves_with_it() {
    let (ours, theirs, elsewhere) = world();
    for context in [ours, theirs] {
        let described = |context: &SecurityContext| {
            let mut derived = [0; 32];
            context
                .pseudo_random(PrfKey::Partial, b"input", &mut derived)
                .unwrap();
            (
                format!("{context:?}"),
                context.mech_type(),
                context.peer_name().export(),
                context.lifetime(),
                context.session_key().clone(),
                context.authentication_time(),
                context.ticket_flags(),
                derived,
            )
        };
        let before = described(&context);
        assert!(context.is_transferable());
        let token = context.export().unwrap();
        let context = SecurityContext::import_in(&token, &elsewhere).unwrap();
        assert_eq!(described(&context), before);
        assert!(context.is_transferable());
    }
}

#[test]
fn the_lifetime_goes_on_by_the_other_process_clock() {
    let (ours, ..) = world();
    let Lifetime::Seconds(left) = ours.lifetime() else {
        panic!("no end")
    };
    let realm = VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96);
    let later = realm.now().saturating_add(Duration::from_seconds(100));
    let clock = Arc::new(ManualClock::at(later));
    let elsewhere = Environment::builder().clock(clock).build();
    let token = ours.export().unwrap();
    let moved = SecurityContext::import_in(&token, &elsewhere).unwrap();
    assert_eq!(moved.lifetime(), Lifetime::Seconds(left - 100));
}

#[test]
fn messages_before_and_after_are_one_sequence() {
    let (mut ours, mut theirs, elsewhere) = world();
    let protection = Protection::CONFIDENTIALITY;
    let [first, second] = [(); 2].map(|()| ours.wrap(b"message", protection).unwrap());
    let receive = |theirs: &mut SecurityContext, token: &[u8]| {
        theirs.unwrap(token, protection).unwrap().supplementary
    };
    assert_eq!(receive(&mut theirs, &second), Supplementary::GAP_TOKEN);
    let mut theirs = SecurityContext::import_in(&theirs.export().unwrap(), &elsewhere).unwrap();
    let mut ours = SecurityContext::import_in(&ours.export().unwrap(), &elsewhere).unwrap();
    let third = ours.wrap(b"message", protection).unwrap();
    assert_eq!(receive(&mut theirs, &third), Supplementary::empty());
    assert_eq!(receive(&mut theirs, &first), Supplementary::UNSEQ_TOKEN);
    assert_eq!(
        receive(&mut theirs, &second),
        Supplementary::DUPLICATE_TOKEN
    );
}

#[test]
fn what_is_no_context_is_a_defective_token_that_says_why() {
    let (ours, _, elsewhere) = world();
    let token = ours.export().unwrap();
    let refused = |token: &[u8]| {
        let error = SecurityContext::import_in(token, &elsewhere).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DefectiveToken);
        (error.minor(), error.to_string())
    };
    let (minor, text) = refused(b"garbage");
    assert_eq!(minor, MinorStatus::G_BAD_TOK_HEADER);
    assert_eq!(text, "invalid token: not an exported context");
    let (minor, _) = refused(&token[..7]);
    assert_eq!(minor, MinorStatus::G_TOK_TRUNC);
    let mut other = token.to_vec();
    other[4] = 1;
    let (_, text) = refused(&other);
    assert!(
        text.ends_with("exported context of version 1, not 3"),
        "{text}"
    );
    for bit in 40..token.len() * 8 {
        let mut damaged = token.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let (_, text) = refused(&damaged);
        assert!(text.ends_with("exported context is damaged"), "{text}");
    }
    refused(b"");
}

#[test]
fn a_token_shows_no_keys() {
    let (ours, ..) = world();
    let token = ours.export().unwrap();
    let shown = format!("{token:?}");
    assert!(shown.len() < 100, "{shown}");
}
