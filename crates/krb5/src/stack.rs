//! What keys leave on the stack.

use zeroize::Zeroize as _;

/// Clears so many words of the stack below its caller: as deep as keys go in a build without optimisation, where
/// each move is a frame's copy.
///
/// A key is moved a few times before it lies where it stays. Values that do not use all of their room, such as an
/// empty `Option` or a small variant of a large enum, take along into the heap what lay where they were made.
#[cold]
#[inline(never)]
pub(crate) fn clear<const WORDS: usize>() {
    let mut room = [0_u64; WORDS];
    room.zeroize();
    core::hint::black_box(&room);
}
