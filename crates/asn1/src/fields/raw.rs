//! A value together with the octets it came in.

use core::ops::Deref;

use rasn::types::{Any, AsnType, Constraints, Identifier, Tag, TagTree};

use crate::der::NEXT_VALUE;
use crate::{DecodeError, EncodeError, Message};

/// A decoded value and the octets it was decoded from.
///
/// What a checksum covers must not be encoded again to be checked, and a ticket is sent to the
/// service as the KDC sent it to us: both need the octets as received. Encoding a `Raw` writes
/// these octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw<T> {
    octets: Any,
    value: T,
}

impl<T> Raw<T> {
    /// The encoding, as received or as first made.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.octets.as_bytes()
    }

    /// The value that the octets encode.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value, without its octets.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T: Message> Raw<T> {
    /// Encodes `value` once and keeps both.
    ///
    /// # Errors
    ///
    /// As [`Message::encode`].
    pub fn new(value: T) -> Result<Self, EncodeError> {
        let octets = Any::new(value.encode()?);
        Ok(Self { octets, value })
    }

    /// Reads one value, which must be all of `octets`, and keeps both: a ticket out of a cache.
    ///
    /// # Errors
    ///
    /// As [`Message::decode`].
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self {
            value: T::decode(octets)?,
            octets: Any::new(octets.to_vec()),
        })
    }
}

impl<T> Deref for Raw<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: AsnType> AsnType for Raw<T> {
    const TAG: Tag = T::TAG;
    const CONSTRAINTS: Constraints = T::CONSTRAINTS;
    const TAG_TREE: TagTree = T::TAG_TREE;
    const IDENTIFIER: Identifier = T::IDENTIFIER;
}

impl<T: rasn::Decode> rasn::Decode for Raw<T> {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Self, D::Error> {
        let octets = decoder.decode_any(NEXT_VALUE)?;
        let value = T::decode_with_tag_and_constraints(decoder, tag, constraints)?;
        Ok(Self { octets, value })
    }
}

impl<T: rasn::Encode> rasn::Encode for Raw<T> {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        _: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_any(Tag::EOC, &self.octets, identifier)?;
        Ok(())
    }
}
