//! Primitive types as `rasn` sees them.

use rasn::types::Tag;

use crate::DecodeErrorKind;

/// A primitive type that reads and writes its contents octets itself.
///
/// To `rasn` it is an OCTET STRING under another tag, which is what every primitive type is on the
/// wire. [`primitive!`] tells it so.
pub(crate) trait Contents: Sized {
    /// The universal tag.
    const TAG: Tag;

    /// How many octets the contents may have, for what has a limit.
    const LIMIT: usize = usize::MAX;

    /// Reads the contents; says what is wrong with them if they are not of this type.
    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind>;

    /// The contents, as DER has them.
    fn write(&self) -> impl AsRef<[u8]>;
}

/// Implements `rasn`'s traits for types that have [`Contents`].
macro_rules! primitive {
    ($($type:ty),*) => {$(
        impl rasn::AsnType for $type {
            const TAG: rasn::types::Tag = <Self as $crate::fields::Contents>::TAG;
            const IDENTIFIER: rasn::types::Identifier =
                rasn::types::Identifier(Some(stringify!($type)));
        }

        impl rasn::Decode for $type {
            fn decode_with_tag_and_constraints<D: rasn::Decoder>(
                decoder: &mut D,
                tag: rasn::types::Tag,
                constraints: &rasn::types::Constraints,
            ) -> Result<Self, D::Error> {
                let contents: alloc::borrow::Cow<'_, [u8]> =
                    decoder.decode_octet_string(tag, constraints)?;
                let limit = <Self as $crate::fields::Contents>::LIMIT;
                if contents.len() > limit {
                    return Err($crate::der::refusal($crate::DecodeErrorKind::TooLong { limit }).into());
                }
                <Self as $crate::fields::Contents>::read(&contents)
                    .map_err(|kind| $crate::der::refusal(kind).into())
            }
        }

        impl rasn::Encode for $type {
            fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
                &self,
                encoder: &mut E,
                tag: rasn::types::Tag,
                constraints: &rasn::types::Constraints,
                identifier: rasn::types::Identifier,
            ) -> Result<(), E::Error> {
                let contents = <Self as $crate::fields::Contents>::write(self);
                encoder.encode_octet_string(tag, constraints, contents.as_ref(), identifier)?;
                Ok(())
            }
        }
    )*};
}

pub(crate) use primitive;
