//! Contexts under arcfour-hmac with MIT's library at the other end, where `allow_rc4` says so, and none where it does
//! not.

use std::fs;
use std::path::PathBuf;

use crate::cell::{Form, Kind, Role};
use crate::heads::{Heads, Mechanism, Refused, Request, World};
use crate::messages;
use orthros::{ContextFlags, Environment, SecurityContext};
use orthros_testing::mit::{DEFAULT_ENCTYPES, GssPeer, Realm};
use orthros_testing::proof::{self, Issuer, Peer, Proof};
use orthros_testing::require_python_gssapi;

const RC4: &str = "arcfour-hmac";
const AES: &str = "aes256-cts-hmac-sha1-96";

/// A realm that has RC4 last, as ours.
fn world() -> World {
    let enctypes = [&DEFAULT_ENCTYPES[..], &[RC4]].concat();
    let builder = Realm::builder().enctypes(&enctypes);
    // MIT's KDC goes by it since 1.21.
    World::of(builder.libdefault("allow_rc4", "true"))
}

fn conf(world: &World, permitted: &str, allow_rc4: &str) -> PathBuf {
    let relations = [
        ("allow_rc4", allow_rc4),
        ("permitted_enctypes", permitted),
        ("default_tkt_enctypes", permitted),
        ("default_tgs_enctypes", permitted),
    ];
    let file = format!("krb5-{}-{allow_rc4}.conf", permitted.len());
    world.realm.variant_conf(&file, &relations).unwrap()
}

fn heads(world: &World) -> Heads {
    world.heads_with(RC4, conf(world, RC4, "true"))
}

#[test]
fn rc4_tokens_pass_with_mit_in_every_form() {
    require_python_gssapi!();
    let world = world();
    let mut heads = heads(&world);
    for role in Role::ALL {
        for form in Form::ALL {
            for kind in Kind::ALL {
                let mut request = Request::default();
                request.flags |= form.flags();
                let mut ours = heads.establish(role, request);
                assert_eq!(ours.session_key().enctype().name(), RC4);
                exchange(&mut ours, &mut heads.peer, form, kind);
            }
        }
        let result = "sealed, signed and MIC both ways; whole, scattered and in DCE style";
        record(role, Mechanism::Krb5, result);
    }
}

/// As for the tokens of RFC 4121, but for what they don't have: in several buffers they need one for padding, and in
/// DCE style they are not sent in one.
fn exchange(ours: &mut SecurityContext, theirs: &mut GssPeer, form: Form, kind: Kind) {
    for length in messages::LENGTHS.into_iter().chain(60..130) {
        let message: Vec<u8> = (0_u8..=255).cycle().take(length).collect();
        match (form, kind) {
            (Form::Whole, Kind::Mic) => messages::mic(ours, theirs, &message),
            (Form::Whole, _) => messages::whole(ours, theirs, kind, &message),
            (_, Kind::Mic) => messages::mic_iov(ours, theirs, &message),
            (Form::Iov, _) => {
                // MIT counts the associated data in when it makes room for the framing: where that makes the framing
                // longer, there is a byte between it and the message (kg_seal_iov_length).
                if !(60..130).contains(&length) {
                    messages::aead(ours, theirs, kind, &message);
                }
                messages::iov_padded(ours, theirs, kind, &message);
            }
            (Form::Dce, _) => {
                messages::whole(ours, theirs, kind, &message);
                for with_trailer in [true, false] {
                    messages::iov(ours, theirs, kind, &message, with_trailer);
                }
            }
        }
    }
}

#[test]
fn spnego_one_way_and_delegation_work_under_rc4_with_mit() {
    require_python_gssapi!();
    let world = world();
    let mut heads = heads(&world);
    for role in Role::ALL {
        for flags in [
            ContextFlags::empty(),
            ContextFlags::REPLAY | ContextFlags::SEQUENCE,
            ContextFlags::MUTUAL | ContextFlags::DELEG,
        ] {
            let request = Request {
                mechanism: Mechanism::Spnego,
                flags,
                ..Request::default()
            };
            let mut ours = heads.establish(role, request);
            for kind in Kind::ALL {
                exchange(&mut ours, &mut heads.peer, Form::Whole, kind);
            }
            if role == Role::Acceptor && flags.contains(ContextFlags::DELEG) {
                assert!(ours.delegated_cred().unwrap().is_some());
            }
        }
        record(role, Mechanism::Spnego, "sealed, signed and MIC both ways");
    }
}

/// Both sides permit AES, but the ticket's session key is of RC4: the acceptor's subkey makes the tokens RFC 4121's.
#[test]
fn a_context_whose_ticket_has_a_key_of_rc4_is_upgraded_to_aes_with_mit() {
    require_python_gssapi!();
    let world = world();
    let mut heads = heads(&world);
    let both = conf(&world, &format!("{AES} {RC4}"), "true");
    let text = fs::read_to_string(&both).unwrap();
    // The tickets are there already.
    heads.environment = Environment::builder()
        .config_text("krb5.conf", &text)
        .unwrap()
        .clock(heads.clock.clone())
        .default_cache(world.realm.path(&format!("ccache-{RC4}")))
        .default_keytab(world.realm.keytab())
        .build();
    heads.peer = world
        .realm
        .gss_peer(|command| {
            let cache = world.realm.path(&format!("ccache-{RC4}"));
            command.env("KRB5_CONFIG", &both).env("KRB5CCNAME", cache);
        })
        .unwrap();
    for role in Role::ALL {
        let mut ours = heads.establish(role, Request::default());
        let token = ours
            .wrap(b"message", orthros::Protection::INTEGRITY)
            .unwrap();
        let opened = heads.peer.unwrap(&token).unwrap();
        assert_eq!(opened, (b"message".to_vec(), false));
        let is_cfx = token.starts_with(&[5, 4]);
        println!("{role:?}: {}", ours.session_key().enctype().name());
        assert_eq!(is_cfx, ours.session_key().enctype().name() == AES);
        messages::mic(&mut ours, &mut heads.peer, b"message");
    }
}

#[test]
fn without_allow_rc4_an_acceptor_takes_no_ticket_of_it_and_says_which_switch() {
    require_python_gssapi!();
    let world = world();
    let mut heads = heads(&world);
    let off = conf(&world, &format!("{AES} {RC4}"), "false");
    heads.environment = Environment::builder()
        .config_text("krb5.conf", &fs::read_to_string(off).unwrap())
        .unwrap()
        .clock(heads.clock.clone())
        .default_cache(world.realm.path(&format!("ccache-{RC4}")))
        .default_keytab(world.realm.keytab())
        .build();
    let refused = heads.try_establish(Role::Acceptor, Request::default());
    let Err(Refused::ByUs(error)) = refused else {
        panic!("{refused:?}");
    };
    let text = error.to_string();
    assert!(text.contains("sealed in arcfour-hmac"), "{text}");
    assert!(
        text.contains("it needs allow_rc4 = true in [libdefaults]"),
        "{text}"
    );
    let refused = heads.try_establish(Role::Initiator, Request::default());
    let Err(Refused::ByUs(error)) = refused else {
        panic!("{refused:?}");
    };
    let text = error.to_string();
    assert!(text.contains("session key of the ticket"), "{text}");
    assert!(
        text.contains("it needs allow_rc4 = true in [libdefaults]"),
        "{text}"
    );
}

fn record(ours: Role, mechanism: Mechanism, result: &str) {
    let role = match ours {
        Role::Initiator => proof::Role::Acceptor,
        Role::Acceptor => proof::Role::Initiator,
    };
    let proof = Proof {
        peer: &Peer::mit("libgssapi_krb5").unwrap(),
        role,
        issuer: Issuer::Mits,
        mechanism: mechanism.name(),
        enctype: RC4,
        result,
    };
    proof.record();
}
