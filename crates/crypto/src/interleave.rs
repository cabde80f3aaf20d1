//! What the cipher does between the rounds of the hash.

/// Work of the cipher that does not depend on the MAC, for the processor to do at the same time.
///
/// This is no closure, as closures can't be told to be inlined: only within the cipher's loop are its instructions
/// available.
pub(crate) trait Interleaved {
    /// Encrypts the next block of the group, if there is one left. What the hash does not ask for is encrypted behind
    /// it.
    fn encrypt_block(&mut self);
}

/// The cipher has nothing to do.
pub(crate) struct NoWork;

impl Interleaved for NoWork {
    #[inline(always)]
    fn encrypt_block(&mut self) {}
}
