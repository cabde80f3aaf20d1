//! How a refusal travels through code that `rasn` generates.

use alloc::string::String;

use rasn::Codec;
use rasn::error::{BerDecodeErrorKind, CodecDecodeError, DecodeError, DecodeErrorKind as Rasn};
use rasn::types::Tag;

use crate::DecodeErrorKind;

/// A decoding that failed.
///
/// It says nothing of where, and generated code wraps it on the way. So the reader records what is
/// wrong, and of the errors that travel only one counts: the first, when a field type refuses the
/// contents that the reader gave it.
pub(super) type Refusal = DecodeError;

/// What the reader returns for a failure that it has recorded.
pub(super) fn recorded() -> Refusal {
    Refusal::from_kind(Rasn::Custom { msg: String::new() }, Codec::Der)
}

/// What a field type returns for contents that it refuses.
///
/// `rasn` passes on its own errors only. So `kind` is put into its words here, and out of them by
/// [`kind`], for the kinds of defects that field types find.
pub(crate) fn refusal(kind: DecodeErrorKind) -> Refusal {
    match kind {
        DecodeErrorKind::Time => BerDecodeErrorKind::invalid_date(String::new()).into(),
        DecodeErrorKind::ObjectIdentifier => BerDecodeErrorKind::InvalidObjectIdentifier.into(),
        DecodeErrorKind::Utf8String => {
            Refusal::string_conversion_failed(Tag::UTF8_STRING, String::new(), Codec::Der)
        }
        DecodeErrorKind::EmptyInteger => Refusal::unexpected_empty_input(Codec::Der),
        DecodeErrorKind::BitString => Refusal::invalid_bit_string(0, Codec::Der),
        DecodeErrorKind::TooLong { limit } => {
            Refusal::size_constraint_not_satisfied(Some(limit), String::new(), Codec::Der)
        }
        _ => Refusal::integer_overflow(u32::BITS, Codec::Der),
    }
}

/// The inverse of [`refusal`].
pub(super) fn kind(refusal: &Refusal) -> DecodeErrorKind {
    match *refusal.kind {
        Rasn::IntegerOverflow { .. } => DecodeErrorKind::IntegerOutOfRange,
        Rasn::UnexpectedEmptyInput => DecodeErrorKind::EmptyInteger,
        Rasn::StringConversionFailed { .. } => DecodeErrorKind::Utf8String,
        Rasn::InvalidBitString { .. } => DecodeErrorKind::BitString,
        Rasn::SizeConstraintNotSatisfied {
            size: Some(limit), ..
        } => DecodeErrorKind::TooLong { limit },
        Rasn::CodecSpecific {
            inner: CodecDecodeError::Ber(BerDecodeErrorKind::InvalidDate { .. }),
        } => DecodeErrorKind::Time,
        Rasn::CodecSpecific {
            inner: CodecDecodeError::Ber(BerDecodeErrorKind::InvalidObjectIdentifier),
        } => DecodeErrorKind::ObjectIdentifier,
        _ => DecodeErrorKind::UnsupportedType,
    }
}
