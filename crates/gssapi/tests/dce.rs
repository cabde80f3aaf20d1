//! DCE style between our own heads, where it goes wrong. Where it goes well, MIT's library is the other head
//! (`interop`).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use orthros::{AcceptContext, ContextFlags, Environment, ErrorKind, InitContext, Name, Step};
use orthros_krb5::crypto::Enctype;
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;

fn acceptor(environment: &Environment) -> AcceptContext {
    let builder = AcceptContext::builder().environment(environment);
    builder.build().unwrap()
}

fn initiator(environment: &Environment) -> InitContext {
    InitContext::builder(Name::hostbased_service("host@gate.orthros.test").unwrap())
        .environment(environment)
        .flags(ContextFlags::DCE_STYLE)
        .build()
        .unwrap()
}

fn token(step: Step) -> Vec<u8> {
    match step {
        Step::Continue(token) => token,
        Step::Done { .. } => panic!("done too early"),
    }
}

#[test]
fn there_is_no_context_before_the_third_token_and_without_the_right_one() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(
        &VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96),
        directory.path(),
    );
    let mut initiator = initiator(&environment);
    let mut acceptor = acceptor(&environment);
    let request = token(initiator.step(None).unwrap());
    let reply = token(acceptor.step(&request).unwrap());
    assert!(!acceptor.established());
    let error = acceptor.step(&reply).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failure);
    assert_eq!(error.minor(), orthros::MinorStatus::KRB5_MUTUAL_FAILED);
    let error = acceptor.step(&reply).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoContext);
}

#[test]
fn three_tokens_establish_a_context_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(
        &VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96),
        directory.path(),
    );
    let mut initiator = initiator(&environment);
    let mut acceptor = acceptor(&environment);
    let request = token(initiator.step(None).unwrap());
    let reply = token(acceptor.step(&request).unwrap());
    let Step::Done {
        context: ours,
        token: Some(third),
    } = initiator.step(Some(&reply)).unwrap()
    else {
        panic!("the initiator has a third token");
    };
    let Step::Done {
        context: theirs,
        token: None,
    } = acceptor.step(&third).unwrap()
    else {
        panic!("nothing comes after the third token");
    };
    for context in [&ours, &theirs] {
        let expected = ContextFlags::DCE_STYLE | ContextFlags::MUTUAL;
        assert!(context.flags().contains(expected));
    }
    assert_eq!(ours.session_key(), theirs.session_key());
}
