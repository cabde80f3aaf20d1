//! Everything that can end an AP exchange without a context, by blame.

use alloc::boxed::Box;

use orthros_asn1::{EncodeError, ErrorCode};
use orthros_crypto::RandomError;
use orthros_types::{MinorStatus, ReplayCacheError};

use crate::{MalformedTokenError, PeerError};

mod check;
mod key_lookup;
mod misuse;

pub use check::ApCheckError;
pub use key_lookup::{KeyLookupError, KeyLookupReason};
pub use misuse::ApMisuseError;

#[cfg(test)]
mod tests;

/// Why no context was established.
#[derive(Debug, thiserror::Error)]
pub enum ApError {
    /// Malformed input: the token is none that can be read.
    #[error(transparent)]
    Malformed(#[from] MalformedTokenError),
    /// The peer misbehaved, or shows something that must not be accepted.
    #[error(transparent)]
    Misbehaved(Box<ApCheckError>),
    /// The acceptor said no.
    #[error("{} refuses: {}", .0.service, .0)]
    Refused(Box<PeerError>),
    /// The acceptor has no key that opens the ticket.
    #[error(transparent)]
    NoKey(Box<KeyLookupError>),
    /// The caller's credential or options can't be used.
    #[error(transparent)]
    Misused(#[from] ApMisuseError),
    /// The environment failed: no randomness.
    #[error("no randomness for the AP exchange: {0}")]
    Random(RandomError),
    /// The environment failed: it can't be told whether the request is a replay.
    #[error(transparent)]
    ReplayCache(#[from] ReplayCacheError),
}

impl ApError {
    /// The RFC 4120 error code that says the same: what an acceptor's KRB-ERROR carries.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Misbehaved(defect) => defect.error_code(),
            Self::Refused(error) => error.code,
            Self::NoKey(error) => error.error_code(),
            Self::Malformed(malformed) => malformed.error_code(),
            Self::Misused(misuse) => misuse.error_code(),
            Self::Random(_) | Self::ReplayCache(_) => ErrorCode::KRB_ERR_GENERIC,
        }
    }

    /// MIT's number for it; zero where MIT's major status says it all.
    #[must_use]
    pub fn minor_status(&self) -> MinorStatus {
        match self {
            Self::Malformed(malformed) => malformed.minor_status(),
            Self::Misbehaved(defect) => defect.minor_status(),
            Self::Refused(error) => error.minor_status(),
            Self::NoKey(error) => MinorStatus::from_rfc_code(error.error_code()),
            Self::Misused(misuse) => misuse.minor_status(),
            Self::Random(_) => MinorStatus::KRB5_CRYPTO_INTERNAL,
            Self::ReplayCache(_) => MinorStatus::KRB5_RC_IO,
        }
    }
}

impl From<RandomError> for ApError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<ApCheckError> for ApError {
    fn from(defect: ApCheckError) -> Self {
        Self::Misbehaved(Box::new(defect))
    }
}

impl From<PeerError> for ApError {
    fn from(error: PeerError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<KeyLookupError> for ApError {
    fn from(error: KeyLookupError) -> Self {
        Self::NoKey(Box::new(error))
    }
}

impl From<EncodeError> for ApError {
    fn from(error: EncodeError) -> Self {
        Self::Misused(ApMisuseError::Encode(error))
    }
}
