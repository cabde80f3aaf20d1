//! The group edwards25519 (RFC 8032 section 5.1): little-endian scalars, a cofactor of 8.
//!
//! RFC 9588 has private scalars that are multiples of the cofactor, so that what a public key may have of small
//! order vanishes from the shared element. Here a private scalar is that divided by 8, below the order of the
//! generator, and the elements are multiplied by 8 instead.

use alloc::vec::Vec;

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use zeroize::Zeroize as _;

use super::arithmetic::Arithmetic;
use crate::SecretVec;

pub(super) struct Edwards25519;

impl Arithmetic for Edwards25519 {
    const SCALAR_LEN: usize = 32;
    const M: &'static [u8] = &[
        0xd0, 0x48, 0x03, 0x2c, 0x6e, 0xa0, 0xb6, 0xd6, 0x97, 0xdd, 0xc2, 0xe8, 0x6b, 0xda, 0x85,
        0xa3, 0x3a, 0xda, 0xc9, 0x20, 0xf1, 0xbf, 0x18, 0xe1, 0xb0, 0xc6, 0xd1, 0x66, 0xa5, 0xce,
        0xcd, 0xaf,
    ];
    const N: &'static [u8] = &[
        0xd3, 0xbf, 0xb5, 0x18, 0xf4, 0x4f, 0x34, 0x30, 0xf2, 0x9d, 0x0c, 0x92, 0xaf, 0x50, 0x38,
        0x65, 0xa1, 0xed, 0x32, 0x81, 0xdc, 0x69, 0xb3, 0x5d, 0xd8, 0x68, 0xba, 0x85, 0xf8, 0x86,
        0xc4, 0xab,
    ];

    type Scalar = Scalar;
    type Element = EdwardsPoint;

    fn scalar(bytes: &[u8]) -> Option<Scalar> {
        let mut bytes = <[u8; 32]>::try_from(bytes).ok()?;
        let scalar = Scalar::from_bytes_mod_order(bytes);
        bytes.zeroize();
        Some(scalar)
    }

    fn scalar_of_noise(noise: &[u8]) -> Option<Scalar> {
        let noise = <&[u8; 64]>::try_from(noise).ok()?;
        Some(Scalar::from_bytes_mod_order_wide(noise))
    }

    fn scalar_bytes(scalar: &Scalar) -> SecretVec {
        scalar.as_bytes().as_slice().into()
    }

    fn is_zero(scalar: &Scalar) -> bool {
        *scalar == Scalar::ZERO
    }

    fn element(encoding: &[u8]) -> Option<EdwardsPoint> {
        let encoding = CompressedEdwardsY::from_slice(encoding).ok()?;
        // The crate takes coordinates that are not reduced, too. RFC 8032 section 5.1.3 does not.
        encoding
            .decompress()
            .filter(|element| element.compress() == encoding)
    }

    fn encoding(element: &EdwardsPoint) -> Vec<u8> {
        element.compress().as_bytes().to_vec()
    }

    fn multiply(element: &EdwardsPoint, scalar: &Scalar) -> EdwardsPoint {
        element * scalar
    }

    fn multiply_generator(scalar: &Scalar) -> EdwardsPoint {
        EdwardsPoint::mul_base(scalar)
    }

    fn add(left: &EdwardsPoint, right: &EdwardsPoint) -> EdwardsPoint {
        left + right
    }

    fn subtract(left: &EdwardsPoint, right: &EdwardsPoint) -> EdwardsPoint {
        left - right
    }

    fn clear_cofactor(element: EdwardsPoint) -> EdwardsPoint {
        element.mul_by_cofactor()
    }

    fn is_identity(element: &EdwardsPoint) -> bool {
        element.is_identity()
    }
}
