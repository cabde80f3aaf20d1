//! DER.

use alloc::vec::Vec;

use crate::{DecodeError, DecodeErrorKind, EncodeError};

/// Reads all of `octets`.
pub(crate) fn decode<T: rasn::Decode>(octets: &[u8]) -> Result<T, DecodeError> {
    rasn::der::decode(octets).map_err(|_| DecodeError {
        offset: 0,
        kind: DecodeErrorKind::Malformed,
    })
}

/// Writes `value`.
pub(crate) fn encode<T: rasn::Encode>(value: &T) -> Result<Vec<u8>, EncodeError> {
    rasn::der::encode(value).map_err(|_| EncodeError)
}
