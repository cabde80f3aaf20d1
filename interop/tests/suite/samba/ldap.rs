//! LDAP (RFC 4511) with SASL (RFC 4752, MS-ADTS section 3.1.1.3.4.5.2): signed, sealed, and over TLS.

mod client;

use orthros::{Oid, Protection};
use orthros_interop::runner::Case;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::Domain;

use self::client::Client;
pub(super) use self::client::SecurityLayer;
use super::world::{AES256, World, shown};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "ldap",
        a_search_is_signed,
        a_search_is_sealed,
        a_search_goes_over_tls,
        a_search_is_sealed_that_spnego_has_negotiated,
        mits_client_gets_the_same_answer,
    )
}

/// That bob finds himself, which takes a user who has logged in.
fn finds_bob(mut client: Client) {
    let found = client.search(BOB, "sAMAccountName");
    assert_eq!(found, ["bob"]);
}

const BOB: &str = "CN=bob,CN=Users,DC=samba,DC=test";

/// That bob finds himself with such a layer.
pub(super) fn a_search_is_protected(world: &World<'_>, layer: SecurityLayer) {
    let mut client = Client::connect();
    client.bind_gssapi(world.initiator("ldap@dc1.samba.test", Oid::KRB5), layer);
    finds_bob(client);
}

fn a_search_is_signed(domain: &Domain) {
    a_search_is_protected(&World::of(domain, "bob"), SecurityLayer::Integrity);
    let acceptor = Peer::samba("LDAP server").unwrap();
    shown(
        &acceptor,
        Role::Acceptor,
        "krb5",
        AES256,
        "SASL GSSAPI: signed, sealed and over TLS",
    );
}

fn a_search_is_sealed(domain: &Domain) {
    a_search_is_protected(&World::of(domain, "bob"), SecurityLayer::Confidentiality);
}

fn a_search_goes_over_tls(domain: &Domain) {
    let world = World::of(domain, "bob");
    let mut client = Client::connect_tls(domain);
    client.bind_gssapi(
        world.initiator("ldap@dc1.samba.test", Oid::KRB5),
        SecurityLayer::None,
    );
    finds_bob(client);
}

fn a_search_is_sealed_that_spnego_has_negotiated(domain: &Domain) {
    let world = World::of(domain, "bob");
    let mut client = Client::connect();
    client.bind_spnego(
        world.initiator("ldap@dc1.samba.test", Oid::SPNEGO),
        Protection::CONFIDENTIALITY,
    );
    finds_bob(client);
    let acceptor = Peer::samba("LDAP server").unwrap();
    shown(
        &acceptor,
        Role::Acceptor,
        "spnego",
        AES256,
        "SASL GSS-SPNEGO: sealed",
    );
}

fn mits_client_gets_the_same_answer(domain: &Domain) {
    let world = World::of(domain, "bob");
    let search = [
        "-Q",
        "-LLL",
        "-Y",
        "GSSAPI",
        "-H",
        "ldap://dc1.samba.test",
        "-b",
        BOB,
        "-s",
        "base",
    ];
    let arguments = [search.as_slice(), &["sAMAccountName"]].concat();
    let said = world.theirs("ldapsearch", &arguments, &[]);
    assert!(said.contains("sAMAccountName: bob\n"), "{said}");
}
