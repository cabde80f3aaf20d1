//! MIT's kinit and kvno as clients of our KDC, and its KDC for our client.

use orthros::Name;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::{process, programs, require_mit};

use crate::place::{ENCTYPES, Place};
use crate::world::{PASSWORD, SERVICE, USER};

/// A program of MIT's with the files of a place; gives what it prints where it succeeds.
fn succeed(place: &Place, program: &str, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(programs::find(program).unwrap());
    command
        .args(arguments)
        .env("KRB5_CONFIG", place.krb5_conf())
        .env("KRB5CCNAME", place.path("ccache"))
        .env("LC_ALL", "C");
    let finished = process::run(&mut command, format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(finished.status.success(), "{finished}");
    finished.stdout
}

#[test]
fn mits_kinit_and_kvno_get_tickets_in_each_enctype() {
    require_mit!();
    let programs = Peer::mit("kinit and kvno").unwrap();
    for enctype in ENCTYPES {
        let place = Place::ours(enctype);
        succeed(&place, "kinit", &[USER]);
        let keytab = place.keytab().display().to_string();
        let said = succeed(&place, "kvno", &["-k", &keytab, SERVICE]);
        assert!(said.contains("keytab entry valid"), "{said}");
        let listed = succeed(&place, "klist", &["-e"]);
        let name = match enctype.number() {
            23 => format!("DEPRECATED:{enctype}"),
            _ => enctype.to_string(),
        };
        let session_keys = format!("Etype (skey, tkt): {name}, {name}");
        assert_eq!(listed.matches(&session_keys).count(), 2, "{listed}");
        place.record(
            &programs,
            Role::Client,
            "AS, TGS",
            "tickets for the realm and a service",
        );
    }
}

#[test]
fn our_client_gets_tickets_of_mits_kdc_in_each_enctype() {
    require_mit!();
    let kdc = Peer::mit("krb5kdc").unwrap();
    for enctype in ENCTYPES {
        let place = Place::mits(enctype);
        assert_eq!(place.context().session_key().enctype(), enctype);
        place.record(
            &kdc,
            Role::Kdc,
            "AS, TGS",
            "tickets by password and for a service, accepted",
        );
    }
}

/// Under RC4 the user's name goes under a checksum without a key (MS-SFU section 2.2.2).
#[test]
fn our_service_gets_tickets_in_a_users_name_of_mits_kdc_in_each_enctype() {
    require_mit!();
    let kdc = Peer::mit("krb5kdc").unwrap();
    for enctype in ENCTYPES {
        let place = Place::mits(enctype);
        let user = Name::user(USER).unwrap();
        let credential = place.service().impersonate(&user).unwrap();
        let context = place.context_of(&credential);
        let client = context.initiator_name().to_string();
        assert!(client.starts_with(USER), "{client}");
        assert_eq!(context.session_key().enctype(), enctype);
        let result = "ticket in a user's name, accepted";
        place.record(&kdc, Role::Kdc, "TGS (S4U2Self)", result);
    }
}
