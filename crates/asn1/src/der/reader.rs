//! The reader's own grammar: values in values, each within the contents of the one around it.

use core::mem;

use rasn::types::fields::Field;
use rasn::types::{Tag, TagTree};

use super::refusal::{self, Refusal};
use super::value::{Fault, Value};
use crate::extensions::Additions;
use crate::{DecodeError, DecodeErrorKind};

/// Reads DER, value by value, from the contents of the innermost open value.
pub(super) struct Reader<'input> {
    /// What remains of these contents.
    rest: &'input [u8],
    /// The offset where they end.
    end: usize,
    /// The number of open values.
    depth: usize,
    /// The fields of the innermost open SEQUENCE.
    fields: &'static [Field],
    /// What may follow the fields of the type that is read next.
    pub(super) additions: Additions,
    /// Class and number of the tag of the value before the next one, 0 where there is none.
    before: u8,
    /// The offset of the contents that were last handed out.
    contents: usize,
    /// Why the input is refused.
    failure: Option<DecodeError>,
}

/// Whether a value holds octets or other values.
#[derive(Clone, Copy)]
enum Form {
    Primitive,
    Constructed,
}

impl<'input> Reader<'input> {
    pub(super) fn new(input: &'input [u8]) -> Self {
        Self {
            rest: input,
            end: input.len(),
            depth: 0,
            fields: &[],
            additions: Additions::None,
            before: 0,
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
        let value = self.take(identifier(tag, Form::Primitive))?;
        self.contents = self.end - self.rest.len() - value.contents.len();
        Ok(value.contents)
    }

    /// Reads a constructed value by `read`, which must leave nothing of its contents.
    pub(super) fn constructed<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let value = self.take(identifier(tag, Form::Constructed))?;
        self.within(value.contents, read)
    }

    /// Reads a SEQUENCE that has `fields`, and passes over what may follow them.
    pub(super) fn sequence<T>(
        &mut self,
        tag: Tag,
        fields: &'static [Field],
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let outer = mem::replace(&mut self.fields, fields);
        let additions = mem::replace(&mut self.additions, Additions::None);
        let value = self.constructed(tag, |reader| {
            let value = read(reader)?;
            reader.skip_additions(additions)?;
            Ok(value)
        });
        self.fields = outer;
        value
    }

    /// Reads what is explicitly tagged: mostly a field, whose name a failure then gets.
    pub(super) fn explicit<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.constructed(tag, read)
            .inspect_err(|refusal| self.name_field(tag, refusal))
    }

    /// Reads an optional field that is implicitly tagged, by its name in a failure.
    pub(super) fn optional_implicit<T>(
        &mut self,
        tag: Tag,
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<Option<T>, Refusal> {
        if !self.next_is(tag) {
            return Ok(None);
        }
        read(self)
            .inspect_err(|refusal| self.name_field(tag, refusal))
            .map(Some)
    }

    /// Reads the alternative of a CHOICE that the next value's tag selects, by its name in a
    /// failure. `tags` and `names` go together.
    pub(super) fn choice<T>(
        &mut self,
        tags: &[TagTree],
        names: &[&'static str],
        read: impl FnOnce(&mut Self, Tag) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.at_end() {
            return Err(self.refuse_next(DecodeErrorKind::Missing));
        }
        let found = self.value()?.identifier;
        let selected = tags.iter().zip(names).find_map(|(tag, name)| match tag {
            TagTree::Leaf(tag) if self.next_is(*tag) => Some((*tag, *name)),
            _ => None,
        });
        let Some((tag, name)) = selected else {
            return Err(self.refuse_next(DecodeErrorKind::UnknownAlternative { found }));
        };
        // The tag is not that of a field around the CHOICE.
        let outer = mem::take(&mut self.fields);
        let value = read(self, tag).inspect_err(|refusal| self.name(name, refusal));
        self.fields = outer;
        value
    }

    /// Whether the next value has `tag`, in either form.
    pub(super) fn next_is(&self, tag: Tag) -> bool {
        self.rest
            .first()
            .is_some_and(|next| next & !CONSTRUCTED == identifier(tag, Form::Primitive))
    }

    /// Whether the innermost open value is read to its end.
    pub(super) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many values the innermost open one holds, which are `limit` at most. They are all read
    /// afterwards: of one whose header is wrong the count ends, and its reader says what is wrong.
    pub(super) fn count(&mut self, limit: usize) -> Result<usize, Refusal> {
        let mut rest = self.rest;
        let mut count = 0;
        while !rest.is_empty() {
            if count == limit {
                return Err(self.refuse(self.end - rest.len(), DecodeErrorKind::TooMany { limit }));
            }
            let Ok(value) = Value::read(rest) else { break };
            rest = value.rest;
            count += 1;
        }
        Ok(count)
    }

    /// The whole of the next value, which is read again afterwards.
    pub(super) fn peek(&mut self) -> Result<&'input [u8], Refusal> {
        let value = self.value()?;
        Ok(difference(self.rest, value.rest))
    }

    /// The whole of the next value, whatever its tag.
    pub(super) fn whole(&mut self) -> Result<&'input [u8], Refusal> {
        if self.at_end() {
            return Err(self.refuse_next(DecodeErrorKind::Missing));
        }
        let before = self.rest;
        self.skip()?;
        Ok(difference(before, self.rest))
    }

    /// Records what is wrong with the next value.
    #[cold]
    pub(super) fn refuse_next(&mut self, kind: DecodeErrorKind) -> Refusal {
        self.refuse(self.position(), kind)
    }

    /// Records what is wrong with the contents that were last handed out.
    #[cold]
    pub(super) fn refuse_contents(&mut self, kind: DecodeErrorKind) -> Refusal {
        self.refuse(self.contents, kind)
    }

    /// Takes the next value, which must have `expected` as its identifier.
    fn take(&mut self, expected: u8) -> Result<Value<'input>, Refusal> {
        if self.at_end() {
            return Err(self.refuse_next(DecodeErrorKind::Missing));
        }
        let value = self.value()?;
        let found = value.identifier;
        if found != expected {
            return Err(self.refuse_next(DecodeErrorKind::UnexpectedTag { expected, found }));
        }
        self.rest = value.rest;
        self.before = found & !CONSTRUCTED;
        Ok(value)
    }

    /// Looks at the next value.
    fn value(&mut self) -> Result<Value<'input>, Refusal> {
        Value::read(self.rest).map_err(|Fault { at, kind }| self.refuse(self.position() + at, kind))
    }

    /// Reads `contents`, which lie just before what remains.
    fn within<T>(
        &mut self,
        contents: &'input [u8],
        read: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let outer_end = self.end;
        self.end = self.position();
        let outer_rest = mem::replace(&mut self.rest, contents);
        let outer_before = mem::take(&mut self.before);
        if self.depth == MAX_DEPTH {
            return Err(self.refuse_next(DecodeErrorKind::TooDeep));
        }
        self.depth += 1;
        let value = read(self)?;
        self.expect_end()?;
        self.depth -= 1;
        self.before = outer_before;
        self.rest = outer_rest;
        self.end = outer_end;
        Ok(value)
    }

    fn expect_end(&mut self) -> Result<(), Refusal> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.refuse_next(DecodeErrorKind::UnexpectedValue))
        }
    }

    /// Passes over what may follow the fields of a SEQUENCE: values whose context-specific tags go
    /// up. A field that is repeated or in the wrong place is none of these.
    fn skip_additions(&mut self, additions: Additions) -> Result<(), Refusal> {
        while let Some(next) = self.rest.first() {
            let tag = next & !CONSTRUCTED;
            let is_addition = match additions {
                Additions::None => false,
                Additions::Any => tag & CLASS == CONTEXT_SPECIFIC,
                Additions::Only(number) => tag == CONTEXT_SPECIFIC | number,
            };
            if !is_addition || tag <= self.before {
                return Err(self.refuse_next(DecodeErrorKind::UnexpectedValue));
            }
            self.skip()?;
            self.before = tag;
        }
        Ok(())
    }

    /// Passes over a value. What is in it must be DER too.
    fn skip(&mut self) -> Result<(), Refusal> {
        let value = self.value()?;
        self.rest = value.rest;
        if value.identifier & CONSTRUCTED == 0 {
            return Ok(());
        }
        self.within(value.contents, |reader| {
            while !reader.at_end() {
                reader.skip()?;
            }
            Ok(())
        })
    }

    /// The offset of the next value.
    fn position(&self) -> usize {
        self.end - self.rest.len()
    }

    #[cold]
    fn refuse(&mut self, offset: usize, kind: DecodeErrorKind) -> Refusal {
        self.failure = Some(DecodeError::new(offset, kind));
        refusal::recorded()
    }

    /// The failure on record, which is a field type's `refusal` where there is none yet.
    #[cold]
    fn failure(&mut self, refusal: &Refusal) -> &mut DecodeError {
        self.failure
            .get_or_insert_with(|| DecodeError::new(self.contents, refusal::kind(refusal)))
    }

    /// Adds the field with `tag` to the path of the failure.
    #[cold]
    fn name_field(&mut self, tag: Tag, refusal: &Refusal) {
        match self.fields.iter().find(|field| field.tag == tag) {
            Some(field) => self.name(field.name, refusal),
            None => _ = self.failure(refusal),
        }
    }

    /// Adds `name` to the path of the failure.
    #[cold]
    fn name(&mut self, name: &'static str, refusal: &Refusal) {
        self.failure(refusal).path.insert(0, name);
    }
}

/// The identifier octet of `tag`. One that needs more octets is made 31, which no value has.
fn identifier(tag: Tag, form: Form) -> u8 {
    let number = u8::try_from(tag.value).unwrap_or(u8::MAX).min(0x1F);
    let form = match form {
        Form::Primitive => 0,
        Form::Constructed => CONSTRUCTED,
    };
    (tag.class as u8) << 6 | form | number
}

/// What `all` has before `rest`, which is its end.
fn difference<'a>(all: &'a [u8], rest: &[u8]) -> &'a [u8] {
    let length = all.len().saturating_sub(rest.len());
    all.get(..length).unwrap_or(all)
}

/// The bits of an identifier octet that hold the class of the tag.
const CLASS: u8 = 0xC0;
/// The class of the tags of fields.
const CONTEXT_SPECIFIC: u8 = 0x80;
/// Set in the identifier of a value that holds values.
const CONSTRUCTED: u8 = 0x20;
/// How many values may be open at once. A TGS-REQ with a ticket in it has 12.
const MAX_DEPTH: usize = 32;
