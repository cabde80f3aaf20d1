//! The constrained integers of RFC 4120 section 5.2.4. `Int32` is plain `i32`.

use alloc::borrow::Cow;
use core::fmt;

use rasn::types::constraints::{Bounded, Constraint, Extensible, Value};
use rasn::types::{AsnType, Constraints, Identifier, Tag};
use rasn::{Decode, Encode};

use crate::DecodeErrorKind;
use crate::der::refusal;

/// An unsigned 32-bit number: key version, sequence number, nonce.
///
/// ```text
/// UInt32 ::= INTEGER (0..4294967295)
/// ```
///
/// Many peers hold these in signed variables and send the upper half as negative numbers, some
/// with redundant leading octets. Both are accepted, and the 32 bits are what counts: -1 is
/// 4294967295. It is sent as the RFC says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UInt32(pub u32);

/// Microseconds within a second: 0 to 999999.
///
/// ```text
/// Microseconds ::= INTEGER (0..999999)
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Microseconds(u32);

/// An integer that can only be `N`: `pvno`, and the `msg-type` of a message that has one.
///
/// A value of this type is the proof that the number was right; there is nothing in it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exactly<const N: i32>;

impl Microseconds {
    /// One less than a second.
    pub const MAX: Self = Self(999_999);

    /// The given number of microseconds, if it is less than a second.
    #[must_use]
    pub const fn new(microseconds: u32) -> Option<Self> {
        if microseconds <= Self::MAX.0 {
            Some(Self(microseconds))
        } else {
            None
        }
    }

    /// The number, 0 to 999999.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.0
    }
}

impl<const N: i32> Exactly<N> {
    /// The number, `N`.
    #[must_use]
    pub const fn value(self) -> i32 {
        N
    }
}

impl From<u32> for UInt32 {
    fn from(value: u32) -> Self {
        Self(value)
    }
}

impl From<UInt32> for u32 {
    fn from(value: UInt32) -> Self {
        value.0
    }
}

impl fmt::Display for UInt32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const N: i32> fmt::Debug for Exactly<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        N.fmt(f)
    }
}

impl AsnType for UInt32 {
    const TAG: Tag = Tag::INTEGER;
}

impl AsnType for Microseconds {
    const TAG: Tag = Tag::INTEGER;
    const CONSTRAINTS: Constraints = Constraints::new(&[Constraint::Value(Extensible::new(
        Value::new(Bounded::const_new(0, Self::MAX.0 as i128)),
    ))]);
}

impl<const N: i32> AsnType for Exactly<N> {
    const TAG: Tag = Tag::INTEGER;
    const CONSTRAINTS: Constraints = Constraints::new(&[Constraint::Value(Extensible::new(
        Value::new(Bounded::single_value(N as i128)),
    ))]);
}

impl Decode for UInt32 {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        let contents: Cow<'_, [u8]> = decoder.decode_octet_string(tag, &Constraints::default())?;
        low_32_bits(&contents)
            .map(Self)
            .map_err(|kind| refusal(kind).into())
    }
}

impl Encode for UInt32 {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        constraints: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_integer(tag, constraints, &self.0, identifier)?;
        Ok(())
    }
}

impl Decode for Microseconds {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_integer(tag, constraints).map(Self)
    }
}

impl Encode for Microseconds {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        constraints: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_integer(tag, constraints, &self.0, identifier)?;
        Ok(())
    }
}

impl<const N: i32> Decode for Exactly<N> {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_integer::<i32>(tag, constraints)?;
        Ok(Self)
    }
}

impl<const N: i32> Encode for Exactly<N> {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        constraints: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_integer(tag, constraints, &N, identifier)?;
        Ok(())
    }
}

/// The value of INTEGER contents modulo 2^32, if it is between -2^31 and 2^32 - 1.
fn low_32_bits(contents: &[u8]) -> Result<u32, DecodeErrorKind> {
    let first = contents.first().ok_or(DecodeErrorKind::EmptyInteger)?;
    let negative = first & 0x80 != 0;
    let (sign, fill) = if negative {
        (0xFF, u32::MAX)
    } else {
        (0x00, 0)
    };
    let redundant = contents.iter().take_while(|octet| **octet == sign).count();
    let significant = contents.get(redundant..).unwrap_or_default();
    let bits = significant
        .iter()
        .fold(fill, |bits, octet| bits << 8 | u32::from(*octet));
    // A negative number whose sign bit is not among the 32 is below -2^31.
    let sign_is_lost = negative && bits & 0x8000_0000 == 0;
    if significant.len() > 4 || sign_is_lost {
        return Err(DecodeErrorKind::IntegerOutOfRange);
    }
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_stay_below_a_second() {
        assert_eq!(Microseconds::new(999_999), Some(Microseconds::MAX));
        assert_eq!(Microseconds::new(1_000_000), None);
    }

    #[test]
    fn both_signs_of_a_32_bit_number_mean_the_same_bits() {
        for (contents, bits) in [
            (&[0xFF][..], Ok(0xFFFF_FFFF)),
            (&[0x00, 0xFF, 0xFF, 0xFF, 0xFF], Ok(0xFFFF_FFFF)),
            (&[0x80, 0x00, 0x00, 0x00], Ok(0x8000_0000)),
            (&[0x00, 0x80, 0x00, 0x00, 0x00], Ok(0x8000_0000)),
            (
                &[0xFF, 0x7F, 0xFF, 0xFF, 0xFF],
                Err(DecodeErrorKind::IntegerOutOfRange),
            ),
            (
                &[0x01, 0x00, 0x00, 0x00, 0x00],
                Err(DecodeErrorKind::IntegerOutOfRange),
            ),
            (&[0x00], Ok(0)),
            (&[], Err(DecodeErrorKind::EmptyInteger)),
        ] {
            assert_eq!(low_32_bits(contents), bits, "{contents:02x?}");
        }
    }
}
