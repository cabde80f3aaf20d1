//! What can be wrong with an encoding.

use alloc::vec::Vec;
use core::fmt;

/// Why octets are not a message: what is wrong, at which offset, in which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    offset: usize,
    kind: DecodeErrorKind,
    pub(crate) path: Vec<&'static str>,
}

/// What is wrong with an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends within identifier or length octets.
    Truncated,
    /// The contents would go beyond the end of what they are in.
    LengthBeyondEnd,
    /// The length could have been written in fewer octets.
    LengthNotMinimal,
    /// The length is of the indefinite form, which DER does not have.
    IndefiniteLength,
    /// The tag number is above 30. No Kerberos message has one.
    LongTag,
    /// Values are nested deeper than in any Kerberos message.
    TooDeep,
    /// A field that is not optional, or the whole value, is not there.
    Missing,
    /// Another value than the expected one: a wrong, repeated or misplaced field, or a string in
    /// pieces.
    UnexpectedTag {
        /// The identifier octet that should be there.
        expected: u8,
        /// The one that is.
        found: u8,
    },
    /// None of the alternatives that there are.
    UnknownAlternative {
        /// The identifier octet that is there.
        found: u8,
    },
    /// There is more than there should be: a field that is unknown, repeated or misplaced, where the
    /// type has no extension marker or the field is none of a later version, or octets behind the message.
    UnexpectedValue,
    /// A list has more elements than [`limits`](crate::limits) allows; the place is that of the
    /// first one too many.
    TooMany {
        /// How many it may have.
        limit: usize,
    },
    /// A text, or other contents that have a limit, are longer than [`limits`](crate::limits) allows.
    TooLong {
        /// How many octets they may have.
        limit: usize,
    },
    /// The INTEGER has no contents.
    EmptyInteger,
    /// The INTEGER could have been written in fewer octets.
    IntegerNotMinimal,
    /// The INTEGER is not among the values that the field may have.
    IntegerOutOfRange,
    /// The BOOLEAN is not a single octet of 00 or FF.
    Boolean,
    /// The BIT STRING does not say how many bits are unused, or unused bits are set.
    BitString,
    /// The OBJECT IDENTIFIER is empty, has no end, or could have been written in fewer octets.
    ObjectIdentifier,
    /// The `UTF8String` is not UTF-8.
    Utf8String,
    /// The time is not of the form `YYYYMMDDHHMMSSZ`, or there is no such time.
    Time,
    /// A type that no message of this crate has, so that none causes it.
    UnsupportedType,
}

/// A value could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError;

impl DecodeError {
    pub(crate) fn new(offset: usize, kind: DecodeErrorKind) -> Self {
        Self {
            offset,
            kind,
            path: Vec::new(),
        }
    }

    /// Where, counted from the first octet of the input: at the value, its length octets or its
    /// contents, whatever is wrong; where something is missing, at what is there instead.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong there.
    #[must_use]
    pub fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// The names of the fields that lead there, the outermost first.
    #[must_use]
    pub fn path(&self) -> &[&'static str] {
        &self.path
    }

    /// The name of the innermost field, such as `pvno`.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.path.last().copied()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.kind, self.offset)?;
        let mut separator = " in ";
        for field in &self.path {
            write!(f, "{separator}{field}")?;
            separator = ".";
        }
        Ok(())
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "encoding is cut off",
            Self::LengthBeyondEnd => "length goes beyond the end",
            Self::LengthNotMinimal => "length is not minimal",
            Self::IndefiniteLength => "length is indefinite",
            Self::LongTag => "tag number is above 30",
            Self::TooDeep => "values are nested too deep",
            Self::Missing => "value is missing",
            Self::UnexpectedTag { expected, found } => {
                return write!(f, "tag is {found:02x} instead of {expected:02x}");
            }
            Self::UnknownAlternative { found } => {
                return write!(f, "tag is {found:02x}, which no alternative has");
            }
            Self::UnexpectedValue => "value is not expected",
            Self::TooMany { limit } => return write!(f, "more than {limit} elements"),
            Self::TooLong { limit } => return write!(f, "more than {limit} octets"),
            Self::EmptyInteger => "integer is empty",
            Self::IntegerNotMinimal => "integer is not minimal",
            Self::IntegerOutOfRange => "integer is out of range",
            Self::Boolean => "boolean is neither 00 nor ff",
            Self::BitString => "bit string has wrong unused bits",
            Self::ObjectIdentifier => "object identifier is malformed",
            Self::Utf8String => "text is not utf-8",
            Self::Time => "time is not of the form YYYYMMDDHHMMSSZ",
            Self::UnsupportedType => "type is not of Kerberos",
        })
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value has no DER encoding")
    }
}

impl core::error::Error for DecodeError {}

impl core::error::Error for EncodeError {}
