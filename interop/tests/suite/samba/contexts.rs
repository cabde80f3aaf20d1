//! GSS-API contexts with services of the domain.

use std::net::TcpListener;

use orthros::{AcceptContext, Oid};
use orthros_interop::runner::Case;
use orthros_testing::process::Daemon;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::Domain;

use super::world::{AES256, World, keytab_of, shown};
use crate::cases;
use crate::contexts::establish;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "contexts",
        an_account_with_keys_of_aes_accepts,
        a_machine_accepts_by_each_of_its_names,
        a_users_pac_is_verified,
    )
}

/// A message to a service of ours that has these keys, from our client and from MIT's in bob's name.
pub(super) fn is_accepted(world: &World<'_>, keytab: &str, service: &str) {
    let port = free_port();
    let arguments = [
        "gss-server",
        "--port",
        &port,
        "--keytab",
        &keytab_of(world.domain, keytab),
        service,
    ];
    let mut server = world.orthros(&arguments);
    let server = Daemon::start(&mut server, "Listening on port").unwrap();
    let client = [
        "gss-client",
        "--port",
        &port,
        "127.0.0.1",
        service,
        "good news",
    ];
    assert!(world.ours(&client).contains("Signature verified."));
    let client = ["-port", &port, "127.0.0.1", service, "good news"];
    assert!(
        world
            .theirs("gss-client", &client, &[])
            .contains("Signature verified.")
    );
    let printed = server.printed();
    let accepted = printed
        .matches("Accepted connection: \"bob@SAMBA.TEST\"")
        .count();
    assert_eq!(accepted, 2, "{printed}");
}

pub(super) fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

fn an_account_with_keys_of_aes_accepts(domain: &Domain) {
    is_accepted(&World::of(domain, "bob"), "aes", "HTTP@aes.samba.test");
}

fn a_machine_accepts_by_each_of_its_names(domain: &Domain) {
    let world = World::of(domain, "bob");
    is_accepted(&world, "wks1", "host@wks1.samba.test");
    is_accepted(&world, "wks1", "RestrictedKrbHost@wks1.samba.test");
}

fn a_users_pac_is_verified(domain: &Domain) {
    let world = World::of(domain, "bob");
    let initiator = world.initiator("HTTP@aes.samba.test", Oid::SPNEGO);
    let acceptor = AcceptContext::builder()
        .credential(&world.accepting("aes"))
        .build();
    let (_, theirs) = establish(initiator, acceptor.unwrap()).unwrap();
    let pac = theirs.pac().unwrap().unwrap();
    let user = pac.user_sid().unwrap();
    assert!(pac.has_sid(&user));
    assert!(pac.sids().any(|sid| sid.rid() == Some(DOMAIN_USERS)));
    let kdc = Peer::samba("KDC").unwrap();
    let result = "PAC of an accepted ticket, verified";
    shown(&kdc, Role::Kdc, "spnego", AES256, result);
}

/// The group of all users of a domain (MS-DTYP section 2.4.2.4).
const DOMAIN_USERS: u32 = 513;
