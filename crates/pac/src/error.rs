//! What can be wrong with a PAC.

use alloc::string::String;

use orthros_crypto::ChecksumType;
use orthros_types::Timestamp;
use orthros_types::bytes::Truncated;
use thiserror::Error;

use crate::PacBufferType;
use crate::buffer_type::MOST_BUFFERS;

/// Bytes that are no PAC, or a buffer that is not what its type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacError {
    /// They end within the list of buffers.
    #[error("PAC of {length} bytes ends within its list of buffers")]
    Truncated {
        /// How many bytes there are.
        length: usize,
    },
    /// The version is not 0, the only one there is.
    #[error("PAC of version {0}, not 0")]
    Version(u32),
    /// It has no buffer, or more than are read.
    #[error("PAC of {count} buffers, 1 to {most} are accepted", most = MOST_BUFFERS)]
    BufferCount {
        /// How many it says it has.
        count: u32,
    },
    /// A buffer does not begin at a multiple of eight bytes.
    #[error("{buffer} of the PAC begins at offset {offset}, which is no multiple of 8")]
    Unaligned {
        /// Which buffer.
        buffer: PacBufferType,
        /// Where it begins.
        offset: u64,
    },
    /// A buffer begins within the list, or ends behind the PAC.
    #[error("{buffer} has {size} bytes at offset {offset} of a PAC that has {length}")]
    OutOfBounds {
        /// Which buffer.
        buffer: PacBufferType,
        /// Where it begins.
        offset: u64,
        /// How many bytes it says it has.
        size: u32,
        /// How many bytes the PAC has.
        length: usize,
    },
    /// There are two buffers of one type.
    #[error("PAC has more than one {0}")]
    Duplicate(PacBufferType),
    /// Two buffers share bytes.
    #[error("{first} and {second} of the PAC overlap")]
    Overlap {
        /// The one that is listed first.
        first: PacBufferType,
        /// The other.
        second: PacBufferType,
    },
    /// A buffer can't be read.
    #[error("{buffer} of the PAC is malformed: {error}")]
    Buffer {
        /// Which buffer.
        buffer: PacBufferType,
        /// What is wrong with it.
        error: PacBufferError,
    },
}

/// What is wrong within a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{problem} in {field} at offset {offset}")]
pub struct PacBufferError {
    /// The field, as the specification names it.
    pub field: &'static str,
    /// Where in the buffer.
    pub offset: usize,
    /// What is wrong with it.
    pub problem: PacBufferProblem,
}

/// The ways in which a field is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacBufferProblem {
    /// It ends behind the end of the buffer.
    #[error("cut")]
    Truncated,
    /// The bytes before the value are not those of NDR type serialization version 1, little-endian (\[MS-RPCE\]
    /// section 2.2.6).
    #[error("no type serialization header")]
    Header,
    /// A pointer is null, and must not be or has a count.
    #[error("null pointer")]
    NullPointer,
    /// An array does not have as many elements as its count says.
    #[error("contradicting count")]
    Count,
    /// A text is not UTF-16.
    #[error("invalid UTF-16")]
    Utf16,
    /// A SID of another revision than 1, or of more than 15 subauthorities.
    #[error("invalid SID")]
    Sid,
    /// A value that is not one of those that the field can have.
    #[error("impossible value")]
    Value,
    /// A value that its field has no room for.
    #[error("too long a value")]
    TooLong,
}

/// A signature that does not vouch for a PAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacSignatureError {
    /// There is none.
    #[error("PAC has no {0}")]
    Missing(PacBufferType),
    /// It is of another checksum type than the key makes.
    #[error("{signature} of the PAC is of checksum type {actual}, but the key makes {expected}")]
    ChecksumType {
        /// Which signature.
        signature: PacBufferType,
        /// The type it says it is of.
        actual: i32,
        /// The type that belongs to the key.
        expected: ChecksumType,
    },
    /// It does not have the length of a signature.
    #[error("{signature} of the PAC has {length} bytes")]
    Length {
        /// Which signature.
        signature: PacBufferType,
        /// How many bytes it has.
        length: usize,
    },
    /// It was made with another key, or over other bytes.
    #[error("{0} of the PAC was not made with this key, or the PAC was changed")]
    Mismatch(PacBufferType),
    /// The ticket has no such PAC, or can't be encoded without it.
    #[error("ticket signature of the PAC: the PAC is not in the ticket")]
    NotInTicket,
}

/// Why a PAC is not that of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PacVerificationError {
    /// Its signature does not vouch for it.
    #[error(transparent)]
    Signature(#[from] PacSignatureError),
    /// What is needed of it can't be read.
    #[error(transparent)]
    Malformed(#[from] PacError),
    /// It does not say whose it is.
    #[error("PAC has no client info")]
    NoClientInfo,
    /// It is of another client.
    #[error("PAC is of \"{pac}\", but the ticket's client is \"{ticket}\"")]
    Client {
        /// The client of the PAC.
        pac: String,
        /// That of the ticket, without its realm.
        ticket: String,
    },
    /// It was made for another ticket of the same client.
    #[error(
        "PAC is of a client that authenticated itself at {pac}, but that of the ticket did at {ticket}"
    )]
    AuthTime {
        /// What the PAC says.
        pac: Timestamp,
        /// What the ticket says.
        ticket: Timestamp,
    },
}

impl PacBufferError {
    /// A problem at the place where `field` was read.
    pub(crate) fn at(offset: usize, field: &'static str, problem: PacBufferProblem) -> Self {
        Self {
            field,
            offset,
            problem,
        }
    }
}

impl From<Truncated> for PacBufferError {
    fn from(Truncated { offset, field }: Truncated) -> Self {
        Self::at(offset, field, PacBufferProblem::Truncated)
    }
}
