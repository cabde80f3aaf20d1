//! Every combination of what can vary, with MIT's library at the other end. It prints its table:
//! `cargo test -p orthros --test interop -- --nocapture matrix`.

use std::collections::HashMap;

use crate::cell::{Cell, Form, Kind, Role};
use crate::heads::{Mechanism, Request, World};
use crate::messages::exchange;
use orthros_testing::mit::DEFAULT_ENCTYPES;
use orthros_testing::proof::{self, Issuer, Peer, Proof};
use orthros_testing::require_python_gssapi;

#[test]
fn every_cell_of_the_matrix_passes_with_mit() {
    require_python_gssapi!();
    let world = World::start();
    let mut heads = HashMap::new();
    let mut passed = 0;
    for cell in Cell::all() {
        let heads = heads
            .entry(cell.enctype)
            .or_insert_with(|| world.heads(cell.enctype));
        print!("{cell} ");
        let mut request = Request::default();
        request.flags |= cell.form.flags();
        let mut ours = heads.establish(cell.role, request);
        assert!(ours.flags().contains(request.flags));
        assert_eq!(ours.session_key().enctype().name(), cell.enctype);
        exchange(&mut ours, &mut heads.peer, cell.form, cell.kind);
        println!("passed");
        passed += 1;
    }
    println!("{passed} cells passed");
    for enctype in DEFAULT_ENCTYPES {
        for role in Role::ALL {
            let result = "sealed, signed and MIC both ways; whole, scattered and in DCE style";
            record(role, Mechanism::Krb5, enctype, result);
        }
    }
}

#[test]
fn spnego_wraps_contexts_of_each_enctype_with_mit() {
    require_python_gssapi!();
    let world = World::start();
    let request = Request {
        mechanism: Mechanism::Spnego,
        ..Request::default()
    };
    for enctype in DEFAULT_ENCTYPES {
        let mut heads = world.heads(enctype);
        for role in Role::ALL {
            let mut ours = heads.establish(role, request);
            assert_eq!(ours.session_key().enctype().name(), enctype);
            for kind in Kind::ALL {
                exchange(&mut ours, &mut heads.peer, Form::Whole, kind);
            }
            let result = "sealed, signed and MIC both ways";
            record(role, Mechanism::Spnego, enctype, result);
        }
    }
}

/// Puts what MIT's library has done into the table of peers.
fn record(ours: Role, mechanism: Mechanism, enctype: &str, result: &str) {
    let role = match ours {
        Role::Initiator => proof::Role::Acceptor,
        Role::Acceptor => proof::Role::Initiator,
    };
    let proof = Proof {
        peer: &Peer::mit("libgssapi_krb5").unwrap(),
        role,
        issuer: Issuer::Mits,
        mechanism: mechanism.name(),
        enctype,
        result,
    };
    proof.record();
}
