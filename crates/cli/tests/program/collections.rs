//! DIR collections that MIT's programs and ours use in turn.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use orthros_testing::mit::Realm;
use orthros_testing::process::Finished;
use orthros_testing::require_mit;

use crate::world::{SERVICE, World, failure, success};

/// A realm with three users, in whose environment the default cache is a directory that is not there yet.
struct Collection {
    world: World,
}

#[derive(Clone, Copy)]
enum Whose {
    Ours,
    Mits,
}

impl Collection {
    fn start() -> Self {
        let realm = ["alice", "bob", "carol"]
            .iter()
            .fold(Realm::builder(), |realm, user| realm.user(user, "secret"));
        let world = World::of(realm.service(SERVICE).start().unwrap());
        Self { world }
    }

    fn name(&self) -> String {
        format!("DIR:{}", self.world.path("caches"))
    }

    fn run(&self, whose: Whose, program: &str, arguments: &[&str], stdin: &str) -> Finished {
        let mut command = match whose {
            Whose::Ours => self.world.orthros(&[&[program], arguments].concat()),
            Whose::Mits => self.world.mits(program, arguments),
        };
        command.env("KRB5CCNAME", self.name());
        self.world.run(command, stdin)
    }

    fn kinit(&self, whose: Whose, user: &str) {
        success(self.run(whose, "kinit", &[user], "secret\n"));
    }

    /// Whose caches `klist -l` lists, the primary one first; the lines have to be the same with MIT's.
    fn owners(&self) -> Vec<String> {
        let lines = |whose| {
            let listed = success(self.run(whose, "klist", &["-l"], ""));
            let lines: Vec<String> = listed.lines().map(str::to_owned).collect();
            lines
        };
        let (mut ours, mut mits) = (lines(Whose::Ours), lines(Whose::Mits));
        assert_eq!(ours[..3], mits[..3]);
        let owner = |line: &String| line.split('@').next().unwrap().to_owned();
        let owners = ours[2..].iter().map(owner).collect();
        // MIT lists the others in the order of the directory.
        ours.sort();
        mits.sort();
        assert_eq!(ours, mits);
        owners
    }
}

#[test]
fn whoever_gets_tickets_in_a_collection_the_others_keep_theirs() {
    require_mit!();
    for [first, second, third] in [
        [Whose::Ours, Whose::Mits, Whose::Ours],
        [Whose::Mits, Whose::Ours, Whose::Mits],
    ] {
        let caches = Collection::start();
        caches.kinit(first, "alice");
        assert_eq!(caches.owners(), ["alice"]);
        caches.kinit(second, "bob");
        assert_eq!(caches.owners(), ["bob", "alice"]);
        caches.kinit(third, "carol");
        assert_eq!(caches.owners()[0], "carol");
        // Again, into the cache that is there.
        caches.kinit(third, "alice");
        assert_eq!(caches.owners()[0], "alice");
        assert_eq!(caches.owners().len(), 3);
        let directory = caches.world.realm.path("caches");
        let mode = fs::metadata(&directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
    }
}

#[test]
fn a_switch_of_either_is_seen_by_both() {
    require_mit!();
    let caches = Collection::start();
    for user in ["alice", "bob", "carol"] {
        caches.kinit(Whose::Ours, user);
    }
    success(caches.run(Whose::Ours, "kswitch", &["-p", "bob"], ""));
    assert_eq!(caches.owners()[0], "bob");
    success(caches.run(Whose::Mits, "kswitch", &["-p", "alice"], ""));
    assert_eq!(caches.owners()[0], "alice");

    let listed = success(caches.run(Whose::Mits, "klist", &["-l"], ""));
    let carols = listed
        .lines()
        .find(|line| line.starts_with("carol"))
        .unwrap();
    let name = carols.split_whitespace().last().unwrap();
    assert!(name.starts_with("DIR::"), "{name}");
    success(caches.run(Whose::Ours, "kswitch", &["-c", name], ""));
    assert_eq!(caches.owners()[0], "carol");
    let shown = success(caches.run(Whose::Ours, "klist", &[], ""));
    assert_eq!(success(caches.run(Whose::Mits, "klist", &[], "")), shown);

    let refused = failure(caches.run(Whose::Ours, "kswitch", &["-p", "nobody"], ""));
    assert!(
        refused.contains("no cache of nobody@ORTHROS.TEST"),
        "{refused}"
    );
}

#[test]
fn all_caches_are_listed_and_destroyed() {
    require_mit!();
    let caches = Collection::start();
    caches.kinit(Whose::Mits, "alice");
    caches.kinit(Whose::Ours, "bob");
    let all = |whose| success(caches.run(whose, "klist", &["-A"], ""));
    assert_eq!(all(Whose::Ours), all(Whose::Mits));
    let json = success(caches.run(Whose::Ours, "klist", &["-A", "--json"], ""));
    let documents: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(documents[0]["principal"], "bob@ORTHROS.TEST");
    assert_eq!(documents[1]["principal"], "alice@ORTHROS.TEST");

    let destroyed = caches.run(Whose::Ours, "kdestroy", &[], "");
    assert!(destroyed.status.success(), "{destroyed}");
    let others = "Other credential caches present, use -A to destroy all\n";
    assert_eq!(destroyed.stderr, others);
    assert!(all(Whose::Mits).contains("alice@"));
    // The primary cache is gone: what names it stays, and nobody takes its place unasked.
    failure(caches.run(Whose::Ours, "klist", &[], ""));

    success(caches.run(Whose::Ours, "kdestroy", &["-A"], ""));
    let left = caches.run(Whose::Mits, "klist", &["-A"], "");
    assert!(!left.status.success(), "{left}");
    let files = fs::read_dir(caches.world.realm.path("caches")).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["primary"]);
}

#[test]
fn one_users_cache_is_destroyed_by_name() {
    require_mit!();
    let caches = Collection::start();
    caches.kinit(Whose::Ours, "alice");
    caches.kinit(Whose::Ours, "bob");
    success(caches.run(Whose::Ours, "kdestroy", &["-p", "alice"], ""));
    assert_eq!(caches.owners(), ["bob"]);
    let refused = failure(caches.run(Whose::Ours, "kdestroy", &["-p", "alice"], ""));
    assert!(
        refused.contains("no cache of alice@ORTHROS.TEST"),
        "{refused}"
    );
}

#[test]
fn a_named_cache_is_written_whoever_is_in_it() {
    require_mit!();
    let caches = Collection::start();
    caches.kinit(Whose::Ours, "alice");
    let name = caches.name();
    success(caches.run(Whose::Ours, "kinit", &["-c", &name, "bob"], "secret\n"));
    assert_eq!(caches.owners(), ["bob"]);
    let member = format!("DIR::{}/tktmine", caches.world.path("caches"));
    success(caches.run(Whose::Ours, "kinit", &["-c", &member, "carol"], "secret\n"));
    assert_eq!(caches.owners(), ["bob", "carol"]);
}

#[test]
fn a_primary_file_that_names_no_cache_is_refused_by_both() {
    require_mit!();
    let caches = Collection::start();
    caches.kinit(Whose::Ours, "alice");
    let primary = caches.world.realm.path("caches/primary");
    for line in ["tkt", "../tkt\n", "cc\n", "tkt/../x\n", ""] {
        fs::write(&primary, line).unwrap();
        for whose in [Whose::Ours, Whose::Mits] {
            let refused = caches.run(whose, "klist", &[], "");
            assert_eq!(refused.status.code(), Some(1), "{line:?}: {refused}");
        }
    }
    let refused = failure(caches.run(Whose::Ours, "klist", &[], ""));
    assert!(refused.contains(primary.to_str().unwrap()), "{refused}");
}

#[test]
fn a_file_in_place_of_the_directory_is_no_collection() {
    require_mit!();
    let caches = Collection::start();
    fs::write(caches.world.realm.path("caches"), "").unwrap();
    let refused = failure(caches.run(Whose::Ours, "klist", &[], ""));
    assert!(refused.contains("is no directory"), "{refused}");
    failure(caches.run(Whose::Ours, "kinit", &["alice"], "secret\n"));
}
