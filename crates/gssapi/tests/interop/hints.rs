//! Acceptors that speak first.

use crate::cell::{Form, Kind};
use crate::heads::{SERVICE, World};
use crate::messages::exchange;
use orthros::{AcceptContext, InitContext, Name, Oid, Step};
use orthros_asn1::Message as _;
use orthros_asn1::gss::InitialContextToken;
use orthros_asn1::spnego::{NegTokenInit, NegotiationToken};
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::require_python_gssapi;

fn said(token: &[u8]) -> NegTokenInit {
    let framing = InitialContextToken::decode(token).unwrap();
    assert_eq!(framing.mechanism, Oid::SPNEGO.octets());
    match NegotiationToken::decode(framing.inner).unwrap() {
        NegotiationToken::Init(init) => init,
        NegotiationToken::Resp(_) => panic!("an answer to nothing"),
    }
}

#[test]
fn we_say_what_we_take_as_mits_acceptor_does() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    heads.peer.accept(b"").unwrap();
    let (goes_on, theirs) = heads.peer.step(b"").unwrap();
    assert!(goes_on);
    let mut acceptor = AcceptContext::builder()
        .environment(&heads.environment)
        .build()
        .unwrap();
    let Ok(Step::Continue(ours)) = acceptor.step(b"") else {
        panic!("nothing to say");
    };
    let (theirs, ours) = (said(&theirs.unwrap()), said(&ours));
    assert_eq!(ours.neg_hints, theirs.neg_hints);
    assert_eq!(ours.mech_token, theirs.mech_token);
    // MIT's may have more mechanisms.
    let [kerberos] = &ours.mech_types.value()[..] else {
        panic!("{ours:?}");
    };
    let listed = theirs.mech_types.value();
    assert!(listed.contains(kerberos), "{listed:?}");
}

#[test]
fn we_begin_with_the_token_of_mits_acceptor() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    heads.peer.accept(b"").unwrap();
    let (_, hints) = heads.peer.step(b"").unwrap();
    let mut initiator = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
        .environment(&heads.environment)
        .mech_type(Oid::SPNEGO)
        .build()
        .unwrap();
    let Ok(Step::Continue(token)) = initiator.step(hints.as_deref()) else {
        panic!("nothing to send");
    };
    let (goes_on, reply) = heads.peer.step(&token).unwrap();
    assert!(!goes_on);
    let Ok(Step::Done { mut context, .. }) = initiator.step(reply.as_deref()) else {
        panic!("not established");
    };
    exchange(&mut context, &mut heads.peer, Form::Whole, Kind::Sealed);
}
