//! Keys that are derived and expanded when they are first used.

use zeroize::Zeroize as _;

/// What is prepared already, or is now.
///
/// A key schedule is moved a few times before it lies where it stays, and each move leaves a copy on the stack.
/// Values that do not use all of their room, such as an empty `Option`, take along into the heap what lay there. So
/// the stack is cleared behind the one time that it is made.
#[inline]
pub(super) fn prepared<T>(place: &mut Option<T>, make: impl Fn() -> T) -> &T {
    if place.is_none() {
        fill(place, &make);
        clear_stack();
    }
    place.get_or_insert_with(make)
}

/// Apart, so that all that it leaves is where its callers have nothing any more.
#[cold]
#[inline(never)]
fn fill<T>(place: &mut Option<T>, make: impl Fn() -> T) {
    *place = Some(make());
}

/// As deep as keys are derived and prepared in a build without optimisation, where each move is a frame's copy.
#[cold]
#[inline(never)]
fn clear_stack() {
    let mut room = [0_u64; 1024];
    room.zeroize();
    core::hint::black_box(&room);
}
