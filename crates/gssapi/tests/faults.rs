//! What goes wrong around contexts while they are made and used: keytabs that are replaced, clocks that jump.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests fail the test, too"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{SERVICE, World, done};
use orthros::environment::ManualClock;
use orthros::storage::{Keytab, KeytabEntry};
use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialUsage, Environment, ErrorKind, InitContext,
    Lifetime, MinorStatus, Name, Protection, SecurityContext, Step,
};
use orthros_krb5::crypto::Enctype;
use orthros_testing::virtual_realm::VirtualRealm;
use orthros_types::{Duration, EncryptionType, KeyBlock};

const REPLACEMENTS: usize = 300;

impl World {
    fn keytab(&self) -> PathBuf {
        self.directory.path().join("keytab")
    }

    /// What a server acquires when it starts, and keeps.
    fn service(&self) -> Credential {
        let credential = Credential::acquire()
            .usage(CredentialUsage::Accept)
            .environment(&self.environment);
        credential.build().unwrap()
    }

    fn accept(&self, service: &Credential) -> Result<Step, orthros::Error> {
        let acceptor = AcceptContext::builder().credential(service).build();
        acceptor.unwrap().step(&self.begun().0)
    }
}

/// The key that tickets are for, and one that the service got later.
fn keys() -> [KeytabEntry; 2] {
    let realm = VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96);
    let key = realm.keytab().entries().first().unwrap().clone();
    let newer = KeytabEntry {
        kvno: key.kvno + 1,
        key: KeyBlock::new(EncryptionType(18), vec![9; 32]),
        ..key.clone()
    };
    [key, newer]
}

/// As `ktutil` and `rename` do it.
fn replace(keytab: &Path, entries: &[KeytabEntry]) {
    let beside = keytab.with_extension("new");
    fs::write(&beside, Keytab::new(entries.to_vec()).encode().unwrap()).unwrap();
    fs::rename(&beside, keytab).unwrap();
}

#[test]
fn an_acceptor_goes_by_the_keytab_that_is_there_now() {
    let world = World::new();
    let service = world.service();
    let [key, newer] = keys();
    done(world.accept(&service));
    replace(&world.keytab(), slice::from_ref(&newer));
    let refused = world.accept(&service).unwrap_err();
    assert_eq!(refused.minor(), MinorStatus::KRB5KRB_AP_ERR_BADKEYVER);
    replace(&world.keytab(), &[newer, key]);
    done(world.accept(&service));
}

/// By renaming and in place, with the key that tickets are for in it all the time.
#[test]
fn while_its_keytab_is_replaced_an_acceptor_is_never_without_a_key() {
    let world = World::new();
    let service = world.service();
    let [key, newer] = keys();
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let keytab = world.environment.keytab(world.keytab()).unwrap();
            for _ in 0..REPLACEMENTS {
                replace(&world.keytab(), &[newer.clone(), key.clone()]);
                keytab.remove(|entry| entry.kvno == newer.kvno).unwrap();
                keytab.add(&newer).unwrap();
                replace(&world.keytab(), slice::from_ref(&key));
            }
            ended.store(true, Ordering::Relaxed);
        });
        while !ended.load(Ordering::Relaxed) {
            done(world.accept(&service));
        }
    });
}

/// A client with a cached ticket that is good for an hour and its service, whose clock jumps.
struct Jumping {
    environment: Environment,
    clock: Arc<ManualClock>,
    _world: World,
}

impl Jumping {
    fn new() -> Self {
        let realm = VirtualRealm::new(Enctype::AES256_CTS_HMAC_SHA1_96);
        let world = World::new();
        let clock = Arc::new(ManualClock::at(realm.now()));
        let environment = Environment::builder()
            .config_text(
                "krb5.conf",
                "[libdefaults]\n default_realm = ORTHROS.TEST\n dns_canonicalize_hostname = false\n dns_lookup_kdc = false\n",
            )
            .unwrap()
            .clock(clock.clone())
            .default_cache(world.directory.path().join("cache"))
            .default_keytab(world.keytab())
            .build();
        let cache = environment.default_cache().unwrap();
        let tickets = [realm.service_ticket()];
        cache.initialize(&realm.client(), None, &tickets).unwrap();
        Self {
            environment,
            clock,
            _world: world,
        }
    }

    fn jump(&self, minutes: i64) {
        self.clock.advance(Duration::from_seconds(60 * minutes));
    }

    fn initiator(&self) -> InitContext {
        let peer = Name::hostbased_service(SERVICE).unwrap();
        let initiator = InitContext::builder(peer).environment(&self.environment);
        initiator.build().unwrap()
    }

    /// The only token of a context without mutual authentication: nothing else stands between a replay and its use.
    fn token(&self) -> Result<Vec<u8>, orthros::Error> {
        let initiator = InitContext::builder(Name::hostbased_service(SERVICE).unwrap())
            .environment(&self.environment)
            .flags(ContextFlags::REPLAY | ContextFlags::SEQUENCE);
        Ok(done(Ok(initiator.build()?.step(None)?)).1.unwrap())
    }

    fn accept(&self, token: &[u8]) -> Result<SecurityContext, orthros::Error> {
        let acceptor = AcceptContext::builder().environment(&self.environment);
        Ok(done(Ok(acceptor.build()?.step(token)?)).0)
    }
}

#[test]
fn a_clock_that_jumps_lets_no_token_in_twice() {
    let world = Jumping::new();
    let token = world.token().unwrap();
    world.accept(&token).unwrap();
    world.jump(10);
    // So many that the first is forgotten, as it is no longer fresh.
    for _ in 0..100 {
        world.accept(&world.token().unwrap()).unwrap();
    }
    world.accept(&token).unwrap_err();
    world.jump(-10);
    world.accept(&token).unwrap_err();
    world.jump(-10);
    world.accept(&token).unwrap_err();
}

#[test]
fn a_cached_ticket_is_not_shown_while_the_clock_calls_it_expired() {
    let world = Jumping::new();
    world.token().unwrap();
    world.jump(120);
    // Another one is wanted then, and there is nothing to get it with.
    let refused = world.token().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NoCredential, "{refused}");
    world.jump(-120);
    world.token().unwrap();
}

#[test]
fn a_clock_that_jumps_ends_no_context() {
    let world = Jumping::new();
    let mut initiator = world.initiator();
    let Step::Continue(token) = initiator.step(None).unwrap() else {
        panic!("no answer is waited for");
    };
    let acceptor = AcceptContext::builder().environment(&world.environment);
    let (mut theirs, answer) = done(acceptor.build().unwrap().step(&token));
    let (mut ours, _) = done(initiator.step(answer.as_deref()));
    let left = ours.lifetime();
    for (minutes, expected) in [(1440, Lifetime::Seconds(0)), (-1440, left)] {
        world.jump(minutes);
        assert_eq!(ours.lifetime(), expected);
        let sealed = ours.wrap(b"on", Protection::CONFIDENTIALITY).unwrap();
        let opened = theirs.unwrap(&sealed, Protection::CONFIDENTIALITY);
        assert_eq!(opened.unwrap().in_sequence().unwrap(), b"on");
        let mic = theirs.get_mic(b"and on").unwrap();
        let verified = ours.verify_mic(b"and on", &mic).unwrap();
        verified.in_sequence().unwrap();
    }
}
