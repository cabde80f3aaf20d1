//! The MAC as an onlooker of the cipher.

use crate::cbc::BLOCK;
use crate::running_mac::{Beside, Idle, RunningMac};

/// What looks at the octets while the cipher works on them. It sees all of a message in order, in
/// stretches of any length.
pub(crate) trait Watch {
    /// The length of stretches that cost it nothing but themselves.
    const GROUP: usize = 4 * BLOCK;

    /// How many octets there are to the next place where such stretches can begin.
    fn lead(&self) -> usize {
        0
    }

    /// Sees a stretch of plaintext.
    fn plaintext(&mut self, _: &[u8]) {}

    /// Sees a stretch of ciphertext.
    fn ciphertext(&mut self, _: &[u8]) {}

    /// Sees what the cipher leaves alone.
    fn sign_only(&mut self, _: &[u8]) {}

    /// Is told that this many octets will come in [`GROUP`](Self::GROUP)s, through the next two.
    fn expect_groups(&mut self, _: usize) {}

    /// Sees one group of plaintext.
    fn plaintext_group(&mut self, _: &[u8]) {}

    /// Sees one group of ciphertext, and meanwhile has as many blocks encrypted as there are in a group.
    #[inline(always)]
    fn ciphertext_group(&mut self, _: &[u8], beside: &mut impl Beside) {
        for _ in 0..Self::GROUP / BLOCK {
            beside.encrypt_block();
        }
    }
}

/// Nobody looks.
pub(crate) struct Unwatched;

impl Watch for Unwatched {}

/// The MAC covers the plaintext (RFC 3961, RFC 6803).
pub(crate) struct MacPlaintext<'a, R>(pub(crate) &'a mut R);

impl<R: RunningMac> Watch for MacPlaintext<'_, R> {
    const GROUP: usize = R::GROUP;

    fn lead(&self) -> usize {
        self.0.lead()
    }

    fn plaintext(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn sign_only(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn expect_groups(&mut self, octets: usize) {
        self.0.expect_groups(octets);
    }

    #[inline(always)]
    fn plaintext_group(&mut self, octets: &[u8]) {
        self.0.update_group(octets, &mut Idle);
    }
}

/// The MAC covers the ciphertext (RFC 8009).
pub(crate) struct MacCiphertext<'a, R>(pub(crate) &'a mut R);

impl<R: RunningMac> Watch for MacCiphertext<'_, R> {
    const GROUP: usize = R::GROUP;

    fn lead(&self) -> usize {
        self.0.lead()
    }

    fn ciphertext(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn sign_only(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn expect_groups(&mut self, octets: usize) {
        self.0.expect_groups(octets);
    }

    #[inline(always)]
    fn ciphertext_group(&mut self, octets: &[u8], beside: &mut impl Beside) {
        self.0.update_group(octets, beside);
    }
}
