//! Contexts with a peer's library at the other end, both ways round, and messages through them.

use orthros::{AcceptContext, ContextFlags, InitContext, Protection, SecurityContext, Step};
use orthros_testing::mit::{GssPeer, GssPeerError, Initiation};
use orthros_testing::proof::{Peer, Role};

use crate::place::{MECHANISMS, Place, TARGET};

const ORDERED: ContextFlags = ContextFlags::REPLAY.union(ContextFlags::SEQUENCE);
const MUTUAL: [ContextFlags; 2] = [ContextFlags::MUTUAL, ContextFlags::empty()];
const RESULT: &str = "mutual and one-way; sealed, signed and MIC both ways";

/// `GSS_S_GAP_TOKEN`.
const GAP: u32 = 16;

/// The peer, which has the user's tickets, initiates by both mechanisms.
pub(crate) fn peer_initiates(place: &Place, library: &Peer, peer: &mut GssPeer) {
    for (mechanism, _) in MECHANISMS {
        for flags in MUTUAL {
            let mut ours = accept(place, peer, mechanism, flags);
            converse(&mut ours, peer);
        }
        place.record(library, Role::Initiator, mechanism, RESULT);
    }
}

/// The same with Heimdal, whose one-way initiator expects its acceptor to count from 0, though Heimdal's acceptor, as
/// MIT's and ours, then counts from the initiator's number: the first answer is a gap to it.
pub(crate) fn heimdal_initiates(place: &Place, library: &Peer, peer: &mut GssPeer) {
    for (mechanism, _) in MECHANISMS {
        let mut ours = accept(place, peer, mechanism, ContextFlags::empty());
        let first = ours.wrap(b"first", Protection::CONFIDENTIALITY).unwrap();
        let refused = peer.unwrap(&first).unwrap_err();
        assert!(matches!(refused, GssPeerError::Refused { major: GAP, .. }));
        converse(&mut ours, peer);

        let mut ours = accept(place, peer, mechanism, ContextFlags::MUTUAL);
        converse(&mut ours, peer);
        place.record(library, Role::Initiator, mechanism, RESULT);
    }
}

/// The peer, which has the service's keys, accepts by both mechanisms.
pub(crate) fn peer_accepts(place: &Place, library: &Peer, peer: &mut GssPeer) {
    for (name, mechanism) in MECHANISMS {
        for flags in MUTUAL {
            peer.accept(b"").unwrap();
            let mut ours = step_to_acceptor(peer, place.initiator(mechanism, flags | ORDERED));
            check(place, &ours, peer, flags);
            converse(&mut ours, peer);
        }
        place.record(library, Role::Acceptor, name, RESULT);
    }
}

fn accept(
    place: &Place,
    peer: &mut GssPeer,
    mechanism: &str,
    flags: ContextFlags,
) -> SecurityContext {
    let initiation = Initiation {
        mechanism,
        flags: (flags | ORDERED).bits(),
        target: TARGET,
        bindings: b"",
        delegated: false,
        no_ci_flags: false,
    };
    peer.initiate(&initiation).unwrap();
    let ours = step_to_initiator(peer, place.acceptor());
    check(place, &ours, peer, flags);
    ours
}

/// Both know of each other, and of what was asked for.
fn check(place: &Place, ours: &SecurityContext, peer: &mut GssPeer, flags: ContextFlags) {
    let theirs = peer.inquire().unwrap();
    assert!(theirs.complete);
    assert_eq!(theirs.initiator, ours.initiator_name().to_string());
    assert_eq!(ours.session_key().enctype(), place.enctype);
    assert_eq!(ours.flags() & ContextFlags::MUTUAL, flags);
}

/// Steps both heads until both are done; the peer speaks first.
fn step_to_initiator(peer: &mut GssPeer, mut ours: AcceptContext) -> SecurityContext {
    let mut answer = Vec::new();
    loop {
        let (_, token) = peer.step(&answer).unwrap();
        match ours.step(&token.unwrap()).unwrap() {
            Step::Continue(token) => answer = token,
            Step::Done { context, token } => {
                if let Some(token) = token {
                    assert_eq!(peer.step(&token).unwrap(), (false, None));
                }
                return context;
            }
        }
    }
}

/// The same, and we speak first.
fn step_to_acceptor(peer: &mut GssPeer, mut ours: InitContext) -> SecurityContext {
    let mut answer: Option<Vec<u8>> = None;
    loop {
        match ours.step(answer.as_deref()).unwrap() {
            Step::Continue(token) => answer = peer.step(&token).unwrap().1,
            Step::Done { context, token } => {
                if let Some(token) = token {
                    assert_eq!(peer.step(&token).unwrap(), (false, None));
                }
                return context;
            }
        }
    }
}

/// Messages of several lengths, sealed, signed, and with a MIC, both ways.
fn converse(ours: &mut SecurityContext, peer: &mut GssPeer) {
    for length in [0, 1, 15, 16, 17, 1000, 100_000] {
        let message = vec![0x5a; length];
        for (confidential, protection) in [
            (true, Protection::CONFIDENTIALITY),
            (false, Protection::INTEGRITY),
        ] {
            let token = ours.wrap(&message, protection).unwrap();
            assert_eq!(
                peer.unwrap(&token).unwrap(),
                (message.clone(), confidential)
            );
            let token = peer.wrap(confidential, &message).unwrap();
            let unwrapped = ours.unwrap(&token, protection).unwrap();
            assert_eq!(unwrapped.confidential, confidential);
            assert_eq!(unwrapped.in_sequence().unwrap(), message);
        }
        let mic = ours.get_mic(&message).unwrap();
        peer.verify_mic(&message, &mic).unwrap();
        let mic = peer.get_mic(&message).unwrap();
        let verified = ours.verify_mic(&message, &mic).unwrap();
        verified.in_sequence().unwrap();
    }
}
