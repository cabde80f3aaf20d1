//! Tickets in each enctype, by password and by keytab, and both sides' programs on both sides' caches.

use orthros_testing::mit::Realm;
use orthros_testing::require_mit;

use crate::world::{PASSWORD, SERVICE, World, success};

const ALICE: &str = "alice@ORTHROS.TEST";
const GRANTING: &str = "krbtgt/ORTHROS.TEST@ORTHROS.TEST";
const SERVICE_IN_REALM: &str = "host/localhost@ORTHROS.TEST";

/// The whole way of a user in a realm that has but one enctype: both tickets and both session keys are of it.
fn tickets_of(enctype: &str) {
    let realm = Realm::builder()
        .enctypes(&[enctype])
        .user("alice", "secret");
    let world = World::of(realm.service(SERVICE).start().unwrap());
    world.kinit(&[]);
    serves_both(&world, ALICE, enctype);

    let keytab = world
        .realm
        .extract_keytab("alice.keytab", &["alice"])
        .unwrap();
    let keytab = keytab.display().to_string();
    world.ours(&["kinit", "-k", "-t", &keytab, "alice"]);
    serves_both(&world, ALICE, enctype);

    // Without -k, and for the default keytab's service.
    world.ours(&["kinit", "-t", &keytab, "alice"]);
    world.ours(&["kinit", "-k", SERVICE]);
    serves_both(&world, SERVICE_IN_REALM, enctype);
}

/// MIT's programs and ours find the same in the cache that our kinit wrote, and get service tickets with it.
fn serves_both(world: &World, owner: &str, enctype: &str) {
    let expected = format!("{SERVICE_IN_REALM}: kvno = 1, keytab entry valid\n");
    let kvno = ["-k", &world.keytab(), SERVICE];
    assert_eq!(world.theirs("kvno", &kvno), expected);
    assert_eq!(world.ours(&[&["kvno"], &kvno[..]].concat()), expected);

    let listed = world.theirs("klist", &["-e"]);
    assert!(
        listed.contains(&format!("Default principal: {owner}\n")),
        "{listed}"
    );
    let pair = format!("Etype (skey, tkt): {enctype}, {enctype} \n");
    assert_eq!(listed.matches(&pair).count(), 2, "{listed}");
    assert_eq!(world.ours(&["klist", "-e"]), listed);
}

#[test]
fn aes256_sha1_tickets_serve_both() {
    require_mit!();
    tickets_of("aes256-cts-hmac-sha1-96");
}

#[test]
fn aes128_sha1_tickets_serve_both() {
    require_mit!();
    tickets_of("aes128-cts-hmac-sha1-96");
}

#[test]
fn aes256_sha384_tickets_serve_both() {
    require_mit!();
    tickets_of("aes256-cts-hmac-sha384-192");
}

#[test]
fn aes128_sha256_tickets_serve_both() {
    require_mit!();
    tickets_of("aes128-cts-hmac-sha256-128");
}

#[test]
fn camellia128_tickets_serve_both() {
    require_mit!();
    tickets_of("camellia128-cts-cmac");
}

#[test]
fn camellia256_tickets_serve_both() {
    require_mit!();
    tickets_of("camellia256-cts-cmac");
}

#[test]
fn a_client_that_permits_one_enctype_gets_keys_of_it() {
    require_mit!();
    let world = World::start();
    for enctype in orthros_testing::mit::DEFAULT_ENCTYPES {
        let conf = world.realm.pinned_conf(enctype).unwrap();
        let mut kinit = world.orthros(&["kinit", "alice"]);
        kinit.env("KRB5_CONFIG", &conf);
        success(world.run(kinit, PASSWORD));
        let mut kvno = world.orthros(&["kvno", SERVICE]);
        kvno.env("KRB5_CONFIG", &conf);
        success(world.run(kvno, ""));
        for ticket in world.tickets() {
            assert_eq!(ticket["session_key_enctype"], *enctype, "{ticket}");
        }
    }
}

#[test]
fn our_programs_use_the_cache_that_mits_kinit_wrote() {
    require_mit!();
    let world = World::start();
    world.realm.kinit("alice", "secret").unwrap();
    assert_eq!(world.services(), [GRANTING]);
    world.ours(&["klist", "-s"]);
    assert_eq!(
        world.ours(&["kvno", SERVICE]),
        format!("{SERVICE_IN_REALM}: kvno = 1\n")
    );
    assert_eq!(world.services(), [GRANTING, SERVICE_IN_REALM]);
    assert_eq!(
        world.ours(&["klist", "-ef"]),
        world.theirs("klist", &["-ef"])
    );
    world.ours(&["kdestroy"]);
    assert!(!world.realm.ccache().exists());
}

#[test]
fn mits_kdestroy_ends_our_cache() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    world.theirs("kdestroy", &[]);
    assert!(!world.realm.ccache().exists());
}
