//! The reader's own grammar: values in values, each within the contents of the one around it.

use core::mem;
use core::ops::Range;

use rasn::types::Tag;
use rasn::types::fields::Field;

use super::header::{Fault, Header};
use super::refusal::{self, Refusal};
use crate::{DecodeError, DecodeErrorKind};

/// Reads DER from the front of what remains of the innermost open value.
pub(super) struct Reader<'input> {
    /// The outermost input, which offsets count from.
    input: &'input [u8],
    /// The next octet.
    position: usize,
    /// Where the contents of the innermost open value end.
    end: usize,
    /// The number of open values.
    depth: usize,
    /// The fields of the innermost open SEQUENCE.
    fields: &'static [Field],
    /// Where the last contents began that were handed out.
    contents: usize,
    /// Why the input is refused.
    failure: Option<DecodeError>,
}

/// Whether a value holds octets or other values.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Primitive,
    Constructed,
}

impl<'input> Reader<'input> {
    pub(super) fn new(input: &'input [u8]) -> Self {
        Self {
            input,
            position: 0,
            end: input.len(),
            depth: 0,
            fields: &[],
            contents: 0,
            failure: None,
        }
    }

    /// The value that was read, if it was all there is; or what was wrong.
    pub(super) fn finish<T>(mut self, value: Result<T, Refusal>) -> Result<T, DecodeError> {
        let value = value.and_then(|value| self.expect_end().map(|()| value));
        value.map_err(|refusal| self.failure(&refusal).clone())
    }

    /// Reads a primitive value and gives its contents.
    pub(super) fn primitive(&mut self, tag: Tag) -> Result<&'input [u8], Refusal> {
        let contents = self.open(tag, Form::Primitive)?;
        self.position = contents.end;
        self.contents = contents.start;
        Ok(self.input.get(contents).unwrap_or_default())
    }

    /// Reads a constructed value by `read`, which must leave nothing of its contents.
    pub(super) fn constructed<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let contents = self.open(tag, Form::Constructed)?;
        self.within(contents, read)
    }

    /// Reads a SEQUENCE that has `fields`.
    pub(super) fn sequence<T>(
        &mut self,
        tag: Tag,
        fields: &'static [Field],
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let outer = mem::replace(&mut self.fields, fields);
        let value = self.constructed(tag, read);
        self.fields = outer;
        value
    }

    /// Reads what is explicitly tagged: mostly a field, whose name a failure then gets.
    pub(super) fn explicit<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.constructed(tag, read).inspect_err(|refusal| {
            let field = self.fields.iter().find(|field| field.tag == tag);
            let failure = self.failure(refusal);
            if let Some(field) = field {
                failure.path.insert(0, field.name);
            }
        })
    }

    /// Whether the next value has `tag`, in either form.
    pub(super) fn next_is(&self, tag: Tag) -> bool {
        let next = self.input.get(self.position..self.end).unwrap_or_default();
        next.first()
            .is_some_and(|next| next & !CONSTRUCTED == identifier(tag, Form::Primitive))
    }

    /// Whether the innermost open value is read to its end.
    pub(super) fn at_end(&self) -> bool {
        self.position == self.end
    }

    /// The whole of the next value, which is read again afterwards.
    pub(super) fn peek(&mut self) -> Result<&'input [u8], Refusal> {
        let value = self.position..self.header()?.contents.end;
        Ok(self.input.get(value).unwrap_or_default())
    }

    /// Reads a value that the innermost open SEQUENCE does not declare, but for its headers unseen.
    pub(super) fn unknown(&mut self) -> Result<&'input [u8], Refusal> {
        let start = self.position;
        if self.fields.iter().any(|field| self.next_is(field.tag)) {
            return Err(self.refuse_next(DecodeErrorKind::UnexpectedValue));
        }
        self.skip_value()?;
        Ok(self.input.get(start..self.position).unwrap_or_default())
    }

    /// Records what is wrong with the next value.
    #[cold]
    pub(super) fn refuse_next(&mut self, kind: DecodeErrorKind) -> Refusal {
        self.refuse(self.position, kind)
    }

    /// Records what is wrong at `offset`.
    #[cold]
    fn refuse(&mut self, offset: usize, kind: DecodeErrorKind) -> Refusal {
        self.failure = Some(DecodeError::new(offset, kind));
        refusal::recorded()
    }

    /// Records what is wrong with the contents that were last handed out.
    #[cold]
    pub(super) fn refuse_contents(&mut self, kind: DecodeErrorKind) -> Refusal {
        self.refuse(self.contents, kind)
    }

    /// Takes the header of a value with `tag`; gives where its contents are.
    fn open(&mut self, tag: Tag, form: Form) -> Result<Range<usize>, Refusal> {
        if self.at_end() {
            return Err(self.refuse_next(DecodeErrorKind::Missing));
        }
        let expected = identifier(tag, form);
        let header = self.header()?;
        let found = header.identifier;
        if found != expected {
            return Err(self.refuse_next(DecodeErrorKind::UnexpectedTag { expected, found }));
        }
        self.position = header.contents.start;
        Ok(header.contents)
    }

    /// Looks at the header of the next value.
    fn header(&mut self) -> Result<Header, Refusal> {
        Header::read(self.input, self.position, self.end)
            .map_err(|Fault { offset, kind }| self.refuse(offset, kind))
    }

    fn within<T>(
        &mut self,
        contents: Range<usize>,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(contents.start, DecodeErrorKind::TooDeep));
        }
        self.depth += 1;
        let outer_end = mem::replace(&mut self.end, contents.end);
        let value = read(self)?;
        self.expect_end()?;
        self.end = outer_end;
        self.depth -= 1;
        Ok(value)
    }

    fn expect_end(&mut self) -> Result<(), Refusal> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.refuse_next(DecodeErrorKind::UnexpectedValue))
        }
    }

    /// Passes over a value. The headers within it must be DER too.
    fn skip_value(&mut self) -> Result<(), Refusal> {
        let header = self.header()?;
        if header.identifier & CONSTRUCTED == 0 {
            self.position = header.contents.end;
            return Ok(());
        }
        self.position = header.contents.start;
        self.within(header.contents, |reader| {
            while !reader.at_end() {
                reader.skip_value()?;
            }
            Ok(())
        })
    }

    /// The failure on record, which is a field type's `refusal` where there is none yet.
    #[cold]
    fn failure(&mut self, refusal: &Refusal) -> &mut DecodeError {
        self.failure
            .get_or_insert_with(|| DecodeError::new(self.contents, refusal::kind(refusal)))
    }
}

/// The identifier octet of `tag`. One that needs more octets is refused as 31, which none has.
fn identifier(tag: Tag, form: Form) -> u8 {
    let number = u8::try_from(tag.value).unwrap_or(u8::MAX).min(0x1F);
    let form = match form {
        Form::Primitive => 0,
        Form::Constructed => CONSTRUCTED,
    };
    (tag.class as u8) << 6 | form | number
}

/// Set in the identifier of a value that holds values.
const CONSTRUCTED: u8 = 0x20;
/// How many values may be open at once. The deepest message of Kerberos has 14.
const MAX_DEPTH: usize = 32;
