//! A world in virtual time: a client, the KDCs of a realm and an acceptor, over a network that drops, delays,
//! duplicates, reorders, truncates and changes what they say. All of it comes out of one seed, and comes out the same
//! each time.
//!
//! Client and acceptor are the real ones: the facade over `orthros-host`, whose clock, randomness and way to the KDCs
//! are the world's. What must hold, whatever the weather:
//!
//! - No party panics, and none spins: the requests and the virtual time of a session are bounded.
//! - A session is established, or an error says why not. Where the weather is calm it is established.
//! - No authenticator is accepted twice.
//! - A KDC that is killed finds in its store what was acknowledged.
//! - A service with its own key, and a realm that is trusted, get no ticket in the name of a user who did not prove
//!   who that is ([`forge`]).
//! - Client, KDC and acceptor agree on every field of a ticket, and both heads on names, flags and messages. What was
//!   changed on its way is not taken for what was sent.
//!
//! [`run_hostile`] has another world: realms of which one is hostile, and an attacker on the wire who forges, strips
//! and renames.

mod agreement;
mod chance;
mod hostile;
mod hostile_service;
mod kdc_host;
mod messages;
mod network;
mod party;
mod realm;
mod session;
mod time;
mod weather;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chance::Chance;
pub use hostile::{HostileRealms, run_hostile};
pub use hostile_service::{Forgeries, forge};
pub use realm::SimulatedRealm;
use session::Session;

/// How a session went in which everything held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What came of it.
    pub outcome: Outcome,
    /// How many messages reached a KDC.
    pub requests: usize,
    /// How long it took, in virtual milliseconds.
    pub milliseconds: i64,
}

/// What came of a session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Both heads had a context, and messages went both ways.
    Established,
    /// There was none, because of an error in this stage.
    Refused {
        /// Which exchange failed.
        stage: &'static str,
        /// What the one said who noticed.
        error: String,
    },
}

/// What did not hold, and in which world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The seed that leads there again.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.what)
    }
}

impl std::error::Error for Violation {}

/// Runs the session of one seed.
///
/// # Errors
///
/// What did not hold. A panic is caught and is one, too.
pub fn run(realm: &SimulatedRealm, seed: u64) -> Result<Report, Violation> {
    let session = || Session::new(realm, Chance::new(seed)).run();
    let held = catch_unwind(AssertUnwindSafe(session));
    held.unwrap_or_else(|panic| Err(format!("a panic: {}", said(&*panic))))
        .map_err(|what| Violation { seed, what })
}

/// What came of many sessions.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    established: usize,
    refused: BTreeMap<&'static str, usize>,
    requests: usize,
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, report: &Report) {
        self.requests += report.requests;
        match &report.outcome {
            Outcome::Established => self.established += 1,
            Outcome::Refused { stage, .. } => *self.refused.entry(stage).or_default() += 1,
        }
    }

    /// How many sessions were established.
    #[must_use]
    pub fn established(&self) -> usize {
        self.established
    }

    /// How many were refused, in all stages.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.values().sum()
    }

    /// How many stages there are in which any was refused.
    #[must_use]
    pub fn stages(&self) -> usize {
        self.refused.len()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sessions established, {} messages to KDCs",
            self.established, self.requests
        )?;
        for (stage, count) in &self.refused {
            write!(f, "; {count} ended in {stage}")?;
        }
        Ok(())
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}
