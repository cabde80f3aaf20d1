//! MIT's kinit and kvno, each way to ask that they know, at our KDC.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use orthros_crypto::Enctype;
use orthros_kdc::server::{Realm, RealmBuilder};
use orthros_kdc::{PrincipalEntry, PrincipalFlags, RealmPolicy};
use orthros_testing::process::run;
use orthros_testing::require_mit;
use tempfile::TempDir;

const FRONT: &str = "HTTP/front.example.test";
const BACK: &str = "host/back.example.test";

/// A realm, and a directory with its configuration and its services' keytab.
struct World {
    realm: Realm,
    directory: TempDir,
}

impl World {
    fn new() -> Self {
        Self::of(Realm::builder("EXAMPLE.TEST"))
    }

    /// A realm that has RC4 alone.
    fn of_rc4() -> Self {
        let mut policy = RealmPolicy::new("EXAMPLE.TEST");
        policy.enctypes = vec![Enctype::ARCFOUR_HMAC];
        let builder = Realm::builder("EXAMPLE.TEST").policy(policy);
        Self::of(builder.password_enctypes([Enctype::ARCFOUR_HMAC]))
    }

    fn of(builder: RealmBuilder) -> Self {
        let realm = builder
            .user("alice", "secret")
            .user("bob", "hunter2")
            .service(FRONT)
            .service(BACK)
            .start()
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("krb5.conf"), realm.krb5_conf()).unwrap();
        let keytab = realm.keytab().unwrap();
        fs::write(directory.path().join("keytab"), &*keytab).unwrap();
        Self { realm, directory }
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut PrincipalEntry)) {
        let principal = self.realm.principal(name).unwrap();
        let found = self.realm.store().find(&principal).unwrap();
        let mut entry = (*found.expect("principal is there")).clone();
        change(&mut entry);
        self.realm.store().put(entry).unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    /// Runs a program with the cache `cache`; gives what it says where it succeeds.
    fn run(&self, cache: &str, words: &str, stdin: &str) -> Result<String, String> {
        let mut words = words.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .current_dir(self.directory.path())
            .env("KRB5_CONFIG", self.path("krb5.conf"))
            .env("KRB5CCNAME", self.path(cache));
        let finished = run(&mut command, stdin.as_bytes()).unwrap();
        if finished.status.success() {
            Ok(finished.stdout)
        } else {
            Err(finished.stderr)
        }
    }

    fn ok(&self, cache: &str, words: &str, stdin: &str) -> String {
        self.run(cache, words, stdin)
            .unwrap_or_else(|error| panic!("{words}: {error}"))
    }
}

#[test]
fn kinit_asks_in_each_way() {
    require_mit!();
    let world = World::new();
    world.ok("alice", "kinit -f -p -r 2d alice", "secret\n");
    world.ok("alice", "kinit -R", "");
    assert!(world.ok("alice", "klist -f", "").contains("Flags: FPRIA"));
    world.ok("enterprise", "kinit -E alice@EXAMPLE.TEST", "secret\n");
    let cached = world.ok("enterprise", "klist", "");
    assert!(cached.contains("Default principal: alice@EXAMPLE.TEST"));
    world.ok("later", "kinit -s 1h -l 1h alice", "secret\n");
    assert!(world.ok("later", "klist -f", "").contains("Flags: DdiIA"));
    world.ok("service", &format!("kinit -k -t keytab {FRONT}"), "");
    let wrong = world.run("wrong", "kinit alice", "wrong\n").unwrap_err();
    assert!(wrong.contains("Password incorrect"), "{wrong}");
}

#[test]
fn kinit_goes_under_armor() {
    require_mit!();
    let world = World::new();
    world.ok("armor", "kinit alice", "secret\n");
    world.ok("bob", "kinit -T armor bob", "hunter2\n");
    assert!(world.ok("bob", "klist", "").contains("bob@EXAMPLE.TEST"));
    let wrong = world
        .run("wrong", "kinit -T armor bob", "wrong\n")
        .unwrap_err();
    assert!(wrong.contains("Password incorrect"), "{wrong}");
}

#[test]
fn kvno_gets_tickets_that_the_keytab_opens() {
    require_mit!();
    let world = World::new();
    world.ok("alice", "kinit alice", "secret\n");
    let said = world.ok("alice", &format!("kvno -k keytab {FRONT} {BACK}"), "");
    assert_eq!(said.matches("keytab entry valid").count(), 2);
    world.ok("bob", "kinit bob", "hunter2\n");
    world.ok("alice", "kvno --u2u bob bob", "");
    let unknown = world.run("alice", "kvno host/nowhere", "").unwrap_err();
    assert!(
        unknown.contains("not found in Kerberos database"),
        "{unknown}"
    );
}

#[test]
fn kvno_impersonates_and_delegates_where_the_service_may() {
    require_mit!();
    impersonates_and_delegates(&World::new());
}

/// MIT's client sends the user's name under MD4 there, and wants both checksums in the encrypted part.
#[test]
fn kvno_impersonates_and_delegates_under_rc4() {
    require_mit!();
    impersonates_and_delegates(&World::of_rc4());
}

fn impersonates_and_delegates(world: &World) {
    let back = world.realm.principal(BACK).unwrap();
    world.ok("front", &format!("kinit -f -k -t keytab {FRONT}"), "");
    let impersonate = format!("kvno -k keytab -U alice {FRONT}");
    assert!(
        world
            .ok("front", &impersonate, "")
            .contains("keytab entry valid")
    );
    let delegate = format!("kvno -k keytab -U alice -P {BACK}");
    let refused = world.run("front", &delegate, "").unwrap_err();
    assert!(refused.contains(BACK), "{refused}");
    world.change(FRONT, |front| {
        front.delegation_targets = vec![back];
        front.flags |= PrincipalFlags::OK_TO_AUTH_AS_DELEGATE;
    });
    world.ok("trusted", &format!("kinit -f -k -t keytab {FRONT}"), "");
    let said = world.ok("trusted", &delegate, "");
    assert!(said.contains("keytab entry valid"), "{said}");
}
