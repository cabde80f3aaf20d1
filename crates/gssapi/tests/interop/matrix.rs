//! Every combination of what can vary, with MIT's library at the other end. It prints its table:
//! `cargo test -p orthros --test interop -- --nocapture matrix`.

use std::collections::HashMap;

use crate::cell::Cell;
use crate::heads::{Request, World};
use crate::messages::exchange;
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
}
