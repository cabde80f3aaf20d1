//! Everything that is left to chance, out of one seed.

use std::sync::{Mutex, PoisonError};

use orthros_crypto::{RandomError, RandomSource};
use orthros_host::Randomness;

use crate::random::SeededRandom;

/// A source of decisions. What is drawn from one does not move another.
#[derive(Clone, Debug)]
pub(super) struct Chance(SeededRandom);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    /// A source of its own.
    pub(super) fn fork(&mut self) -> Self {
        Self::new(self.number())
    }

    /// Randomness for keys and nonces.
    pub(super) fn randomness(&mut self) -> SharedRandom {
        SharedRandom(Mutex::new(SeededRandom::new(self.number())))
    }

    /// The same, for one owner.
    pub(super) fn random(&mut self) -> SeededRandom {
        SeededRandom::new(self.number())
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// The same, for an index.
    pub(super) fn index(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.below(end.max(1))).unwrap_or_default()
    }

    /// A number from `low` to `high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add_unsigned(self.below(span))
    }

    /// Something that happens so many times in a thousand.
    pub(super) fn happens(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of them.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T], otherwise: T) -> T {
        let index = self.index(all.len());
        all.get(index).copied().unwrap_or(otherwise)
    }

    /// So many octets.
    pub(super) fn octets(&mut self, length: usize) -> Vec<u8> {
        let mut octets = vec![0; length];
        let _ = self.0.fill(&mut octets);
        octets
    }

    fn number(&mut self) -> u64 {
        let mut octets = [0; 8];
        // It never fails.
        let _ = self.0.fill(&mut octets);
        u64::from_le_bytes(octets)
    }
}

/// Randomness that an environment's threads can share.
#[derive(Debug)]
pub(super) struct SharedRandom(Mutex<SeededRandom>);

impl Randomness for SharedRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        random.fill(out)
    }
}
