//! What both libraries say of one context.

use crate::cell::Role;
use crate::heads::{Heads, Request, World};
use orthros::kerberos::AdType;
use orthros::{ContextFlags, PrfKey, SecurityContext};
use orthros_testing::mit::{DEFAULT_ENCTYPES, Realm};
use orthros_testing::require_python_gssapi;

const NOT_MUTUAL: ContextFlags = ContextFlags::REPLAY.union(ContextFlags::SEQUENCE);

/// Each enctype and role, with mutual authentication and without.
fn for_each_context(check: impl Fn(&mut Heads, &mut SecurityContext)) {
    let world = World::start();
    for enctype in DEFAULT_ENCTYPES {
        let mut heads = world.heads(enctype);
        for role in Role::ALL {
            for flags in [NOT_MUTUAL, NOT_MUTUAL | ContextFlags::MUTUAL] {
                let mut ours = heads.establish(
                    role,
                    Request {
                        flags,
                        ..Request::default()
                    },
                );
                assert_eq!(ours.session_key().enctype().name(), enctype);
                check(&mut heads, &mut ours);
            }
        }
    }
}

#[test]
fn both_libraries_have_the_same_key() {
    require_python_gssapi!();
    for_each_context(|heads, ours| {
        let theirs = heads.peer.field("session-key", &[]).unwrap();
        assert_eq!(ours.session_key().as_bytes(), theirs);
    });
}

#[test]
fn both_libraries_have_the_same_pseudo_random_function() {
    require_python_gssapi!();
    for_each_context(|heads, ours| {
        for (key, number) in [(PrfKey::Full, b"0"), (PrfKey::Partial, b"1")] {
            for length in [1, 16, 100] {
                let mut output = vec![0; length];
                ours.pseudo_random(key, b"input", &mut output).unwrap();
                let length = length.to_string();
                let arguments: [&[u8]; 3] = [number, b"input", length.as_bytes()];
                let theirs = heads.peer.field("pseudo-random", &arguments);
                assert_eq!(output, theirs.unwrap(), "{key:?}");
            }
        }
    });
}

#[test]
fn both_libraries_say_the_same_of_the_ticket() {
    require_python_gssapi!();
    for_each_context(|heads, ours| {
        let number =
            |octets: Vec<u8>| -> i64 { String::from_utf8(octets).unwrap().parse().unwrap() };
        let authtime = heads.peer.field("authtime", &[]).unwrap();
        assert_eq!(ours.authentication_time().seconds(), number(authtime));
        let flags = heads.peer.field("ticket-flags", &[]).unwrap();
        assert_eq!(i64::from(ours.ticket_flags().bits()), number(flags));
        let theirs = heads.peer.inquire().unwrap();
        assert_eq!(ours.initiator_name().to_string(), theirs.initiator);
        assert_eq!(ours.acceptor_name().to_string(), theirs.acceptor);
        // MIT says of some established contexts only that they are ready.
        let theirs_flags = ContextFlags::from_bits_retain(theirs.flags) | ContextFlags::PROT_READY;
        assert_eq!(ours.flags(), theirs_flags);
        assert!(ours.authentication_indicators().is_empty());
        assert!(theirs.complete);
    });
}

#[test]
fn the_acceptor_reports_the_indicators_of_mits_kdc() {
    require_python_gssapi!();
    let builder = Realm::builder()
        .libdefault("spake_preauth_groups", "edwards25519")
        .kdc_relation("spake_preauth_indicator", "by-spake")
        .kdc_relation("disable_pac", "true");
    let world = World::of(builder);
    let mut heads = world.heads(DEFAULT_ENCTYPES[0]);
    let ours = heads.establish(Role::Acceptor, Request::default());
    assert_eq!(ours.authentication_indicators(), ["by-spake"]);
    assert_eq!(ours.authorization_data(AdType::CAMMAC).len(), 1);
    let ours = ours.authorization_data(AdType::IF_RELEVANT);
    // With the same ticket, from the cache that both heads have. MIT looks at the outermost elements only.
    heads.establish(Role::Initiator, Request::default());
    let theirs = heads.peer.field("authorization-data", &[b"1"]).unwrap();
    assert_eq!(ours, [theirs]);
}
