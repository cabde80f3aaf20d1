//! Establishing mutual contexts, for each enctype: each step, and all of them with both heads in one process.
//!
//! By the protocol crate with everything at hand, and by the facade, which looks up time, ticket and key for each
//! context anew: the ticket in a cache in memory, the key in a keytab file, whose stamps it looks at. Randomness is
//! the operating system's, the replay cache the one in memory. A figure includes the end of what a step makes. The
//! allocator counts here, which costs a few nanoseconds an allocation.
//!
//! What the facade's look-ups add is the ratio of its steps to those of the protocol crate, which the last lines say.
#![expect(
    clippy::expect_used,
    reason = "a bench of calls that fail measures nothing"
)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::thread;
use std::time::{Duration as StdDuration, Instant};

use orthros::SecurityContext;
use orthros_benches::{Row, Time, facade, is_asked_for, is_wanted, measure_batches, record};
use orthros_crypto::Enctype;
use orthros_host::{Environment, MemoryReplayCache};
use orthros_krb5::ap::{
    Accepted, Acceptor, AcceptorName, AwaitingReply, ContextFlags, EstablishedContext, Initiated,
    Initiation, InitiatorOptions, initiate,
};
use orthros_testing::virtual_environment::environment;
use orthros_testing::virtual_realm::VirtualRealm;
use orthros_types::config::DEFAULT_ENCTYPES;
use orthros_types::keytab::Keytab;
use orthros_types::{Credential, Duration, Timestamp};

fn main() {
    println!(
        "{:<20} {:<28} {:>10} {:>10} {:>12}",
        "what", "with", "us", "best us", "allocations"
    );
    let started = Instant::now();
    let directory = tempfile::tempdir().expect("there is room for keytabs");
    let worlds: Vec<_> = Enctype::ALL
        .iter()
        .map(|enctype| World::new(*enctype, directory.path()))
        .collect();
    if is_asked_for() {
        thread::sleep(SETTLED.saturating_sub(started.elapsed()));
    }
    let mut ratios = Vec::new();
    for world in &worlds {
        let protocol = by_the_protocol_crate(world.enctype, &world.protocol);
        let facade = by_the_facade(world.enctype, &world.environment);
        ratios.push((
            world.enctype,
            facade.first_token,
            protocol.first_token,
            "first token",
        ));
        ratios.push((world.enctype, facade.accept, protocol.accept, "accept"));
    }
    for (enctype, facade, protocol, what) in ratios {
        print_ratio(what, enctype, facade, protocol);
    }
}

/// The steps whose cost at the facade is compared with that in the protocol crate; none where a figure is not wanted.
struct Steps {
    first_token: Option<Time>,
    accept: Option<Time>,
}

/// Prints how many times what a step of the protocol crate takes the same one takes at the facade.
fn print_ratio(what: &str, enctype: Enctype, facade: Option<Time>, protocol: Option<Time>) {
    if let (Some(facade), Some(protocol)) = (facade, protocol) {
        println!(
            "{:<20} {:<28} {:>10.2} {:>10.2}",
            format!("gss : {what}"),
            enctype.name(),
            facade.median / protocol.median,
            facade.best / protocol.best
        );
    }
}

/// One enctype's client and service.
struct World {
    enctype: Enctype,
    protocol: Protocol,
    environment: Environment,
}

impl World {
    fn new(enctype: Enctype, directory: &Path) -> Self {
        let realm = VirtualRealm::new(enctype);
        let directory = directory.join(enctype.name());
        fs::create_dir(&directory).expect("there is room for a keytab");
        let environment = environment(&realm, &directory);
        Self {
            enctype,
            protocol: Protocol::new(&realm, environment.clone()),
            environment,
        }
    }
}

fn by_the_protocol_crate(enctype: Enctype, protocol: &Protocol) -> Steps {
    let first_token = figure("first token", enctype, || (), |()| protocol.request());
    let accept = figure(
        "accept",
        enctype,
        || protocol.request().0,
        |token| protocol.accept(token),
    );
    figure(
        "reply",
        enctype,
        || {
            let (token, awaiting) = protocol.request();
            (Some(awaiting), protocol.accept(&token).0)
        },
        |(awaiting, token)| take_reply(awaiting.take(), token),
    );
    figure(
        "pair",
        enctype,
        || (),
        |()| {
            let (token, awaiting) = protocol.request();
            let (reply, accepted) = protocol.accept(&token);
            (accepted, take_reply(Some(awaiting), &reply))
        },
    );
    Steps {
        first_token,
        accept,
    }
}

fn by_the_facade(enctype: Enctype, environment: &Environment) -> Steps {
    let credential = facade::acceptor_credential(environment);
    let request = || {
        let mut initiator = facade::initiator(environment);
        let token = facade::token(initiator.step(None).expect("ticket is good"));
        (token, initiator)
    };
    let accept = |token: &[u8]| {
        let step = facade::acceptor(&credential).step(token);
        facade::done(step.expect("request is accepted"))
    };
    let first_token = figure("gss first token", enctype, || (), |()| request());
    let accepted = figure("gss accept", enctype, || request().0, |token| accept(token));
    let negotiated = || {
        let mut initiator = facade::negotiator(environment);
        facade::token(initiator.step(None).expect("ticket is good"))
    };
    figure("spnego accept", enctype, negotiated, |token| accept(token));
    figure(
        "gss reply",
        enctype,
        || {
            let (token, initiator) = request();
            (initiator, accept(&token).1)
        },
        |(initiator, token)| {
            let step = initiator.step(token.as_deref());
            facade::done(step.expect("reply is taken"))
        },
    );
    figure(
        "gss pair",
        enctype,
        || (),
        |()| facade::establish(environment, &credential),
    );
    figure(
        "gss export+import",
        enctype,
        || Some(accept(&request().0).0),
        |context| moved(context.take(), environment),
    );
    print_live_size(enctype, || accept(&request().0).0);
    Steps {
        first_token,
        accept: accepted,
    }
}

/// The context, by way of octets.
fn moved(context: Option<SecurityContext>, environment: &Environment) -> SecurityContext {
    let context = context.expect("each context moves once");
    let token = context.export().expect("names are short");
    SecurityContext::import_in(&token, environment).expect("token is good")
}

/// Prints how many octets of the heap a context has while it lives. Its ciphers lie in it, whether prepared or not.
fn print_live_size(enctype: Enctype, context: impl FnOnce() -> SecurityContext) {
    if !is_wanted(&["gss live context", enctype.name()]) {
        return;
    }
    let context = context();
    let freed = allocation_counter::measure(|| drop(context)).bytes_current;
    println!(
        "{:<20} {:<28} {:>10} octets",
        "gss live context",
        enctype.name(),
        freed.unsigned_abs()
    );
}

/// Prints what `operation` costs on inputs that it uses up.
fn figure<I, O>(
    what: &str,
    enctype: Enctype,
    input: impl Fn() -> I,
    operation: impl Fn(&mut I) -> O,
) -> Option<Time> {
    if !is_wanted(&[what, enctype.name()]) {
        return None;
    }
    let mut first = input();
    let counted = allocation_counter::measure(|| drop(operation(&mut first)));
    let time = measure_batches(
        BATCH,
        |count| (0..count).map(|_| input()).collect(),
        |input| drop(operation(black_box(input))),
    );
    println!(
        "{what:<20} {:<28} {:>10.2} {:>10.2} {:>12}",
        enctype.name(),
        time.median / 1e3,
        time.best / 1e3,
        counted.count_total
    );
    let row = Row {
        what,
        with: enctype.name(),
        octets: 0,
        time,
        floor: None,
    };
    record(&row, Some(counted.count_total));
    Some(time)
}

/// Both heads, and all that they need.
struct Protocol {
    ticket: Credential,
    keys: Keytab,
    store: MemoryReplayCache,
    now: Timestamp,
    environment: Environment,
}

impl Protocol {
    fn new(realm: &VirtualRealm, environment: Environment) -> Self {
        Self {
            ticket: realm.service_ticket(),
            keys: realm.keytab(),
            store: MemoryReplayCache::new(),
            now: realm.now(),
            environment,
        }
    }

    /// Asks for what the facade asks for, down to the enctypes of the acceptor's subkey.
    fn request(&self) -> (Vec<u8>, AwaitingReply) {
        let options = InitiatorOptions {
            flags: ContextFlags::MUTUAL | ContextFlags::REPLAY | ContextFlags::SEQUENCE,
            enctypes: &DEFAULT_ENCTYPES,
            ..InitiatorOptions::default()
        };
        let random = &mut self.environment.random();
        let initiation = initiate(&self.ticket, &options, self.now, random);
        let Initiation { token, next } = initiation.expect("ticket is good");
        match next {
            Initiated::AwaitingReply(awaiting) => Some((token, *awaiting)),
            _ => None,
        }
        .expect("request is mutual")
    }

    fn accept(&self, token: &[u8]) -> (Vec<u8>, EstablishedContext) {
        let acceptor = Acceptor {
            keys: &self.keys,
            name: &AcceptorName::Any,
            replay_cache: &self.store,
            clock_skew: Duration::from_seconds(300),
            channel_bindings: None,
            require_channel_bindings: false,
            without_gss_checksum: false,
            permitted_enctypes: Enctype::ALL,
            realm_paths: None,
        };
        let random = &mut self.environment.random();
        let Accepted { token, context } = acceptor
            .accept(token, self.now, random)
            .expect("request is accepted");
        (token.expect("request is mutual"), context)
    }
}

fn take_reply(awaiting: Option<AwaitingReply>, token: &[u8]) -> EstablishedContext {
    let awaiting = awaiting.expect("each initiator takes one reply");
    awaiting.step(token).expect("reply is taken")
}

const BATCH: usize = 64;

/// After this long acceptors trust the stamps of a keytab that was just written, and don't read it for each context.
const SETTLED: StdDuration = StdDuration::from_secs(6);
