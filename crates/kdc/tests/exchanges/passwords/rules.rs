//! Which passwords are taken, whose are set, and what others change at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use orthros_kdc::error::RequestError;
use orthros_kdc::{
    EntryVersion, Kdc, MemoryStore, Outcome, PrincipalEntry, PrincipalFlags, Store, StoreError,
    StoredEntry,
};
use orthros_types::Principal;

use super::*;
use crate::support::principal;

const ACCESS_DENIED: u16 = 5;
const SOFT_ERROR: u16 = 4;
const HARD_ERROR: u16 = 2;

type Between = dyn Fn(&MemoryStore) -> Result<(), StoreError> + Send + Sync;

/// A store in which something happens between what a change has read and what it writes.
struct Interrupted {
    store: Arc<MemoryStore>,
    between: Box<Between>,
    attempts: AtomicUsize,
}

impl std::fmt::Debug for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupted")
    }
}

impl Store for Interrupted {
    fn read(&self, name: &Principal) -> Result<Option<StoredEntry>, StoreError> {
        self.store.read(name)
    }

    fn put_if(
        &self,
        entry: PrincipalEntry,
        found: Option<EntryVersion>,
    ) -> Result<EntryVersion, StoreError> {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        (self.between)(&self.store)?;
        self.store.put_if(entry, found)
    }

    fn remove_if(&self, principal: &Principal, found: EntryVersion) -> Result<(), StoreError> {
        self.store.remove_if(principal, found)
    }

    fn page(&self, after: Option<&Principal>, limit: usize) -> Result<Vec<Principal>, StoreError> {
        self.store.page(after, limit)
    }
}

fn interrupted(
    world: &mut World,
    between: impl Fn(&MemoryStore) -> Result<(), StoreError> + Send + Sync + 'static,
) -> Arc<Interrupted> {
    let store = Arc::new(Interrupted {
        store: Arc::clone(&world.store),
        between: Box::new(between),
        attempts: AtomicUsize::new(0),
    });
    world.kdc = Kdc::new(world.kdc.policy().clone(), store.clone());
    store
}

fn flag(store: &MemoryStore, flags: PrincipalFlags) -> Result<(), StoreError> {
    let alice = store.update(&principal("alice"), &mut |alice| alice.flags |= flags);
    alice.map(drop)
}

#[test]
fn a_change_of_an_administrator_in_between_is_not_undone() {
    let mut world = World::new();
    let change = Change::new(&world, "alice", "new secret");
    let forbid = |store: &MemoryStore| {
        let alice = store.find(&principal("alice"))?;
        if alice.is_some_and(|alice| alice.flags.contains(PrincipalFlags::OK_AS_DELEGATE)) {
            return Ok(());
        }
        flag(store, PrincipalFlags::OK_AS_DELEGATE)
    };
    let store = interrupted(&mut world, forbid);
    assert_eq!(change.result(&world).0, 0);
    assert_eq!(store.attempts.load(Ordering::Relaxed), 2);
    let alice = world.entry("alice");
    assert!(alice.flags.contains(PrincipalFlags::OK_AS_DELEGATE));
    assert!(logs_in(&world, "alice", "new secret"));
}

#[test]
fn a_lock_in_between_is_not_undone_and_ends_the_change() {
    let mut world = World::new();
    let change = Change::new(&world, "alice", "new secret");
    let before = world.entry("alice").current_kvno();
    let locked = AtomicBool::new(false);
    interrupted(&mut world, move |store| {
        let is_first = !locked.swap(true, Ordering::Relaxed);
        let lock = || flag(store, PrincipalFlags::LOCKED);
        if is_first { lock() } else { Ok(()) }
    });
    assert_ne!(change.result(&world).0, 0);
    let alice = world.entry("alice");
    assert!(alice.flags.contains(PrincipalFlags::LOCKED));
    assert_eq!(alice.current_kvno(), before);
}

#[test]
fn what_is_changed_without_end_is_given_up_and_the_old_password_stays() {
    let mut world = World::new();
    let change = Change::new(&world, "alice", "new secret");
    let store = interrupted(&mut world, |store| {
        flag(store, PrincipalFlags::OK_AS_DELEGATE)
    });
    let (code, text) = change.result(&world);
    assert_eq!(code, HARD_ERROR);
    assert!(text.contains("try again"), "{text}");
    let attempts = store.attempts.load(Ordering::Relaxed);
    assert!((2..=8).contains(&attempts), "{attempts}");
    assert!(logs_in(&world, "alice", PASSWORD));
}

#[test]
fn the_path_of_a_store_that_fails_is_not_told_to_the_client() {
    let path = "/var/lib/kdc/principals: No space left on device";
    let mut world = World::new();
    let change = Change::new(&world, "alice", "new secret");
    interrupted(&mut world, |_| Err(StoreError::Unusable(path.into())));
    let (code, text) = change.result(&world);
    assert_eq!(code, HARD_ERROR);
    assert!(!text.contains("/var") && !text.contains("space"), "{text}");
    let answer = answer(&world, &change.encode(&world));
    assert!(answer.record.to_string().contains(path));
}

#[test]
fn the_password_in_use_is_no_new_one() {
    for flags in [
        PrincipalFlags::REQUIRES_PASSWORD_CHANGE,
        PrincipalFlags::empty(),
    ] {
        let world = WorldBuilder::new().flags("alice", flags).build();
        let change = Change::new(&world, "alice", PASSWORD);
        assert_eq!(change.result(&world).0, SOFT_ERROR);
        assert!(world.entry("alice").flags.contains(flags));
        // Nor is it by the other way.
        let change = Change::set(&world, "alice", None, PASSWORD);
        assert_eq!(change.result(&world).0, SOFT_ERROR);
        assert!(world.entry("alice").flags.contains(flags));
        let change = Change::new(&world, "alice", "new secret");
        assert_eq!(change.result(&world).0, 0);
        let change = Change::new(&world, "alice", "new secret");
        assert_eq!(change.result(&world).0, SOFT_ERROR);
    }
}

#[test]
fn the_keys_of_the_kdc_itself_are_set_by_no_password() {
    for own in [
        "krbtgt/ORTHROS.TEST",
        "krbtgt/OTHER.TEST",
        "kadmin/changepw",
        "kadmin/admin",
        "K/M",
        "WELLKNOWN/ANONYMOUS",
        "pw/service",
    ] {
        let mut builder = WorldBuilder::new();
        // Even where its keys are of a password.
        let mut entry = (*builder.store.find(&principal("alice")).unwrap().unwrap()).clone();
        entry.principal = principal(own);
        builder.put(entry);
        if own == "pw/service" {
            builder = builder.flags(own, PrincipalFlags::PASSWORD_CHANGE_SERVICE);
        }
        let world = builder
            .flags("bob", PrincipalFlags::MAY_SET_PASSWORDS)
            .with(own, |entry| entry.aliases.push(principal("alias")))
            .with("kadmin/changepw", |entry| {
                entry.flags |= PrincipalFlags::PASSWORD_CHANGE_SERVICE;
            })
            .build();
        let before = world.entry(own).current_kvno();
        for target in [own, "alias"] {
            let change = Change::set(&world, "bob", Some(target), "new secret");
            assert_eq!(change.result(&world).0, ACCESS_DENIED, "{own} as {target}");
        }
        assert_eq!(world.entry(own).current_kvno(), before);
    }
}

#[test]
fn random_keys_of_others_are_not_replaced_by_a_password_and_ones_own_are() {
    let world = WorldBuilder::new()
        .flags("bob", PrincipalFlags::MAY_SET_PASSWORDS)
        .build();
    let host = "host/a.orthros.test";
    let change = Change::set(&world, "bob", Some(host), "new secret");
    assert_eq!(change.result(&world).0, ACCESS_DENIED);
    assert_eq!(world.entry(host).current_kvno(), Some(5));
    // With its own keytab a host may, as those that join a domain do.
    let change = Change::set(&world, host, Some(host), "new secret");
    assert_eq!(change.result(&world).0, 0);
}

/// The replay cache is in memory: what the process before has seen it does not know.
#[test]
fn a_change_of_before_a_restart_is_not_made_again() {
    let mut world = World::new();
    let request = Change::new(&world, "alice", "first").encode(&world);
    assert!(matches!(
        answer(&world, &request).record.outcome,
        Outcome::Granted
    ));
    // Then the password becomes another one.
    let mut alice = (*world.entry("alice")).clone();
    alice.set_password(b"second", &[AES256]).unwrap();
    world.store.put(alice.clone()).unwrap();
    world.now = after(3);
    world.kdc = world.kdc.with_replays_known_since(after(2));
    let outcome = answer(&world, &request).record.outcome;
    assert!(matches!(outcome, Outcome::Refused(RequestError::Repeated)));
    assert_eq!(world.entry("alice").keys[0].key, alice.keys[0].key);
    assert_eq!(Change::new(&world, "bob", "third").result(&world).0, 0);
}

#[test]
fn a_start_while_the_clock_was_ahead_refuses_no_change_once_it_is_right() {
    let mut world = World::new();
    world.kdc = world.kdc.with_replays_known_since(after(DAY));
    assert_eq!(Change::new(&world, "alice", "first").result(&world).0, 0);
}
