//! `KerberosString`: a `GeneralString` on the wire, octets to us.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use rasn::types::Tag;

use super::contents::{Contents, primitive};
use crate::{DecodeErrorKind, limits};

/// A component of a name, a realm, a salt or a text, as the octets that were sent.
///
/// RFC 4120 section 5.2.1 restricts it to IA5, and says that implementations may accept more.
/// MIT krb5, Heimdal and Active Directory send UTF-8, others whatever their locale was: any octets
/// are accepted and kept, names are compared as octets, and only `Display` decodes them, lossily. Read
/// are up to [`limits::TEXT_OCTETS`] of them.
///
/// ```text
/// KerberosString ::= GeneralString (IA5String)
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KerberosString(pub Vec<u8>);

impl fmt::Display for KerberosString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for KerberosString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl Deref for KerberosString {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for KerberosString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for KerberosString {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for KerberosString {
    fn from(octets: &[u8]) -> Self {
        Self(octets.to_vec())
    }
}

impl From<Vec<u8>> for KerberosString {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl Contents for KerberosString {
    const TAG: Tag = Tag::GENERAL_STRING;
    const LIMIT: usize = limits::TEXT_OCTETS;

    fn read(contents: &[u8]) -> Result<Self, DecodeErrorKind> {
        Ok(contents.into())
    }

    fn write(&self) -> impl AsRef<[u8]> {
        self
    }
}

primitive!(KerberosString);
