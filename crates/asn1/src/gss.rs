//! The framing of a GSS-API context's tokens, RFC 2743 section 3.1.

use alloc::vec::Vec;

use crate::der::{Fault, Value, header_len, write_header};
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
        frame(self.mechanism, &[self.inner])
    }
}

/// A token of this mechanism, whose own token stands in these parts. It is written once, in one allocation.
#[must_use]
pub fn frame(mechanism: &[u8], inner: &[&[u8]]) -> Vec<u8> {
    let inner_len: usize = inner.iter().map(|part| part.len()).sum();
    let length = header_len(mechanism.len()) + mechanism.len() + inner_len;
    let mut token = Vec::with_capacity(header_len(length) + length);
    write_header(&mut token, APPLICATION_0, length);
    write_header(&mut token, OBJECT_IDENTIFIER, mechanism.len());
    token.extend_from_slice(mechanism);
    for part in inner {
        token.extend_from_slice(part);
    }
    token
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
