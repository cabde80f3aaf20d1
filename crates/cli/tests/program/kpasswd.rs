//! Changing passwords, with MIT's kadmind.

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::thread;

use orthros_testing::mit::{Realm, RealmBuilder};
use orthros_testing::process::LIMIT;
use orthros_testing::recorder::{Framing, Recorded, Recorder};
use orthros_testing::require_mit;

use crate::world::{World, success};

/// A realm with alice, whose password has to have eight characters, and who changes it.
fn world(change: impl FnOnce(RealmBuilder) -> RealmBuilder) -> World {
    let realm = Realm::builder()
        .kadmind()
        .kadmin("addpol -minlength 8 long");
    let realm = realm.principal("alice", "+requires_preauth -policy long -pw secret-1");
    World::of(change(realm).start().unwrap())
}

fn as_it_is(realm: RealmBuilder) -> RealmBuilder {
    realm
}

/// Whether alice's password is this one, by MIT's word.
fn is_password(world: &World, password: &str) -> bool {
    world.realm.kinit("alice", password).is_ok()
}

#[test]
fn a_password_is_changed() {
    require_mit!();
    let world = world(as_it_is);
    let typed = "secret-1\nsecret-2\nsecret-2\n";
    let said = success(world.run(world.orthros(&["kpasswd", "alice"]), typed));
    assert_eq!(said, "Password changed.\n");
    assert!(is_password(&world, "secret-2") && !is_password(&world, "secret-1"));
}

/// Where no stream is taken, datagrams are.
#[test]
fn a_password_is_changed_by_datagram() {
    require_mit!();
    let world = world(as_it_is);
    let relay = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = relay.local_addr().unwrap().port();
    let conf = world.realm.krb5_conf();
    let (_, kadmind) = conf.split_once("kpasswd_server = ").unwrap();
    let kadmind = kadmind.lines().next().unwrap();
    let path = world.realm.path("by-datagram.conf");
    let conf = conf.replace(kadmind, &format!("127.0.0.1:{port}"));
    fs::write(&path, conf).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| pass_on_one_datagram(&relay, kadmind));
        let mut kpasswd = world.orthros(&["kpasswd", "alice"]);
        kpasswd.env("KRB5_CONFIG", path);
        success(world.run(kpasswd, "secret-1\nsecret-2\nsecret-2\n"));
    });
    assert!(is_password(&world, "secret-2"));
}

/// One request there, and its answer back.
fn pass_on_one_datagram(relay: &UdpSocket, server: &str) {
    let mut datagram = [0; 65536];
    relay.set_read_timeout(Some(LIMIT)).unwrap();
    let (length, client) = relay.recv_from(&mut datagram).unwrap();
    relay.send_to(&datagram[..length], server).unwrap();
    let (length, _) = relay.recv_from(&mut datagram).unwrap();
    relay.send_to(&datagram[..length], client).unwrap();
}

#[test]
fn a_password_that_is_not_good_enough_is_refused_with_the_servers_words() {
    require_mit!();
    let world = world(as_it_is);
    let finished = world.run(
        world.orthros(&["kpasswd", "alice"]),
        "secret-1\nshort\nshort\n",
    );
    assert_eq!(finished.status.code(), Some(2), "{finished}");
    assert!(
        finished.stderr.contains("password change rejected: "),
        "{finished}"
    );
    assert!(finished.stderr.contains("too short"), "{finished}");
    assert!(is_password(&world, "secret-1"));
}

#[test]
fn two_new_passwords_that_differ_change_nothing() {
    require_mit!();
    let world = world(as_it_is);
    let typed = "secret-1\nsecret-2\nsecret-3\n";
    let finished = world.run(world.orthros(&["kpasswd", "alice"]), typed);
    assert_eq!(finished.status.code(), Some(1), "{finished}");
    assert!(
        finished.stderr.contains("the passwords are not the same"),
        "{finished}"
    );
    assert!(is_password(&world, "secret-1"));
}

#[test]
fn the_old_password_has_to_be_right() {
    require_mit!();
    let world = world(as_it_is);
    let typed = "guess\nsecret-2\nsecret-2\n";
    let finished = world.run(world.orthros(&["kpasswd", "alice"]), typed);
    assert_eq!(finished.status.code(), Some(1), "{finished}");
    assert!(
        finished
            .stderr
            .contains("password for alice@ORTHROS.TEST is wrong"),
        "{finished}"
    );
}

#[test]
fn kinit_has_an_expired_password_changed_first() {
    require_mit!();
    let world = world(as_it_is);
    world
        .realm
        .kadmin(&["modprinc -pwexpire yesterday alice"])
        .unwrap();
    // The first choice is too short.
    let typed = "secret-1\nshort\nshort\nsecret-2\nsecret-2\n";
    let finished = world.run(world.orthros(&["kinit", "alice"]), typed);
    let said = finished.stderr.clone();
    success(finished);
    assert!(
        said.starts_with("Password expired.  You must change it now.\n"),
        "{said}"
    );
    assert!(said.contains("too short"), "{said}");
    assert_eq!(world.services(), ["krbtgt/ORTHROS.TEST@ORTHROS.TEST"]);
    assert!(is_password(&world, "secret-2"));
}

/// Of what went to the KDC, the AS-REQs: whether each has armor, and none a timestamp beside it.
fn are_armored(recorded: &[Recorded]) -> bool {
    // padata-type [1] INTEGER: FX-FAST (136), and an encrypted timestamp (2).
    let (fast, timestamp) = ([0xA1, 4, 2, 2, 0, 0x88], [0xA1, 3, 2, 1, 2]);
    let sent = recorded.iter().filter(|message| message.from_client);
    let mut initial = sent.filter(|message| message.octets.first() == Some(&0x6A));
    let has = |octets: &[u8], part: &[u8]| octets.windows(part.len()).any(|window| window == part);
    initial.clone().count() > 0
        && initial.all(|message| has(&message.octets, &fast) && !has(&message.octets, &timestamp))
}

#[test]
fn armor_that_is_asked_for_is_worn_for_the_change_of_a_password_too() {
    require_mit!();
    let world = world(|realm| realm.service("host/localhost"));
    let armor = world.path("armor");
    world.ours(&["kinit", "-k", "-c", &armor, "host/localhost"]);
    let kdc = world.realm.kdc_address();
    let recorder = Recorder::start(kdc, Framing::Kdc).unwrap();
    let through = format!("127.0.0.1:{}", recorder.port());
    let conf = world.realm.krb5_conf().replace(&kdc.to_string(), &through);
    let path = world.realm.path("recorded.conf");
    fs::write(&path, conf).unwrap();
    let run = |arguments: &[&str], typed| {
        let mut program = world.orthros(arguments);
        program.env("KRB5_CONFIG", &path);
        success(world.run(program, typed));
    };
    run(
        &["kpasswd", "-T", &armor, "alice"],
        "secret-1\nsecret-2\nsecret-2\n",
    );
    assert!(are_armored(&recorder.take()));

    world
        .realm
        .kadmin(&["modprinc -pwexpire yesterday alice"])
        .unwrap();
    run(
        &["kinit", "-T", &armor, "alice"],
        "secret-2\nsecret-3\nsecret-3\n",
    );
    assert!(are_armored(&recorder.take()));
    assert!(is_password(&world, "secret-3"));
}

/// RFC 3244, with MIT's kadmind: what an administrator may, others may not.
#[test]
fn an_administrator_sets_the_password_of_another() {
    require_mit!();
    let world = world(|realm| {
        realm
            .principal("admin/admin", "-pw admin-1")
            .principal("bob", "-pw bob-secret")
    });
    let set = |by: &str, typed: &str| {
        let kpasswd = world.orthros(&["kpasswd", "--for", "alice", by]);
        world.run(kpasswd, typed)
    };
    let refused = set("bob", "bob-secret\nsecret-2\nsecret-2\n");
    assert_eq!(refused.status.code(), Some(2), "{refused}");
    assert!(is_password(&world, "secret-1"));
    let said = success(set("admin/admin", "admin-1\nsecret-2\nsecret-2\n"));
    assert_eq!(said, "Password of alice@ORTHROS.TEST set.\n");
    assert!(is_password(&world, "secret-2") && !is_password(&world, "secret-1"));
    let unknown = world.orthros(&["kpasswd", "--for", "nemo", "admin/admin"]);
    let unknown = world.run(unknown, "admin-1\nsecret-2\nsecret-2\n");
    assert_eq!(unknown.status.code(), Some(2), "{unknown}");
}

#[test]
fn a_realm_without_a_server_for_passwords_is_named() {
    require_mit!();
    let world = World::start();
    let finished = world.run(world.orthros(&["kpasswd", "alice"]), "secret\nnew\nnew\n");
    assert_eq!(finished.status.code(), Some(1), "{finished}");
    assert!(finished.stderr.contains("kpasswd_server"), "{finished}");
}
