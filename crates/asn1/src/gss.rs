//! The framing of a GSS-API context's tokens, RFC 2743 section 3.1.

use alloc::vec::Vec;

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
/// The inner token need not be ASN.1, and for Kerberos it is not.
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
        let (contents, rest) = value(octets, octets, 0x60)?;
        if !rest.is_empty() {
            return Err(malformed(octets, rest));
        }
        let (mechanism, inner) = value(octets, contents, 0x06)?;
        Ok(Self { mechanism, inner })
    }

    /// Puts a token together.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mechanism_length = length(self.mechanism.len());
        let contents = 1 + mechanism_length.len() + self.mechanism.len() + self.inner.len();
        let mut token = Vec::with_capacity(contents + 10);
        token.push(0x60);
        token.extend_from_slice(&length(contents));
        token.push(0x06);
        token.extend_from_slice(&mechanism_length);
        token.extend_from_slice(self.mechanism);
        token.extend_from_slice(self.inner);
        token
    }
}

fn malformed(all: &[u8], at: &[u8]) -> DecodeError {
    DecodeError {
        offset: all.len() - at.len(),
        kind: DecodeErrorKind::Malformed,
    }
}

fn value<'a>(
    all: &'a [u8],
    octets: &'a [u8],
    identifier: u8,
) -> Result<(&'a [u8], &'a [u8]), DecodeError> {
    let error = || malformed(all, octets);
    let (first, rest) = octets.split_first().ok_or_else(error)?;
    let (length, rest) = rest.split_first().ok_or_else(error)?;
    if *first != identifier {
        return Err(error());
    }
    let (length, rest) = match *length {
        short @ 0..=0x7F => (usize::from(short), rest),
        long => {
            let (length, rest) = rest
                .split_at_checked(usize::from(long & 0x7F))
                .ok_or_else(error)?;
            if length.is_empty() || length.len() > 4 {
                return Err(error());
            }
            let length = length.iter().fold(0, |n, o| n << 8 | usize::from(*o));
            (length, rest)
        }
    };
    rest.split_at_checked(length).ok_or_else(error)
}

fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short @ 0..=0x7F) => alloc::vec![short],
        _ => {
            let octets = length.to_be_bytes();
            let significant: Vec<u8> = octets.into_iter().skip_while(|o| *o == 0).collect();
            let mut all = alloc::vec![0x80 | u8::try_from(significant.len()).unwrap_or(0)];
            all.extend(significant);
            all
        }
    }
}
