//! OCTET STRING, for public and for secret contents.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use rasn::types::{AsnType, Constraints, Identifier, Tag};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// An OCTET STRING: ciphertexts, checksums, addresses, typed holes.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Octets(pub Vec<u8>);

/// An OCTET STRING that holds a key.
///
/// Its octets leave memory when it is dropped and are not shown by `Debug`. Equality is not in
/// constant time; it is for tests and for values that an attacker can't choose.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretOctets(Vec<u8>);

impl SecretOctets {
    /// Takes ownership of `octets`, which are zeroized when this value is dropped.
    #[must_use]
    pub fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The secret.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretOctets({} octets)", self.0.len())
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Octets(")?;
        for octet in &self.0 {
            write!(f, "{octet:02x}")?;
        }
        f.write_str(")")
    }
}

impl Deref for Octets {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

impl AsnType for Octets {
    const TAG: Tag = Tag::OCTET_STRING;
}

impl AsnType for SecretOctets {
    const TAG: Tag = Tag::OCTET_STRING;
}

impl rasn::Decode for Octets {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string(tag, constraints).map(Self)
    }
}

impl rasn::Encode for Octets {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        constraints: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_octet_string(tag, constraints, &self.0, identifier)?;
        Ok(())
    }
}

impl rasn::Decode for SecretOctets {
    fn decode_with_tag_and_constraints<D: rasn::Decoder>(
        decoder: &mut D,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string(tag, constraints).map(Self)
    }
}

impl rasn::Encode for SecretOctets {
    fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        constraints: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_octet_string(tag, constraints, &self.0, identifier)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let secret = SecretOctets::new(b"\x41\x42hunter2".to_vec());
        assert_eq!(
            format!("{secret:?} {secret:#?}"),
            "SecretOctets(9 octets) SecretOctets(9 octets)"
        );
    }

    #[test]
    fn secrets_are_gone_when_they_are_zeroized() {
        let mut secret = SecretOctets::new(b"hunter2".to_vec());
        secret.zeroize();
        assert_eq!(secret.expose(), b"");
    }
}
