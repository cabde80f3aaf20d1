//! What is left of keys and passwords in memory that was freed: nothing.
//!
//! The allocator of this program never gives a block out again, nor touches it when it is freed. So at the end, when
//! everything is dropped, the memory still has what was in each block when that was freed. It is read as a file,
//! without unsafe code.
#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a wrong assumption should stop the test"
)]

use std::fs::{self, File};
use std::hint::black_box;
use std::mem::size_of;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::ptr::from_ref;
use std::sync::{Arc, Mutex, PoisonError};

use orthros::environment::{ManualClock, Randomness};
use orthros::storage::Keytab;
use orthros::{
    AcceptContext, ContextFlags, Credential, CredentialUsage, Environment, InitContext, Name,
    Protection, SecurityContext, Step, StoreOptions,
};
use orthros_kdc::server::Realm;
use orthros_krb5::crypto::{Enctype, Key, KeyUsage, RandomError};
use orthros_testing::random::SeededRandom;
use orthros_testing::virtual_realm::VirtualRealm;
use static_alloc::Bump;

/// Room for all that the tests of this file allocate.
#[global_allocator]
static MEMORY: Bump<[u64; 1 << 25]> = Bump::uninit();

/// One test at a time, so that each knows which memory is its own.
static TURN: Mutex<()> = Mutex::new(());

const ENCTYPE: Enctype = Enctype::AES256_CTS_HMAC_SHA1_96;
const WRONG_PASSWORD: &str = "incorrect horse battery staple, twenty times";
const PASSWORD: &str = "correct horse battery staple, twenty times";

/// Secrets, hidden from the search.
#[derive(Debug, Default)]
struct Secrets(Mutex<Vec<(&'static str, Vec<u8>)>>);

impl Secrets {
    fn add(&self, what: &'static str, octets: &[u8]) {
        let hidden = octets.iter().map(|octet| !octet).collect();
        self.0.lock().unwrap().push((what, hidden));
    }

    /// Key schedules and MAC states of all the keys of messages: what is in the prepared values that looks random.
    fn add_schedules(&self) {
        let known = self.0.lock().unwrap().len();
        for index in 0..known {
            let mut octets = [0; 32];
            {
                let secrets = self.0.lock().unwrap();
                let (_, hidden) = &secrets[index];
                if hidden.len() != octets.len() {
                    continue;
                }
                for (octet, hidden) in octets.iter_mut().zip(hidden) {
                    *octet = !hidden;
                }
            }
            let key = Key::new(ENCTYPE, &octets).unwrap();
            clear_stack();
            for usage in [KeyUsage::INITIATOR_SEAL, KeyUsage::ACCEPTOR_SEAL] {
                self.add_schedule(&key.encryptor(usage));
                self.add_schedule(&key.decryptor(usage));
            }
            for usage in [KeyUsage::INITIATOR_SIGN, KeyUsage::ACCEPTOR_SIGN] {
                self.add_schedule(&key.mac(usage));
            }
        }
    }

    fn add_schedule<T>(&self, prepared: &T) {
        let mut image = [0; 2048];
        let image = &mut image[..size_of::<T>()];
        let address = from_ref(black_box(prepared)).addr();
        read(&File::open("/proc/self/mem").unwrap(), address, image);
        for window in image.as_chunks::<24>().0 {
            let mut different = *window;
            different.sort_unstable();
            let repeated = different.windows(2).filter(|pair| pair[0] == pair[1]);
            if repeated.count() < 4 {
                self.add("key schedule", window);
            }
        }
    }
}

/// Writes zeros where the next calls have their variables: prepared values have room that they don't use, and what lay
/// there before is no secret.
#[inline(never)]
fn clear_stack() {
    black_box([0_u8; 64 * 1024]);
}

/// Draws what the system does, and remembers what may have become a key.
#[derive(Debug)]
struct Watched(Arc<Secrets>, Mutex<u64>);

impl Randomness for Watched {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        use orthros_krb5::crypto::RandomSource as _;
        let mut seed = self.1.lock().unwrap();
        *seed += 1;
        SeededRandom::new(*seed).fill(out)?;
        // A key alone, or with a sequence number and a confounder.
        if matches!(out.len(), 32 | 52) {
            self.0.add("drawn key", &out[..32]);
        }
        Ok(())
    }
}

/// The memory that is allocated from here on.
struct Watch {
    start: usize,
}

impl Watch {
    fn new() -> Self {
        Self { start: top() }
    }

    /// What of these secrets is in memory that was allocated since, all of which was freed.
    fn leaks(&self, secrets: &Secrets) -> Vec<String> {
        let end = top();
        let mut found = Vec::new();
        let secrets = secrets.0.lock().unwrap();
        let memory = File::open("/proc/self/mem").unwrap();
        let mut at = self.start;
        while at < end {
            let mut chunk = [0; CHUNK + OVERLAP];
            let length = chunk.len().min(end - at);
            let chunk = &mut chunk[..length];
            read(&memory, at, chunk);
            for (what, hidden) in &*secrets {
                for part in [0, hidden.len().saturating_sub(PART)] {
                    let Some(part) = hidden.get(part..part + PART) else {
                        panic!(
                            "a secret of {} octets is too short to look for",
                            hidden.len()
                        );
                    };
                    for offset in positions(chunk, part).filter(|offset| *offset < CHUNK) {
                        found.push(format!("{what} at {:x}", at + offset - self.start));
                    }
                }
            }
            at += CHUNK;
        }
        found
    }

    #[track_caller]
    fn assert_clean(&self, secrets: &Secrets) {
        secrets.add_schedules();
        let leaks = self.leaks(secrets);
        assert!(leaks.is_empty(), "{} places: {leaks:#?}", leaks.len());
    }
}

/// Where in `chunk` the octets are that `hidden` is the complement of.
fn positions<'c>(chunk: &'c [u8], hidden: &'c [u8]) -> impl Iterator<Item = usize> + 'c {
    let first = !hidden[0];
    let starts = chunk
        .iter()
        .enumerate()
        .filter(move |(_, octet)| **octet == first);
    starts.map(|(start, _)| start).filter(move |start| {
        let there = chunk.get(*start..*start + hidden.len());
        there.is_some_and(|there| {
            there
                .iter()
                .zip(hidden)
                .all(|(octet, hidden)| *octet == !hidden)
        })
    })
}

/// Where the next block will be.
fn top() -> usize {
    from_ref(&*black_box(Box::new(0_u8))).addr()
}

fn read(memory: &File, address: usize, out: &mut [u8]) {
    memory
        .read_exact_at(out, address.try_into().unwrap())
        .unwrap();
}

const CHUNK: usize = 64 * 1024;
const OVERLAP: usize = 64;
/// Octets of a secret that are looked for: part of it is too much, too.
const PART: usize = 12;

#[test]
fn the_watch_sees_what_is_left() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let secrets = Secrets::default();
    secrets.add("password", PASSWORD.as_bytes());
    let watch = Watch::new();
    drop(black_box(PASSWORD.as_bytes().to_vec()));
    assert_eq!(watch.leaks(&secrets).len(), 2);
}

/// Writes the keytab of a service; gives what is secret in it and in the client's ticket.
fn virtual_world(directory: &Path) -> Arc<Secrets> {
    let secrets = Arc::new(Secrets::default());
    let realm = VirtualRealm::new(ENCTYPE);
    let ticket = realm.service_ticket();
    secrets.add("session key", ticket.session_key.as_bytes());
    let keytab = realm.keytab();
    secrets.add("service's key", keytab.entries()[0].key.as_bytes());
    fs::write(directory.join("keytab"), keytab.encode().unwrap()).unwrap();
    secrets
}

/// An environment with that keytab, whose randomness is watched.
fn watched(directory: &Path, secrets: &Arc<Secrets>) -> Environment {
    let text = "[libdefaults]\n default_realm = ORTHROS.TEST\n dns_canonicalize_hostname = false\n dns_lookup_kdc = false\n";
    let now = VirtualRealm::new(ENCTYPE).now();
    Environment::builder()
        .config_text("krb5.conf", text)
        .unwrap()
        .clock(Arc::new(ManualClock::at(now)))
        .randomness(Arc::new(Watched(Arc::clone(secrets), Mutex::new(7))))
        .default_cache(directory.join("cache"))
        .default_keytab(directory.join("keytab"))
        .build()
}

fn establish(environment: &Environment, flags: ContextFlags) -> (SecurityContext, SecurityContext) {
    let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
    let mut initiator = InitContext::builder(peer)
        .environment(environment)
        .flags(flags)
        .build()
        .unwrap();
    let acceptor = AcceptContext::builder().environment(environment);
    let mut acceptor = acceptor.build().unwrap();
    let mut to_initiator: Option<Vec<u8>> = None;
    let (mut ours, mut theirs) = (None, None);
    while ours.is_none() || theirs.is_none() {
        let (token, context) = parts(initiator.step(to_initiator.as_deref()).unwrap());
        ours = context.or(ours);
        let Some(token) = token else { break };
        let (token, context) = parts(acceptor.step(&token).unwrap());
        theirs = context.or(theirs);
        to_initiator = token;
        if to_initiator.is_none() {
            break;
        }
    }
    (ours.unwrap(), theirs.unwrap())
}

fn parts(step: Step) -> (Option<Vec<u8>>, Option<SecurityContext>) {
    match step {
        Step::Continue(token) => (Some(token), None),
        Step::Done { context, token } => (token, Some(context)),
    }
}

/// All kinds of messages, so that each schedule is made.
fn converse(from: &mut SecurityContext, to: &mut SecurityContext) {
    for protection in [Protection::CONFIDENTIALITY, Protection::INTEGRITY] {
        let token = from.wrap(b"message", protection).unwrap();
        let _ = to.unwrap(&token, protection).unwrap();
        let mic = from.get_mic(b"message").unwrap();
        let _ = to.verify_mic(b"message", &mic).unwrap();
    }
}

fn in_virtual_world(act: impl Fn(&Environment)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let directory = tempfile::tempdir().unwrap();
    let secrets = virtual_world(directory.path());
    let environment = watched(directory.path(), &secrets);
    let tickets = VirtualRealm::new(ENCTYPE);
    let cache = environment.default_cache().unwrap();
    cache
        .initialize(&tickets.client(), None, &[tickets.service_ticket()])
        .unwrap();
    let watch = Watch::new();
    act(&environment);
    drop((environment, cache, tickets));
    watch.assert_clean(&secrets);
}

const MUTUAL: ContextFlags = ContextFlags::MUTUAL;

#[test]
fn contexts_leave_no_key_in_freed_memory() {
    in_virtual_world(|environment| {
        for flags in [
            ContextFlags::REPLAY,
            MUTUAL,
            MUTUAL.union(ContextFlags::DCE_STYLE),
        ] {
            let (mut ours, mut theirs) = establish(environment, flags);
            converse(&mut ours, &mut theirs);
            converse(&mut theirs, &mut ours);
            ours.delete();
        }
    });
}

#[test]
fn split_contexts_leave_no_key_in_freed_memory() {
    in_virtual_world(|environment| {
        let (mut ours, mut theirs) = establish(environment, MUTUAL);
        converse(&mut ours, &mut theirs);
        let (mut sender, receiver) = ours.split();
        sender
            .wrap(b"message", Protection::CONFIDENTIALITY)
            .unwrap();
        drop(Box::new((sender, receiver)));
    });
}

#[test]
fn exported_contexts_leave_no_key_in_freed_memory() {
    in_virtual_world(|environment| {
        let (mut ours, mut theirs) = establish(environment, MUTUAL);
        converse(&mut ours, &mut theirs);
        let token = ours.export().unwrap();
        let mut again = SecurityContext::import_in(&token, environment).unwrap();
        drop(token);
        converse(&mut again, &mut theirs);
        assert!(SecurityContext::import_in(b"damaged", environment).is_err());
    });
}

#[test]
fn refused_and_unfinished_contexts_leave_no_key_in_freed_memory() {
    in_virtual_world(|environment| {
        let peer = Name::hostbased_service("host@gate.orthros.test").unwrap();
        for flags in [MUTUAL, MUTUAL.union(ContextFlags::DCE_STYLE)] {
            let builder = InitContext::builder(peer.clone()).environment(environment);
            let mut initiator = builder.flags(flags).build().unwrap();
            let (token, _) = parts(initiator.step(None).unwrap());
            let acceptor = AcceptContext::builder().environment(environment);
            let mut acceptor = acceptor.build().unwrap();
            let (reply, _) = parts(acceptor.step(&token.unwrap()).unwrap());
            let mut reply = reply.unwrap();
            *reply.last_mut().unwrap() ^= 1;
            assert!(initiator.step(Some(&reply)).is_err());
            if flags.contains(ContextFlags::DCE_STYLE) {
                assert!(acceptor.step(&reply).is_err());
            }
        }
    });
}

/// A realm with its KDC, the keys and the password of which are secret.
#[test]
fn exchanges_with_the_kdc_leave_no_key_and_no_password_in_freed_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let secrets = Arc::new(Secrets::default());
    secrets.add("password", PASSWORD.as_bytes());
    secrets.add("wrong password", WRONG_PASSWORD.as_bytes());
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::new();
    {
        let realm = Realm::builder("ORTHROS.TEST")
            .user("alice", PASSWORD)
            .service("imap/localhost")
            .start()
            .unwrap();
        for name in ["alice", "krbtgt/ORTHROS.TEST", "imap/localhost"] {
            let keys = realm.keytab_of(&[name]).unwrap();
            for entry in Keytab::decode(&keys).unwrap().entries() {
                secrets.add("long-term key", entry.key.as_bytes());
            }
        }
        let keytab = directory.path().join("keytab");
        fs::write(&keytab, realm.keytab().unwrap()).unwrap();
        let client_keytab = directory.path().join("client.keytab");
        fs::write(&client_keytab, realm.keytab_of(&["alice"]).unwrap()).unwrap();
        let environment = Environment::builder()
            .config_text("krb5.conf", realm.krb5_conf())
            .unwrap()
            .randomness(Arc::new(Watched(Arc::clone(&secrets), Mutex::new(77))))
            .default_cache(directory.path().join("cache"))
            .default_keytab(&keytab)
            .build();
        let builder = Credential::acquire()
            .name(Name::user("alice").unwrap())
            .password(PASSWORD)
            .environment(&environment);
        let alice = builder.build().unwrap();
        let by_keytab = Credential::acquire()
            .usage(CredentialUsage::Initiate)
            .client_keytab(&client_keytab)
            .environment(&environment);
        assert!(by_keytab.build().unwrap().name().unwrap().is_some());
        let wrong = Credential::acquire()
            .name(Name::user("alice").unwrap())
            .password(WRONG_PASSWORD)
            .environment(&environment);
        assert!(wrong.build().is_err());
        for flags in [MUTUAL, MUTUAL.union(ContextFlags::DELEG)] {
            let peer = Name::hostbased_service("imap@localhost").unwrap();
            let builder = InitContext::builder(peer).credential(&alice).flags(flags);
            let mut initiator = builder.build().unwrap();
            let (token, _) = parts(initiator.step(None).unwrap());
            let service = Credential::acquire()
                .usage(CredentialUsage::Accept)
                .environment(&environment)
                .build()
                .unwrap();
            let mut acceptor = AcceptContext::builder()
                .credential(&service)
                .build()
                .unwrap();
            let (reply, context) = parts(acceptor.step(&token.unwrap()).unwrap());
            let (_, ours) = parts(initiator.step(reply.as_deref()).unwrap());
            let (mut theirs, mut ours) = (context.unwrap(), ours.unwrap());
            converse(&mut ours, &mut theirs);
            if let Some(delegated) = theirs.delegated_cred().unwrap() {
                assert!(delegated.name().unwrap().is_some());
                let exported = delegated.export().unwrap();
                drop(Credential::import_in(&exported, &environment).unwrap());
            }
            let stored = StoreOptions::new().overwrite(true);
            alice.store(&stored).unwrap();
            let cache = environment.default_cache().unwrap().contents().unwrap();
            let keys = cache.credentials.iter().map(|ticket| &ticket.session_key);
            // The cache's own entries have none.
            for key in keys.filter(|key| !key.as_bytes().is_empty()) {
                secrets.add("session key in the cache", key.as_bytes());
            }
        }
        realm.stop();
    }
    watch.assert_clean(&secrets);
}
