//! Lists of as many pieces as messages usually have, without an allocation.

use alloc::vec::Vec;
use core::array;

use orthros_crypto::Piece;

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

/// What there are lists of.
pub(super) trait Gathered {
    /// For places that are not used.
    fn nothing() -> Self;
}

impl Gathered for Piece<'_> {
    fn nothing() -> Self {
        Piece::SignOnly(&[])
    }
}

impl Gathered for &[u8] {
    fn nothing() -> Self {
        &[]
    }
}

/// The same piece for a shorter time.
pub(super) fn reborrowed<'s>(piece: &'s mut Piece<'_>) -> Piece<'s> {
    match piece {
        Piece::Data(octets) => Piece::Data(octets),
        Piece::SignOnly(octets) => Piece::SignOnly(octets),
    }
}

/// What a checksum covers of a piece.
pub(super) fn octets<'s>(piece: &'s Piece<'_>) -> &'s [u8] {
    match piece {
        Piece::Data(octets) => octets,
        Piece::SignOnly(octets) => octets,
    }
}

/// As [`octets`], of a piece that is not changed any more.
pub(super) fn into_octets(piece: Piece<'_>) -> &[u8] {
    match piece {
        Piece::Data(octets) => octets,
        Piece::SignOnly(octets) => octets,
    }
}
