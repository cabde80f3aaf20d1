//! Initiators and credentials whose callers ask the KDC themselves, and that look once at their cache.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use orthros::environment::{
    Clock, Config, KdcReply, KdcRequest, KdcSelection, KdcTransport, SystemClock, TransportError,
};
use orthros::kerberos::Timestamp;
use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialBuilder, CredentialUsage, Environment,
    EnvironmentBuilder, Error, ErrorKind, InitContext, Name, Oid, Progress, Step,
};
use orthros_kdc::server::Realm;

/// A way to no KDC.
#[derive(Debug)]
struct Unplugged;

impl KdcTransport for Unplugged {
    fn exchange(
        &self,
        _: &Config,
        request: &KdcRequest,
        _: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        Err(unreachable(request))
    }
}

/// A transport that is not to be used.
#[derive(Debug)]
struct Forbidden;

impl KdcTransport for Forbidden {
    fn exchange(
        &self,
        _: &Config,
        request: &KdcRequest,
        _: KdcSelection,
    ) -> Result<KdcReply, TransportError> {
        panic!("{request:?} is for the caller to send");
    }
}

fn unreachable(request: &KdcRequest) -> TransportError {
    let realm = String::from_utf8_lossy(&request.realm).into_owned();
    TransportError::NoKdc { realm }
}

struct World {
    realm: Realm,
    directory: tempfile::TempDir,
    cache: PathBuf,
}

impl World {
    /// Alice has logged in, with her tickets in a file.
    fn start() -> Self {
        let realm = Realm::builder("EXAMPLE.TEST")
            .user("alice", "secret")
            .user("bob", "secret")
            .service("imap/localhost")
            .service("host/www.example.test")
            .start()
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        let cache = directory.path().join("cc");
        let world = Self {
            realm,
            directory,
            cache,
        };
        world.log_in("alice");
        world
    }

    /// The file has this user's tickets from now on; others may have them, too.
    fn log_in(&self, user: &str) {
        let forwardable = format!(
            "{}\n[libdefaults]\n forwardable = true\n",
            self.realm.krb5_conf()
        );
        let environment = Environment::builder()
            .config_text("krb5.conf", &forwardable)
            .unwrap()
            .build();
        Credential::acquire()
            .name(Name::user(user).unwrap())
            .password("secret")
            .ccache(&self.cache)
            .environment(&environment)
            .build()
            .unwrap();
    }

    /// Alice on a host that reaches no KDC by itself.
    fn unplugged(&self, clock: Arc<dyn Clock>) -> Credential {
        let environment = self.configured(clock).build();
        Credential::acquire()
            .usage(CredentialUsage::Initiate)
            .ccache(&self.cache)
            .environment(&environment)
            .build()
            .unwrap()
    }

    /// The configuration of the realm, without its files and transport.
    fn configured(&self, clock: Arc<dyn Clock>) -> EnvironmentBuilder {
        Environment::builder()
            .config_text("krb5.conf", self.realm.krb5_conf())
            .unwrap()
            .transport(Arc::new(Unplugged))
            .clock(clock)
    }

    /// A credential to be acquired where using the environment's transport stops the test.
    fn to_be_acquired(&self) -> CredentialBuilder {
        let environment = self.configured(Arc::new(SystemClock));
        let environment = environment.transport(Arc::new(Forbidden)).build();
        Credential::acquire().environment(&environment)
    }

    /// Acquires a credential, and says how often a KDC was asked.
    fn acquire(&self, mut builder: CredentialBuilder) -> Result<(Credential, usize), Error> {
        let mut asked = 0;
        let mut progress = builder.start()?;
        loop {
            match progress {
                Progress::AskKdc { request, kdcs } => {
                    asked += 1;
                    progress = builder.answer(self.realm.environment().ask_kdc(&request, kdcs))?;
                }
                Progress::Ready(credential) => return Ok((credential, asked)),
            }
        }
    }

    /// A keytab with the keys of these principals.
    fn keytab(&self, names: &[&str]) -> PathBuf {
        let path = self.directory.path().join("keytab");
        fs::write(&path, self.realm.keytab_of(names).unwrap().as_ref()).unwrap();
        path
    }

    /// What accepts for the realm's services.
    fn acceptor(&self) -> AcceptContext {
        let service = Credential::acquire()
            .usage(CredentialUsage::Accept)
            .environment(self.realm.environment())
            .build()
            .unwrap();
        AcceptContext::builder()
            .credential(&service)
            .build()
            .unwrap()
    }

    /// Steps an initiator, and says how often a KDC was asked.
    fn step(
        &self,
        initiator: &mut InitContext,
        token: Option<&[u8]>,
    ) -> Result<(Step, usize), Error> {
        let mut asked = 0;
        let mut progress = initiator.start(token)?;
        loop {
            match progress {
                Progress::AskKdc { request, kdcs } => {
                    asked += 1;
                    progress =
                        initiator.answer(self.realm.environment().ask_kdc(&request, kdcs))?;
                }
                Progress::Ready(step) => return Ok((step, asked)),
            }
        }
    }

    /// Establishes both sides, and says how often a KDC was asked.
    fn establish(&self, mut initiator: InitContext, mut acceptor: AcceptContext) -> usize {
        let (mut step, mut asked) = self.step(&mut initiator, None).unwrap();
        loop {
            let token = match step {
                Step::Continue(token) => token,
                Step::Done { context, .. } => {
                    assert_eq!(context.initiator_name().to_string(), "alice@EXAMPLE.TEST");
                    return asked;
                }
            };
            let answer = match acceptor.step(&token).unwrap() {
                Step::Continue(token) => token,
                Step::Done { token, .. } => token.expect("an answer"),
            };
            let (next, more) = self.step(&mut initiator, Some(&answer)).unwrap();
            step = next;
            asked += more;
        }
    }
}

fn initiator(peer: Name, alice: &Credential, mech: Oid) -> InitContext {
    InitContext::builder(peer)
        .credential(alice)
        .mech_type(mech)
        .build()
        .unwrap()
}

fn imap() -> Name {
    Name::hostbased_service("imap@localhost").unwrap()
}

#[test]
fn a_context_is_established_whose_caller_asks_the_kdc() {
    for mech in [Oid::KRB5, Oid::SPNEGO] {
        let world = World::start();
        let alice = world.unplugged(Arc::new(SystemClock));
        // By itself it reaches no KDC.
        let error = initiator(imap(), &alice, mech).step(None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KdcUnreachable);
        assert!(world.establish(initiator(imap(), &alice, mech), world.acceptor()) > 0);
        // The ticket is in the cache then.
        assert_eq!(
            world.establish(initiator(imap(), &alice, mech), world.acceptor()),
            0
        );
    }
}

#[test]
fn a_user_is_connected_to_whose_ticket_is_asked_for_first() {
    let world = World::start();
    let alice = world.unplugged(Arc::new(SystemClock));
    let bob = Credential::acquire()
        .name(Name::user("bob").unwrap())
        .password("secret")
        .user_to_user(true)
        .environment(world.realm.environment())
        .build()
        .unwrap();
    let acceptor = AcceptContext::builder().credential(&bob).build().unwrap();
    let peer = Name::user("bob").unwrap();
    let initiator = initiator(peer, &alice, Oid::KRB5_USER_TO_USER);
    assert!(world.establish(initiator, acceptor) > 0);
}

#[test]
fn what_the_caller_says_of_the_kdc_is_the_error() {
    let world = World::start();
    let alice = world.unplugged(Arc::new(SystemClock));
    let mut initiator = initiator(imap(), &alice, Oid::KRB5);
    let Progress::AskKdc { request, .. } = initiator.start(None).unwrap() else {
        panic!("there is no ticket to be had");
    };
    let error = initiator.answer(Err(unreachable(&request))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KdcUnreachable);
    // It has come to its end, and nothing is waited for.
    assert!(initiator.answer(Err(unreachable(&request))).is_err());
    assert!(initiator.start(None).is_err());
}

/// Nothing is asked for, whether before, between or behind the tokens: what there is stays.
#[test]
fn a_kdcs_reply_that_is_not_waited_for_changes_nothing() {
    let world = World::start();
    let alice = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .ccache(&world.cache)
        .environment(world.realm.environment())
        .build()
        .unwrap();
    let mut initiator = initiator(imap(), &alice, Oid::KRB5);
    let mut acceptor = world.acceptor();
    let unasked = |initiator: &mut InitContext| {
        let reply = KdcReply {
            message: Vec::new(),
            from_primary: true,
        };
        let error = initiator.answer(Ok(reply)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failure);
        assert!(error.to_string().contains("none is waited for"), "{error}");
    };
    unasked(&mut initiator);
    let Step::Continue(request) = initiator.step(None).unwrap() else {
        panic!("the acceptor has to answer");
    };
    unasked(&mut initiator);
    let Step::Done { token, .. } = acceptor.step(&request).unwrap() else {
        panic!("the request is complete");
    };
    let _ = initiator.step(token.as_deref()).unwrap();
    unasked(&mut initiator);
    assert!(initiator.established());
    let over = initiator.start(None).unwrap_err();
    assert!(over.to_string().contains("established already"), "{over}");
}

/// A clock that puts another file in the place of a cache when it is asked for the time.
#[derive(Debug)]
struct Replacing {
    cache: PathBuf,
    other: PathBuf,
    armed: AtomicBool,
}

impl Clock for Replacing {
    fn now(&self) -> Timestamp {
        if self.armed.load(Ordering::Relaxed) {
            fs::copy(&self.other, &self.cache).unwrap();
        }
        SystemClock.now()
    }
}

/// How many bytes this thread has read from files.
fn bytes_read() -> usize {
    let figures = fs::read_to_string("/proc/thread-self/io").unwrap();
    let read = figures
        .lines()
        .find_map(|line| line.strip_prefix("rchar: "));
    read.unwrap().parse().unwrap()
}

/// The cache has large contents: a second read would double what is read of files, whether to choose the cache or to
/// use it.
#[test]
fn an_initiation_reads_its_cache_once() {
    let world = World::start();
    let plugged = world.unplugged(Arc::new(SystemClock));
    initiates(&world, &plugged);
    let cache = world.realm.environment().cache(&world.cache).unwrap();
    cache.note("padding", None, vec![b'.'; PADDING]).unwrap();

    let named = world.unplugged(Arc::new(SystemClock));
    let environment = || {
        world
            .configured(Arc::new(SystemClock))
            .default_cache(&world.cache)
    };
    let chosen = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&environment().build())
        .build()
        .unwrap();
    for credential in [named, chosen] {
        let mut initiator = initiator(imap(), &credential, Oid::KRB5);
        let before = bytes_read();
        let (_, asked) = world.step(&mut initiator, None).unwrap();
        let read = bytes_read() - before;
        assert_eq!(asked, 0);
        assert!((PADDING..2 * PADDING).contains(&read), "{read} bytes");
    }
}

const PADDING: usize = 1 << 20;

/// What is chosen is what is used, whatever comes in its place meanwhile.
#[test]
fn an_initiation_goes_by_its_first_look_at_its_cache() {
    let world = World::start();
    let plugged = world.unplugged(Arc::new(SystemClock));
    initiates(&world, &plugged);
    let other = world.directory.path().join("other");
    Credential::acquire()
        .name(Name::user("bob").unwrap())
        .password("secret")
        .ccache(&other)
        .environment(world.realm.environment())
        .build()
        .unwrap();

    let clock = Arc::new(Replacing {
        cache: world.cache.clone(),
        other: other.clone(),
        armed: AtomicBool::new(false),
    });
    let environment = world.configured(clock.clone()).default_cache(&world.cache);
    let alice = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .environment(&environment.build())
        .build()
        .unwrap();
    let initiator = initiator(imap(), &alice, Oid::KRB5);
    clock.armed.store(true, Ordering::Relaxed);
    // The acceptor is told of alice.
    assert_eq!(world.establish(initiator, world.acceptor()), 0);
    assert_eq!(fs::read(&world.cache).unwrap(), fs::read(&other).unwrap());
}

fn alice() -> Name {
    Name::user("alice").unwrap()
}

/// A fresh credential's first context asks for the service's ticket, and no more.
fn initiates(world: &World, alice: &Credential) {
    assert_eq!(
        world.establish(initiator(imap(), alice, Oid::KRB5), world.acceptor()),
        1
    );
}

#[test]
fn a_credential_is_acquired_by_password_whose_caller_asks_the_kdc() {
    let world = World::start();
    let cache = world.directory.path().join("fresh");
    let builder = || world.to_be_acquired().name(alice()).password("secret");
    for builder in [builder(), builder().ccache(&cache)] {
        let (credential, asked) = world.acquire(builder).unwrap();
        assert!(asked > 0);
        initiates(&world, &credential);
    }
    assert!(cache.exists());
}

#[test]
fn a_wrong_password_ends_an_acquisition_which_can_begin_again() {
    let world = World::start();
    let mut builder = world.to_be_acquired().name(alice()).password("sesame");
    for _ in 0..2 {
        let mut progress = builder.start();
        let error = loop {
            match progress {
                Ok(Progress::AskKdc { request, kdcs }) => {
                    progress = builder.answer(world.realm.environment().ask_kdc(&request, kdcs));
                }
                Ok(Progress::Ready(credential)) => panic!("acquired {credential:?}"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WrongPassword);
    }
    let Progress::AskKdc { request, .. } = builder.start().unwrap() else {
        panic!("tickets are to be got");
    };
    let error = builder.answer(Err(unreachable(&request))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KdcUnreachable);
    // Nothing is waited for any more.
    let error = builder.answer(Err(unreachable(&request))).unwrap_err();
    assert_ne!(error.kind(), ErrorKind::KdcUnreachable);
}

#[test]
fn a_credential_is_acquired_by_keytab_whose_caller_asks_the_kdc() {
    let world = World::start();
    let cache = world.directory.path().join("fresh");
    let builder = || {
        let keytab = world.keytab(&["alice"]);
        world.to_be_acquired().client_keytab(keytab).ccache(&cache)
    };
    let (credential, asked) = world.acquire(builder()).unwrap();
    assert!(asked > 0);
    initiates(&world, &credential);
    // The tickets are good now.
    let (_, asked) = world.acquire(builder()).unwrap();
    assert_eq!(asked, 0);
}

#[test]
fn tickets_are_verified_before_they_are_stored_whose_caller_asks_the_kdc() {
    let world = World::start();
    let cache = world.directory.path().join("fresh");
    let builder = |verifier: &str, keytab: &Path| {
        let builder = world.to_be_acquired().name(alice()).password("secret");
        builder.ccache(&cache).keytab(keytab).verify(verifier)
    };
    let host = world.keytab(&["host/www.example.test"]);
    for verifier in ["", "host/www.example.test"] {
        let (credential, asked) = world.acquire(builder(verifier, &host)).unwrap();
        assert!(asked > 1);
        initiates(&world, &credential);
        fs::remove_file(&cache).unwrap();
    }
    // The service's key is of another realm of the same name.
    let other = World::start();
    let forged = other.keytab(&["host/www.example.test"]);
    for verifier in ["", "host/www.example.test"] {
        world.acquire(builder(verifier, &forged)).unwrap_err();
        assert!(!cache.exists());
    }
}

#[test]
fn a_user_to_user_credential_is_acquired_whose_caller_asks_the_kdc() {
    let world = World::start();
    let cache = world.directory.path().join("fresh");
    let keytab = world.keytab(&["bob"]);
    let by_keytab = world.to_be_acquired().client_keytab(keytab).ccache(&cache);
    let by_password = world.to_be_acquired().name(Name::user("bob").unwrap());
    for builder in [by_keytab, by_password.password("secret")] {
        let (bob, asked) = world.acquire(builder.user_to_user(true)).unwrap();
        assert!(asked > 0);
        let acceptor = AcceptContext::builder().credential(&bob).build().unwrap();
        let alice = world.unplugged(Arc::new(SystemClock));
        let peer = Name::user("bob").unwrap();
        let initiator = initiator(peer, &alice, Oid::KRB5_USER_TO_USER);
        assert!(world.establish(initiator, acceptor) > 0);
    }
}

#[test]
fn keys_to_accept_with_are_acquired_without_a_kdc() {
    let world = World::start();
    let keytab = world.keytab(&["imap/localhost"]);
    let builder = world.to_be_acquired().keytab(keytab);
    let (_, asked) = world
        .acquire(builder.usage(CredentialUsage::Accept))
        .unwrap();
    assert_eq!(asked, 0);
}

/// Steps an initiator that delegates, and has `meanwhile` happen while the KDC is asked for the service's ticket. Says
/// how often it was asked.
fn delegate(world: &World, meanwhile: impl FnOnce()) -> usize {
    let alice = world.unplugged(Arc::new(SystemClock));
    let mut initiator = InitContext::builder(imap())
        .credential(&alice)
        .flags(ContextFlags::DELEG)
        .build()
        .unwrap();
    let mut meanwhile = Some(meanwhile);
    let mut asked = 0;
    let mut progress = initiator.start(None).unwrap();
    while let Progress::AskKdc { request, kdcs } = progress {
        asked += 1;
        if let Some(meanwhile) = meanwhile.take() {
            meanwhile();
        }
        let reply = world.realm.environment().ask_kdc(&request, kdcs);
        progress = initiator.answer(reply).unwrap();
    }
    asked
}

/// Only the tickets of the client that the service ticket is for are delegated, whatever becomes of the cache
/// meanwhile.
#[test]
fn no_other_client_s_tickets_are_delegated_where_the_cache_changes_hands() {
    let world = World::start();
    let ticket_alone = delegate(&world, || world.log_in("bob"));
    world.log_in("alice");
    assert_eq!(delegate(&world, || {}), ticket_alone + 1);
    world.log_in("alice");
    // The context comes about without a cache, too.
    let removed = delegate(&world, || fs::remove_file(&world.cache).unwrap());
    assert_eq!(removed, ticket_alone);
}

/// Of contexts that get their credential's first tickets at once, the caches of those that were slower go.
#[test]
fn contexts_that_get_tickets_at_once_leave_one_cache() {
    let world = World::start();
    let directory = tempfile::tempdir().unwrap();
    let keytab = directory.path().join("keytab");
    fs::write(&keytab, &*world.realm.keytab_of(&["alice"]).unwrap()).unwrap();
    let collection = directory.path().join("caches");
    let environment = Environment::builder()
        .config_text("krb5.conf", world.realm.krb5_conf())
        .unwrap()
        .transport(Arc::new(Unplugged))
        .default_cache(format!("DIR:{}", collection.display()))
        .client_keytab(&keytab)
        .build();
    let alice = Credential::acquire()
        .usage(CredentialUsage::Initiate)
        .name(Name::user("alice").unwrap())
        .environment(&environment)
        .build()
        .unwrap();
    let mut contexts = [(); 2].map(|()| initiator(imap(), &alice, Oid::KRB5));
    let begun = contexts
        .each_mut()
        .map(|context| context.start(None).unwrap());
    for (context, mut progress) in contexts.iter_mut().zip(begun) {
        while let Progress::AskKdc { request, kdcs } = progress {
            let reply = world.realm.environment().ask_kdc(&request, kdcs);
            progress = context.answer(reply).unwrap();
        }
    }
    let files = fs::read_dir(&collection).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("tkt")).count(), 1);
}
