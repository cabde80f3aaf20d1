//! What can go wrong with a message token.

use orthros_crypto::{LengthError, RandomError};

use crate::MalformedTokenError;

/// Why a message was not protected, or a token not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The token is not one of this context's: malformed, or of the wrong kind
    /// (`GSS_S_DEFECTIVE_TOKEN`).
    #[error("defective message token: {0}")]
    Defective(MalformedTokenError),
    /// The token's checksum or encryption does not fit the message and this context's key
    /// (`GSS_S_BAD_SIG`).
    #[error("message token fails its integrity check")]
    Integrity,
    /// The token was made by this side of the context and sent back (`GSS_S_BAD_SIG`).
    #[error("message token was sent by this side of the context")]
    Reflected,
    /// Per-message integrity was not negotiated, so there is no protection to give or expect.
    #[error("integrity protection was not negotiated for this context")]
    IntegrityNotNegotiated,
    /// Sealing was asked for and not negotiated.
    #[error("confidentiality was not negotiated for this context")]
    ConfidentialityNotNegotiated,
    /// The caller's buffer can't hold the token.
    #[error("buffer of {available} bytes is too short, {needed} needed")]
    BufferTooShort {
        /// Bytes that the call needs.
        needed: usize,
        /// Bytes that the caller gave.
        available: usize,
    },
    /// A buffer for a scattered token is not as long as that part of the token.
    #[error("{buffer} buffer of {actual} bytes, {expected} needed")]
    BufferLength {
        /// Which one: the header's or the trailer's.
        buffer: &'static str,
        /// Bytes that it must have.
        expected: usize,
        /// Bytes that the caller gave.
        actual: usize,
    },
    /// No token of that length can exist on this machine.
    #[error("message of {0} bytes is too long to protect")]
    MessageTooLong(usize),
    /// The source of confounders failed.
    #[error("no randomness for the confounder: {0}")]
    Random(RandomError),
}

impl From<MalformedTokenError> for MessageError {
    fn from(error: MalformedTokenError) -> Self {
        Self::Defective(error)
    }
}

impl From<RandomError> for MessageError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<LengthError> for MessageError {
    fn from(error: LengthError) -> Self {
        Self::BufferTooShort {
            needed: error.needed,
            available: error.actual,
        }
    }
}
