//! Clocks that differ.

use orthros::{AcceptContext, ContextFlags, MinorStatus};
use orthros_testing::mit::{DEFAULT_ENCTYPES, GssPeerError, Initiation};
use orthros_testing::require_python_gssapi;
use orthros_types::Duration;

use crate::heads::{SERVICE, World};

/// Why ours does not either: the time in the acceptor's error is not authenticated.
#[test]
fn mits_initiator_does_not_try_again_where_our_acceptor_finds_its_clock_wrong() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    // Well over the five minutes that are allowed: MIT goes by the time that passes meanwhile.
    heads.clock.advance(Duration::from_seconds(600));
    let acceptor = AcceptContext::builder().environment(heads.environment());
    let initiation = Initiation {
        mechanism: "krb5",
        flags: ContextFlags::MUTUAL.bits(),
        target: SERVICE,
        bindings: b"",
        delegated: false,
        no_ci_flags: false,
    };
    heads.peer.initiate(&initiation).unwrap();
    let (_, token) = heads.peer.step(b"").unwrap();
    let error = acceptor.build().unwrap().step(&token.unwrap()).unwrap_err();
    assert_eq!(error.minor(), MinorStatus::KRB5KRB_AP_ERR_SKEW);
    let heard = heads.peer.step(error.token().unwrap()).unwrap_err();
    let GssPeerError::Refused { minor, token, .. } = heard else {
        panic!("{heard}");
    };
    let skew = MinorStatus::KRB5KRB_AP_ERR_SKEW.number();
    assert_eq!((minor.cast_signed(), token), (skew, Vec::new()));
}
