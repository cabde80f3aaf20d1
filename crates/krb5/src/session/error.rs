//! Messages of a session that can't be made, or must not be believed.

use orthros_asn1::{CksumType, DecodeError, EncodeError, ErrorCode};
use orthros_crypto::RandomError;
use orthros_types::{Duration, MinorStatus, ReplayCacheError};

/// A message of a session can't be made, or is not to be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Malformed input.
    #[error("malformed {what}: {error}")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// Where it went wrong.
        error: DecodeError,
    },
    /// The message is made with another key, or was changed.
    #[error("the {0} is made with another key, or was changed")]
    Integrity(&'static str),
    /// A checksum of another type than the key's.
    #[error("the KRB-SAFE has a checksum of type {}, which is not the key's", .0.0)]
    ChecksumType(CksumType),
    /// The message is from another address than the peer's.
    #[error("the message is not from the peer's address")]
    Sender,
    /// The message is for another address than this end's.
    #[error("the message is not for this end's address")]
    Receiver,
    /// The message is one that this end sent, or can't be told from one.
    #[error("the message is this end's own, sent back")]
    Reflected,
    /// The message has no time, though this session has them.
    #[error("the message has no timestamp")]
    TimestampMissing,
    /// The message's time is too far from now.
    #[error("the message was made {} seconds from now", .offset.seconds())]
    Skew {
        /// Its time less ours.
        offset: Duration,
    },
    /// The message came before.
    #[error("the message is a replay")]
    Replayed,
    /// The message has no sequence number, though this session has them.
    #[error("the message has no sequence number")]
    SequenceMissing,
    /// A message is missing, repeated, or before its turn.
    #[error("the message has sequence number {found}, its turn has {expected}")]
    OutOfSequence {
        /// What this end waits for.
        expected: u32,
        /// What came.
        found: u32,
    },
    /// The caller has neither timestamps nor sequence numbers: every message could be repeated.
    #[error("a session without timestamps and sequence numbers takes every message twice")]
    Unprotected,
    /// The environment failed: the replay cache can't tell.
    #[error(transparent)]
    Store(#[from] ReplayCacheError),
    /// The environment failed: no randomness.
    #[error("no randomness for a message: {0}")]
    Random(RandomError),
    /// A KRB-CRED whose tickets lack their keys or their names.
    #[error("malformed KRB-CRED: {0}")]
    Incomplete(&'static str),
    /// The caller's ticket can't be read.
    #[error("ticket in the credential is malformed: {0}")]
    Ticket(DecodeError),
    /// A time or a length that can't be written in a message.
    #[error("the message can't be written: {0}")]
    Unwritable(EncodeError),
    /// A time that can't be written in a message.
    #[error("the time is out of range")]
    TimeOutOfRange,
}

impl SessionError {
    /// The RFC 4120 error code that says the same, where there is one.
    #[must_use]
    pub const fn rfc_code(&self) -> Option<ErrorCode> {
        Some(match self {
            Self::Integrity(_) => ErrorCode::KRB_AP_ERR_MODIFIED,
            Self::ChecksumType(_) => ErrorCode::KRB_AP_ERR_INAPP_CKSUM,
            Self::Sender | Self::Receiver => ErrorCode::KRB_AP_ERR_BADADDR,
            Self::Reflected => ErrorCode::KRB_AP_ERR_BADDIRECTION,
            Self::TimestampMissing | Self::SequenceMissing | Self::OutOfSequence { .. } => {
                ErrorCode::KRB_AP_ERR_BADORDER
            }
            Self::Skew { .. } => ErrorCode::KRB_AP_ERR_SKEW,
            Self::Replayed => ErrorCode::KRB_AP_ERR_REPEAT,
            _ => return None,
        })
    }

    /// MIT's number for it.
    #[must_use]
    pub const fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Malformed { .. } | Self::Incomplete(_) | Self::Ticket(_) => {
                MinorStatus::ASN1_PARSE_ERROR
            }
            Self::Random(_) => MinorStatus::KRB5_CRYPTO_INTERNAL,
            _ => match self.rfc_code() {
                Some(code) => MinorStatus::from_rfc_code(code),
                None => MinorStatus::KRB5_BADMSGTYPE,
            },
        }
    }
}

impl From<RandomError> for SessionError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<EncodeError> for SessionError {
    fn from(error: EncodeError) -> Self {
        Self::Unwritable(error)
    }
}

/// Says what was being read when it turned out malformed.
pub(crate) fn malformed(what: &'static str) -> impl FnOnce(DecodeError) -> SessionError {
    move |error| SessionError::Malformed { what, error }
}
