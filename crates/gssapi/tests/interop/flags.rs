//! What is asked for and what is not, with MIT's library at the other end.

use crate::cell::{Form, Kind, Role};
use crate::heads::{Heads, Mechanism, Refused, Request, World};
use crate::messages::exchange;
use orthros::{ContextFlags, ErrorKind};
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::require_python_gssapi;

const PROTECTION: ContextFlags = ContextFlags::CONF.union(ContextFlags::INTEG);

#[test]
fn conf_and_integ_are_negotiated_only_where_they_are_asked_for() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    let wanted = [
        ContextFlags::empty(),
        ContextFlags::INTEG,
        ContextFlags::CONF,
        PROTECTION,
    ];
    for (role, mechanism) in sides() {
        for mutual in [ContextFlags::empty(), ContextFlags::MUTUAL] {
            for protection in wanted {
                let request = Request {
                    flags: mutual | protection,
                    no_ci_flags: true,
                    mechanism,
                    ..Request::default()
                };
                let mut ours = heads.establish(role, request);
                let theirs = ContextFlags::from_bits_retain(heads.peer.inquire().unwrap().flags);
                let said = format!("{role:?}, {mechanism:?}, {mutual:?}, {protection:?}");
                assert_eq!(ours.flags() & PROTECTION, protection, "{said}");
                assert_eq!(theirs & PROTECTION, protection, "{said}");
                if protection.contains(ContextFlags::INTEG) {
                    exchange(&mut ours, &mut heads.peer, Form::Whole, Kind::Mic);
                } else {
                    let refused = ours.get_mic(b"unsigned").unwrap_err();
                    assert_eq!(refused.kind(), ErrorKind::Failure);
                }
            }
        }
    }
}

/// Application data of the initiator's and the acceptor's channel bindings, and whether the context is bound to them
/// then. `None`: it is refused, because the initiator asks for that.
const CHANNELS: [([&[u8]; 2], Option<bool>); 5] = [
    ([b"", b""], Some(false)),
    ([b"channel", b""], Some(false)),
    ([b"channel", b"channel"], Some(true)),
    ([b"", b"channel"], None),
    ([b"channel", b"another"], None),
];

#[test]
fn mits_acceptor_refuses_an_initiator_that_asks_to_be_bound_and_is_not() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    let flags = ContextFlags::MUTUAL | ContextFlags::CHANNEL_BOUND;
    check_channels(&mut heads, Role::Initiator, flags);
}

/// MIT 1.22 has the flag, too; what it says to the acceptor is what this option has said before.
#[test]
fn our_acceptor_refuses_mits_initiator_that_asks_to_be_bound_and_is_not() {
    require_python_gssapi!();
    let world = World::start();
    let aware = [("client_aware_channel_bindings", "true")];
    let conf = world.realm.variant_conf("aware.conf", &aware).unwrap();
    let mut heads = world.heads_with(DEFAULT_ENCTYPES[0], conf);
    check_channels(&mut heads, Role::Acceptor, ContextFlags::MUTUAL);
}

fn check_channels(heads: &mut Heads, role: Role, flags: ContextFlags) {
    let mechanisms = Mechanism::ALL.into_iter();
    for (mechanism, (channels, bound)) in mechanisms.flat_map(|m| CHANNELS.map(|case| (m, case))) {
        let request = Request {
            flags,
            mechanism,
            channels,
            ..Request::default()
        };
        let outcome = heads.try_establish(role, request);
        let said = format!("{role:?}, {mechanism:?}, {channels:?}");
        match (outcome, bound) {
            (Ok(ours), Some(bound)) => {
                let acceptors = match role {
                    Role::Acceptor => ours.flags(),
                    Role::Initiator => {
                        let ours = ours.flags();
                        assert!(!ours.contains(ContextFlags::CHANNEL_BOUND), "{said}");
                        ContextFlags::from_bits_retain(heads.peer.inquire().unwrap().flags)
                    }
                };
                let is_bound = acceptors.contains(ContextFlags::CHANNEL_BOUND);
                assert_eq!(is_bound, bound, "{said}");
            }
            (Err(Refused::ByUs(error)), None) => {
                assert_eq!(error.kind(), ErrorKind::BadBindings, "{said}");
            }
            (Err(Refused::ByMit(error)), None) => {
                assert_eq!(error.class(), "BadChannelBindingsError", "{said}: {error}");
            }
            (outcome, _) => panic!("{said}: {outcome:?}"),
        }
    }
}

fn sides() -> impl Iterator<Item = (Role, Mechanism)> {
    let roles = Role::ALL.into_iter();
    roles.flat_map(|role| Mechanism::ALL.map(|mechanism| (role, mechanism)))
}
