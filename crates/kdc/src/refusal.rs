//! Why a request is refused.

use orthros_asn1::{DecodeError, ErrorCode};
use orthros_crypto::RandomError;
use thiserror::Error;

use crate::StoreError;

/// Why a request is refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The octets are no request.
    #[error("not a request: {0}")]
    Malformed(#[from] DecodeError),
    /// The message is of a type that a KDC does not answer.
    #[error("not a message to a KDC")]
    MessageType,
    /// The store of principals failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl Refusal {
    /// The code in the KRB-ERROR, RFC 4120 section 7.5.9.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::MessageType => ErrorCode::KRB_AP_ERR_MSG_TYPE,
            Self::Store(_) => ErrorCode::KDC_ERR_SVC_UNAVAILABLE,
            Self::Malformed(_) | Self::Random(_) => ErrorCode::KRB_ERR_GENERIC,
        }
    }
}
