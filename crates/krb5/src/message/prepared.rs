//! Keys that are derived and expanded when they are first used.

use crate::stack;

/// What is prepared already, or is now.
///
/// A key schedule is moved a few times before it lies where it stays, and each move leaves a copy on the stack.
/// Values that do not use all of their room, such as an empty `Option`, take along into the heap what lay there. So
/// the stack is cleared behind the one time that it is made.
#[inline]
pub(super) fn prepared<T>(place: &mut Option<T>, make: impl Fn() -> T) -> &T {
    if place.is_none() {
        fill(place, &make);
        stack::clear::<1024>();
    }
    place.get_or_insert_with(make)
}

/// Apart, so that all that it leaves is where its callers have nothing any more.
#[cold]
#[inline(never)]
fn fill<T>(place: &mut Option<T>, make: impl Fn() -> T) {
    *place = Some(make());
}
