//! OCTET STRING and its like, for public and for secret contents.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use rasn::types::Tag;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::contents::{Contents, primitive};
use crate::{DecodeErrorKind, limits};

/// An OCTET STRING: ciphertexts, checksums, addresses, typed holes. `Debug` shows short ones only.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Octets(pub Vec<u8>);

/// An OCTET STRING that holds a key.
///
/// Its octets leave memory when it is dropped and are not shown by `Debug`. Equality is not in
/// constant time; it is for tests and for values that an attacker can't choose.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretOctets(Vec<u8>);

/// A `UTF8String` that is a secret, such as a PIN.
///
/// As [`SecretOctets`] in all but its type.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretString(SecretOctets);

/// A BIT STRING of whole octets, such as a public key.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitString(pub Vec<u8>);

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

impl SecretString {
    /// Takes ownership of `text`, which is zeroized when this value is dropped.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretOctets(text.into_bytes()))
    }

    /// The secret, which is UTF-8.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretString({} octets)", self.expose().len())
    }
}

impl fmt::Debug for BitString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BitString({} octets)", self.0.len())
    }
}

impl fmt::Debug for SecretOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretOctets({} octets)", self.0.len())
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            0..=SHOWN_LENGTH => write!(f, "Octets({:02x?})", self.0),
            length => write!(f, "Octets({length} octets)"),
        }
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

impl Contents for Octets {
    const TAG: Tag = Tag::OCTET_STRING;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        Ok(contents.into())
    }

    fn write(&self) -> impl AsRef<[u8]> {
        self
    }
}

impl Contents for SecretOctets {
    const TAG: Tag = Tag::OCTET_STRING;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        Ok(Self::new(contents.to_vec()))
    }

    fn write(&self) -> impl AsRef<[u8]> {
        self.expose()
    }
}

impl Contents for SecretString {
    const TAG: Tag = Tag::UTF8_STRING;
    const LIMIT: usize = limits::TEXT_OCTETS;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        match core::str::from_utf8(contents) {
            Ok(_) => SecretOctets::read(contents).map(Self),
            Err(_) => Err(DecodeErrorKind::Utf8String),
        }
    }

    fn write(&self) -> impl AsRef<[u8]> {
        self.expose()
    }
}

impl Contents for BitString {
    const TAG: Tag = Tag::BIT_STRING;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        match contents {
            [0, octets @ ..] => Ok(Self(octets.to_vec())),
            _ => Err(DecodeErrorKind::BitString),
        }
    }

    fn write(&self) -> impl AsRef<[u8]> {
        [&[0], &*self.0].concat()
    }
}

primitive!(Octets, SecretOctets, SecretString, BitString);

/// How many octets `Debug` shows: an address, but not what may be a credential in the clear.
const SHOWN_LENGTH: usize = 16;

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
        let secret = SecretString::new("hunter2".into());
        assert_eq!(format!("{secret:?}"), "SecretString(7 octets)");
    }

    #[test]
    fn secrets_are_gone_when_they_are_zeroized() {
        let mut secret = SecretOctets::new(b"hunter2".to_vec());
        secret.zeroize();
        assert_eq!(secret.expose(), b"");
    }
}
