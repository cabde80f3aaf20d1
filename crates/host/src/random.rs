//! Randomness that a forked child does not share with its parent.
//!
//! Keys, nonces and sequence numbers are drawn from the operating system one by one ([`EnvironmentRandom`]): that
//! costs a quarter of a microsecond where microseconds are spent anyway. Confounders are needed once a message; each
//! sending half of a context has a [`RandomPool`] for them, which asks the system once in a while, and asks before
//! every draw whether the process is still the one that filled it: of a fork handler of libc, and by the process id.

use core::fmt;
use std::process;
use std::sync::Arc;

use orthros_krb5::crypto::{RandomError, RandomSource};
use rand::TryRng;
use rand::rngs::SysRng;
use zeroize::Zeroize;

/// The source of an [`Environment`](crate::Environment)'s randomness, used by all its threads.
pub trait Randomness: fmt::Debug + Send + Sync {
    /// Fills `out` with bytes that can't be foreseen and that never come again, in this process or in one forked from
    /// it.
    ///
    /// # Errors
    ///
    /// [`RandomError`] where there is none to be had; `out` must not be used then.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's source. It has no state here that a fork could copy.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        SysRng.try_fill_bytes(out).map_err(|_| RandomError)
    }
}

/// An environment's randomness in the form that the protocol crates take. Every draw goes to the source.
#[derive(Clone, Debug)]
pub struct EnvironmentRandom {
    source: Arc<dyn Randomness>,
}

impl EnvironmentRandom {
    pub(crate) fn new(source: Arc<dyn Randomness>) -> Self {
        Self { source }
    }
}

impl RandomSource for EnvironmentRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        self.source.fill(out)
    }
}

/// A supply of randomness for one owner: what is drawn was fetched from the source in a batch, and is erased once
/// drawn.
///
/// After a fork both processes hold the same supply. The child throws its copy away at its first draw. It knows itself
/// by a handler that libc calls in the child of each `fork`, and by its process id, which is another one after a
/// `clone` that goes past libc, too. Not noticed is such a `clone` alone that makes a PID namespace (`CLONE_NEWPID`)
/// and is called by the first process of one: both have the process id 1. A process made so must not go on with its
/// parent's contexts; keys don't come from here.
pub struct RandomPool {
    source: Arc<dyn Randomness>,
    supply: [u8; SUPPLY],
    /// How much of the supply, from its start, has been drawn.
    drawn: usize,
    /// The process that fetched the supply.
    owner: u32,
    process_id: fn() -> u32,
    /// `None` where there is no handler to be had: then nothing is kept.
    forks: Option<forkguard::atfork::Guard>,
}

impl RandomPool {
    pub(crate) fn new(source: Arc<dyn Randomness>) -> Self {
        Self::of_process(source, process::id)
    }

    fn of_process(source: Arc<dyn Randomness>, process_id: fn() -> u32) -> Self {
        Self {
            source,
            supply: [0; SUPPLY],
            drawn: SUPPLY,
            owner: process_id(),
            process_id,
            forks: forkguard::atfork::Guard::try_new().ok(),
        }
    }

    /// Whether this is another process than before.
    fn was_forked(&mut self, process: u32) -> bool {
        let told = self
            .forks
            .as_mut()
            .is_none_or(forkguard::atfork::Guard::detected_fork);
        told || process != self.owner
    }

    /// Erases what is left and fetches anew. Leaves the pool empty where that fails.
    fn refill(&mut self, process: u32) -> Result<(), RandomError> {
        self.drawn = SUPPLY;
        self.supply.zeroize();
        self.source.fill(&mut self.supply)?;
        self.drawn = 0;
        self.owner = process;
        Ok(())
    }
}

impl RandomSource for RandomPool {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        if out.len() > LARGEST_DRAW {
            return self.source.fill(out);
        }
        let process = (self.process_id)();
        if self.was_forked(process) || self.drawn + out.len() > SUPPLY {
            self.refill(process)?;
        }
        let end = self.drawn + out.len();
        let fresh = self.supply.get_mut(self.drawn..end).ok_or(RandomError)?;
        out.copy_from_slice(fresh);
        fresh.zeroize();
        self.drawn = end;
        Ok(())
    }
}

impl Drop for RandomPool {
    fn drop(&mut self) {
        self.supply.zeroize();
    }
}

impl fmt::Debug for RandomPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RandomPool")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// For 10 confounders. A call to the system costs as much as two messages of 64 bytes, and every context has a supply.
const SUPPLY: usize = 160;
const LARGEST_DRAW: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    thread_local! {
        /// The process that this test thread plays.
        static PROCESS: Cell<u32> = const { Cell::new(1) };
    }

    /// Counts instead of rolling dice: every eight bytes differ from all others ever given.
    #[derive(Debug, Default)]
    struct Counter(AtomicU64);

    impl Randomness for Counter {
        fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
            for chunk in out.chunks_mut(8) {
                let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                chunk.copy_from_slice(&count[..chunk.len()]);
            }
            Ok(())
        }
    }

    #[derive(Debug)]
    struct Dry;

    impl Randomness for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }

    fn pool(source: Arc<dyn Randomness>) -> RandomPool {
        RandomPool::of_process(source, || PROCESS.get())
    }

    /// What `fork` does to a pool: the same bytes in two processes.
    fn fork(parent: &RandomPool) -> RandomPool {
        let RandomPool {
            source,
            supply,
            drawn,
            owner,
            process_id,
            forks,
        } = parent;
        RandomPool {
            source: source.clone(),
            supply: *supply,
            drawn: *drawn,
            owner: *owner,
            process_id: *process_id,
            forks: forks.clone(),
        }
    }

    fn draw(pool: &mut RandomPool) -> [u8; 16] {
        let mut out = [0; 16];
        pool.fill(&mut out).unwrap();
        out
    }

    #[test]
    fn parent_and_child_never_draw_the_same() {
        let mut parent = pool(Arc::new(Counter::default()));
        let mut seen = HashSet::from([draw(&mut parent)]);
        let mut child = fork(&parent);
        for _ in 0..2 * SUPPLY / 16 {
            PROCESS.set(1);
            assert!(seen.insert(draw(&mut parent)));
            PROCESS.set(2);
            assert!(seen.insert(draw(&mut child)));
        }
    }

    #[test]
    fn a_fork_before_the_first_draw_is_noticed_too() {
        let mut parent = pool(Arc::new(Counter::default()));
        let mut child = fork(&parent);
        let parents = draw(&mut parent);
        PROCESS.set(2);
        assert_ne!(parents, draw(&mut child));
    }

    #[test]
    fn who_can_not_be_told_of_a_fork_keeps_nothing() {
        let mut pool = pool(Arc::new(Counter::default()));
        pool.forks = None;
        for draws in 1..4 {
            draw(&mut pool);
            assert_eq!(pool.drawn, 16, "{draws}");
        }
    }

    #[test]
    fn what_was_drawn_is_erased() {
        let mut pool = pool(Arc::new(SystemRandomness));
        let drawn = draw(&mut pool);
        assert_ne!(drawn, [0; 16]);
        assert!(!pool.supply.windows(16).any(|window| window == drawn));
        assert_eq!(pool.supply[..16], [0; 16]);
    }

    #[test]
    fn large_draws_leave_the_supply_alone() {
        let mut pool = pool(Arc::new(Counter::default()));
        draw(&mut pool);
        let before = pool.drawn;
        pool.fill(&mut [0; LARGEST_DRAW + 1]).unwrap();
        assert_eq!(pool.drawn, before);
    }

    #[test]
    fn a_dry_source_is_an_error_each_time() {
        let mut pool = pool(Arc::new(Dry));
        assert_eq!(pool.fill(&mut [0; 16]), Err(RandomError));
        assert_eq!(pool.fill(&mut [0; 16]), Err(RandomError));
        assert_eq!(pool.fill(&mut [0; 100]), Err(RandomError));
    }

    #[test]
    fn the_system_gives_different_octets_each_time() {
        let mut random = EnvironmentRandom::new(Arc::new(SystemRandomness));
        let (mut first, mut second) = ([0; 32], [0; 32]);
        random.fill(&mut first).unwrap();
        random.fill(&mut second).unwrap();
        assert_ne!(first, second);
    }
}
