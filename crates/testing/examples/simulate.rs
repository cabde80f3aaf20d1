//! Runs many worlds in virtual time: `simulate [--seeds N] [--from SEED]`. What `cargo xtask simulate` runs.

use std::process::ExitCode;

use orthros_testing::simulation::{SimulatedRealm, Tally, forge, run};

fn main() -> ExitCode {
    let Some((from, count)) = seeds(std::env::args().skip(1)) else {
        eprintln!("usage: simulate [--seeds N] [--from SEED]");
        return ExitCode::from(2);
    };
    let realm = match SimulatedRealm::new() {
        Ok(realm) => realm,
        Err(error) => {
            eprintln!("simulate: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut tally = Tally::default();
    for seed in (0..count).map(|offset| from.wrapping_add(offset)) {
        let held = forge(seed).and_then(|_| run(&realm, seed));
        match held {
            Ok(report) => tally.add(&report),
            Err(violation) => {
                eprintln!("{violation}\nagain: cargo xtask simulate --seeds 1 --from {seed}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("{count} seeds from {from}: {tally}");
    ExitCode::SUCCESS
}

/// The first seed, and how many.
fn seeds(mut arguments: impl Iterator<Item = String>) -> Option<(u64, u64)> {
    let (mut from, mut count) = (0, 10_000);
    while let Some(option) = arguments.next() {
        let value = arguments.next()?.parse().ok()?;
        match option.as_str() {
            "--seeds" => count = value,
            "--from" => from = value,
            _ => return None,
        }
    }
    Some((from, count))
}
