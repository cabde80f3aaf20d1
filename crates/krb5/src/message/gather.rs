//! Lists of as many buffers as messages usually have, without an allocation.

use alloc::vec::Vec;
use core::array;

use orthros_crypto::IovBuffer;

/// So many fit on the stack.
pub(super) const ON_STACK: usize = 16;

/// Calls `act` with a list of all `count` elements.
pub(super) fn gathered<T: Gathered, R>(
    count: usize,
    all: impl Iterator<Item = T>,
    act: impl FnOnce(&mut [T]) -> R,
) -> R {
    if count > ON_STACK {
        return act(&mut all.collect::<Vec<_>>());
    }
    let mut list: [T; ON_STACK] = array::from_fn(|_| T::nothing());
    for (place, element) in list.iter_mut().zip(all) {
        *place = element;
    }
    let (used, _) = list.split_at_mut(count);
    act(used)
}

/// An element of such a list.
pub(super) trait Gathered {
    /// For places that are not used.
    fn nothing() -> Self;
}

impl Gathered for IovBuffer<'_> {
    fn nothing() -> Self {
        IovBuffer::AssociatedData(&[])
    }
}

impl Gathered for &[u8] {
    fn nothing() -> Self {
        &[]
    }
}

/// The same buffer for a shorter time.
pub(super) fn reborrowed<'s>(buffer: &'s mut IovBuffer<'_>) -> IovBuffer<'s> {
    match buffer {
        IovBuffer::Data(bytes) => IovBuffer::Data(bytes),
        IovBuffer::AssociatedData(bytes) => IovBuffer::AssociatedData(bytes),
    }
}

/// What a checksum covers of a buffer.
pub(super) fn bytes<'s>(buffer: &'s IovBuffer<'_>) -> &'s [u8] {
    match buffer {
        IovBuffer::Data(bytes) => bytes,
        IovBuffer::AssociatedData(bytes) => bytes,
    }
}

/// As [`bytes`], of a buffer that is not changed any more.
pub(super) fn into_bytes(buffer: IovBuffer<'_>) -> &[u8] {
    match buffer {
        IovBuffer::Data(bytes) => bytes,
        IovBuffer::AssociatedData(bytes) => bytes,
    }
}
