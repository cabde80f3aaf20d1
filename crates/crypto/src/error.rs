//! What can go wrong, by blame.

use thiserror::Error;

use crate::{Enctype, IntegrityError};

/// Bytes that can't be a key of this enctype.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key of {enctype} has {expected} bytes, not {actual}", expected = enctype.key_len())]
pub struct KeyLengthError {
    /// The enctype the bytes were meant for.
    pub enctype: Enctype,
    /// How many bytes there were.
    pub actual: usize,
}

/// The caller's buffer can't hold what the enctype adds to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{enctype} needs a buffer of at least {needed} bytes, this one has {actual}")]
pub struct LengthError {
    /// The enctype at work.
    pub enctype: Enctype,
    /// The least that would do: confounder and tag, or the tag alone where it has its own buffer.
    pub needed: usize,
    /// What the caller gave.
    pub actual: usize,
}

/// A ciphertext that gives no plaintext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecryptError {
    /// Shorter than confounder and tag; where the tag is apart, shorter than the confounder.
    #[error("a ciphertext of {actual} bytes is too short, {needed} are needed")]
    TooShort {
        /// What the shortest ciphertext (of an empty plaintext) has.
        needed: usize,
        /// How many bytes there were.
        actual: usize,
    },
    /// The tag does not match: another key, another usage, or bytes changed on the way.
    #[error(transparent)]
    Integrity(#[from] IntegrityError),
}

/// A password that can't be made a key with these parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StringToKeyError {
    /// The parameters are not the four bytes of RFC 3962 section 4 (and RFC 8009 section 4).
    #[error("string-to-key parameters have 4 bytes, not {actual}")]
    ParameterLength {
        /// How many bytes there were.
        actual: usize,
    },
    /// There are parameters, and the enctype takes none (RFC 4757 section 2).
    #[error("{enctype} has no string-to-key parameters, {actual} bytes came")]
    UnexpectedParameters {
        /// The enctype.
        enctype: Enctype,
        /// How many bytes there were.
        actual: usize,
    },
    /// The enctype makes keys of characters (RFC 4757 section 2), and the password's bytes are none.
    #[error(
        "a password for a key of {enctype} must be UTF-8, this one is not from byte {valid_up_to} on"
    )]
    NotUtf8 {
        /// The enctype.
        enctype: Enctype,
        /// How many bytes are before the first one that is wrong.
        valid_up_to: usize,
    },
    /// The iteration count is outside of what is accepted; see [`Enctype::string_to_key`].
    #[error("an iteration count of {count} is refused, {enctype} takes {least} to {most}")]
    IterationCount {
        /// The enctype, whose default is the least.
        enctype: Enctype,
        /// The count asked for. Four bytes of zero mean 2^32 (RFC 3962 section 4).
        count: u64,
        /// The least count accepted.
        least: u32,
        /// The greatest count accepted.
        most: u32,
    },
}
