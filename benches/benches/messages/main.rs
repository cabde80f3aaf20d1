//! Whole RFC 4121 tokens, for each enctype: by the protocol crate, and by the facade, which should cost nothing.
//!
//! Contexts come from a whole AP exchange, and confounders from a pool of the operating system's randomness, as those
//! of any application do. Everything works in the caller's buffers; `wrap` copies the message into the token, `wrap
//! in place` does not.

mod ends;

use std::hint::black_box;

use ends::{Facade, Protocol, Receives, Sends};
use orthros_benches::{
    Floor, Row, Time, is_asked_for, is_wanted, measure, measure_batches, print, print_head,
};
use orthros_crypto::Enctype;

fn main() {
    let floor = if is_asked_for() {
        Floor::run()
    } else {
        Floor::default()
    };
    print_head();
    for enctype in Enctype::ALL {
        let bench = Bench {
            enctype: *enctype,
            floor: &floor,
        };
        bench.run::<Protocol>("", &SIZES);
        bench.run::<Facade>("gss ", &FACADE_SIZES);
    }
}

/// Both ends of a context, with which all figures of a kind are taken.
trait Ends {
    type Sender: Sends;
    type Receiver: Receives;

    fn establish(enctype: Enctype) -> (Self::Sender, Self::Receiver);
}

/// Takes a figure with these ends and messages of so many octets.
type Take<E> = fn(&mut <E as Ends>::Sender, &mut <E as Ends>::Receiver, usize) -> Time;

struct Bench<'a> {
    enctype: Enctype,
    floor: &'a Floor,
}

impl Bench<'_> {
    fn run<E: Ends>(&self, prefix: &str, sizes: &[usize]) {
        let few = if is_asked_for() { sizes.len() } else { 1 };
        for octets in sizes.iter().take(few).copied() {
            let figure = |what: &str, floor: &str, take: Take<E>| {
                self.figure::<E>(&format!("{prefix}{what}"), floor, octets, take);
            };
            figure("wrap", "wrapfloor_conf", |s, _, n| wrap(s, true, n));
            figure("wrap in place", "wrapfloor_conf", |s, _, n| {
                wrap_in_place(s, n)
            });
            figure("unwrap in place", "unwrapfloor_conf", |s, r, n| {
                unwrap(s, r, true, n)
            });
            figure("wrap unsealed", "", |s, _, n| wrap(s, false, n));
            figure("unwrap unsealed", "", |s, r, n| unwrap(s, r, false, n));
            figure("get_mic", "micfloor", |s, _, n| get_mic(s, n));
            figure("verify_mic", "micfloor", verify_mic);
        }
    }

    /// Takes one figure with a context of its own, so that tokens come in order.
    fn figure<E: Ends>(&self, what: &str, floor: &str, octets: usize, take: Take<E>) {
        if is_wanted(&[what, self.enctype.name(), &octets.to_string()]) {
            let (mut sender, mut receiver) = E::establish(self.enctype);
            let time = take(&mut sender, &mut receiver, octets);
            print(&Row {
                what,
                with: self.enctype.name(),
                octets,
                time,
                floor: self.floor(floor, octets),
            });
        }
    }

    /// For the enctypes of RFC 8009 there are only kernels to compare with.
    fn floor(&self, name: &str, octets: usize) -> Option<f64> {
        let kernel = match (name, self.enctype.number()) {
            ("micfloor", 17 | 18) => "micfloor_sha1",
            ("wrapfloor_conf", 19) => "stitch_enc128+sha256",
            ("wrapfloor_conf", 20) => "stitch_enc256+sha384avx2",
            ("unwrapfloor_conf", 19) => "sep_vaesdec128+sha256",
            ("unwrapfloor_conf", 20) => "sep_vaesdec256+sha384avx2",
            ("micfloor", 19) => "sha256_ni",
            ("micfloor", 20) => "sha512_avx2sched",
            (_, number) => return self.floor.figure(&format!("{name}_et{number}"), octets),
        };
        self.floor.figure(kernel, octets)
    }
}

fn wrap(sender: &mut impl Sends, sealed: bool, octets: usize) -> Time {
    let message = vec![0x41; octets];
    let mut token = vec![0; sender.wrap_len(sealed, octets)];
    measure(|| sender.wrap(sealed, black_box(&message), black_box(&mut token)))
}

fn wrap_in_place(sender: &mut impl Sends, octets: usize) -> Time {
    let mut buffer = vec![0x41; sender.wrap_len(true, octets)];
    measure(|| sender.wrap_in_place(black_box(&mut buffer)))
}

fn unwrap(
    sender: &mut impl Sends,
    receiver: &mut impl Receives,
    sealed: bool,
    octets: usize,
) -> Time {
    let message = vec![0x41; octets];
    let mut token = vec![0; sender.wrap_len(sealed, octets)];
    measure_batches(
        batch(token.len()),
        |count| {
            let tokens = (0..count).map(|_| {
                sender.wrap(sealed, &message, &mut token);
                token.clone()
            });
            tokens.collect()
        },
        |token| receiver.unwrap_in_place(sealed, black_box(token)),
    )
}

fn get_mic(sender: &mut impl Sends, octets: usize) -> Time {
    let message = vec![0x41; octets];
    let mut token = vec![0; sender.mic_len()];
    measure(|| sender.get_mic(black_box(&message), black_box(&mut token)))
}

fn verify_mic(sender: &mut impl Sends, receiver: &mut impl Receives, octets: usize) -> Time {
    let message = vec![0x41; octets];
    let mut token = vec![0; sender.mic_len()];
    measure_batches(
        batch(token.len()),
        |count| {
            let tokens = (0..count).map(|_| {
                sender.get_mic(&message, &mut token);
                token.clone()
            });
            tokens.collect()
        },
        |token| receiver.verify_mic(black_box(&message), black_box(token)),
    )
}

/// How many tokens of a length there are in memory: a quarter of a megabyte, as those of the floor.
const fn batch(token_len: usize) -> usize {
    (1 << 18) / token_len + 1
}

const SIZES: [usize; 5] = [64, 1024, 16384, 65536, 1 << 20];
/// What the facade adds is the same for each message, so two show it.
const FACADE_SIZES: [usize; 2] = [64, 16384];
