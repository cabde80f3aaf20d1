//! Contexts: the AP exchange between two heads, and whole message tokens in the caller's buffer.

use std::cell::Cell;
use std::hint::black_box;

use orthros_benches::{
    Floor, Row, Time, is_asked_for, is_wanted, measure, measure_batches, print, print_head,
};
use orthros_crypto::Enctype;
use orthros_host::MemoryReplayStore;
use orthros_krb5::ap::{
    Accepted, Acceptor, AcceptorName, ApError, AwaitingReply, GssFlags, Initiated, Initiation,
    InitiatorOptions, initiate,
};
use orthros_krb5::message::{MessageProtection, Sender};
use orthros_krb5::{Credential, Duration, keytab::Keytab};
use orthros_testing::virtual_realm::{SeededRandom, VirtualRealm};

fn main() {
    let floor = if is_asked_for() {
        Floor::run()
    } else {
        Floor::default()
    };
    let sizes = if is_asked_for() {
        &SIZES[..]
    } else {
        &SIZES[..1]
    };
    print_head();
    for enctype in Enctype::ALL.iter().copied() {
        let bench = Bench::new(enctype, &floor);
        if is_wanted(&["initiate", "accept", "step", enctype.name()]) {
            bench.exchange();
        }
        for octets in sizes.iter().copied() {
            bench.messages(octets);
        }
    }
}

struct Bench<'f> {
    enctype: Enctype,
    floor: &'f Floor,
    realm: VirtualRealm,
    ticket: Credential,
    keytab: Keytab,
    store: MemoryReplayStore,
    /// For the next context, so that its request is no replay of another's.
    seed: Cell<u64>,
}

impl<'f> Bench<'f> {
    fn new(enctype: Enctype, floor: &'f Floor) -> Self {
        let realm = VirtualRealm::new(enctype);
        Self {
            enctype,
            floor,
            ticket: realm.service_ticket(),
            keytab: realm.keytab(),
            store: MemoryReplayStore::new(),
            seed: Cell::new(100),
            realm,
        }
    }

    /// Each step of a mutual exchange for itself; the replay store grows as it would.
    fn exchange(&self) {
        let mut random = SeededRandom::new(1);
        let time = measure(|| {
            assert!(black_box(self.initiate(&mut random)).is_ok());
        });
        self.print("initiate", 0, time, None);
        let mut requests = SeededRandom::new(2);
        let time = measure_batches(
            |count| (0..count).map(|_| self.request(&mut requests)).collect(),
            |request: &mut Option<(Vec<u8>, AwaitingReply)>| {
                let accepted = request
                    .as_ref()
                    .map(|(token, _)| self.accept(token, &mut random));
                assert!(black_box(accepted).is_some_and(|accepted| accepted.is_some()));
            },
        );
        self.print("accept", 0, time, None);
        let time = measure_batches(
            |count| {
                let reply = |(token, waiting): (Vec<u8>, _)| {
                    let reply = self.accept(&token, &mut SeededRandom::new(3))?.token?;
                    Some((reply, waiting))
                };
                (0..count)
                    .map(|_| self.request(&mut requests).and_then(reply))
                    .collect()
            },
            |reply: &mut Option<(Vec<u8>, AwaitingReply)>| {
                let established = reply.take().map(|(token, waiting)| waiting.step(&token));
                assert!(black_box(established).is_some_and(|context| context.is_ok()));
            },
        );
        self.print("step", 0, time, None);
    }

    fn initiate(&self, random: &mut SeededRandom) -> Result<Initiation, ApError> {
        let options = InitiatorOptions {
            flags: GssFlags::MUTUAL | GssFlags::REPLAY | GssFlags::SEQUENCE,
            ..InitiatorOptions::default()
        };
        initiate(&self.ticket, &options, self.realm.now(), random)
    }

    fn request(&self, random: &mut SeededRandom) -> Option<(Vec<u8>, AwaitingReply)> {
        let initiation = self.initiate(random).ok()?;
        match initiation.next {
            Initiated::AwaitingReply(waiting) => Some((initiation.token, *waiting)),
            Initiated::Established(_) => None,
        }
    }

    fn accept(&self, token: &[u8], random: &mut SeededRandom) -> Option<Accepted> {
        let acceptor = Acceptor {
            keys: &self.keytab,
            name: &AcceptorName::Any,
            replay_store: &self.store,
            clock_skew: Duration::from_seconds(300),
            channel_bindings: None,
            require_channel_bindings: false,
        };
        acceptor.accept(token, self.realm.now(), random).ok()
    }

    /// The message protection of both heads.
    fn establish(&self) -> Option<(MessageProtection, MessageProtection)> {
        let mut random = SeededRandom::new(self.seed.replace(self.seed.get() + 1));
        let (token, waiting) = self.request(&mut random)?;
        let Accepted { token, context } = self.accept(&token, &mut random)?;
        Some((waiting.step(&token?).ok()?.messages, context.messages))
    }

    fn messages(&self, octets: usize) {
        let number = self.enctype.number();
        let mic_floor = match number {
            17 | 18 => "micfloor_sha1",
            _ => "",
        };
        for (what, floor) in [
            ("wrap", format!("wrapfloor_conf_et{number}")),
            ("unwrap", format!("unwrapfloor_conf_et{number}")),
            ("wrap unsealed", String::new()),
            ("unwrap unsealed", String::new()),
            ("mic", mic_floor.to_owned()),
        ] {
            if !is_wanted(&[what, self.enctype.name(), &octets.to_string()]) {
                continue;
            }
            let Some((mut left, mut right)) = self.establish() else {
                unreachable!("the exchange above was measured");
            };
            let confidential = !what.ends_with("unsealed");
            let time = match what {
                "mic" => mic(left.sender(), octets),
                "wrap" | "wrap unsealed" => wrap(left.sender(), octets, confidential),
                _ => unwrap(&mut left, &mut right, octets, confidential),
            };
            self.print(what, octets, time, self.floor.figure(&floor, octets));
        }
    }

    fn print(&self, what: &str, octets: usize, time: Time, floor: Option<f64>) {
        print(&Row {
            what,
            with: self.enctype.name(),
            octets,
            time,
            floor,
        });
    }
}

fn wrap(sender: &mut Sender, octets: usize, confidential: bool) -> Time {
    let message = vec![0x41; octets];
    let mut token = vec![0; octets + 100];
    let mut random = SeededRandom::new(5);
    measure(|| {
        let wrapped = sender.wrap(
            confidential,
            black_box(&message),
            black_box(&mut token),
            &mut random,
        );
        assert!(wrapped.is_ok());
    })
}

fn unwrap(
    left: &mut MessageProtection,
    right: &mut MessageProtection,
    octets: usize,
    confidential: bool,
) -> Time {
    let message = vec![0x41; octets];
    let mut random = SeededRandom::new(6);
    let token = left.sender().wrap_vec(confidential, &message, &mut random);
    let token = token.unwrap_or_default();
    measure_batches(
        |count| vec![token.clone(); count],
        |token| {
            let opened = right.receiver().unwrap_in_place(black_box(token));
            assert!(opened.is_ok());
        },
    )
}

fn mic(sender: &mut Sender, octets: usize) -> Time {
    let message = vec![0x41; octets];
    let mut token = [0; 100];
    measure(|| {
        let signed = sender.get_mic(black_box(&message), black_box(&mut token));
        assert!(signed.is_ok());
    })
}

const SIZES: [usize; 4] = [64, 1024, 16 * 1024, 1024 * 1024];
