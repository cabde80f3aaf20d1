//! What HMAC and CMAC have in common: a key that is prepared once, and messages that come in as the cipher meets them.

use aes::cipher::array::{Array, ArraySize};

use crate::hash::{Digest, Hash};
use crate::interleave::Interleaved;

/// What makes the checksums of one key and usage, prepared.
pub(crate) trait ChecksumMac {
    /// The checksum of the concatenation of `parts`; bytes after its length are zero.
    fn checksum(&self, parts: &[&[u8]]) -> Digest;
}

impl<K: MacKey> ChecksumMac for K {
    #[inline(always)]
    fn checksum(&self, parts: &[&[u8]]) -> Digest {
        self.sign(parts)
    }
}

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

    /// The MAC of the concatenation of `parts`; bytes after its length are zero.
    #[inline(always)]
    fn sign(&self, parts: &[&[u8]]) -> Digest {
        let mut running = self.start();
        for part in parts {
            running.update(part);
        }
        running.finish()
    }
}

/// A hash that there is an HMAC with.
pub(crate) trait HmacHash: Hash {
    /// HMAC with this hash.
    type HmacKey: MacKey;
}

/// A MAC over a message that is still coming in.
pub(crate) trait RunningMac {
    /// Bytes that it takes at once.
    type GroupSize: ArraySize;

    /// Takes bytes, however many.
    fn update(&mut self, bytes: &[u8]);

    /// How many bytes there are to the next place where groups can begin.
    fn bytes_to_group(&self) -> usize;

    /// Takes one group, with nothing unfinished before it, and meanwhile has as many blocks encrypted as there are in
    /// a group.
    fn update_group(
        &mut self,
        group: &Array<u8, Self::GroupSize>,
        interleaved: &mut impl Interleaved,
    );

    /// The MAC; bytes after its length are zero.
    fn finish(self) -> Digest;
}
