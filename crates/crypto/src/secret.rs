//! Bytes that leave memory when they are dropped.

use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

/// Secret bytes of any length: zeroized on drop, compared in constant time, not printed by `Debug`.
///
/// It dereferences to `[u8]`. There is no way to grow it, as growing would leave a copy behind.
#[derive(Clone, Default)]
pub struct SecretVec(Vec<u8>);

impl SecretVec {
    /// A zeroized secret of `length` bytes, to be filled through `DerefMut`.
    #[must_use]
    pub fn zeroed(length: usize) -> Self {
        Self(alloc::vec![0; length])
    }

    /// Removes the first `count` bytes (all, if there are fewer) by moving the others down.
    pub fn remove_prefix(&mut self, count: usize) {
        let count = count.min(self.0.len());
        self.0.copy_within(count.., 0);
        self.truncate(self.0.len() - count);
    }

    /// Shortens the secret to `length` bytes and zeroizes those it cuts off.
    pub fn truncate(&mut self, length: usize) {
        if let Some(cut) = self.0.get_mut(length..) {
            cut.zeroize();
        }
        self.0.truncate(length);
    }
}

impl From<Vec<u8>> for SecretVec {
    /// Takes the bytes over, with the allocation they are in.
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for SecretVec {
    /// Copies; what happens to the original is its owner's business.
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Deref for SecretVec {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for SecretVec {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl AsRef<[u8]> for SecretVec {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for SecretVec {
    /// In time that depends on the lengths only.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretVec {}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretVec({} bytes)", self.0.len())
    }
}

impl Drop for SecretVec {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
