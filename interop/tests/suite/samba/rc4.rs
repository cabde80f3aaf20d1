//! RC4-HMAC (RFC 4757): what a domain still has of it, which is taken only where the configuration allows it.

use orthros_interop::runner::Case;
use orthros_testing::process::Daemon;
use orthros_testing::proof::{Peer, Role};
use orthros_testing::samba::{Domain, PASSWORD};

use super::contexts::{free_port, is_accepted};
use super::ldap::{SecurityLayer, a_search_is_protected};
use super::rpc::{Level, an_endpoint_is_told};
use super::smb::a_tree_is_connected;
use super::world::{World, full, keytab_of, shown};
use crate::cases;

pub(crate) fn cases() -> Vec<Case> {
    cases!(
        of_domain,
        "rc4",
        a_fresh_account_accepts_where_it_is_allowed,
        a_fresh_accounts_acceptor_says_what_would_allow_its_tickets,
        a_user_with_keys_of_nothing_else_gets_tickets_where_it_is_allowed,
        a_user_with_keys_of_nothing_else_is_told_what_would_allow_them,
        the_tickets_of_a_client_that_takes_nothing_else_are_of_it,
        ldap_is_signed_and_sealed_with_it,
        smb_is_signed_with_it,
        rpc_has_privacy_and_integrity_with_it,
    )
}

const ALLOWED: &str = "[libdefaults]\n    allow_rc4 = true\n";

/// So that also the keys of sessions are of it.
const NOTHING_ELSE: &str =
    "[libdefaults]\n    allow_rc4 = true\n    permitted_enctypes = arcfour-hmac\n";

const SWITCH: &str = "allow_rc4 = true in [libdefaults]";
const RC4: &str = "arcfour-hmac";

/// What klist says of each ticket: the enctypes of its session key, and of the key that it is sealed in.
fn enctypes(world: &World<'_>) -> Vec<String> {
    let listed = world.ours(&["klist", "-e"]);
    let rows = listed
        .lines()
        .filter_map(|line| line.split_once("Etype (skey, tkt): "));
    let enctypes = rows.map(|(_, enctypes)| enctypes.trim().replace("DEPRECATED:", ""));
    enctypes.collect()
}

/// Ours, from our client and from MIT's.
fn a_fresh_account_accepts_where_it_is_allowed(domain: &Domain) {
    let world = World::configured(domain, ALLOWED).with_ticket_of("bob");
    is_accepted(&world, "fresh", "HTTP@fresh.samba.test");
    // The domain seals them so: that they are taken shows something.
    let of_service = enctypes(&world).pop().unwrap();
    assert_eq!(of_service, format!("aes256-cts-hmac-sha1-96, {RC4}"));
    let kdc = Peer::samba("KDC").unwrap();
    let result = "tickets of an account without keys of AES, accepted";
    shown(&kdc, Role::Kdc, "TGS", RC4, result);
}

/// To its own side. The client learns no more than that the service does not take the ticket.
fn a_fresh_accounts_acceptor_says_what_would_allow_its_tickets(domain: &Domain) {
    let world = World::of(domain, "bob");
    let (port, keytab) = (free_port(), keytab_of(domain, "fresh"));
    let service = "HTTP@fresh.samba.test";
    let arguments = ["gss-server", "--port", &port, "--keytab", &keytab, service];
    let mut server = world.orthros(&arguments);
    let server = Daemon::start(&mut server, "Listening on port").unwrap();
    let client = ["gss-client", "--port", &port, "127.0.0.1", service, "news"];
    let said = world.refused(&client, &[]);
    assert!(
        said.contains("HTTP/fresh.samba.test@SAMBA.TEST refuses"),
        "{said}"
    );
    let client = ["-port", &port, "127.0.0.1", service, "news"];
    world.theirs_refused("gss-client", &client, &[]);
    let printed = server.printed();
    let refused =
        format!("is sealed in {RC4}, which permitted_enctypes does not allow: it needs {SWITCH}");
    assert_eq!(printed.matches(&refused).count(), 2, "{printed}");
}

fn a_user_with_keys_of_nothing_else_gets_tickets_where_it_is_allowed(domain: &Domain) {
    let world = World::configured(domain, ALLOWED).with_ticket_of("rc4");
    world.ours(&["kvno", &full("HTTP/aes.samba.test")]);
    assert_eq!(world.services().len(), 2);
    // MIT's takes it unless it is told otherwise.
    World::new(domain).theirs("kinit", &[&full("rc4")], &[PASSWORD]);
}

fn a_user_with_keys_of_nothing_else_is_told_what_would_allow_them(domain: &Domain) {
    let said = World::new(domain).refused(&["kinit", &full("rc4")], &[PASSWORD]);
    assert!(
        said.starts_with("kinit: KDC has no support for encryption type"),
        "{said}"
    );
    assert!(said.contains(SWITCH), "{said}");
}

fn the_tickets_of_a_client_that_takes_nothing_else_are_of_it(domain: &Domain) {
    let world = World::configured(domain, NOTHING_ELSE).with_ticket_of("bob");
    world.ours(&["kvno", &full("HTTP/fresh.samba.test")]);
    let of_service = enctypes(&world).pop().unwrap();
    assert_eq!(of_service, format!("{RC4}, {RC4}"));
    // What is kept is of no use without the switch, and that is said.
    let without = World::new(domain);
    let cache = world.cache();
    let service = full("HTTP/aes.samba.test");
    let said = without.refused(&["kvno", "-c", &cache, &service], &[]);
    assert!(said.contains(SWITCH), "{said}");
}

fn ldap_is_signed_and_sealed_with_it(domain: &Domain) {
    let world = World::configured(domain, NOTHING_ELSE).with_ticket_of("bob");
    a_search_is_protected(&world, SecurityLayer::Integrity);
    a_search_is_protected(&world, SecurityLayer::Confidentiality);
    let acceptor = Peer::samba("LDAP server").unwrap();
    let result = "SASL GSSAPI: signed, sealed";
    shown(&acceptor, Role::Acceptor, "krb5", RC4, result);
}

fn smb_is_signed_with_it(domain: &Domain) {
    a_tree_is_connected(&World::configured(domain, NOTHING_ELSE).with_ticket_of("bob"));
    let acceptor = Peer::samba("SMB server").unwrap();
    let result = "a session, signed with the context's key";
    shown(&acceptor, Role::Acceptor, "spnego", RC4, result);
}

fn rpc_has_privacy_and_integrity_with_it(domain: &Domain) {
    let world = World::configured(domain, NOTHING_ELSE).with_ticket_of("bob");
    an_endpoint_is_told(&world, Level::Privacy);
    an_endpoint_is_told(&world, Level::Integrity);
    let acceptor = Peer::samba("DCE/RPC server").unwrap();
    let result = "DCE style: requests with privacy, with integrity";
    shown(&acceptor, Role::Acceptor, "spnego", RC4, result);
}
