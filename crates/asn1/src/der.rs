//! The strict reader, and the way to `rasn`'s writer.
//!
//! The schema is stated once, by `rasn`'s derive on each message. What the derive generates is
//! generic over the decoder, and ours is the one it is given: it reads DER and nothing else, knows
//! the offset and the field of what it refuses, copies octets only into the fields that own them,
//! sizes no allocation by a length that it has not compared with what is there, and reads no list that
//! is longer than [`limits`](crate::limits) allows.

mod decoder;
mod reader;
mod refusal;
mod value;

use alloc::vec::Vec;

use rasn::types::{Class, Tag};
use rasn::{Decode, Encode};

use crate::{DecodeError, EncodeError};

use reader::Reader;
pub(crate) use refusal::refusal;
pub use value::Value;
pub(crate) use value::{Fault, header_len, write_header};

/// Asks a [`Reader`]'s `decode_any` for the octets of the next value, which stays unread.
///
/// `rasn`'s trait can't say "the same octets again". No encoding is compared with this tag.
pub(crate) const NEXT_VALUE: Tag = Tag::new(Class::Universal, u32::MAX);

/// Asks a [`Reader`]'s `decode_any` for the octets of the next value, which is then read.
pub(crate) const WHOLE_VALUE: Tag = Tag::new(Class::Universal, u32::MAX - 1);

/// Reads a value that is all of `octets`.
pub(crate) fn decode<T: Decode>(octets: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(octets);
    let value = reader.read();
    reader.finish(value)
}

/// Writes `value` into a buffer that has room for `capacity` octets from the start.
pub(crate) fn encode<T: Encode>(value: &T, capacity: usize) -> Result<Vec<u8>, EncodeError> {
    let mut octets = Vec::with_capacity(capacity);
    rasn::der::encode_buf(value, &mut octets).map_err(|_| EncodeError)?;
    Ok(octets)
}
