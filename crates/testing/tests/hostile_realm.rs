//! A client among realms of which one is hostile, with an attacker on the wire: thousands of sessions, each out of its
//! seed.

use std::error::Error;

use orthros_testing::simulation::{HostileRealms, Tally, run_hostile};

#[test]
fn nobody_is_named_in_a_ticket_who_did_not_prove_it_and_no_realm_leads_to_another_that_it_may_not_vouch_for()
-> Result<(), Box<dyn Error>> {
    let realms = HostileRealms::new();
    let mut tally = Tally::default();
    for seed in 0..1_000 {
        tally.add(&run_hostile(&realms, seed)?);
    }
    println!("{tally}");
    // The attacks are attacks, and leave something to attack.
    assert!(tally.established() > 50, "{tally}");
    assert!(tally.refused() > 250, "{tally}");
    Ok(())
}

#[test]
fn a_seed_leads_to_the_same_session_again() -> Result<(), Box<dyn Error>> {
    let realms = [HostileRealms::new(), HostileRealms::new()];
    for seed in 0..20 {
        assert_eq!(
            run_hostile(&realms[0], seed)?,
            run_hostile(&realms[1], seed)?
        );
    }
    Ok(())
}
