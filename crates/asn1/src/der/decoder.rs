//! The reader as what `rasn` generates code for.

use alloc::vec::Vec;

use rasn::types::fields::Fields;
use rasn::types::{
    self, Any, Constraints, Constructed, DecodeChoice, Enumerated, IntegerType, Tag,
};
use rasn::{Codec, Decode, Decoder};

use super::reader::Reader;
use super::refusal::Refusal;
use super::{NEXT_VALUE, WHOLE_VALUE};
use crate::extensions::behind;
use crate::{DecodeErrorKind, limits};

/// Refuses the types that no Kerberos message has: the first message that has one needs a reader for it here.
macro_rules! not_in_kerberos {
    ($($method:ident $(<$param:ident: $bound:path>)? ($($argument:ty),*) -> $type:ty;)*) => {$(
        fn $method $(<$param: $bound>)? (&mut self, $(_: $argument),*) -> Result<$type, Refusal> {
            Err(self.not_in_kerberos())
        }
    )*};
}

impl Decoder for Reader<'_> {
    type Ok = ();
    type Error = Refusal;
    type AnyDecoder<const R: usize, const E: usize> = Self;

    fn codec(&self) -> Codec {
        Codec::Der
    }

    fn decode_octet_string<'buf, T: From<&'buf [u8]> + From<Vec<u8>>>(
        &'buf mut self,
        tag: Tag,
        _: &Constraints,
    ) -> Result<T, Refusal> {
        self.primitive(tag).map(T::from)
    }

    /// As far as `i64` goes, which holds every INTEGER of Kerberos.
    fn decode_integer<I: IntegerType>(
        &mut self,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<I, Refusal> {
        let contents = self.primitive(tag)?;
        let (first, rest) = match contents {
            [] => return Err(self.refuse_contents(DecodeErrorKind::EmptyInteger)),
            // X.690 section 8.3.2: the first nine bits are not all the same.
            [0x00, 0x00..=0x7F, ..] | [0xFF, 0x80..=0xFF, ..] => {
                return Err(self.refuse_contents(DecodeErrorKind::IntegerNotMinimal));
            }
            [first, rest @ ..] => (first.cast_signed(), rest),
        };
        let value = (rest.len() < size_of::<i64>())
            .then(|| {
                rest.iter().fold(i64::from(first), |value, octet| {
                    value << 8 | i64::from(*octet)
                })
            })
            .and_then(|value| I::try_from(value).ok())
            .filter(|value| match constraints.value() {
                Some(range) => range.constraint.in_bound(value),
                None => true,
            });
        value.ok_or_else(|| self.refuse_contents(DecodeErrorKind::IntegerOutOfRange))
    }

    fn decode_bool(&mut self, tag: Tag) -> Result<bool, Refusal> {
        match self.primitive(tag)? {
            [0x00] => Ok(false),
            [0xFF] => Ok(true),
            _ => Err(self.refuse_contents(DecodeErrorKind::Boolean)),
        }
    }

    fn decode_utf8_string(
        &mut self,
        tag: Tag,
        _: &Constraints,
    ) -> Result<types::Utf8String, Refusal> {
        let contents = self.primitive(tag)?;
        let limit = limits::TEXT_OCTETS;
        if contents.len() > limit {
            return Err(self.refuse_contents(DecodeErrorKind::TooLong { limit }));
        }
        core::str::from_utf8(contents)
            .map(types::Utf8String::from)
            .map_err(|_| self.refuse_contents(DecodeErrorKind::Utf8String))
    }

    /// Under [`NEXT_VALUE`] the next value, left unread; under [`WHOLE_VALUE`] the next value.
    fn decode_any(&mut self, tag: Tag) -> Result<Any, Refusal> {
        let octets = match tag {
            NEXT_VALUE => self.peek(),
            WHOLE_VALUE => self.whole(),
            _ => Err(self.not_in_kerberos()),
        };
        octets.map(|octets| Any::new(octets.to_vec()))
    }

    fn decode_sequence<const RC: usize, const EC: usize, D, DF, F>(
        &mut self,
        tag: Tag,
        _: Option<DF>,
        decode_fn: F,
    ) -> Result<D, Refusal>
    where
        D: Constructed<RC, EC>,
        DF: FnOnce() -> D,
        F: FnOnce(&mut Self) -> Result<D, Refusal>,
    {
        let fields: &'static Fields<RC> = const { &D::FIELDS };
        self.sequence(tag, fields, decode_fn)
    }

    /// Up to the limit of its elements' type, and not counting what the schema says: RFC 4120 has
    /// lists that must not be empty, and peers that send them so.
    fn decode_sequence_of<D: Decode>(
        &mut self,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Vec<D>, Refusal> {
        // A type without a limit does not compile where a list of it is read.
        let limit = const { limit_of(D::IDENTIFIER.0) };
        self.constructed(tag, |reader| {
            let mut values = Vec::with_capacity(reader.count(limit)?);
            while !reader.at_end() {
                values.push(reader.read()?);
            }
            Ok(values)
        })
    }

    fn decode_explicit_prefix<D: Decode>(&mut self, tag: Tag) -> Result<D, Refusal> {
        self.explicit(tag, Self::read)
    }

    fn decode_optional_with_explicit_prefix<D: Decode>(
        &mut self,
        tag: Tag,
    ) -> Result<Option<D>, Refusal> {
        match self.next_is(tag) {
            true => self.decode_explicit_prefix(tag).map(Some),
            false => Ok(None),
        }
    }

    fn decode_optional<D: Decode>(&mut self) -> Result<Option<D>, Refusal> {
        match !self.at_end() && (D::TAG == Tag::EOC || self.next_is(D::TAG)) {
            true => self.read().map(Some),
            false => Ok(None),
        }
    }

    fn decode_optional_with_tag<D: Decode>(&mut self, tag: Tag) -> Result<Option<D>, Refusal> {
        self.optional_implicit(tag, |reader| {
            reader.expect::<D>();
            D::decode_with_tag(reader, tag)
        })
    }

    fn decode_optional_with_tag_and_constraints<D: Decode>(
        &mut self,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Option<D>, Refusal> {
        self.optional_implicit(tag, |reader| {
            reader.expect::<D>();
            D::decode_with_tag_and_constraints(reader, tag, constraints)
        })
    }

    fn decode_choice<D: DecodeChoice>(&mut self, _: &Constraints) -> Result<D, Refusal> {
        self.choice(D::VARIANTS, D::IDENTIFIERS, D::from_tag)
    }

    not_in_kerberos! {
        decode_bit_string(Tag, &Constraints) -> types::BitString;
        decode_null(Tag) -> ();
        decode_object_identifier(Tag) -> types::ObjectIdentifier;
        decode_visible_string(Tag, &Constraints) -> types::VisibleString;
        decode_general_string(Tag, &Constraints) -> types::GeneralString;
        decode_graphic_string(Tag, &Constraints) -> types::GraphicString;
        decode_ia5_string(Tag, &Constraints) -> types::Ia5String;
        decode_printable_string(Tag, &Constraints) -> types::PrintableString;
        decode_numeric_string(Tag, &Constraints) -> types::NumericString;
        decode_teletex_string(Tag, &Constraints) -> types::TeletexString;
        decode_bmp_string(Tag, &Constraints) -> types::BmpString;
        decode_utc_time(Tag) -> types::UtcTime;
        decode_generalized_time(Tag) -> types::GeneralizedTime;
        decode_date(Tag) -> types::Date;
        decode_enumerated<D: Enumerated>(Tag) -> D;
        decode_real<D: types::RealType>(Tag, &Constraints) -> D;
        decode_optional_with_constraints<D: Decode>(&Constraints) -> Option<D>;
        decode_extension_addition_with_explicit_tag_and_constraints<D: Decode>(Tag, &Constraints) -> Option<D>;
        decode_extension_addition_with_tag_and_constraints<D: Decode>(Tag, &Constraints) -> Option<D>;
    }

    fn decode_set_of<D: Decode + Eq + core::hash::Hash>(
        &mut self,
        _: Tag,
        _: &Constraints,
    ) -> Result<types::SetOf<D>, Refusal> {
        Err(self.not_in_kerberos())
    }

    fn decode_set<const RC: usize, const EC: usize, FIELDS, SET, D, F>(
        &mut self,
        _: Tag,
        _: D,
        _: F,
    ) -> Result<SET, Refusal>
    where
        SET: Decode + Constructed<RC, EC>,
        FIELDS: Decode,
        D: Fn(&mut Self, usize, Tag) -> Result<FIELDS, Refusal>,
        F: FnOnce(Vec<FIELDS>) -> Result<SET, Refusal>,
    {
        Err(self.not_in_kerberos())
    }

    fn decode_extension_addition_group<
        const RC: usize,
        const EC: usize,
        D: Decode + Constructed<RC, EC>,
    >(
        &mut self,
    ) -> Result<Option<D>, Refusal> {
        Err(self.not_in_kerberos())
    }
}

/// How many elements a list of the type `name` may have.
#[expect(clippy::panic, reason = "it is called at compile time only")]
const fn limit_of(name: Option<&str>) -> usize {
    match limits::of_list(name) {
        Some(limit) => limit,
        None => panic!("this type is read in a list, and has no limit in limits.rs"),
    }
}

impl Reader<'_> {
    /// Reads a value of the type `D`.
    pub(super) fn read<D: Decode>(&mut self) -> Result<D, Refusal> {
        self.expect::<D>();
        D::decode(self)
    }

    /// Notes what may follow the fields of `D`, which is read next. `rasn` does not say of which type
    /// the SEQUENCE is that it has the reader read.
    fn expect<D: Decode>(&mut self) {
        self.additions = const { behind(D::IDENTIFIER.0) };
    }

    fn not_in_kerberos(&mut self) -> Refusal {
        self.refuse_next(DecodeErrorKind::UnsupportedType)
    }
}
