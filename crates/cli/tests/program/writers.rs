//! Several writers of one cache, full disks, and writers that die.

use std::fs;
use std::process::Command;
use std::thread;

use orthros_krb5::Credential;
use orthros_krb5::ccache::CacheFile;
use orthros_testing::mit::Realm;
use orthros_testing::{peers, process, require_mit, require_python_gssapi};

use crate::world::{SERVICE, World, success};

const TICKETS: usize = 1000;
const STORE_TICKETS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../interop/store_tickets.py"
);

fn services(writer: &str) -> Vec<String> {
    (1..=TICKETS)
        .map(|number| format!("{writer}/{number}"))
        .collect()
}

#[test]
fn three_processes_store_a_thousand_tickets_each_and_none_is_lost() {
    require_python_gssapi!();
    let realm = Realm::builder()
        .enctypes(&["aes128-cts-hmac-sha1-96"])
        .user("alice", "secret");
    let realm = ["one", "other"]
        .iter()
        .flat_map(|writer| services(writer))
        .fold(realm, |realm, service| {
            realm.principal(&service, "-randkey")
        });
    let world = World::of(realm.start().unwrap());
    world.kinit(&[]);
    let first = entries(&world).remove(0);
    let python = peers::python_gssapi().unwrap();
    let mut mits = world.mits(python.to_str().unwrap(), &[STORE_TICKETS]);
    mits.arg(world.realm.ccache()).arg(TICKETS.to_string());
    let ours = ["one", "other"].map(|writer| {
        let mut kvno = world.orthros(&["kvno", "-q"]);
        kvno.args(services(writer));
        kvno
    });
    thread::scope(|scope| {
        for mut command in ours.into_iter().chain([mits]) {
            scope.spawn(move || success(process::run(&mut command, b"").unwrap()));
        }
    });

    let stored = entries(&world);
    let (mits, ours): (Vec<_>, Vec<_>) = stored.into_iter().partition(|entry| *entry == first);
    assert_eq!(mits.len(), TICKETS + 1);
    let ours = ours.iter().filter(|entry| !entry.is_config());
    let mut ours: Vec<String> = ours.map(|entry| entry.server.to_string()).collect();
    for service in services("one").into_iter().chain(services("other")) {
        let service = format!("{service}@ORTHROS.TEST");
        ours.remove(ours.iter().position(|other| *other == service).unwrap());
    }
    assert_eq!(ours, ["krbtgt/ORTHROS.TEST@ORTHROS.TEST"]);
    let listed = world.theirs("klist", &[]);
    assert_eq!(listed.matches("  one/").count(), TICKETS);
}

/// All that is in the default cache; it has to be whole.
fn entries(world: &World) -> Vec<Credential> {
    let file = fs::read(world.realm.ccache()).unwrap();
    let stored = CacheFile::open(&file).unwrap().stored();
    stored.map(|stored| stored.unwrap().credential).collect()
}

/// Our program, where no file may become longer than `octets`: as on a full disk, a write stops there, and either
/// fails or, where the signal for that is not ignored, ends the process.
fn on_a_full_disk(world: &World, octets: u64, dies: bool, arguments: &[&str]) -> Command {
    let trap = if dies { "" } else { "trap '' XFSZ; " };
    let script = format!("{trap}exec prlimit --fsize={octets} \"$@\"");
    let mut command = world.mits("sh", &["-c", &script, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_orthros")).args(arguments);
    command
}

#[test]
fn where_the_disk_is_full_the_old_cache_stays() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let before = fs::read(world.realm.ccache()).unwrap();
    let length = before.len() as u64;
    let names = || fs::read_dir(world.realm.directory()).unwrap().count();
    let files = names();

    let keytab = (world.realm).extract_keytab("alice.keytab", &["alice"]);
    let keytab = keytab.unwrap().display().to_string();
    for room in [0, length - 1] {
        let kinit = ["kinit", "-k", "-t", &keytab, "alice"];
        let refused = world.run(on_a_full_disk(&world, room, false, &kinit), "");
        assert!(refused.stderr.contains("File too large"), "{refused}");
        assert_eq!(fs::read(world.realm.ccache()).unwrap(), before, "{room}");
    }
    for room in [length, length + 100] {
        // The ticket is there, though it could not be kept.
        success(world.run(on_a_full_disk(&world, room, false, &["kvno", SERVICE]), ""));
        assert_eq!(fs::read(world.realm.ccache()).unwrap(), before, "{room}");
    }
    // Nothing half written lies beside it; the keytab is what is new.
    assert_eq!(names(), files + 1);
}

#[test]
fn what_a_writer_that_died_has_left_is_cut_off_by_the_next() {
    require_mit!();
    let world = World::start();
    world.kinit(&[]);
    let before = fs::read(world.realm.ccache()).unwrap();
    let room = before.len() as u64 + 100;
    let killed = world.run(on_a_full_disk(&world, room, true, &["kvno", SERVICE]), "");
    assert_eq!(killed.status.code(), None, "{killed}");
    let torn = fs::read(world.realm.ccache()).unwrap();
    assert_eq!(torn.len() as u64, room);
    assert_eq!(world.services(), ["krbtgt/ORTHROS.TEST@ORTHROS.TEST"]);

    world.ours(&["kvno", SERVICE]);
    let expected = [
        "krbtgt/ORTHROS.TEST@ORTHROS.TEST",
        "host/localhost@ORTHROS.TEST",
    ];
    assert_eq!(world.services(), expected);
    let listed = world.theirs("klist", &[]);
    assert!(listed.contains(expected[1]), "{listed}");
}
