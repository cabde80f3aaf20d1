//! What can be sent or encrypted on its own.

use alloc::vec::Vec;

use crate::{DecodeError, EncodeError};

mod list;

/// A type that stands at the top of an encoding.
pub trait Message: Sized {
    /// Reads one value, which must be all of `octets`.
    ///
    /// The octets must be DER, but for the relaxations that the crate's documentation lists.
    ///
    /// # Errors
    ///
    /// Says what is wrong at which offset of `octets`, and in which field.
    fn decode(octets: &[u8]) -> Result<Self, DecodeError>;

    /// Writes the value as DER.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] where the value can't be written. No value that can be made of this crate's
    /// types is known to cause it.
    fn encode(&self) -> Result<Vec<u8>, EncodeError>;
}
