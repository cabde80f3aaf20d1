//! One value: identifier, length and contents octets. X.690 section 8.1, as section 10.1 restricts it.

use alloc::vec::Vec;

use crate::{DecodeError, DecodeErrorKind};

/// A value of any type at the front of some octets, whose contents are not looked at: to read
/// a field of what is not Kerberos', or the outline of a message.
///
/// ```
/// use orthros_asn1::{DecodeErrorKind, DerValue};
///
/// let value = DerValue::first(&[0x30, 3, 2, 1, 5, 0xFF])?;
/// assert_eq!((value.identifier, value.contents, value.rest), (0x30, &[2, 1, 5][..], &[0xFF][..]));
///
/// let error = DerValue::first(&[0x30, 0x81, 3, 2, 1, 5]).unwrap_err();
/// assert_eq!(error.kind(), DecodeErrorKind::LengthNotMinimal);
/// # Ok::<(), orthros_asn1::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Class, form and number of the tag, which is below 31.
    pub identifier: u8,
    /// The contents octets.
    pub contents: &'a [u8],
    /// The octets behind the value.
    pub rest: &'a [u8],
}

/// What is wrong, and how many octets from the start of the value.
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) kind: DecodeErrorKind,
}

impl<'a> Value<'a> {
    /// Takes the value at the front of `octets` apart. Its length is in the definite form and in as few
    /// octets as it takes.
    ///
    /// # Errors
    ///
    /// Says what is wrong at which offset.
    pub fn first(octets: &'a [u8]) -> Result<Self, DecodeError> {
        Self::read(octets).map_err(|Fault { at, kind }| DecodeError::new(at, kind))
    }

    /// Takes the value at the front of `octets` apart.
    pub(crate) fn read(octets: &'a [u8]) -> Result<Self, Fault> {
        let [identifier, first, rest @ ..] = octets else {
            return Err(Fault::new(octets.len(), DecodeErrorKind::Truncated));
        };
        if identifier & NUMBER_MASK == NUMBER_MASK {
            return Err(Fault::new(0, DecodeErrorKind::LongTag));
        }
        let (length, rest) = match *first {
            short @ 0..LONG_FORM => (usize::from(short), rest),
            long => long_length(long, rest).map_err(|kind| Fault::new(1, kind))?,
        };
        match rest.split_at_checked(length) {
            Some((contents, rest)) => Ok(Self {
                identifier: *identifier,
                contents,
                rest,
            }),
            None => Err(Fault::new(1, DecodeErrorKind::LengthBeyondEnd)),
        }
    }
}

impl Fault {
    fn new(at: usize, kind: DecodeErrorKind) -> Self {
        Self { at, kind }
    }
}

/// Identifier and length octets of a value with `length` octets of contents.
pub(crate) fn header_len(length: usize) -> usize {
    match length {
        0..=0x7F => 2,
        _ => 2 + length.to_be_bytes().len() - (length.leading_zeros() / u8::BITS) as usize,
    }
}

/// Appends the identifier and length octets of a value with `length` octets of contents.
pub(crate) fn write_header(output: &mut Vec<u8>, identifier: u8, length: usize) {
    output.push(identifier);
    match u8::try_from(length) {
        Ok(short @ 0..LONG_FORM) => output.push(short),
        _ => {
            let octets = length.to_be_bytes();
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            let significant = octets.get(zeros..).unwrap_or_default();
            let count = significant.len().to_be_bytes();
            output.extend(count.last().map(|count| LONG_FORM | count));
            output.extend_from_slice(significant);
        }
    }
}

/// The length whose octets start with `first`, of the long form, and what follows them.
fn long_length(first: u8, rest: &[u8]) -> Result<(usize, &[u8]), DecodeErrorKind> {
    let (octets, rest) = rest
        .split_at_checked(usize::from(first & !LONG_FORM))
        .ok_or(DecodeErrorKind::Truncated)?;
    let length = match *octets {
        [] => return Err(DecodeErrorKind::IndefiniteLength),
        [0, ..] | [..LONG_FORM] => return Err(DecodeErrorKind::LengthNotMinimal),
        [a] => u32::from(a),
        [a, b] => u32::from_be_bytes([0, 0, a, b]),
        [a, b, c] => u32::from_be_bytes([0, a, b, c]),
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
        // 4 GiB and more: no message is that long.
        _ => return Err(DecodeErrorKind::LengthBeyondEnd),
    };
    let length = usize::try_from(length).map_err(|_| DecodeErrorKind::LengthBeyondEnd)?;
    Ok((length, rest))
}

/// The bits of an identifier octet that hold the tag number; all set, it follows in more octets.
const NUMBER_MASK: u8 = 0x1F;
/// Set in the first length octet when it counts the length octets that follow.
const LONG_FORM: u8 = 0x80;
