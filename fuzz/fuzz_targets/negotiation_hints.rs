//! What an acceptor says that speaks first (`NegTokenInit2`): whatever it is, it does not change what the initiator
//! offers, and an initiator that refuses it does not answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orthros::{InitContext, Name, Oid, Step};
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::NegotiationToken;
use orthros_asn1::{Message, ObjectIdentifier};
use orthros_fuzz::ENVIRONMENT;

fuzz_target!(|hints: &[u8]| {
    let peer = Name::hostbased_service("host@gate.orthros.test").expect("it is a name");
    let builder = InitContext::builder(peer).environment(&ENVIRONMENT);
    let initiator = builder.mech_type(Oid::SPNEGO).build();
    let mut initiator = initiator.expect("the environment has a ticket");
    match initiator.step(Some(hints)) {
        Ok(Step::Continue(token)) => check(&token),
        Ok(Step::Done { .. }) => panic!("nothing was authenticated"),
        Err(error) => assert_eq!(error.token(), None),
    }
});

/// The list is the initiator's own, and has the token of its mechanism with it.
fn check(token: &[u8]) {
    let framing = InitialContextToken::decode(token).expect("a first token is framed");
    assert_eq!(framing.mechanism, Oid::SPNEGO.octets());
    let NegotiationToken::Init(offer) =
        NegotiationToken::decode(framing.inner).expect("our own token can be read")
    else {
        panic!("an answer");
    };
    let kerberos = ObjectIdentifier::new(Oid::KRB5.octets()).expect("it is one");
    assert_eq!(offer.mech_types.value(), &[kerberos]);
    assert!(offer.mech_token.is_some() && offer.neg_hints.is_none());
}
