//! What HMAC and CMAC have in common: a key that is prepared once, and messages that come in as the cipher meets them.

use crate::hash::Digest;

/// A MAC under one key, prepared.
pub(crate) trait MacKey {
    /// A message under this key.
    type Running<'key>: RunningMac
    where
        Self: 'key;

    /// Prepares `key`.
    fn new(key: &[u8]) -> Self;

    /// Begins a message.
    fn start(&self) -> Self::Running<'_>;

    /// The MAC of the concatenation of `parts`; octets after its length are zero.
    #[inline(always)]
    fn sign(&self, parts: &[&[u8]]) -> Digest {
        let mut running = self.start();
        for part in parts {
            running.update(part);
        }
        running.finish()
    }
}

/// A MAC over a message that is still coming in.
pub(crate) trait RunningMac {
    /// Octets that it takes at once.
    const GROUP: usize;

    /// Takes octets, however many.
    fn update(&mut self, octets: &[u8]);

    /// How many octets there are to the next place where groups can begin.
    fn lead(&self) -> usize;

    /// Takes note of so many octets that will come in groups, through [`update_group`](Self::update_group).
    fn expect_groups(&mut self, octets: usize);

    /// Takes one group, with nothing unfinished before it, and meanwhile has as many blocks encrypted as there are in a group.
    fn update_group(&mut self, group: &[u8], beside: &mut impl Beside);

    /// The MAC; octets after its length are zero.
    fn finish(&mut self) -> Digest;
}

/// Work of the cipher that does not depend on the MAC, for the processor to do at the same time.
///
/// This is no closure, as closures can't be told to be inlined: only within the cipher's loop are its instructions available.
pub(crate) trait Beside {
    /// Does a block's worth of it.
    fn encrypt_block(&mut self);
}

/// Nothing to do.
pub(crate) struct Idle;

impl Beside for Idle {
    #[inline(always)]
    fn encrypt_block(&mut self) {}
}
