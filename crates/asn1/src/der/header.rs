//! Identifier and length octets, X.690 sections 8.1.2 and 8.1.3 as section 10.1 restricts them.

use alloc::vec::Vec;
use core::ops::Range;

use crate::DecodeErrorKind;

/// What precedes the contents of a value.
pub(crate) struct Header {
    /// Class, form and number of the tag.
    pub(crate) identifier: u8,
    /// Where the contents are in the input.
    pub(crate) contents: Range<usize>,
}

/// What is wrong, and at which offset of the input.
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) kind: DecodeErrorKind,
}

impl Header {
    /// Reads the header of the value that starts at `start` and may not go beyond `end`.
    pub(crate) fn read(input: &[u8], start: usize, end: usize) -> Result<Self, Fault> {
        let octets = input.get(start..end).unwrap_or_default();
        let [identifier, first, rest @ ..] = octets else {
            return Err(Fault::new(end, DecodeErrorKind::Truncated));
        };
        if identifier & NUMBER_MASK == NUMBER_MASK {
            return Err(Fault::new(start, DecodeErrorKind::LongTag));
        }
        let (length, rest) = length(*first, rest).map_err(|kind| Fault::new(start + 1, kind))?;
        if length > rest.len() {
            return Err(Fault::new(start + 1, DecodeErrorKind::LengthBeyondEnd));
        }
        let contents = end - rest.len();
        Ok(Self {
            identifier: *identifier,
            contents: contents..contents + length,
        })
    }
}

impl Fault {
    fn new(offset: usize, kind: DecodeErrorKind) -> Self {
        Self { offset, kind }
    }
}

/// Appends the header of a value whose contents take `length` octets.
pub(crate) fn write_header(output: &mut Vec<u8>, identifier: u8, length: usize) {
    output.push(identifier);
    match u8::try_from(length) {
        Ok(short) if short < LONG_FORM => output.push(short),
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

/// The length that starts with the octet `first`, and what follows it.
fn length(first: u8, rest: &[u8]) -> Result<(usize, &[u8]), DecodeErrorKind> {
    if first < LONG_FORM {
        return Ok((usize::from(first), rest));
    }
    if first == LONG_FORM {
        return Err(DecodeErrorKind::IndefiniteLength);
    }
    let (octets, rest) = rest
        .split_at_checked(usize::from(first & !LONG_FORM))
        .ok_or(DecodeErrorKind::Truncated)?;
    // No input has a length that takes more octets than `usize` has: the value saturates.
    let length = octets.iter().fold(0_usize, |length, octet| {
        length
            .saturating_mul(256)
            .saturating_add(usize::from(*octet))
    });
    if octets.first() == Some(&0) || length < usize::from(LONG_FORM) {
        return Err(DecodeErrorKind::LengthNotMinimal);
    }
    Ok((length, rest))
}

/// The bits of an identifier octet that hold the tag number; all set, it follows in more octets.
const NUMBER_MASK: u8 = 0x1F;
/// Set in the first length octet when it counts the length octets that follow.
const LONG_FORM: u8 = 0x80;
