//! Ten thousand worlds in virtual time, each out of its seed. `cargo xtask simulate --seeds N` goes through more.

use std::error::Error;
use std::ops::Range;

use orthros_testing::simulation::{Forgeries, SimulatedRealm, Tally, forge, run};

type Held = Result<(), Box<dyn Error>>;

/// Runs these seeds, prints what came of them, and checks that the weather bites.
fn everything_holds(seeds: Range<u64>) -> Held {
    let realm = SimulatedRealm::new()?;
    let mut tally = Tally::default();
    for seed in seeds.clone() {
        tally.add(&run(&realm, seed)?);
    }
    println!("seeds {seeds:?}: {tally}");
    let sessions = tally.established() + tally.refused();
    assert!(tally.established() > sessions / 3, "{tally}");
    assert!(tally.refused() > sessions / 10, "{tally}");
    assert!(tally.stages() >= 5, "{tally}");
    Ok(())
}

#[test]
fn everything_holds_in_five_thousand_worlds() -> Held {
    everything_holds(0..5_000)
}

#[test]
fn everything_holds_in_five_thousand_other_worlds() -> Held {
    everything_holds(5_000..10_000)
}

#[test]
fn no_user_is_named_in_a_ticket_who_did_not_prove_it_in_five_thousand_worlds() -> Held {
    let mut all = Forgeries::default();
    for seed in 0..5_000 {
        let one = forge(seed)?;
        all.granted += one.granted;
        all.refused += one.refused;
    }
    println!("{all:?}");
    assert!(all.granted > all.refused / 50, "{all:?}");
    assert!(all.refused > all.granted, "{all:?}");
    Ok(())
}

#[test]
fn a_seed_leads_to_the_same_session_again() -> Held {
    let realms = [SimulatedRealm::new()?, SimulatedRealm::new()?];
    for seed in 0..50 {
        let [first, again] = [0, 1].map(|index| run(&realms[index], seed));
        assert_eq!(first, again);
    }
    Ok(())
}
