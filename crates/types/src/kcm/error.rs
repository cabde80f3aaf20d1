//! What can be wrong with requests to and replies of a KCM daemon.

use crate::MinorStatus;
use crate::bytes::Truncated;
use crate::ccache::{CacheFormatError, EncodeCacheError};

/// A reply that is none. The caller adds which daemon it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KcmReplyError {
    /// More than any reply has: see [`LONGEST_REPLY`](super::LONGEST_REPLY).
    #[error("the reply would have {length} bytes")]
    TooLong {
        /// What its first bytes say.
        length: u32,
    },
    /// The reply ends within a field.
    #[error("the reply ends within its {field}")]
    Truncated {
        /// Which it is.
        field: &'static str,
    },
    /// The reply goes on where nothing else is expected.
    #[error("the reply has bytes behind its {field}")]
    TrailingBytes {
        /// What was read last.
        field: &'static str,
    },
    /// A cache's name that can't be shown.
    #[error(
        "a cache's name in the reply is longer than {LONGEST_NAME} octets, or has control characters in it"
    )]
    Name,
    /// A principal or credential in it is malformed.
    #[error("a part of the reply is malformed: {0}")]
    Part(CacheFormatError),
}

/// A request that the protocol has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeKcmError {
    /// The cache's name has a zero octet in it, which would end it.
    #[error("the name has a zero octet in it")]
    Name,
    /// Something in it is too large.
    #[error(transparent)]
    TooLarge(#[from] EncodeCacheError),
}

impl KcmReplyError {
    /// MIT's number for it.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::TooLong { .. } => MinorStatus::KRB5_KCM_REPLY_TOO_BIG,
            _ => MinorStatus::KRB5_KCM_MALFORMED_REPLY,
        }
    }
}

impl From<Truncated> for KcmReplyError {
    fn from(Truncated { field, .. }: Truncated) -> Self {
        Self::Truncated { field }
    }
}

impl From<CacheFormatError> for KcmReplyError {
    fn from(error: CacheFormatError) -> Self {
        Self::Part(error)
    }
}

/// Octets of the longest name of a cache that is read: what daemons give are a user's number and a few digits.
pub(super) const LONGEST_NAME: usize = 1024;
