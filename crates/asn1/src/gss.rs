//! The framing of a GSS-API context's tokens, RFC 2743 section 3.1.

use alloc::vec::Vec;

use crate::der::{Fault, Value, write_header};
use crate::{DecodeError, DecodeErrorKind};

/// A token that says which mechanism it is for, RFC 2743 section 3.1.
///
/// ```text
/// InitialContextToken ::= [APPLICATION 0] IMPLICIT SEQUENCE {
///         thisMech                MechType, -- OBJECT IDENTIFIER
///         innerContextToken       ANY DEFINED BY thisMech
/// }
/// ```
///
/// The inner token need not be ASN.1, and for Kerberos it is not: RFC 4121 section 4.1 puts two
/// octets before a Kerberos message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitialContextToken<'a> {
    /// The contents octets of the mechanism's object identifier.
    pub mechanism: &'a [u8],
    /// The mechanism's own token.
    pub inner: &'a [u8],
}

impl<'a> InitialContextToken<'a> {
    /// Takes a token apart. It must be all of `octets`.
    ///
    /// # Errors
    ///
    /// Says what is wrong at which offset of `octets`.
    pub fn decode(octets: &'a [u8]) -> Result<Self, DecodeError> {
        let token = value(octets, octets, APPLICATION_0)?;
        if !token.rest.is_empty() {
            let behind = octets.len() - token.rest.len();
            return Err(DecodeError::new(behind, DecodeErrorKind::UnexpectedValue));
        }
        let mechanism = value(octets, token.contents, OBJECT_IDENTIFIER)?;
        Ok(Self {
            mechanism: mechanism.contents,
            inner: mechanism.rest,
        })
    }

    /// Puts a token together.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut contents = Vec::with_capacity(self.mechanism.len() + self.inner.len() + 16);
        write_header(&mut contents, OBJECT_IDENTIFIER, self.mechanism.len());
        contents.extend_from_slice(self.mechanism);
        let length = contents.len() + self.inner.len();

        let mut token = Vec::with_capacity(length + 16);
        write_header(&mut token, APPLICATION_0, length);
        token.extend_from_slice(&contents);
        token.extend_from_slice(self.inner);
        token
    }
}

/// The value at the front of `rest`, the end of `all`, if it has the identifier `expected`.
fn value<'a>(all: &[u8], rest: &'a [u8], expected: u8) -> Result<Value<'a>, DecodeError> {
    let start = all.len() - rest.len();
    let value =
        Value::read(rest).map_err(|Fault { at, kind }| DecodeError::new(start + at, kind))?;
    let found = value.identifier;
    if found == expected {
        Ok(value)
    } else {
        Err(DecodeError::new(
            start,
            DecodeErrorKind::UnexpectedTag { expected, found },
        ))
    }
}

/// The identifier of `[APPLICATION 0] IMPLICIT SEQUENCE`.
const APPLICATION_0: u8 = 0x60;
/// The identifier of an OBJECT IDENTIFIER.
const OBJECT_IDENTIFIER: u8 = 0x06;
