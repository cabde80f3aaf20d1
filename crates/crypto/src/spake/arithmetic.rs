//! What SPAKE needs of a group, and the four formulas of RFC 9588 section 5 over it.

use alloc::vec::Vec;

use zeroize::Zeroize;

use super::Party;
use crate::SecretVec;

/// A group: its parameters in the registry, and its arithmetic in constant time.
pub(super) trait Arithmetic {
    /// Bytes of a multiplier and of a private scalar.
    const SCALAR_LEN: usize;
    /// The encoding of M, which masks the KDC's public key.
    const M: &'static [u8];
    /// The encoding of N, which masks the client's public key.
    const N: &'static [u8];

    /// An integer modulo the order of the generator.
    type Scalar: Zeroize;
    /// An element of the group.
    type Element: Zeroize;

    /// The integer in [`SCALAR_LEN`](Self::SCALAR_LEN) bytes, in the byte order of the group, reduced. `None` for
    /// another length.
    fn scalar(bytes: &[u8]) -> Option<Self::Scalar>;

    /// A scalar of twice as many bytes, which may be any: each scalar is as likely as the others.
    fn scalar_of_noise(noise: &[u8]) -> Option<Self::Scalar>;

    /// The bytes of a scalar.
    fn scalar_bytes(scalar: &Self::Scalar) -> SecretVec;

    /// Whether it is zero.
    fn is_zero(scalar: &Self::Scalar) -> bool;

    /// The element of a canonical encoding; `None` if there is none.
    fn element(encoding: &[u8]) -> Option<Self::Element>;

    /// The encoding of an element.
    fn encoding(element: &Self::Element) -> Vec<u8>;

    /// Element times scalar.
    fn multiply(element: &Self::Element, scalar: &Self::Scalar) -> Self::Element;

    /// The generator G times scalar.
    fn multiply_generator(scalar: &Self::Scalar) -> Self::Element;

    /// The sum of two elements.
    fn add(left: &Self::Element, right: &Self::Element) -> Self::Element;

    /// The first element less the second.
    fn subtract(left: &Self::Element, right: &Self::Element) -> Self::Element;

    /// The element times the cofactor: none of small order is left of it.
    fn clear_cofactor(element: Self::Element) -> Self::Element;

    /// Whether it is the identity, which no party's scalar changes.
    fn is_identity(element: &Self::Element) -> bool;
}

/// Draws are of this many bytes: twice those of a scalar.
pub(super) const fn noise_len<A: Arithmetic>() -> usize {
    2 * A::SCALAR_LEN
}

/// The private scalar that is made of random bytes. `None` for zero, and for noise of another length.
pub(super) fn private_scalar<A: Arithmetic>(noise: &[u8]) -> Option<SecretVec> {
    let mut scalar = A::scalar_of_noise(noise)?;
    let bytes = A::scalar_bytes(&scalar);
    let is_zero = A::is_zero(&scalar);
    scalar.zeroize();
    (!is_zero).then_some(bytes)
}

/// The public key of a party: its scalar times the generator, masked by the multiplier times its constant.
pub(super) fn public_key<A: Arithmetic>(
    party: Party,
    multiplier: &[u8],
    private: &[u8],
) -> Option<Vec<u8>> {
    let mut mask = mask::<A>(party, multiplier)?;
    let mut scalar = A::scalar(private)?;
    let mut unmasked = A::clear_cofactor(A::multiply_generator(&scalar));
    let masked = A::add(&unmasked, &mask);
    scalar.zeroize();
    mask.zeroize();
    unmasked.zeroize();
    Some(A::encoding(&masked))
}

/// The shared element: what is under the mask of the other party's public key, times the private scalar.
///
/// `None` if the public key is no element, or is of small order below its mask.
pub(super) fn shared_element<A: Arithmetic>(
    party: Party,
    multiplier: &[u8],
    private: &[u8],
    public: &[u8],
) -> Option<SecretVec> {
    let public = A::element(public)?;
    let mut mask = mask::<A>(party.other(), multiplier)?;
    let mut scalar = A::scalar(private)?;
    let mut unmasked = A::subtract(&public, &mask);
    let mut shared = A::clear_cofactor(A::multiply(&unmasked, &scalar));
    scalar.zeroize();
    mask.zeroize();
    unmasked.zeroize();
    let encoding = (!A::is_identity(&shared)).then(|| A::encoding(&shared).into());
    shared.zeroize();
    encoding
}

fn mask<A: Arithmetic>(party: Party, multiplier: &[u8]) -> Option<A::Element> {
    let constant = match party {
        Party::Kdc => A::M,
        Party::Client => A::N,
    };
    let mut multiplier = A::scalar(multiplier)?;
    let mask = A::multiply(&A::element(constant)?, &multiplier);
    multiplier.zeroize();
    Some(mask)
}
