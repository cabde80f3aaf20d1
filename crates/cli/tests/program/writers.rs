//! Full disks, and writers that die.

use std::fs;
use std::process::Command;

use orthros_testing::require_mit;

use crate::world::{SERVICE, World, success};

/// Our program, where no file may become longer than `octets`: as on a full disk, a write stops there, and either
/// fails or, where the signal for that is not ignored, ends the process.
fn on_a_full_disk(world: &World, octets: u64, dies: bool, arguments: &[&str]) -> Command {
    let trap = if dies { "" } else { "trap '' XFSZ; " };
    let script = format!("{trap}exec prlimit --fsize={octets} \"$@\"");
    let mut command = world.mits("sh", &["-c", &script, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_orthros")).args(arguments);
    // The trace would be the first file to be too large.
    command.env_remove("KRB5_TRACE");
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
fn where_the_disk_is_full_the_keys_of_a_keytab_stay() {
    require_mit!();
    let world = World::start();
    let keytab = world.keytab();
    let keys = world.ours(&["klist", "-k", "-e", "-t", &keytab]);
    let length = fs::metadata(world.realm.keytab()).unwrap().len();
    let add = [
        "keytab",
        "add",
        "-k",
        "9",
        "-e",
        "aes256-cts",
        "-t",
        &keytab,
        "other",
    ];
    for room in [length, length + 3, length + 40] {
        let full = on_a_full_disk(&world, room, false, &add);
        let refused = world.run(full, "secret\n");
        assert!(refused.stderr.contains("File too large"), "{refused}");
        assert_eq!(world.ours(&["klist", "-k", "-e", "-t", &keytab]), keys);
        assert_eq!(world.theirs("klist", &["-k", "-e", "-t", &keytab]), keys);
    }
    success(world.run(world.orthros(&add), "secret\n"));
    let listed = world.theirs("klist", &["-k", &keytab]);
    assert!(listed.contains("   9 other@ORTHROS.TEST"), "{listed}");
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
