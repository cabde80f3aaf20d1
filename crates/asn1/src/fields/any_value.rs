//! A value of a type that is not Kerberos'.

use core::fmt;

use rasn::types::{Any, AsnType, Constraints, Identifier, Tag};

use crate::DecodeError;
use crate::der::{self, WHOLE_VALUE};

/// One value of any type, in the octets that it came in. They are DER, whatever they mean.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AnyValue(Any);

impl AnyValue {
    /// Takes one value, which must be all of `octets`.
    ///
    /// # Errors
    ///
    /// Says what is not DER, at which offset.
    pub fn new(octets: &[u8]) -> Result<Self, DecodeError> {
        der::decode(octets)
    }

    /// The encoding: identifier, length and contents octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for AnyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyValue({} octets)", self.octets().len())
    }
}

impl AsnType for AnyValue {
    const TAG: Tag = Tag::EOC;
}

impl rasn::Decode for AnyValue {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        _: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_any(WHOLE_VALUE).map(Self)
    }
}

impl rasn::Encode for AnyValue {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        _: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_any(Tag::EOC, &self.0, identifier)?;
        Ok(())
    }
}
