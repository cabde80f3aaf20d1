//! What becomes of cache files: nobody's entries are lost, and nothing is half written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use orthros_testing::mit::{Realm, RealmBuilder};
use orthros_testing::require_mit;

use crate::world::World;

const SERVICES: [&str; 4] = ["a/x.test", "b/x.test", "c/x.test", "d/x.test"];

fn world() -> World {
    let realm = Realm::builder().user("alice", "secret");
    let realm = SERVICES.into_iter().fold(realm, RealmBuilder::service);
    World::of(realm.start().unwrap())
}

/// Everything in the default cache as MIT lists it, its notes too.
fn everything(world: &World) -> Vec<String> {
    let listed = world.theirs("klist", &["-C"]);
    listed.lines().skip(4).map(str::to_owned).collect()
}

/// Has ours and MIT's kvno store by turns, and checks that what was there before stays in its place.
fn store_by_turns(world: &World) {
    for (number, service) in SERVICES.into_iter().enumerate() {
        let before = everything(world);
        if number % 2 == 0 {
            world.ours(&["kvno", service]);
        } else {
            world.theirs("kvno", &[service]);
        }
        let after = everything(world);
        assert!(after.starts_with(&before), "{before:#?} then {after:#?}");
        assert!(
            after.iter().any(|line| line.contains(service)),
            "{after:#?}"
        );
    }
    let expected: Vec<String> = ["krbtgt/ORTHROS.TEST"]
        .into_iter()
        .chain(SERVICES)
        .map(|name| format!("{name}@ORTHROS.TEST"))
        .collect();
    assert_eq!(world.services(), expected);
}

#[test]
fn what_both_store_into_mits_cache_stays() {
    require_mit!();
    let world = world();
    world.realm.kinit("alice", "secret").unwrap();
    store_by_turns(&world);
}

#[test]
fn what_both_store_into_our_cache_stays() {
    require_mit!();
    let world = world();
    world.kinit(&[]);
    store_by_turns(&world);
}

/// What MIT notes for its next run (which preauthentication served, whether FAST is there) is noted by us too.
#[test]
fn our_kinit_notes_what_mits_notes() {
    require_mit!();
    let world = world();
    let notes = || {
        let mut notes = everything(&world);
        notes.retain(|line| line.starts_with("config: "));
        notes.sort();
        notes
    };
    world.realm.kinit("alice", "secret").unwrap();
    let theirs = notes();
    world.kinit(&[]);
    assert_eq!(notes(), theirs);
    assert!(!theirs.is_empty());
}

#[test]
fn a_cache_is_its_owners_alone() {
    require_mit!();
    let world = world();
    world.kinit(&[]);
    let mode = fs::metadata(world.realm.ccache())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn kdestroy_takes_the_cache_that_it_is_told_and_minds_no_absent_one() {
    require_mit!();
    let world = world();
    let other = world.path("other");
    world.kinit(&[]);
    world.kinit(&["-c", &other]);
    world.ours(&["kdestroy", "-c", &format!("FILE:{other}")]);
    assert!(!world.realm.path("other").exists());
    assert!(world.realm.ccache().exists());
    world.ours(&["kdestroy"]);
    assert!(!world.realm.ccache().exists());

    // As MIT's: a word, and success.
    let again = world.run(world.orthros(&["kdestroy"]), "");
    assert!(again.status.success(), "{again}");
    assert!(again.stderr.contains(&world.path("ccache")), "{again}");
    let quietly = world.run(world.orthros(&["kdestroy", "-q"]), "");
    assert!(
        quietly.status.success() && quietly.stderr.is_empty(),
        "{quietly}"
    );
}
