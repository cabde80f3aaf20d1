//! Java's `Krb5LoginModule` as a client of our KDC, and Java's GSS-API as both heads of contexts with ours.

use orthros_testing::java::gss_peer;
use orthros_testing::mit::GssPeer;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::{require_java, require_mit};

use crate::heads::{peer_accepts, peer_initiates};
use crate::place::{ENCTYPES, Place};
use crate::world::{PASSWORD, SERVICE, USER, World};

fn log_in(java: &mut GssPeer, password: &str) -> Result<Vec<String>, String> {
    let answer = java.call("log-in", &[USER.as_bytes(), password.as_bytes()]);
    let fields = answer.map_err(|error| error.to_string())?;
    let fields = fields.iter().map(|field| String::from_utf8_lossy(field));
    Ok(fields.map(String::from).collect())
}

#[test]
fn javas_login_module_gets_a_ticket_in_each_enctype() {
    require_java!();
    for enctype in ENCTYPES {
        let place = Place::ours(enctype);
        let mut java = gss_peer(&place.krb5_conf()).unwrap();
        let number = enctype.number().to_string();
        assert_eq!(
            log_in(&mut java, PASSWORD).unwrap(),
            ["alice@OURS.TEST", "krbtgt/OURS.TEST@OURS.TEST", &number]
        );
        let module = Peer::java("Krb5LoginModule", &mut java).unwrap();
        place.record(&module, Role::Client, "AS", "ticket by password");
    }
}

#[test]
fn javas_login_module_calls_a_wrong_password_one() {
    require_java!();
    let world = World::start();
    let mut java = gss_peer(&world.path("krb5.conf")).unwrap();
    let error = log_in(&mut java, "incorrect").unwrap_err();
    assert!(
        error.contains("Pre-authentication information was invalid"),
        "{error}"
    );
}

/// Java initiates with tickets that it gets itself, and accepts.
fn both_heads(place: &Place) {
    let mut java = gss_peer(&place.krb5_conf()).unwrap();
    let library = Peer::java("JGSS", &mut java).unwrap();
    log_in(&mut java, PASSWORD).unwrap();
    peer_initiates(place, &library, &mut java);
    let keytab = place.keytab().display().to_string();
    let taken = java.call("take-keytab", &[SERVICE.as_bytes(), keytab.as_bytes()]);
    taken.unwrap();
    peer_accepts(place, &library, &mut java);
}

#[test]
fn java_and_we_are_both_heads_with_tickets_of_our_kdc() {
    require_java!();
    for enctype in ENCTYPES {
        both_heads(&Place::ours(enctype));
    }
}

#[test]
fn java_and_we_are_both_heads_with_tickets_of_mits_kdc() {
    require_java!();
    require_mit!();
    for enctype in ENCTYPES {
        both_heads(&Place::mits(enctype));
    }
}
