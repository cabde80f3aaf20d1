//! The MAC as an observer of the cipher.

use aes::cipher::array::{Array, ArraySize};
use aes::cipher::consts::U64;
use aes::cipher::typenum::Unsigned as _;

use crate::block::BLOCK;
use crate::interleave::{Interleaved, NoWork};
use crate::running_mac::RunningMac;

/// What sees the bytes while the cipher works on them: all of a message in order, in stretches of any length.
///
/// A short message comes through [`plaintext`](Self::plaintext), [`ciphertext`](Self::ciphertext) and
/// [`associated_data`](Self::associated_data) alone; groups are for long ones.
pub(crate) trait MacObserver {
    /// The length of stretches that cost it nothing but themselves.
    type GroupSize: ArraySize;

    /// How many bytes there are to the next place where such stretches can begin.
    fn bytes_to_group(&self) -> usize {
        0
    }

    /// Sees a stretch of plaintext.
    fn plaintext(&mut self, _: &[u8]) {}

    /// Sees a stretch of ciphertext.
    fn ciphertext(&mut self, _: &[u8]) {}

    /// Sees what is covered and not encrypted.
    fn associated_data(&mut self, _: &[u8]) {}

    /// Sees one group of plaintext.
    fn plaintext_group(&mut self, _: &Array<u8, Self::GroupSize>) {}

    /// Sees one group of ciphertext, and meanwhile has as many blocks encrypted as there are in a group.
    #[inline(always)]
    fn ciphertext_group(
        &mut self,
        _: &Array<u8, Self::GroupSize>,
        interleaved: &mut impl Interleaved,
    ) {
        for _ in 0..Self::GroupSize::USIZE / BLOCK {
            interleaved.encrypt_block();
        }
    }
}

/// No MAC is computed while the cipher runs.
pub(crate) struct NoMac;

impl MacObserver for NoMac {
    type GroupSize = U64;
}

/// The MAC covers the plaintext (RFC 3961, RFC 6803).
pub(crate) struct MacPlaintext<'a, R>(pub(crate) &'a mut R);

impl<R: RunningMac> MacObserver for MacPlaintext<'_, R> {
    type GroupSize = R::GroupSize;

    fn bytes_to_group(&self) -> usize {
        self.0.bytes_to_group()
    }

    fn plaintext(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn associated_data(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    #[inline(always)]
    fn plaintext_group(&mut self, group: &Array<u8, R::GroupSize>) {
        self.0.update_group(group, &mut NoWork);
    }
}

/// The MAC covers the ciphertext (RFC 8009).
pub(crate) struct MacCiphertext<'a, R>(pub(crate) &'a mut R);

impl<R: RunningMac> MacObserver for MacCiphertext<'_, R> {
    type GroupSize = R::GroupSize;

    fn bytes_to_group(&self) -> usize {
        self.0.bytes_to_group()
    }

    fn ciphertext(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn associated_data(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    #[inline(always)]
    fn ciphertext_group(
        &mut self,
        group: &Array<u8, R::GroupSize>,
        interleaved: &mut impl Interleaved,
    ) {
        self.0.update_group(group, interleaved);
    }
}
