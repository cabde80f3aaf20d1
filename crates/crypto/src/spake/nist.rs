//! The NIST curves P-256, P-384 and P-521 (SEC 1): big-endian scalars, compressed points, a cofactor of 1.

use alloc::vec::Vec;
use core::marker::PhantomData;

use p256::NistP256;
use p256::elliptic_curve::ff::{Field as _, PrimeField};
use p256::elliptic_curve::group::{Group as _, GroupEncoding};
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::{CurveArithmetic, FieldBytes, ProjectivePoint, Scalar};
use p384::NistP384;
use p521::NistP521;
use zeroize::Zeroize;

use super::arithmetic::Arithmetic;
use crate::SecretVec;

/// A curve of this family.
pub(super) struct Nist<C>(PhantomData<C>);

pub(super) type P256 = Nist<NistP256>;
pub(super) type P384 = Nist<NistP384>;
pub(super) type P521 = Nist<NistP521>;

/// What the registry says of a curve.
pub(super) trait Parameters: CurveArithmetic {
    const SCALAR_LEN: usize;
    const M: &'static [u8];
    const N: &'static [u8];
}

impl<C> Arithmetic for Nist<C>
where
    C: Parameters,
    Scalar<C>: Reduce<FieldBytes<C>> + PrimeField<Repr = FieldBytes<C>> + Zeroize,
    ProjectivePoint<C>: GroupEncoding + Zeroize,
{
    const SCALAR_LEN: usize = C::SCALAR_LEN;
    const M: &'static [u8] = C::M;
    const N: &'static [u8] = C::N;

    type Scalar = Scalar<C>;
    type Element = ProjectivePoint<C>;

    fn scalar(bytes: &[u8]) -> Option<Scalar<C>> {
        let mut bytes = FieldBytes::<C>::try_from(bytes).ok()?;
        let scalar = Scalar::<C>::reduce(&bytes);
        bytes.as_mut_slice().zeroize();
        Some(scalar)
    }

    fn scalar_of_noise(noise: &[u8]) -> Option<Scalar<C>> {
        let (high, low) = noise.split_at_checked(C::SCALAR_LEN)?;
        // The first half counts 256 to the power of the length of the second one.
        let mut power = FieldBytes::<C>::default();
        *power.first_mut()? = 1;
        let shift = Scalar::<C>::reduce(&power) * Scalar::<C>::from(256);
        Some(Self::scalar(high)? * shift + Self::scalar(low)?)
    }

    fn scalar_bytes(scalar: &Scalar<C>) -> SecretVec {
        let mut repr = scalar.to_repr();
        let bytes = repr.as_slice().into();
        repr.as_mut_slice().zeroize();
        bytes
    }

    fn is_zero(scalar: &Scalar<C>) -> bool {
        scalar.is_zero().into()
    }

    fn element(encoding: &[u8]) -> Option<ProjectivePoint<C>> {
        // The crate takes other forms of this length, and the identity as so many zeros.
        if !matches!(encoding, [COMPRESSED_EVEN | COMPRESSED_ODD, ..]) {
            return None;
        }
        let mut repr = <ProjectivePoint<C> as GroupEncoding>::Repr::default();
        if repr.as_ref().len() != encoding.len() {
            return None;
        }
        repr.as_mut().copy_from_slice(encoding);
        ProjectivePoint::<C>::from_bytes(&repr).into()
    }

    fn encoding(element: &ProjectivePoint<C>) -> Vec<u8> {
        element.to_bytes().as_ref().to_vec()
    }

    fn multiply(element: &ProjectivePoint<C>, scalar: &Scalar<C>) -> ProjectivePoint<C> {
        *element * scalar
    }

    fn multiply_generator(scalar: &Scalar<C>) -> ProjectivePoint<C> {
        ProjectivePoint::<C>::mul_by_generator(scalar)
    }

    fn add(left: &ProjectivePoint<C>, right: &ProjectivePoint<C>) -> ProjectivePoint<C> {
        *left + right
    }

    fn subtract(left: &ProjectivePoint<C>, right: &ProjectivePoint<C>) -> ProjectivePoint<C> {
        *left - right
    }

    /// It is 1.
    fn clear_cofactor(element: ProjectivePoint<C>) -> ProjectivePoint<C> {
        element
    }

    fn is_identity(element: &ProjectivePoint<C>) -> bool {
        element.is_identity().into()
    }
}

/// The first byte of a compressed point, SEC 1 section 2.3.3.
const COMPRESSED_EVEN: u8 = 2;
const COMPRESSED_ODD: u8 = 3;

impl Parameters for NistP256 {
    const SCALAR_LEN: usize = 32;
    const M: &'static [u8] = &[
        0x02, 0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7, 0x24, 0x25, 0x79,
        0xf2, 0x99, 0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc, 0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d,
        0x8f, 0xa1, 0x2f,
    ];
    const N: &'static [u8] = &[
        0x03, 0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99, 0x7f, 0x38, 0xc3,
        0x77, 0x07, 0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d, 0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1,
        0x29, 0x2b, 0x49,
    ];
}

impl Parameters for NistP384 {
    const SCALAR_LEN: usize = 48;
    const M: &'static [u8] = &[
        0x03, 0x0f, 0xf0, 0x89, 0x5a, 0xe5, 0xeb, 0xf6, 0x18, 0x70, 0x80, 0xa8, 0x2d, 0x82, 0xb4,
        0x2e, 0x27, 0x65, 0xe3, 0xb2, 0xf8, 0x74, 0x9c, 0x7e, 0x05, 0xeb, 0xa3, 0x66, 0x43, 0x4b,
        0x36, 0x3d, 0x3d, 0xc3, 0x6f, 0x15, 0x31, 0x47, 0x39, 0x07, 0x4d, 0x2e, 0xb8, 0x61, 0x3f,
        0xce, 0xec, 0x28, 0x53,
    ];
    const N: &'static [u8] = &[
        0x02, 0xc7, 0x2c, 0xf2, 0xe3, 0x90, 0x85, 0x3a, 0x1c, 0x1c, 0x4a, 0xd8, 0x16, 0xa6, 0x2f,
        0xd1, 0x58, 0x24, 0xf5, 0x60, 0x78, 0x91, 0x8f, 0x43, 0xf9, 0x22, 0xca, 0x21, 0x51, 0x8f,
        0x9c, 0x54, 0x3b, 0xb2, 0x52, 0xc5, 0x49, 0x02, 0x14, 0xcf, 0x9a, 0xa3, 0xf0, 0xba, 0xab,
        0x4b, 0x66, 0x5c, 0x10,
    ];
}

impl Parameters for NistP521 {
    const SCALAR_LEN: usize = 66;
    const M: &'static [u8] = &[
        0x02, 0x00, 0x3f, 0x06, 0xf3, 0x81, 0x31, 0xb2, 0xba, 0x26, 0x00, 0x79, 0x1e, 0x82, 0x48,
        0x8e, 0x8d, 0x20, 0xab, 0x88, 0x9a, 0xf7, 0x53, 0xa4, 0x18, 0x06, 0xc5, 0xdb, 0x18, 0xd3,
        0x7d, 0x85, 0x60, 0x8c, 0xfa, 0xe0, 0x6b, 0x82, 0xe4, 0xa7, 0x2c, 0xd7, 0x44, 0xc7, 0x19,
        0x19, 0x35, 0x62, 0xa6, 0x53, 0xea, 0x1f, 0x11, 0x9e, 0xef, 0x93, 0x56, 0x90, 0x7e, 0xdc,
        0x9b, 0x56, 0x97, 0x99, 0x62, 0xd7, 0xaa,
    ];
    const N: &'static [u8] = &[
        0x02, 0x00, 0xc7, 0x92, 0x4b, 0x9e, 0xc0, 0x17, 0xf3, 0x09, 0x45, 0x62, 0x89, 0x43, 0x36,
        0xa5, 0x3c, 0x50, 0x16, 0x7b, 0xa8, 0xc5, 0x96, 0x38, 0x76, 0x88, 0x05, 0x42, 0xbc, 0x66,
        0x9e, 0x49, 0x4b, 0x25, 0x32, 0xd7, 0x6c, 0x5b, 0x53, 0xdf, 0xb3, 0x49, 0xfd, 0xf6, 0x91,
        0x54, 0xb9, 0xe0, 0x04, 0x8c, 0x58, 0xa4, 0x2e, 0x8e, 0xd0, 0x4c, 0xef, 0x05, 0x2a, 0x3b,
        0xc3, 0x49, 0xd9, 0x55, 0x75, 0xcd, 0x25,
    ];
}
