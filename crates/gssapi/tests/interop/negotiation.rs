//! Both libraries agree on a better enctype than the KDC chose (RFC 4537).

use orthros::ContextFlags;
use orthros_testing::require_python_gssapi;

use crate::cell::{Form, Kind, Role};
use crate::heads::{Request, World};
use crate::messages::exchange;

const WORSE: &str = "aes128-cts-hmac-sha1-96";
const BETTER: &str = "aes256-cts-hmac-sha384-192";

/// What a context's key is of, where both sides permit these enctypes, the best first, and the ticket's key is of the
/// worse.
fn agreed(role: Role, permitted: &str, flags: ContextFlags) -> String {
    let world = World::start();
    let relations = [
        ("permitted_enctypes", permitted),
        ("default_tgs_enctypes", permitted),
    ];
    let conf = world.realm.variant_conf("permitted.conf", &relations);
    let mut heads = world.heads_with(WORSE, conf.unwrap());
    let request = Request {
        flags,
        ..Request::default()
    };
    let mut ours = heads.establish(role, request);
    let theirs = heads.peer.field("session-key", &[]).unwrap();
    assert_eq!(ours.session_key().as_bytes(), theirs);
    exchange(&mut ours, &mut heads.peer, Form::Whole, Kind::Sealed);
    ours.session_key().enctype().name().to_owned()
}

#[test]
fn a_better_enctype_than_the_tickets_is_agreed_on_with_mit() {
    require_python_gssapi!();
    for role in Role::ALL {
        let permitted = format!("{BETTER} {WORSE}");
        assert_eq!(agreed(role, &permitted, ContextFlags::MUTUAL), BETTER);
    }
}

#[test]
fn the_tickets_enctype_stays_where_there_is_no_better_one_or_no_answer() {
    require_python_gssapi!();
    for role in Role::ALL {
        let permitted = format!("{WORSE} {BETTER}");
        assert_eq!(agreed(role, &permitted, ContextFlags::MUTUAL), WORSE);
        let permitted = format!("{BETTER} {WORSE}");
        assert_eq!(agreed(role, &permitted, ContextFlags::INTEG), WORSE);
    }
}
